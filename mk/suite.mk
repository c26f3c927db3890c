# SPDX-License-Identifier: BSD-2-Clause
# All tests. Included behind the other parts: it names what they make.

# Tests run side by side, JOBS= at a time, those of one group one after the other: two more than there are
# cores, as guests wait for links, disks and answers, too. What is built for them is built side by side unless
# the user has said how.
JOBS ?= $(shell n=$$(nproc); echo $$((n < 7 ? n + 2 : 8)))
ifeq ($(MAKELEVEL)$(filter -j% --jobserver%,$(MAKEFLAGS)),0)
ifneq ($(filter test unit check soak target-images,$(MAKECMDGOALS)),)
MAKEFLAGS += -j$(JOBS)
endif
endif
pytest = SLUICE_BUILD_DIR='$(BUILD_DIR)' SLUICE_UNIT_TESTS='$(unit_tests)' SLUICE_FUZZ_TESTS='$(fuzz_tests)' \
	SLUICE_MICROKIT='$(abspath $(MICROKIT_TOOL))' SLUICE_VMCONF='$(abspath $(VMCONF))' \
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -p no:cacheprovider -q -rs --durations=20 --durations-min=1 \
	-n $(JOBS) --dist loadgroup

.PHONY: unit test
unit: $(unit_programs)
	$(Q)$(pytest) tests/unit

# TESTS= names some of them, as pytest does. What they use and what does not differ from test to test is
# made first; the fuzzers and the unit tests, which take longest, where they are among them.
TESTS ?= tests
tests_of = $(filter tests tests/ $(1)%,$(TESTS))
test_needs := $(sdk_files) $(MICROKIT_TOOL) $(VMCONF) $(GUEST_KERNEL) $(GUEST_INITRD) \
	$(if $(call tests_of,tests/unit),$(unit_programs)) \
	$(if $(call tests_of,tests/model),$(model_programs)) \
	$(if $(call tests_of,tests/fuzz),$(addprefix $(BUILD_DIR)/fuzz/,$(fuzz_tests)) $(fuzz_coverage_needs) \
		$(addprefix $(BUILD_DIR)/fuzz/seeds/,$(fuzz_made_seeds))) \
	$(if $(call tests_of,tests/system),$(target_images) $(COUNT_PLUGIN) $(ENTRIES_PLUGIN) $(bench_dir)/loader.img \
		$(bench_guest_files) $(BUILD_DIR)/bench/mark)

# The VMM and the console's programs in every configuration that a test boots.
test_variants := $(addprefix test-variant-,debug.yes debug.no release.yes release.no smp-debug.yes \
	smp-release.yes smp-release.no)
.PHONY: $(test_variants)
$(test_variants): test-variant-%: $(sdk_files)
	$(Q)$(MAKE) MICROKIT_CONFIG=$(word 1,$(subst ., ,$*)) EXTENSIONS=$(word 2,$(subst ., ,$*)) variant

.PHONY: variant
variant: $(VMM_ELF) $(if $(vmm_contract),,$(foreach program,$(component_programs),$(call component_elf,$(program))))

test: $(test_needs) $(if $(call tests_of,tests/system),$(test_variants))
	$(Q)$(pytest) $(TESTS)

# What takes longer than a change can wait for, before a release: tests that are marked for it, with more of
# what they repeat, again and again. It ends with what runs when the time is over, or with the first failure.
SOAK_MINUTES ?= 60
.PHONY: soak
soak: $(test_needs)
	$(if $(filter tests,$(TESTS)),$(Q)CROSS_CC=$(CROSS_CC) scripts/check.sh deep)
	$(Q)end=$$(($$(date +%s) + $(SOAK_MINUTES) * 60)); while [ $$(date +%s) -lt $$end ]; do \
		SLUICE_SOAK_UNTIL=$$end SLUICE_FUZZ_SECONDS=$(SOAK_MINUTES) $(pytest) -m soak $(TESTS) || exit 1; done
