# SPDX-License-Identifier: BSD-2-Clause
# How sources become objects: $(call objects,KIND,SOURCES) names objects under $(BUILD_DIR)/KIND,
# $(call compile_rule,KIND) makes the rules for them from $(KIND_cc) and $(KIND_flags).

objects = $(patsubst %,$(BUILD_DIR)/obj/$(1)/%.o,$(2))

# Changed flags rebuild what was compiled with them, and so do headers: $(BUILD_DIR) stays a variable
# in the lists of them, as it is absolute for some who build, and relative for others.
define compile_rule
$(BUILD_DIR)/obj/$(1)/flags: FORCE
	@mkdir -p $$(@D)
	@echo '$$($(1)_cc) $$($(1)_flags)' | cmp -s - $$@ || echo '$$($(1)_cc) $$($(1)_flags)' > $$@

$(BUILD_DIR)/obj/$(1)/%.o: % $(BUILD_DIR)/obj/$(1)/flags $$($(1)_needs)
	$$(call say,CC,$(1) $$<)
	@mkdir -p $$(@D)
	$$(Q)$$($(1)_cc) $$($(1)_flags) -MMD -MP -MT '$$$$(BUILD_DIR)/obj/$(1)/$$*.o' -c $$< -o $$@

-include $$(shell find '$(BUILD_DIR)/obj/$(1)' -name '*.d' 2>/dev/null)
endef

.PHONY: FORCE
FORCE:
