# SPDX-License-Identifier: BSD-2-Clause
# The serial port is all.

qemu_devices = -nic none
