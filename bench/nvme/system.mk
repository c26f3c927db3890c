# SPDX-License-Identifier: BSD-2-Clause
qemu_devices = -drive file=$(DISK),if=none,format=raw,id=disk -device nvme,drive=disk,serial=bench,addr=1 -nic none
qemu_uses_disk := 1
