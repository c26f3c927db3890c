# SPDX-License-Identifier: BSD-2-Clause
# Benchmarks (docs/performance.md). `make bench-sdk`: what the kernel's operations cost, in executed
# instructions with libmicrokit's part included; the same numbers on every machine.

COUNT_PLUGIN := $(BUILD_DIR)/host/count.so

plugin_cc := $(HOST_CC)
plugin_flags := -std=gnu11 -O2 -g -I. -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARNINGS)
$(eval $(call compile_rule,plugin))

$(COUNT_PLUGIN): $(call objects,plugin,bench/plugin/count.c bench/plugin/options.c bench/plugin/versions.c)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -shared $^ -o $@ -lpthread

# How long the kernel is entered for, and what of it is executed at all.
ENTRIES_PLUGIN := $(BUILD_DIR)/host/entries.so

$(ENTRIES_PLUGIN): $(call objects,plugin,bench/plugin/entries.c bench/plugin/versions.c)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -shared $^ -o $@ -lpthread

# `mark N` for Linux guests.
$(BUILD_DIR)/bench/mark: bench/guest/mark.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) -std=gnu11 -O2 -ffreestanding -nostdlib -static -no-pie -fno-pie \
		-fno-stack-protector -fno-asynchronous-unwind-tables -Wl,--build-id=none $(WARNINGS) $< -o $@

bench_dir := $(BUILD_DIR)/bench/sdk
bench_programs := client server echo child
bench_cc := $(CROSS_CC)
bench_flags = -I. -I$(sdk_board)/release/include -std=gnu11 -O2 -g -ffreestanding -mstrict-align \
	-mgeneral-regs-only -fno-pic -fno-pie -fno-stack-protector -fno-common \
	-fno-tree-loop-distribute-patterns -fno-asynchronous-unwind-tables $(WARNINGS)
bench_needs = $(sdk_files)
$(eval $(call compile_rule,bench))

$(bench_dir)/%.elf: $(BUILD_DIR)/obj/bench/bench/sdk/%.c.o $(sdk_files)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) -nostdlib -nostartfiles -static -no-pie -Wl,--build-id=none \
		-Wl,-z,max-page-size=4096 $< -L$(sdk_board)/release/lib \
		-Wl,--start-group -lmicrokit -Tmicrokit.ld -Wl,--end-group -o $@

$(bench_dir)/loader.img: bench/sdk/bench.system $(bench_programs:%=$(bench_dir)/%.elf)
	$(Q)MICROKIT_SDK=$(sdk_built) $(sdk_built)/bin/microkit $< --search-path $(bench_dir) \
		--board qemu_virt_aarch64 --config release -o $@ -r $(bench_dir)/report.txt >/dev/null

bench_line = $(QEMU) -machine $(board_machine) -cpu $(board_cpu) -m $(board_memory) -nographic \
	-serial mon:stdio -device loader,file=$<,addr=$(board_load_address),cpu-num=0
# The same with the other ends on a second core; on the clock of -icount, so that it is the same each time.
cores_dir := $(bench_dir)/cores
$(cores_dir)/loader.img: bench/sdk/cores.system $(bench_programs:%=$(bench_dir)/%.elf)
	@mkdir -p $(@D)
	$(Q)MICROKIT_SDK=$(sdk_built) $(sdk_built)/bin/microkit $< --search-path $(bench_dir) \
		--board qemu_virt_aarch64 --config smp-release -o $@ -r $(cores_dir)/report.txt >/dev/null

.PHONY: bench-cores
bench-cores: $(cores_dir)/loader.img $(COUNT_PLUGIN)
	@scripts/bench_sdk.py --cores --plugin $(COUNT_PLUGIN) --report $(cores_dir)/report.txt \
		--kernel $(BUILD_DIR)/kernel.elf --nm $(CROSS_COMPILE)nm -- \
		$(bench_line) -smp 4 -icount shift=0

bench_command = scripts/bench_sdk.py --plugin $(COUNT_PLUGIN) --report $(bench_dir)/report.txt \
	--kernel $(BUILD_DIR)/kernel.elf --nm $(CROSS_COMPILE)nm

.PHONY: bench-sdk bench-profile
bench-sdk: $(bench_dir)/loader.img $(COUNT_PLUGIN)
	@$(bench_command) -- $(bench_line)

# The same, and in which functions the instructions are.
bench-profile: $(bench_dir)/loader.img $(COUNT_PLUGIN)
	@$(bench_command) --profile -- $(bench_line)

# `make bench`: one guest on bare QEMU, Sluice and others (bench/bench.py). The guest is the ordinary
# one with `bench`, a static program.
bench_build := $(BUILD_DIR)/bench
bench_guest_sources := bench/guest/bench.c bench/guest/work.c bench/guest/smp.c bench/guest/net.c
bench_guest_files := $(bench_build)/guest/Image $(bench_build)/guest/initrd.gz
# Bare QEMU gives its guest a seed, with which Linux moves its kernel and then isolates its page
# tables, at a cost that the others' guests would not have: nokaslr for all.
bench_bootargs := console=ttyAMA0 nokaslr

$(bench_build)/overlay/bin/bench: $(bench_guest_sources) bench/guest/bench.h bench/mark.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) -I. -std=gnu11 -O2 -D_GNU_SOURCE -static -no-pie -fno-pie -s -Wl,--build-id=none \
		$(WARNINGS) $(bench_guest_sources) -o $@

$(bench_guest_files) &: $(bench_build)/overlay/bin/bench $(GUEST_INITRD)
	$(call say,GUEST,$(bench_guest_files))
	$(Q)guest/image.py --overlay $(bench_build)/overlay '$(CACHE_DIR)' $(bench_build)/guest

# Sluice with and without extensions: the stock VMM and the system of systems/passthrough, on the
# SDK made here, and for the board with a GICv3, each in a build directory of its own. Make does not see what of an SDK changed, so
# those start anew when anything did.
bench_extensions_sluice := yes
bench_extensions_contract := no
bench_extensions_gicv3 := yes
# Those that BENCH names; all of them, if it names none and no other peer.
bench_ours := sluice gicv3 contract
bench_others := bare xen $(foreach peer,$(BENCH_PEERS),$(firstword $(subst =, ,$(peer))))
bench_wanted := $(if $(filter $(bench_ours) $(bench_others),$(BENCH)),$(filter $(bench_ours),$(BENCH)),$(bench_ours))
bench_images := $(bench_wanted:%=$(bench_build)/%/loader.img)

$(bench_build)/%/anew: $(sdk_files)
	$(Q)rm -rf $(@D)
	@mkdir -p $(@D)
	@touch $@

# The same with PCI functions is in folders of their systems there: systems/pci, behind an SMMU, too, and one with an
# NVMe disk.
bench_systems := systems/pci/pci.system systems/pci/pci-iommu.system bench/nvme/nvme.system systems/passthrough/passthrough.system
# With several processors, if that is measured: first, as passthrough's image is the one that stays on top.
bench_parts := $(filter counts times smp pci iommu nvme network,$(BENCH))
bench_smp := $(if $(or $(filter smp,$(BENCH)),$(if $(bench_parts),,all)),systems/smp/smp.system)
bench_smp_peers := $(filter sluice gicv3,$(bench_wanted))
$(bench_images): $(bench_build)/%/loader.img: $(bench_build)/%/anew $(bench_guest_files) FORCE
	$(Q)for system in $(if $(filter $*,$(bench_smp_peers)),$(bench_smp)) $(or $(bench_systems_$*),$(bench_systems)); do \
		case $$system in */smp.system) config=smp-release ;; *) config=release ;; esac; \
		$(MAKE) image SYSTEM=$$system MICROKIT_CONFIG=$$config \
			MICROKIT_BOARD=$(or $(bench_board_$*),qemu_virt_aarch64) \
			MICROKIT_SDK=$(sdk_built) EXTENSIONS=$(bench_extensions_$*) BUILD_DIR=$(@D) MEM=2G VM= \
			KERNEL=$(bench_build)/guest/Image INITRD=$(bench_build)/guest/initrd.gz \
			BOOTARGS='$(bench_bootargs)' || exit 1; \
	done
# On the board with a GICv3 the system with an NVMe disk, whose messages go to the ITS, and the passthrough system.
bench_board_gicv3 := qemu_virt_aarch64_gicv3
bench_systems_gicv3 := bench/nvme/nvme.system systems/passthrough/passthrough.system
# Of a peer the folder of a system's image, where it has one.
bench_folder = $(bench_build)/$(1)/$(2)-release$(addprefix -,$(bench_board_$(1)))
bench_functions = $(foreach peer,$(filter sluice contract $(if $(filter nvme,$(1)),gicv3),$(bench_wanted)),\
	--$(1) $(peer)=$(call bench_folder,$(peer),$(patsubst iommu,pci-iommu,$(1)))/loader.img)

bench_processors = $(if $(bench_smp),$(foreach peer,$(bench_smp_peers),--smp \
	$(peer)=$(bench_build)/$(peer)/smp-smp-release$(addprefix -,$(bench_board_$(peer)))/loader.img))

# What the owner of an SMMU executes: tests/system/dma, and the same with a GiB for one of the guests; QEMU's line is
# beside each image.
owner_build := $(bench_build)/owner
bench_owner := $(if $(filter sluice,$(bench_wanted)),$(if $(or $(filter iommu,$(BENCH)),$(if $(bench_parts),,all)),$(owner_build)))
owner_gib := $(owner_build)/gib/gib.system
owner_variables = MICROKIT_CONFIG=release MICROKIT_BOARD=qemu_virt_aarch64 MICROKIT_SDK=$(sdk_built) EXTENSIONS=yes \
	IOMMU=yes BUILD_DIR=$(owner_build) MEM=2G VM=

$(owner_gib): $(wildcard tests/system/dma/*) $(owner_build)/anew
	@mkdir -p $(@D)
	$(Q)cp -r $(filter-out %.system,$(wildcard tests/system/dma/*)) $(@D)
	$(Q)sed 's/name="ram_flood" size="0x800000"/name="ram_flood" size="0x40000000"/' tests/system/dma/dma.system > $@

$(owner_build)/images: $(owner_build)/anew $(owner_gib) FORCE
	$(Q)for system in tests/system/dma/dma.system $(owner_gib); do \
		folder=$(owner_build)/$$(basename $$system .system)-release; \
		$(MAKE) image SYSTEM=$$system $(owner_variables) && \
		$(MAKE) -s qemu-line SYSTEM=$$system $(owner_variables) | sed "s|=$(owner_build)/loader.img|=$$folder/loader.img|" \
			> $$folder/line || exit 1; \
	done

bench_options = --folder $(bench_build) --plugin $(COUNT_PLUGIN) --qemu '$(QEMU)' --cpu $(board_cpu) \
	--load-address $(board_load_address) $(foreach peer,$(bench_wanted),--peer $(peer)=$(bench_build)/$(peer)/loader.img) $(if $(filter yes,$(BENCH_QUICK)),--quick)
bench_run = bench/bench.py $(bench_options) --qemu-args '$(QEMU_ARGS)' --cache '$(CACHE_DIR)/xen' \
	--kernel $(bench_build)/guest/Image --initrd $(bench_build)/guest/initrd.gz \
	--bootargs '$(bench_bootargs)' --peers '$(BENCH_PEERS)' --select '$(BENCH)' \
	--compiler 'host compiler=$(HOST_CC)' --compiler 'cross compiler=$(CROSS_CC)' \
	$(call bench_functions,pci) $(call bench_functions,iommu) $(call bench_functions,nvme) $(bench_processors) $(bench_owner:%=--owner sluice=%) $(if $(TIMEOUT),--timeout '$(TIMEOUT)')

.PHONY: bench
bench: $(bench_images) $(bench_owner:%=%/images) $(COUNT_PLUGIN)
	@$(bench_run)

# What got worse: from OLD to NEW, or between the two newest runs.
.PHONY: bench-compare
bench-compare:
	@bench/compare.py --folder $(bench_build) $(if $(OLD),--old '$(OLD)') $(if $(NEW),--new '$(NEW)')

# Two guests with a disk and a network card each: what one keeps of its throughput beside the other.
pair_build := $(bench_build)/pair
pair_variables = SYSTEM=pair MICROKIT_CONFIG=release MICROKIT_BOARD=qemu_virt_aarch64 BUILD_DIR=$(pair_build) \
	MICROKIT_SDK=$(sdk_built) EXTENSIONS=$(EXTENSIONS) MEM=2G VM= NET=user DISK=$(pair_build)/disk.img \
	DISK2=$(pair_build)/disk2.img KERNEL=$(bench_build)/guest/Image INITRD=$(bench_build)/guest/initrd.gz BOOTARGS=

.PHONY: bench-guests
bench-guests: $(pair_build)/anew $(bench_guest_files)
	$(Q)$(MAKE) image $(pair_variables)
	@bench/guests.py --folder $(bench_build) $(if $(filter yes,$(BENCH_QUICK)),--quick) \
		$(if $(TIMEOUT),--timeout '$(TIMEOUT)') -- $$($(MAKE) -s qemu-line $(pair_variables))

# Two guests of two vCPUs each on the same two cores: what becomes of their spinlocks.
locks_build := $(bench_build)/locks
locks_variables = SYSTEM=two-smp-guests MICROKIT_CONFIG=smp-release MICROKIT_BOARD=qemu_virt_aarch64 \
	BUILD_DIR=$(locks_build) MICROKIT_SDK=$(sdk_built) EXTENSIONS=$(EXTENSIONS) MEM=2G VM= NET=user \
	DISK=$(locks_build)/disk.img KERNEL=$(bench_build)/guest/Image INITRD=$(bench_build)/guest/initrd.gz BOOTARGS=

.PHONY: bench-locks
bench-locks: $(locks_build)/anew $(bench_guest_files)
	$(Q)$(MAKE) image $(locks_variables)
	@bench/locks.py --folder $(bench_build) $(if $(filter yes,$(BENCH_QUICK)),--quick) \
		$(if $(TIMEOUT),--timeout '$(TIMEOUT)') -- $$($(MAKE) -s qemu-line $(locks_variables))

# In which functions the instructions outside of the guest are.
.PHONY: bench-guest-profile
bench-guest-profile: $(bench_images) $(COUNT_PLUGIN)
	@bench/guest_profile.py $(bench_options) --select '$(BENCH)' --kernel $(BUILD_DIR)/kernel.elf --nm $(CROSS_COMPILE)nm

# What tests/target makes of the kernel, machine by machine.
entries_cores = $(if $(filter smp%,$(target_config_$(1))),4,1)
entries_systems = $(foreach system,$(target_systems),$(system):$(call entries_cores,$(system)):$(call target_dir,$(system))/loader.img)
entries_options = --plugin $(ENTRIES_PLUGIN) --cross $(CROSS_COMPILE) --folder $(bench_build)/entries \
	--kernel $(BUILD_DIR)/kernel.elf --kernel $(BUILD_DIR)/kernel-moved.elf \
	--qemu '$(QEMU) -machine $(board_machine) -cpu $(board_cpu)'

# The longest that the kernel ran with interrupts masked. ENTRIES= names some of the systems.
ENTRIES ?= $(target_systems)
.PHONY: bench-worst
bench-worst: $(target_images) $(ENTRIES_PLUGIN)
	@bench/worst.py $(entries_options) $(foreach system,$(ENTRIES),$(filter $(system):%,$(entries_systems)))
