# SPDX-License-Identifier: BSD-2-Clause
# How sources become objects: $(call objects,KIND,SOURCES) names objects under $(BUILD_DIR)/obj/KIND,
# $(call compile_rule,KIND) makes the rules for them from $(KIND_cc) and $(KIND_flags). Of a kind whose flags
# the user switches to and fro, $(KIND_variant) tells the folders apart, so that nothing is compiled twice.

# A compiler newer than ours warns of more, and must not stop who builds: warnings are errors in
# `make check` and in CI alone.
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes $(if $(filter yes,$(WERROR)),-Werror)

objects_folder = $(BUILD_DIR)/obj/$(1)$(addprefix -,$($(1)_variant))
objects = $(patsubst %,$(call objects_folder,$(1))/%.o,$(2))

# Changed flags rebuild what was compiled with them, and so do headers: $(BUILD_DIR) stays a variable
# in the lists of them, as it is absolute for some who build, and relative for others.
define compile_rule
$(call objects_folder,$(1))/flags: FORCE
	@mkdir -p $$(@D)
	@echo '$$($(1)_cc) $$($(1)_flags)' | cmp -s - $$@ || echo '$$($(1)_cc) $$($(1)_flags)' > $$@

$(call objects_folder,$(1))/%.o: % $(call objects_folder,$(1))/flags $$($(1)_needs)
	$$(call say,CC,$(1) $$<)
	@mkdir -p $$(@D)
	$$(Q)$$($(1)_cc) $$($(1)_flags) -MMD -MP -MT '$$$$(BUILD_DIR)/obj/$(1)$(addprefix -,$($(1)_variant))/$$*.o' -c $$< -o $$@

-include $$(shell find '$(call objects_folder,$(1))' -name '*.d' 2>/dev/null)
endef

# $(call compile_shared,KIND,COMPILER,FLAGS,OWN): makes the rules for objects of this kind with OWN flags
# besides, once for all who have the same; $(call shared_kind,KIND,OWN) names it for them.
shared_kinds :=
shared_kind = $(1)$(subst $(empty) $(empty),,$(subst /,_,$(2)))
define compile_shared_rule
shared_kinds += $(1)
$(1)_cc := $(2)
$(1)_flags := $(3)
$$(eval $$(call compile_rule,$(1)))
endef
compile_shared = $(if $(filter $(call shared_kind,$(1),$(4)),$(shared_kinds)),,\
	$(eval $(call compile_shared_rule,$(call shared_kind,$(1),$(4)),$(2),$(3) $(4))))

.PHONY: FORCE
FORCE:
