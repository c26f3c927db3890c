# SPDX-License-Identifier: BSD-2-Clause
# What can be said without running anything: scripts/check.sh, and that everything compiles without a
# warning. Where warnings are not errors anyway (WERROR=), that is in a build directory of its own.

.PHONY: check compiled
check:
	$(Q)CROSS_CC=$(CROSS_CC) scripts/check.sh
	$(Q)$(MAKE) compiled $(if $(filter yes,$(WERROR)),,WERROR=yes BUILD_DIR='$(BUILD_DIR)/check')

compiled: sdk $(VMM_ELF) $(foreach program,$(component_programs),$(call component_elf,$(program))) \
	$(MICROKIT_TOOL) $(VMCONF) $(COUNT_PLUGIN) $(ENTRIES_PLUGIN) $(BUILD_DIR)/bench/mark $(bench_dir)/loader.img \
	$(bench_build)/overlay/bin/bench $(target_images) $(unit_programs)
