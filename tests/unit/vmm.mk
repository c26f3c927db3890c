# SPDX-License-Identifier: BSD-2-Clause
# Unit tests of the VMM, against a fake of the Microkit contract.

vmm_test_flags := -isystem tests/unit/vmm/fake
vmm_test_fake := tests/unit/vmm/fake/fake.c
vmm_test_port := tests/unit/vmm/fake/port.c
vmm_test_virtio := tests/unit/vmm/virtio/driver.c vmm/virtio/queue.c vmm/virtio/device.c vmm/virtio/mmio.c \
	vmm/guest/ram.c vmm/irq/level.c vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c vmm/log.c $(vmm_test_fake)
vmm_test_virtio_pci := vmm/virtio/pci.c vmm/pci/space.c vmm/pci/hardware.c vmm/pci/msix.c \
	vmm/dev/mmio_bus.c $(vmm_test_virtio)
# All of the library but what is instructions.
vmm_test_machine := $(vmm_test_fake) tests/unit/vmm/fake/machine.c \
	tests/unit/components/serial/fake/clock.c \
	tests/unit/vmm/fake/pci_hardware.c \
	$(filter-out vmm/load/cache.c vmm/pci/hardware.c components/serial/clock.c %.S,$(vmm_lib_sources))

unit_tests += vmm_vgic
unit_test_vmm_vgic := tests/unit/vmm/irq/vgic_test.c vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c $(vmm_test_fake)
unit_cflags_vmm_vgic := $(vmm_test_flags)

unit_tests += vmm_gicd
unit_test_vmm_gicd := tests/unit/vmm/irq/gicd_test.c vmm/irq/frame.c vmm/irq/gicd.c vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c $(vmm_test_fake)
unit_cflags_vmm_gicd := $(vmm_test_flags)

unit_tests += vmm_gicv3
unit_test_vmm_gicv3 := tests/unit/vmm/irq/gicv3_test.c vmm/irq/frame.c vmm/irq/gicv3.c vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c \
	$(vmm_test_fake)
unit_cflags_vmm_gicv3 := $(vmm_test_flags)

# With MICROKIT_HAS_VCPU_LIST, an extension.
unit_tests += vmm_vgic_lists
unit_test_vmm_vgic_lists := tests/unit/vmm/irq/vgic_lists_test.c vmm/irq/frame.c vmm/irq/gicd.c vmm/irq/vgic.c vmm/irq/vgic_setup.c \
	vmm/irq/lists.c $(vmm_test_fake)
unit_cflags_vmm_vgic_lists := $(vmm_test_flags) -DMICROKIT_HAS_VCPU_LIST

# With MICROKIT_HAS_VCPU_ACTIVE as well.
unit_tests += vmm_vgic_active
unit_test_vmm_vgic_active := tests/unit/vmm/irq/vgic_active_test.c $(filter-out %_test.c,$(unit_test_vmm_vgic_lists)) \
	vmm/irq/level.c
unit_cflags_vmm_vgic_active := $(unit_cflags_vmm_vgic_lists) -DMICROKIT_HAS_VCPU_ACTIVE

# With MICROKIT_HAS_VCPU_SGI as well.
unit_tests += vmm_vgic_sgi
unit_test_vmm_vgic_sgi := tests/unit/vmm/irq/vgic_sgi_test.c $(filter-out %_test.c,$(unit_test_vmm_vgic_lists)) vmm/irq/gicv3.c
unit_cflags_vmm_vgic_sgi := $(unit_cflags_vmm_vgic_active) -DMICROKIT_HAS_VCPU_SGI

# Every register of both GICs.
unit_tests += vmm_gic_registers
unit_test_vmm_gic_registers := tests/unit/vmm/irq/registers_test.c vmm/irq/frame.c vmm/irq/gicd.c vmm/irq/gicv3.c \
	vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c $(vmm_test_fake)
unit_cflags_vmm_gic_registers := $(vmm_test_flags)

unit_tests += vmm_level
unit_test_vmm_level := tests/unit/vmm/irq/level_test.c vmm/irq/level.c vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c $(vmm_test_fake)
unit_cflags_vmm_level := $(vmm_test_flags)

unit_tests += vmm_mmio_bus
unit_test_vmm_mmio_bus := tests/unit/vmm/dev/mmio_bus_test.c vmm/dev/mmio_bus.c
unit_cflags_vmm_mmio_bus := $(vmm_test_flags)

unit_tests += vmm_pl011
unit_test_vmm_pl011 := tests/unit/vmm/dev/pl011_test.c $(vmm_test_port) vmm/dev/pl011.c vmm/irq/level.c \
	vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c $(vmm_test_fake)
unit_cflags_vmm_pl011 := $(vmm_test_flags)

unit_tests += vmm_pl011_receive
unit_test_vmm_pl011_receive := tests/unit/vmm/dev/pl011_receive_test.c $(vmm_test_port) \
	vmm/dev/pl011.c vmm/irq/level.c vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c $(vmm_test_fake)
unit_cflags_vmm_pl011_receive := $(vmm_test_flags)

unit_tests += vmm_watchdog
unit_test_vmm_watchdog := tests/unit/vmm/dev/watchdog_test.c vmm/dev/watchdog.c
unit_cflags_vmm_watchdog := $(vmm_test_flags)

unit_tests += vmm_mmio
unit_test_vmm_mmio := tests/unit/vmm/exit/mmio_test.c $(vmm_test_machine)
unit_cflags_vmm_mmio := $(vmm_test_flags)

unit_tests += vmm_aarch32
unit_test_vmm_aarch32 := tests/unit/vmm/exit/aarch32_test.c $(vmm_test_machine)
unit_cflags_vmm_aarch32 := $(vmm_test_flags) -DMICROKIT_HAS_VCPU_AARCH32

unit_tests += vmm_trap
unit_test_vmm_trap := tests/unit/vmm/exit/trap_test.c $(vmm_test_machine)
unit_cflags_vmm_trap := $(vmm_test_flags)

unit_tests += vmm_psci
unit_test_vmm_psci := tests/unit/vmm/exit/psci_test.c $(vmm_test_machine)
unit_cflags_vmm_psci := $(vmm_test_flags)

unit_tests += vmm_exception
unit_test_vmm_exception := tests/unit/vmm/guest/exception_test.c vmm/guest/exception.c \
	vmm/guest/vcpu.c $(vmm_test_fake)
unit_cflags_vmm_exception := $(vmm_test_flags)

unit_tests += vmm_ram
unit_test_vmm_ram := tests/unit/vmm/guest/ram_test.c vmm/guest/ram.c
unit_cflags_vmm_ram := $(vmm_test_flags)

unit_tests += vmm_virtio_queue
unit_test_vmm_virtio_queue := tests/unit/vmm/virtio/queue_test.c $(vmm_test_virtio)
unit_cflags_vmm_virtio_queue := $(vmm_test_flags)

unit_tests += vmm_virtio_mmio
unit_test_vmm_virtio_mmio := tests/unit/vmm/virtio/mmio_test.c $(vmm_test_virtio)
unit_cflags_vmm_virtio_mmio := $(vmm_test_flags)

unit_tests += vmm_virtio_pci vmm_virtio_pci_space
unit_test_vmm_virtio_pci := tests/unit/vmm/virtio/pci_test.c $(vmm_test_virtio_pci)
unit_cflags_vmm_virtio_pci := $(vmm_test_flags)
unit_test_vmm_virtio_pci_space := tests/unit/vmm/virtio/pci_space_test.c $(vmm_test_virtio_pci)
unit_cflags_vmm_virtio_pci_space := $(vmm_test_flags)

unit_tests += vmm_virtio_transport
unit_test_vmm_virtio_transport := tests/unit/vmm/virtio/transport_test.c $(vmm_test_machine)
unit_cflags_vmm_virtio_transport := $(vmm_test_flags)

unit_tests += vmm_virtio_console
unit_test_vmm_virtio_console := tests/unit/vmm/virtio/console_test.c vmm/virtio/console.c \
	$(vmm_test_virtio) $(vmm_test_port)
unit_cflags_vmm_virtio_console := $(vmm_test_flags)

unit_tests += vmm_vcpu
unit_test_vmm_vcpu := tests/unit/vmm/guest/vcpu_test.c vmm/guest/vcpu.c $(vmm_test_fake)
unit_cflags_vmm_vcpu := $(vmm_test_flags)

unit_tests += vmm_irq
unit_test_vmm_irq := tests/unit/vmm/passthrough/irq_test.c vmm/passthrough/direct.c vmm/passthrough/irq.c vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c \
	$(vmm_test_fake)
unit_cflags_vmm_irq := $(vmm_test_flags)

unit_tests += vmm_reset
unit_test_vmm_reset := tests/unit/vmm/passthrough/reset_test.c vmm/passthrough/reset.c vmm/log.c \
	$(vmm_test_fake)
unit_cflags_vmm_reset := $(vmm_test_flags)

unit_tests += vmm_load
unit_test_vmm_load := tests/unit/vmm/load/load_test.c $(vmm_test_machine)
unit_cflags_vmm_load := $(vmm_test_flags)

unit_tests += vmm_log
unit_test_vmm_log := tests/unit/vmm/log_test.c vmm/log.c $(vmm_test_fake)
unit_cflags_vmm_log := $(vmm_test_flags)

unit_tests += vmm_vm
unit_test_vmm_vm := tests/unit/vmm/vm_test.c $(vmm_test_machine)
unit_cflags_vmm_vm := $(vmm_test_flags)

unit_tests += vmm_console
unit_test_vmm_console := tests/unit/vmm/console_test.c $(vmm_test_machine)
unit_cflags_vmm_console := $(vmm_test_flags)

unit_tests += vmm_vm_direct
unit_test_vmm_vm_direct := tests/unit/vmm/vm_direct_test.c $(vmm_test_machine)
unit_cflags_vmm_vm_direct := $(vmm_test_flags) -DMICROKIT_HAS_VCPU_BIND_IRQ \
	-DMICROKIT_HAS_VCPU_SLEEP

vmm_test_vgic := vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c $(vmm_test_fake)

unit_tests += vmm_pci_space
unit_test_vmm_pci_space := tests/unit/vmm/pci/space_test.c vmm/pci/space.c tests/unit/vmm/fake/pci_hardware.c
unit_cflags_vmm_pci_space := $(vmm_test_flags)

unit_tests += vmm_pci_ecam
unit_test_vmm_pci_ecam := tests/unit/vmm/pci/ecam_test.c vmm/pci/ecam.c vmm/pci/space.c vmm/dev/mmio_bus.c \
	tests/unit/vmm/fake/pci_hardware.c
unit_cflags_vmm_pci_ecam := $(vmm_test_flags)

unit_tests += vmm_pci_msix
unit_test_vmm_pci_msix := tests/unit/vmm/pci/msix_test.c vmm/pci/msix.c vmm/dev/mmio_bus.c $(vmm_test_vgic)
unit_cflags_vmm_pci_msix := $(vmm_test_flags)

unit_tests += vmm_pci_v2m
unit_test_vmm_pci_v2m := tests/unit/vmm/pci/v2m_test.c vmm/pci/v2m.c $(vmm_test_vgic)
unit_cflags_vmm_pci_v2m := $(vmm_test_flags)

vmm_test_pci := tests/unit/vmm/pci/rig.c tests/unit/vmm/fake/pci_hardware.c tests/unit/components/serial/fake/clock.c \
	$(filter-out vmm/pci/hardware.c,$(filter vmm/pci/%,$(vmm_lib_sources))) vmm/dev/mmio_bus.c vmm/log.c \
	$(vmm_test_vgic)

unit_tests += vmm_pci_passthrough
unit_test_vmm_pci_passthrough := tests/unit/vmm/pci/passthrough_test.c $(vmm_test_pci)
unit_cflags_vmm_pci_passthrough := $(vmm_test_flags)

unit_tests += vmm_pci_msi
unit_test_vmm_pci_msi := tests/unit/vmm/pci/msi_test.c $(vmm_test_pci)
unit_cflags_vmm_pci_msi := $(vmm_test_flags)

unit_tests += vmm_pci_prepare
unit_test_vmm_pci_prepare := tests/unit/vmm/pci/prepare_test.c $(vmm_test_pci)
unit_cflags_vmm_pci_prepare := $(vmm_test_flags)

unit_tests += vmm_pci_reset
unit_test_vmm_pci_reset := tests/unit/vmm/pci/reset_test.c $(vmm_test_pci)
unit_cflags_vmm_pci_reset := $(vmm_test_flags)

unit_tests += vmm_pci_smmu
unit_test_vmm_pci_smmu := tests/unit/vmm/pci/smmu_test.c $(vmm_test_pci)
unit_cflags_vmm_pci_smmu := $(vmm_test_flags)

vmm_test_pci_host := tests/unit/vmm/fake/pci_tree.c \
	$(filter-out tests/unit/vmm/pci/rig.c tests/unit/vmm/fake/pci_hardware.c,$(vmm_test_pci))
unit_tests += vmm_pci_host
unit_test_vmm_pci_host := tests/unit/vmm/pci/host_test.c $(vmm_test_pci_host)
unit_cflags_vmm_pci_host := $(vmm_test_flags)

unit_tests += vmm_vm_pci
unit_test_vmm_vm_pci := tests/unit/vmm/vm_pci_test.c tests/unit/vmm/pci/rig.c $(vmm_test_machine)
unit_cflags_vmm_vm_pci := $(vmm_test_flags)

unit_tests += vmm_trng
unit_test_vmm_trng := tests/unit/vmm/exit/trng_test.c $(vmm_test_machine)
unit_cflags_vmm_trng := $(vmm_test_flags)

unit_tests += vmm_seed
unit_test_vmm_seed := tests/unit/vmm/load/seed_test.c vmm/load/seed.c vmm/random.c $(vmm_test_fake)
unit_cflags_vmm_seed := $(vmm_test_flags)
unit_libs_vmm_seed := -lfdt

unit_tests += vmm_pl031
unit_test_vmm_pl031 := tests/unit/vmm/dev/pl031_test.c vmm/dev/pl031.c
unit_cflags_vmm_pl031 := $(vmm_test_flags)

unit_tests += vmm_flash vmm_flash_rewrite
unit_test_vmm_flash := tests/unit/vmm/dev/flash_test.c vmm/dev/flash.c vmm/dev/mmio_bus.c $(vmm_test_fake)
unit_cflags_vmm_flash := $(vmm_test_flags)
unit_test_vmm_flash_rewrite := tests/unit/vmm/dev/flash_rewrite_test.c vmm/dev/flash.c vmm/dev/mmio_bus.c \
	$(vmm_test_fake)
unit_cflags_vmm_flash_rewrite := $(vmm_test_flags)
