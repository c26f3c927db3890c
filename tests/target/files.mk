# SPDX-License-Identifier: BSD-2-Clause
# Systems of test programs, one a folder: $(BUILD_DIR)/target/<system>/loader.img, which
# tests/system/test_target.py boots. Programs are built as a user's are, from the SDK in use.

target_systems := start notify irq faults rootfault hammer vcpu call budget

target_programs_start := start other
target_programs_notify := judge recorder
target_programs_irq := irq echo
target_programs_faults := parent child
target_programs_rootfault := crash judge
target_programs_hammer := judge hammer toy victim
target_programs_vcpu := vmm spinner
target_programs_call := judge server passive caller
target_programs_budget := judge spinner server

# Flat binaries that a description prefills a region with.
target_blobs_hammer := guest
target_blobs_vcpu := payload

target_cc := $(CROSS_CC)
target_flags = -I. -I$(SDK_BOARD_DIR)/include -std=gnu11 -O2 -g -ffreestanding -mstrict-align \
	-fno-pic -fno-pie -fno-stack-protector -fno-common -fno-tree-loop-distribute-patterns \
	-fno-asynchronous-unwind-tables -mgeneral-regs-only $(WARNINGS)
target_needs = $(sdk_ready)
$(eval $(call compile_rule,target))

target_image = $(BUILD_DIR)/target/$(1)/loader.img

# $(call target_program_rule,SYSTEM,PROGRAM)
define target_program_rule
$(BUILD_DIR)/target/$(1)/$(2).elf: \
		$(call objects,target,tests/target/$(1)/$(2).c tests/target/lib/check.c) $(sdk_ready)
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CROSS_CC) -nostdlib -nostartfiles -static -no-pie -Wl,--build-id=none \
		-Wl,-z,max-page-size=4096 $$(filter %.o,$$^) -L$(SDK_BOARD_DIR)/lib \
		-Wl,--start-group -lmicrokit -Tmicrokit.ld -Wl,--end-group -o $$@
endef

define target_blob_rule
$(BUILD_DIR)/target/$(1)/$(2).bin: $(call objects,target,tests/target/$(1)/$(2).S)
	$$(call say,OBJCOPY,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(OBJCOPY) -O binary -j .text $$< $$@
endef

define target_system_rule
$(foreach program,$(target_programs_$(1)),$(eval $(call target_program_rule,$(1),$(program))))
$(foreach blob,$(target_blobs_$(1)),$(eval $(call target_blob_rule,$(1),$(blob))))
$(call target_image,$(1)): tests/target/$(1)/$(1).system \
		$(wildcard tests/target/$(1)/*.txt) \
		$(patsubst %,$(BUILD_DIR)/target/$(1)/%.elf,$(target_programs_$(1))) \
		$(patsubst %,$(BUILD_DIR)/target/$(1)/%.bin,$(target_blobs_$(1))) $(sdk_ready)
	$$(call say,MICROKIT,$$@)
	$$(Q)$(SDK)/bin/microkit $$< --search-path $$(@D) tests/target/$(1) \
		--board $(MICROKIT_BOARD) --config $(MICROKIT_CONFIG) -o $$@ -r $$(@D)/report.txt
endef
$(foreach system,$(target_systems),$(eval $(call target_system_rule,$(system))))

target_images := $(foreach system,$(target_systems),$(call target_image,$(system)))

.PHONY: target-images
target-images: $(target_images)
