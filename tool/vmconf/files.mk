# SPDX-License-Identifier: BSD-2-Clause
# vmconf, a host program; links with $(tool_sdf_sources) -lexpat -lfdt.

# All but main(), which the unit tests and the fuzzer replace.
tool_vmconf_lib_sources := \
    tool/vmconf/blob.c \
    tool/vmconf/board.c \
    tool/vmconf/bounds.c \
    tool/vmconf/bridge.c \
    tool/vmconf/check_dma.c \
    tool/vmconf/check_pages.c \
    tool/vmconf/check_sharing.c \
    tool/vmconf/checks.c \
    tool/vmconf/clock.c \
    tool/vmconf/config.c \
    tool/vmconf/devices.c \
    tool/vmconf/dma_map.c \
    tool/vmconf/emulate.c \
    tool/vmconf/emulate_tree.c \
    tool/vmconf/fdt_writer.c \
    tool/vmconf/firmware.c \
    tool/vmconf/flash.c \
    tool/vmconf/flash_emulated.c \
    tool/vmconf/fixups.c \
    tool/vmconf/guest_tree.c \
    tool/vmconf/load.c \
    tool/vmconf/maps.c \
    tool/vmconf/messages.c \
    tool/vmconf/multiplexer.c \
    tool/vmconf/nodes.c \
    tool/vmconf/options.c \
    tool/vmconf/output.c \
    tool/vmconf/overlay.c \
    tool/vmconf/pci.c \
    tool/vmconf/pci_bars.c \
    tool/vmconf/pci_emulated.c \
    tool/vmconf/pci_functions.c \
    tool/vmconf/pci_irqs.c \
    tool/vmconf/pci_report.c \
    tool/vmconf/pci_sharing.c \
    tool/vmconf/pci_tree.c \
    tool/vmconf/pci_whole.c \
    tool/vmconf/ram.c \
    tool/vmconf/refs.c \
    tool/vmconf/report.c \
    tool/vmconf/roles.c \
    tool/vmconf/seeds.c \
    tool/vmconf/select.c \
    tool/vmconf/sluice.c \
    tool/vmconf/sluice_devices.c \
    tool/vmconf/sluice_pci.c \
    tool/vmconf/smmu.c \
    tool/vmconf/smmu_owner.c \
    tool/vmconf/smmu_read.c \
    tool/vmconf/smmu_report.c \
    tool/vmconf/tree.c \
    tool/vmconf/tree_irq.c \
    tool/vmconf/tree_reg.c \
    tool/vmconf/vmconf.c

tool_vmconf_sources := $(tool_vmconf_lib_sources) tool/vmconf/main.c
