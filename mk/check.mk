# SPDX-License-Identifier: BSD-2-Clause
# What can be said without running anything: scripts/check.sh, and that everything compiles without a
# warning. Where warnings are not errors anyway (WERROR=), that is in a build directory of its own.

.PHONY: check compiled
check:
	$(Q)CROSS_CC=$(CROSS_CC) scripts/check.sh
	$(Q)$(MAKE) compiled $(if $(filter yes,$(WERROR)),,WERROR=yes BUILD_DIR='$(BUILD_DIR)/check')

# Guests and programs of the systems that tests build when they come to them: looked at here.
.PHONY: compiled-systems
compiled-systems: sdk
	$(Q)for file in $(wildcard tests/system/*/*.c); do \
		$(CROSS_CC) -std=gnu11 -ffreestanding -I. -isystem $(SDK_BOARD_DIR)/include -fsyntax-only $(WARNINGS) $$file || exit 1; done

compiled: compiled-systems sdk $(VMM_ELF) $(foreach program,$(component_programs),$(call component_elf,$(program))) \
	$(MICROKIT_TOOL) $(VMCONF) $(COUNT_PLUGIN) $(ENTRIES_PLUGIN) $(BUILD_DIR)/bench/mark $(bench_dir)/loader.img \
	$(bench_build)/overlay/bin/bench $(target_images) $(unit_programs)
