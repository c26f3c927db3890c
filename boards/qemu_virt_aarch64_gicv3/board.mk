# SPDX-License-Identifier: BSD-2-Clause
# QEMU's virt machine with a GICv3; otherwise the same.

include boards/qemu_virt_aarch64/board.mk
board_machine_options := ,gic-version=3
# PCI functions' messages go to an ITS.
board_has_its := yes
