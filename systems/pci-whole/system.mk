# SPDX-License-Identifier: BSD-2-Clause
# QEMU's devices: disk and network card on the host bridge itself, and two root ports with nothing behind
# them: Ctrl-a c, and then device_add, puts something there.

qemu_devices = -drive file=$(DISK),if=none,format=raw,id=disk -device virtio-blk-pci,drive=disk,addr=1 \
	$(qemu_netdev) -device virtio-net-pci,netdev=net,mac=$(MAC),addr=2 \
	-device pcie-root-port,id=port1,chassis=1,addr=3 -device pcie-root-port,id=port2,chassis=2,addr=4
qemu_uses_disk := 1
