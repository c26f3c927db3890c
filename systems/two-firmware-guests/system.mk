# SPDX-License-Identifier: BSD-2-Clause
# QEMU's devices, each at a place of its own: `left` has the disk at 00:01.0 and the network card at 00:02.0,
# `right` those at 00:03.0 and 00:04.0, the card in a user network of its own. As the description has an SMMU they
# are told to use it.

qemu_devices = -drive file=$(DISK),if=none,format=raw,id=disk -device virtio-blk-pci,drive=disk,addr=1$(qemu_virtio_iommu) \
	$(qemu_netdev) -device virtio-net-pci,netdev=net,mac=$(MAC),addr=2$(qemu_virtio_iommu) \
	-drive file=$(DISK2),if=none,format=raw,id=disk2 -device virtio-blk-pci,drive=disk2,addr=3$(qemu_virtio_iommu) \
	-netdev user,id=net2 -device virtio-net-pci,netdev=net2,mac=52:54:01:00:00:02,addr=4$(qemu_virtio_iommu)
qemu_uses_disk := 1
qemu_uses_disk2 := 1
