# SPDX-License-Identifier: BSD-2-Clause
# QEMU's devices: disk and network card of `left` on transports 31 and 30 (0xa003e00, 0xa003c00; INTIDs 79
# and 78), those of `right` on 23 and 22 (0xa002e00, 0xa002c00; INTIDs 71 and 70). Eight transports share a
# page. The cards are in networks of their own: both guests have QEMU's usual address.

qemu_devices = -drive file=$(DISK),if=none,format=raw,id=disk \
	-device virtio-blk-device,drive=disk,bus=virtio-mmio-bus.31 \
	$(qemu_netdev) -device virtio-net-device,netdev=net,mac=$(MAC),bus=virtio-mmio-bus.30 \
	-drive file=$(DISK2),if=none,format=raw,id=disk2 \
	-device virtio-blk-device,drive=disk2,bus=virtio-mmio-bus.23 \
	-netdev user,id=net2 -device virtio-net-device,netdev=net2,mac=52:54:01:00:00:02,bus=virtio-mmio-bus.22
qemu_uses_disk := 1
qemu_uses_disk2 := 1
