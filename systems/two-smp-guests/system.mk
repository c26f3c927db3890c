# SPDX-License-Identifier: BSD-2-Clause
# QEMU's devices: the disk on transport 31 (0xa003e00, INTID 79), the network card on transport 23
# (0xa002e00, INTID 71). Transports 24 to 31 share a page, and so do 16 to 23.

qemu_devices = -drive file=$(DISK),if=none,format=raw,id=disk \
	-device virtio-blk-device,drive=disk,bus=virtio-mmio-bus.31 \
	$(qemu_netdev) -device virtio-net-device,netdev=net,mac=$(MAC),bus=virtio-mmio-bus.23
qemu_uses_disk := 1

# With several cores, both guests on the first two, each with its first vCPU on another one; the console's
# programs stay on the first.
smp_cpus := storage.1=1 network=1 network.1=0
