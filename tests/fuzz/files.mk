# SPDX-License-Identifier: BSD-2-Clause
# Fuzzers of the VMM, on the fake of the Microkit contract: see tests/unit/vmm.mk.

fuzz_tests += mmio vgic
fuzz_sources_mmio := $(vmm_test_machine)
fuzz_cflags_mmio := $(vmm_test_flags)
fuzz_sources_vgic := vmm/irq/vgic.c vmm/irq/gicd.c vmm/passthrough/irq.c $(vmm_test_fake)
fuzz_cflags_vgic := $(vmm_test_flags)
