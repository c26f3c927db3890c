# SPDX-License-Identifier: BSD-2-Clause
# QEMU's devices, as of passthrough: the disk on transport 31, the network card on transport 30. The second
# bank of flash is a file, which QEMU writes; with EFI_VARS=memory the VMM emulates one (firmware-memory.system).

qemu_uses_disk := 1
qemu_uses_flash := $(if $(filter %-memory,$(system_name)),,1)
qemu_devices = -drive file=$(DISK),if=none,format=raw,id=disk -device virtio-blk-device,drive=disk \
	$(qemu_netdev) -device virtio-net-device,netdev=net,mac=$(MAC) \
	$(if $(qemu_uses_flash),-drive if=pflash$(comma)unit=1$(comma)format=raw$(comma)file=$(EFI_VARS))
