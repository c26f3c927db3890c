# SPDX-License-Identifier: BSD-2-Clause
# What can be said without running anything: scripts/check.sh, and that everything compiles without a
# warning. Where warnings are not errors anyway (WERROR=), that is in a build directory of its own.

.PHONY: check compiled
check:
	$(Q)CROSS_CC=$(CROSS_CC) scripts/check.sh
	$(Q)$(MAKE) compiled $(if $(filter yes,$(WERROR)),,WERROR=yes BUILD_DIR='$(BUILD_DIR)/check')

# Unit tests: what is tests/' own, the rest being compiled as parts of programs.
define unit_syntax_rule
$(BUILD_DIR)/syntax/$(1): $$(unit_test_$(1))
	$$(call say,CHECK,unit $(1))
	@mkdir -p $$(@D)
	$$(Q)$(HOST_CC) $$(unit_flags) $$(unit_cflags_$(1)) -fsyntax-only $$(filter tests/%.c kernel/arch/host/%.c,$$^)
	$$(Q)$(HOST_CC) $$(unit_flags) $$(unit_cflags_$(1)) -MM -MP -MT '$$$$(BUILD_DIR)/syntax/$(1)' \
		$$(filter %.c,$$(unit_test_$(1))) > $$@.d
	@touch $$@
-include $(BUILD_DIR)/syntax/$(1).d
endef
$(foreach test,$(unit_tests),$(eval $(call unit_syntax_rule,$(test))))

compiled: sdk $(VMM_ELF) $(foreach program,$(component_programs),$(call component_elf,$(program))) \
	$(MICROKIT_TOOL) $(VMCONF) $(COUNT_PLUGIN) $(ENTRIES_PLUGIN) $(BUILD_DIR)/bench/mark $(bench_dir)/loader.img \
	$(bench_build)/overlay/bin/bench $(target_images) $(addprefix $(BUILD_DIR)/syntax/,$(unit_tests))
