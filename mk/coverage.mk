# SPDX-License-Identifier: BSD-2-Clause
# `make coverage`: what of the kernel unit tests, the model and the systems of tests/target reach
# together (docs/coverage.md, which it writes anew). The first two are compiled with gcc's counters;
# of the last bench/plugin/entries.c says which instructions of the kernel were executed.

coverage_tests := $(filter kernel_%,$(unit_tests))
coverage_common := -std=gnu11 -O0 -g -I. -D_GNU_SOURCE --coverage
coverage_cc := $(HOST_CC)
coverage_flags = $(coverage_common)
$(eval $(call compile_rule,coverage))

# Objects are those of all tests, but where one has flags of its own.
coverage_kind = coverage$(if $(unit_cflags_$(1)),-$(1))

define coverage_own_rule
coverage-$(1)_cc := $(HOST_CC)
coverage-$(1)_flags = $(coverage_common) $(unit_cflags_$(1))
$$(eval $$(call compile_rule,coverage-$(1)))
endef

define coverage_rule
$(if $(unit_cflags_$(1)),$(call coverage_own_rule,$(1)))
$(BUILD_DIR)/coverage/$(1): $$(call objects,$(call coverage_kind,$(1)),$$(filter %.c,$$(unit_test_$(1))))
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(HOST_CC) --coverage $$(unit_cflags_$(1)) $$^ -o $$@ -lcmocka $$(unit_libs_$(1))
endef
$(foreach test,$(coverage_tests),$(eval $(call coverage_rule,$(test))))
coverage_objects = $(sort coverage $(foreach test,$(coverage_tests),$(call coverage_kind,$(test)))) model-coverage-kernel

# Seeds of the model; a thousand of its steps are enough to come by everything several times.
COVERAGE_SEEDS ?= 3000
coverage_model := $(if $(model_sources),$(BUILD_DIR)/model/model-coverage)

# COVERAGE_AGAIN=yes: of the systems, what the last bench-worst or coverage left, if the kernel is still the same.
.PHONY: coverage
coverage: $(addprefix $(BUILD_DIR)/coverage/,$(coverage_tests)) $(coverage_model) $(target_images) $(ENTRIES_PLUGIN)
	@scripts/kernel_coverage.py --document docs/coverage.md \
		$(addprefix --objects $(BUILD_DIR)/obj/,$(coverage_objects)) \
		$(addprefix --run $(BUILD_DIR)/coverage/,$(coverage_tests)) \
		$(if $(coverage_model),--run '$(coverage_model) --seeds $(COVERAGE_SEEDS)') \
		$(addprefix --source ,$(kernel_sources)) $(entries_options) $(if $(filter yes,$(COVERAGE_AGAIN)),--again) \
		$(foreach system,$(ENTRIES),$(filter $(system):%,$(entries_systems)))
