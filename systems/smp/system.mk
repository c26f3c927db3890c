# SPDX-License-Identifier: BSD-2-Clause
# QEMU's devices. Transports are taken from the top: the first device is number 31 (INTID 79), the
# second number 30 (INTID 78).

qemu_devices = -drive file=$(DISK),if=none,format=raw,id=disk -device virtio-blk-device,drive=disk \
	$(qemu_netdev) -device virtio-net-device,netdev=net,mac=$(MAC)
qemu_uses_disk := 1

# With several cores, a vCPU on each; the VMM stays on the first.
smp_cpus := linux.1=1 linux.2=2 linux.3=3
