# SPDX-License-Identifier: BSD-2-Clause
# Systems of test programs, one a folder: $(BUILD_DIR)/target/<system>/loader.img, which
# tests/system/test_target.py boots. Always on the built-in SDK, whichever is in use.

target_systems := start notify irq faults rootfault hammer vcpu call budget smp benchmark \
	hammer_smp moved vcpu_smp many direct debuglog orphan api registers limits races neighbour

target_programs_start := start other
target_programs_notify := judge recorder
target_programs_irq := irq echo
target_programs_faults := parent child
target_programs_rootfault := crash judge
target_programs_hammer := judge hammer toy victim
target_programs_hammer_smp := $(target_programs_hammer)
target_programs_vcpu := vmm spinner
target_programs_direct := vmm storm worker
target_programs_call := judge server passive caller
target_programs_budget := judge spinner server
target_programs_benchmark := judge busy
target_programs_moved := judge helper
target_programs_many := judge peer
target_programs_debuglog := judge talker
target_programs_api := judge asserting still halting faulting worker echo
target_programs_orphan := vmm judge
target_programs_registers := judge reader
target_programs_limits := judge thief little worker
target_programs_neighbour := judge victim busy waits
target_programs_races := judge child bystander
target_programs_vcpu_smp = $(target_programs_vcpu)
target_programs_smp := judge worker server

# Configuration, if not debug.
target_config_smp := smp-debug
target_config_hammer_smp := smp-debug
target_config_moved := smp-debug
target_config_races := smp-debug
target_config_neighbour := smp-debug
target_config_vcpu_smp := smp-debug
target_config_benchmark := benchmark

# Further sources of a program.
target_sources_api_judge := tests/target/api/messages.c tests/target/api/threads.c
target_sources_faults_parent := tests/target/faults/cases.c
target_sources_vcpu_vmm := tests/target/vcpu/registers.c
target_sources_vcpu_smp_vmm := $(target_sources_vcpu_vmm)

# Copies of a program that keep one symbol alone, for a test of what is done without the others.
target_stripped_rootfault := stripped

# Flat binaries that a description prefills a region with.
target_blobs_hammer := guest
target_blobs_hammer_smp := guest
target_blobs_vcpu_smp := payload
target_blobs_vcpu := payload
target_blobs_direct := payload
target_blobs_orphan := payload
target_blobs_registers := payload
target_blobs_limits := payload
target_blobs_races := payload

# Descriptions that a script writes.
target_description = $(if $(wildcard tests/target/$(1)/$(1).py),$(BUILD_DIR)/target/$(1)/$(1).system,tests/target/$(1)/$(1).system)
$(BUILD_DIR)/target/%.system: tests/target/%.py
	@mkdir -p $(@D)
	$(Q)$(PYTHON) $< > $@

# Systems whose sources are another's.
target_folder_hammer_smp := hammer
target_folder_vcpu_smp := vcpu
target_folder = tests/target/$(or $(target_folder_$(1)),$(1))

# A system's folder in the build, one for each configuration.
target_dir = $(BUILD_DIR)/target/$(1)$(if $(filter release,$(2)),-release)

# $(call target_config_rules,CONFIG): objects are compiled with that configuration's headers
define target_config_rules
target_$(1)_cc := $(CROSS_CC)
target_$(1)_flags = -I. -I$(sdk_board)/$(1)/include -std=gnu11 -O2 -g -ffreestanding \
	-mstrict-align -mgeneral-regs-only -fno-pic -fno-pie -fno-stack-protector -fno-common \
	-fno-tree-loop-distribute-patterns -fno-asynchronous-unwind-tables $(WARNINGS)
target_$(1)_needs = $(sdk_files)
$$(eval $$(call compile_rule,target_$(1)))
endef
$(foreach config,debug smp-debug release benchmark,$(eval $(call target_config_rules,$(config))))

# $(call target_program_rule,SYSTEM,CONFIG,PROGRAM)
define target_program_rule
$(call target_dir,$(1),$(2))/$(3).elf: $(sdk_files) \
		$(call objects,target_$(2),$(call target_folder,$(1))/$(3).c $(target_sources_$(1)_$(3)) \
			tests/target/lib/check.c)
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CROSS_CC) -nostdlib -nostartfiles -static -no-pie -Wl,-z,max-page-size=4096 \
		$$(filter %.o,$$^) -L$(sdk_board)/$(2)/lib \
		-Wl,--start-group -lmicrokit -Tmicrokit.ld -Wl,--end-group -o $$@
endef

# $(call target_stripped_rule,SYSTEM,CONFIG,PROGRAM): of crash.elf
define target_stripped_rule
$(call target_dir,$(1),$(2))/$(3).elf: $(call target_dir,$(1),$(2))/crash.elf
	$$(call say,OBJCOPY,$$@)
	$$(Q)$(OBJCOPY) --strip-all --keep-symbol=microkit_name $$< $$@
endef

# $(call target_blob_rule,SYSTEM,CONFIG,BLOB)
define target_blob_rule
$(call target_dir,$(1),$(2))/$(3).bin: $(call objects,target_$(2),$(call target_folder,$(1))/$(3).S)
	$$(call say,OBJCOPY,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(OBJCOPY) -O binary -j .text $$< $$@
endef

# $(call target_system_rule,SYSTEM,CONFIG)
define target_system_rule
$(foreach program,$(target_programs_$(1)),$(eval $(call target_program_rule,$(1),$(2),$(program))))
$(foreach program,$(target_stripped_$(1)),$(eval $(call target_stripped_rule,$(1),$(2),$(program))))
$(foreach blob,$(target_blobs_$(1)),$(eval $(call target_blob_rule,$(1),$(2),$(blob))))
$(call target_dir,$(1),$(2))/loader.img: $(call target_description,$(1)) \
		$(wildcard tests/target/$(1)/greeting.txt) $(sdk_files) \
		$(patsubst %,$(call target_dir,$(1),$(2))/%.elf,$(target_programs_$(1)) \
			$(target_stripped_$(1))) \
		$(patsubst %,$(call target_dir,$(1),$(2))/%.bin,$(target_blobs_$(1)))
	$$(call say,MICROKIT,$$@)
	$$(Q)MICROKIT_SDK=$(sdk_built) $(sdk_built)/bin/microkit $$< \
		--search-path $$(@D) tests/target/$(1) --board qemu_virt_aarch64 --config $(2) \
		-o $$@ -r $$(@D)/report.txt >/dev/null

target_images += $(call target_dir,$(1),$(2))/loader.img
endef
target_images :=
$(foreach system,$(target_systems),\
	$(eval $(call target_system_rule,$(system),$(or $(target_config_$(system)),debug))))
# Release builds are silent, which one of the systems shows.
$(eval $(call target_system_rule,start,release))

# What concerns interrupts and guests, the same programs on the board with the other GIC.
target_gicv3_systems := direct irq registers smp vcpu vcpu_smp

define target_gicv3_rule
$(BUILD_DIR)/target/$(1)-gicv3/loader.img: $(call target_dir,$(1))/loader.img
	$$(call say,MICROKIT,$$@)
	@mkdir -p $$(@D)
	$$(Q)MICROKIT_SDK=$(sdk_built) $(sdk_built)/bin/microkit tests/target/$(1)/$(1).system \
		--search-path $$(<D) tests/target/$(1) --board qemu_virt_aarch64_gicv3 \
		--config $(or $(target_config_$(1)),debug) -o $$@ -r $$(@D)/report.txt >/dev/null 2>$$@.log || \
		{ cat $$@.log; exit 1; }

target_images += $(BUILD_DIR)/target/$(1)-gicv3/loader.img
endef
$(foreach system,$(target_gicv3_systems),$(eval $(call target_gicv3_rule,$(system))))

.PHONY: target-images
target-images: $(target_images)
