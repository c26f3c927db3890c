# SPDX-License-Identifier: BSD-2-Clause
# Unit tests of the VMM, against a fake of the Microkit contract.

vmm_test_flags := -isystem tests/unit/vmm/fake
vmm_test_fake := tests/unit/vmm/fake/fake.c
# All of the library but what is instructions: the fake has those.
vmm_test_lib := $(vmm_test_fake) \
	$(filter-out vmm/load/cache.c vmm/irq/drain_code.S,$(vmm_lib_sources))

unit_tests += vmm_vgic
unit_test_vmm_vgic := tests/unit/vmm/irq/vgic_test.c vmm/irq/vgic.c $(vmm_test_fake)
unit_cflags_vmm_vgic := $(vmm_test_flags)

unit_tests += vmm_gicd
unit_test_vmm_gicd := tests/unit/vmm/irq/gicd_test.c vmm/irq/gicd.c vmm/irq/vgic.c $(vmm_test_fake)
unit_cflags_vmm_gicd := $(vmm_test_flags)

unit_tests += vmm_mmio_bus
unit_test_vmm_mmio_bus := tests/unit/vmm/dev/mmio_bus_test.c vmm/dev/mmio_bus.c
unit_cflags_vmm_mmio_bus := $(vmm_test_flags)

# Whole machines.
vmm_test_machine := tests/unit/vmm/fake/machine.c $(vmm_test_lib)
define vmm_machine_test
unit_tests += vmm_$(1)
unit_test_vmm_$(1) := tests/unit/vmm/$(2) $$(vmm_test_machine)
unit_cflags_vmm_$(1) := $$(vmm_test_flags)
endef
$(eval $(call vmm_machine_test,mmio,exit/mmio_test.c))
$(eval $(call vmm_machine_test,trap,exit/trap_test.c))
$(eval $(call vmm_machine_test,psci,exit/psci_test.c))
$(eval $(call vmm_machine_test,reset,passthrough/reset_test.c))
$(eval $(call vmm_machine_test,irq,passthrough/irq_test.c))
$(eval $(call vmm_machine_test,vm,vm_test.c))
