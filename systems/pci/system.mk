# SPDX-License-Identifier: BSD-2-Clause
# QEMU's devices, each at a place of its own: the disk at 00:01.0, the network card at 00:02.0, so that
# their lines are two (INTIDs 36 and 37). With IOMMU=yes they are behind the SMMU (pci-iommu.system).

qemu_devices = -drive file=$(DISK),if=none,format=raw,id=disk -device virtio-blk-pci,drive=disk,addr=1$(qemu_virtio_iommu) \
	$(qemu_netdev) -device virtio-net-pci,netdev=net,mac=$(MAC),addr=2$(qemu_virtio_iommu)
qemu_uses_disk := 1
