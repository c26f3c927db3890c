# SPDX-License-Identifier: BSD-2-Clause
# A PCI function for the guest `line`, at 00:03.0.

qemu_devices = -nic none -device virtio-rng-pci,addr=3,disable-legacy=on
