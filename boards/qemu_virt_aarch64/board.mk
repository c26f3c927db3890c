# SPDX-License-Identifier: BSD-2-Clause
# QEMU's virt machine: its device tree is dumped from QEMU itself.

board_load_address := 0x70000000
# Where an image runs whose description wants the load address for a region.
board_moved_address := 0xb8000000
board_cpu := cortex-a53
board_memory := 2G
# What the built-in SDK's device tree is dumped from.
board_machine := virt,virtualization=on
# What machines of this board may have besides, and the tree has: the SMMU of IOMMU=yes.
board_further_options := ,iommu=smmuv3
# What any machine of this board has besides.
board_machine_options :=
board_has_its :=
