# SPDX-License-Identifier: BSD-2-Clause
# Unit tests run on the build machine under the address and undefined-behaviour sanitizers; pytest runs
# them, and everything else (mk/suite.mk).

unit_tests :=
include tests/unit/kernel.mk
-include $(filter-out tests/unit/kernel.mk,$(sort $(wildcard tests/unit/*.mk tests/unit/*/*.mk)))

unit_flags := -std=gnu11 -O1 -g -I. -D_GNU_SOURCE -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined $(WARNINGS)

define unit_rule
$$(call compile_shared,unit,$$(HOST_CC),$$(unit_flags),$$(unit_cflags_$(1)))
$(BUILD_DIR)/unit/$(1): $(call objects,$(call shared_kind,unit,$(unit_cflags_$(1))),$(unit_test_$(1)))
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(HOST_CC) $$(unit_flags) $$(unit_cflags_$(1)) $$^ -o $$@ -lcmocka $$(unit_libs_$(1))
endef
$(foreach test,$(unit_tests),$(eval $(call unit_rule,$(test))))

unit_programs := $(addprefix $(BUILD_DIR)/unit/,$(unit_tests))
