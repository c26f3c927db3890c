# SPDX-License-Identifier: BSD-2-Clause
# A disk and a network card for each: transports 31 and 30, and 23 and 22 on another page.

qemu_devices = -drive file=$(DISK),if=none,format=raw,id=disk0 \
	-device virtio-blk-device,drive=disk0,bus=virtio-mmio-bus.31 \
	-netdev user,id=net0 -device virtio-net-device,netdev=net0,bus=virtio-mmio-bus.30 \
	-drive file=$(DISK2),if=none,format=raw,id=disk1 \
	-device virtio-blk-device,drive=disk1,bus=virtio-mmio-bus.23 \
	-netdev user,id=net1 -device virtio-net-device,netdev=net1,bus=virtio-mmio-bus.22
qemu_uses_disk := 1
