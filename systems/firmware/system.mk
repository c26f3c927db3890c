# SPDX-License-Identifier: BSD-2-Clause
# QEMU's devices, as of passthrough: the disk on transport 31, the network card on transport 30. The second
# bank of flash is a file, which QEMU writes.

qemu_devices = -drive file=$(DISK),if=none,format=raw,id=disk -device virtio-blk-device,drive=disk \
	$(qemu_netdev) -device virtio-net-device,netdev=net,mac=$(MAC) \
	-drive if=pflash,unit=1,format=raw,file=$(EFI_VARS)
qemu_uses_disk := 1
qemu_uses_flash := 1
