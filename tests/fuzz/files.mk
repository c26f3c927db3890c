# SPDX-License-Identifier: BSD-2-Clause
# Fuzzers of the VMM, on the fake of the Microkit contract: see tests/unit/vmm.mk; and of the reader of
# programs.

fuzz_tests += mmio vgic
fuzz_sources_mmio := $(vmm_test_machine)
fuzz_cflags_mmio := $(vmm_test_flags) -DMICROKIT_HAS_VCPU_AARCH32
# All that a guest of this configuration reaches; devices have fuzzers of their own.
fuzz_covers_mmio := vmm/vm.c $(filter vmm/exit/%,$(vmm_lib_sources)) vmm/guest/vcpu.c vmm/guest/exception.c \
	vmm/irq/frame.c vmm/irq/gicd.c vmm/irq/vgic.c vmm/irq/drain.c vmm/dev/mmio_bus.c vmm/passthrough/irq.c
fuzz_sources_vgic := vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c vmm/irq/frame.c vmm/irq/gicd.c vmm/irq/gicv3.c vmm/passthrough/direct.c vmm/passthrough/irq.c \
	$(vmm_test_fake)
fuzz_cflags_vgic := $(vmm_test_flags) -DMICROKIT_HAS_VCPU_LIST -DMICROKIT_HAS_VCPU_ACTIVE
fuzz_covers_vgic := vmm/irq/vgic.c vmm/irq/frame.c vmm/irq/gicd.c vmm/irq/gicv3.c vmm/irq/lists.c

fuzz_tests += pl011
fuzz_sources_pl011 := vmm/dev/pl011.c vmm/irq/level.c vmm/irq/vgic.c vmm/irq/vgic_setup.c vmm/irq/lists.c $(vmm_test_fake)
fuzz_cflags_pl011 := $(vmm_test_flags)
fuzz_covers_pl011 := vmm/dev/pl011.c

fuzz_tests += virtio
fuzz_sources_virtio := vmm/virtio/console.c $(vmm_test_virtio)
fuzz_cflags_virtio := $(vmm_test_flags)
fuzz_covers_virtio := vmm/virtio/console.c vmm/virtio/queue.c vmm/virtio/device.c \
	vmm/virtio/mmio.c vmm/guest/ram.c
# A loop that a guest can make endless is a failure.
fuzz_run_virtio := -timeout=10

fuzz_tests += pci
fuzz_sources_pci := $(vmm_test_pci)
fuzz_cflags_pci := $(vmm_test_flags)
fuzz_covers_pci := $(filter-out vmm/pci/hardware.c vmm/pci/host.c vmm/pci/host_walk.c,$(filter vmm/pci/%,$(vmm_lib_sources)))

fuzz_tests += smmu
fuzz_sources_smmu := $(components_test_smmu)
fuzz_cflags_smmu := $(components_test_flags)
fuzz_covers_smmu := $(filter-out components/smmu/report.c,$(smmu_lib_sources))
fuzz_run_smmu := -timeout=20

fuzz_tests += pci_host
fuzz_sources_pci_host := $(vmm_test_pci_host)
fuzz_cflags_pci_host := $(vmm_test_flags)
fuzz_covers_pci_host := vmm/pci/host.c vmm/pci/host_walk.c
fuzz_run_pci_host := -timeout=10

fuzz_tests += virtio_pci
fuzz_sources_virtio_pci := vmm/virtio/console.c vmm/pci/ecam.c vmm/pci/v2m.c $(vmm_test_virtio_pci)
fuzz_cflags_virtio_pci := $(vmm_test_flags)
fuzz_covers_virtio_pci := vmm/virtio/pci.c vmm/virtio/device.c vmm/pci/msix.c vmm/pci/v2m.c
fuzz_run_virtio_pci := -timeout=10

fuzz_tests += flash
fuzz_sources_flash := vmm/dev/flash.c vmm/dev/mmio_bus.c $(vmm_test_fake)
fuzz_cflags_flash := $(vmm_test_flags)
fuzz_covers_flash := vmm/dev/flash.c

fuzz_tests += watchdog
fuzz_sources_watchdog := vmm/dev/watchdog.c

fuzz_tests += program
fuzz_sources_program := tool/microkit/program.c tool/microkit/symbols.c tool/microkit/file.c \
	tool/sdf/arena.c
fuzz_libs_program := -lelf
fuzz_covers_program := tool/microkit/program.c tool/microkit/symbols.c
# A .bss may be large, and is never touched here.
fuzz_run_program := -malloc_limit_mb=5000 -rss_limit_mb=5000

# The console: rings, the multiplexer as a whole (tests/unit/components.mk), its configuration.
fuzz_tests += ring mux console_conf
fuzz_sources_ring := components/serial/ring.c
fuzz_sources_mux := $(components_test_console)
fuzz_cflags_mux := $(components_test_flags)
fuzz_covers_mux := components/serial/client.c $(serial_mux_lib_sources)
fuzz_sources_console_conf := components/serial/mux/config.c

# The kernel as a whole, on the model's machine (tests/model/files.mk).
fuzz_tests += kernel
fuzz_sources_kernel = $(model_sources) $(BUILD_DIR)/model/model-fuzz-kernel.o
fuzz_libs_kernel = $(model_link_flags)
fuzz_run_kernel := -max_len=4096 -len_control=0

# What the kernel reads of an image.
fuzz_tests += image
fuzz_sources_image := kernel/boot/image.c kernel/mm/pgtable.c kernel/pd/symbol.c
