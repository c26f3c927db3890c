# SPDX-License-Identifier: BSD-2-Clause
# Fuzzers (libFuzzer, so clang; docs/fuzzing.md): tests/fuzz/NAME_fuzz.c with what it needs, the seeds
# of tests/fuzz/corpus/NAME. New inputs go to $(BUILD_DIR)/fuzz/NAME-corpus, crashes beside it.

fuzz_tests := sdf vmconf
fuzz_sources_sdf := $(tool_sdf_sources)
fuzz_libs_sdf := -lexpat
fuzz_sources_vmconf := $(tool_vmconf_lib_sources) $(tool_sdf_sources)
fuzz_libs_vmconf := -lexpat -lfdt
# Files that the harness is in the place of: those of the command line and of what is written.
fuzz_covers_vmconf := $(filter-out %/options.c %/output.c,$(tool_vmconf_lib_sources))
# Their seeds are what other tests are made of.
fuzz_made_seeds := sdf vmconf image
fuzz_dict_vmconf := tests/fuzz/sdf.dict
-include tests/fuzz/files.mk

FUZZ_SECONDS ?= 10
# Another one each time; what decides whether a change may land takes one that is fixed.
FUZZ_SEED ?= 0
fuzz_flags := -std=gnu11 -O1 -g -I. -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=undefined

fuzz_dict = $(or $(fuzz_dict_$(1)),$(wildcard tests/fuzz/$(1).dict))
fuzz_seeds = $(wildcard tests/fuzz/corpus/$(1)) $(if $(filter $(1),$(fuzz_made_seeds)),$(BUILD_DIR)/fuzz/seeds/$(1))

$(addprefix $(BUILD_DIR)/fuzz/seeds/,$(fuzz_made_seeds)): $(BUILD_DIR)/fuzz/seeds/%: tests/fuzz/seeds.py tests/sdf/test_warnings.py \
		$(wildcard tests/sdf/*/*.system tests/vmconf/*/*.system tests/vmconf/*/*.dtso tests/vmconf/*/*/*.dtso) \
		tests/vmconf/board.dts
	$(call say,SEEDS,$@)
	$(Q)rm -rf $@ && tests/fuzz/seeds.py $* $@

# The same with gcc's counters, to see what of $(fuzz_covers_NAME) the seeds in the tree reach.
fuzz_coverage_program = $(BUILD_DIR)/fuzz-coverage/$(1)
fuzz_coverage_kind = $(call shared_kind,fuzz-coverage,$(fuzz_cflags_$(1)))
fuzz_coverage_objects = $(call objects_folder,$(fuzz_coverage_kind))

define fuzz_coverage_rule
$$(call compile_shared,fuzz-coverage,$$(HOST_CC),-std=gnu11 -O0 -g -I. -D_GNU_SOURCE --coverage,$$(fuzz_cflags_$(1)))
$(fuzz_coverage_program): $$(call objects,$(fuzz_coverage_kind),tests/fuzz/$(1)_fuzz.c tests/fuzz/replay.c \
		$$(fuzz_sources_$(1)))
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(HOST_CC) --coverage $$^ -o $$@ $$(fuzz_libs_$(1))
endef

define fuzz_rule
$$(call compile_shared,fuzz,clang,$$(fuzz_flags),$$(fuzz_cflags_$(1)))
$(BUILD_DIR)/fuzz/$(1): $$(call objects,$(call shared_kind,fuzz,$(fuzz_cflags_$(1))),$$(filter %.c,\
		tests/fuzz/$(1)_fuzz.c $$(fuzz_sources_$(1)))) $$(filter %.o,$$(fuzz_sources_$(1)))
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)clang $$(fuzz_flags) $$(filter %.o,$$^) -o $$@ $$(fuzz_libs_$(1))

.PHONY: fuzz-$(1)
fuzz-$(1): $(BUILD_DIR)/fuzz/$(1) $$(filter $(BUILD_DIR)/%,$$(call fuzz_seeds,$(1)))
	$$(call say,FUZZ,$(1) for $(FUZZ_SECONDS) s)
	@mkdir -p $(BUILD_DIR)/fuzz/$(1)-corpus
	$$(Q)cd $(BUILD_DIR)/fuzz && ./$(1) $$(fuzz_run_$(1)) -close_fd_mask=3 -seed=$(FUZZ_SEED) \
		-max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$(1)- \
		$$(addprefix -dict=$(CURDIR)/,$$(call fuzz_dict,$(1))) \
		$(1)-corpus $$(abspath $$(call fuzz_seeds,$(1))) >$(1).log 2>&1 \
		|| { tail -n 40 $(1).log; exit 1; }
endef
$(foreach test,$(fuzz_tests),$(eval $(call fuzz_rule,$(test))))
# What the kernel's reaches is measured with its model test (docs/model.md).
fuzz_covered := $(filter-out kernel,$(fuzz_tests))
$(foreach test,$(fuzz_covered),$(eval $(call fuzz_coverage_rule,$(test))))

# FUZZ= names some of them.
FUZZ ?= $(fuzz_tests)
.PHONY: fuzz
fuzz: $(addprefix fuzz-,$(FUZZ))

fuzz_coverage_needs = $(foreach test,$(filter $(fuzz_covered),$(FUZZ)),$(call fuzz_coverage_program,$(test)) \
	$(filter $(BUILD_DIR)/%,$(call fuzz_seeds,$(test))))
fuzz_covers = $(or $(fuzz_covers_$(1)),$(filter-out tests/%,$(fuzz_sources_$(1))))
fuzz_describe = '$(1)|$(fuzz_coverage_program)|$(fuzz_coverage_objects)|$(fuzz_covers)|$(fuzz_seeds)'
fuzz_described = $(foreach test,$(filter $(fuzz_covered),$(FUZZ)),$(call fuzz_describe,$(test)))

.PHONY: fuzz-coverage
fuzz-coverage: $(fuzz_coverage_needs)
	$(Q)tests/fuzz/coverage.py $(fuzz_described)

# What was found, in FUZZ_SECONDS= and before, that the seeds do not reach becomes a seed.
.PHONY: fuzz-keep
fuzz-keep: $(addprefix fuzz-,$(FUZZ)) $(fuzz_coverage_needs)
	$(Q)tests/fuzz/keep.py --found $(BUILD_DIR)/fuzz $(fuzz_described)
