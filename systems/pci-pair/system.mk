# SPDX-License-Identifier: BSD-2-Clause
# QEMU's devices, each at a place of its own: `storage` has the NVMe disk at 00:01.0, `network` the e1000e
# card at 00:02.0 and the USB controller at 00:03.0, with a stick, so that no two share a line.

qemu_devices = -drive file=$(DISK),if=none,format=raw,id=disk -device nvme,drive=disk,serial=sluice,addr=1 \
	$(qemu_netdev) -device e1000e,netdev=net,mac=$(MAC),addr=2 \
	-device qemu-xhci,id=usb,addr=3 \
	-drive file=$(DISK2),if=none,format=raw,id=stick -device usb-storage,bus=usb.0,drive=stick
qemu_uses_disk := 1
qemu_uses_disk2 := 1
