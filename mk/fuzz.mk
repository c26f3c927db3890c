# SPDX-License-Identifier: BSD-2-Clause
# Fuzzers (libFuzzer, so clang): tests/fuzz/NAME_fuzz.c with what it needs, the seeds of
# tests/fuzz/corpus/NAME. New inputs go to $(BUILD_DIR)/fuzz/NAME-corpus, crashes beside it.

fuzz_tests := sdf vmconf
fuzz_sources_sdf := $(tool_sdf_sources)
fuzz_libs_sdf := -lexpat
fuzz_sources_vmconf := $(tool_vmconf_lib_sources) $(tool_sdf_sources)
fuzz_libs_vmconf := -lexpat -lfdt
-include tests/fuzz/files.mk

FUZZ_SECONDS ?= 10
fuzz_flags := -std=gnu11 -O1 -g -I. -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=undefined

define fuzz_rule
$(BUILD_DIR)/fuzz/$(1): tests/fuzz/$(1)_fuzz.c $$(fuzz_sources_$(1))
	$$(call say,CC,fuzz $(1))
	@mkdir -p $$(@D)
	$$(Q)clang $$(fuzz_flags) $$(fuzz_cflags_$(1)) $$^ -o $$@ $$(fuzz_libs_$(1))

.PHONY: fuzz-$(1)
fuzz-$(1): $(BUILD_DIR)/fuzz/$(1)
	$$(call say,FUZZ,$(1) for $(FUZZ_SECONDS) s)
	@mkdir -p $(BUILD_DIR)/fuzz/$(1)-corpus
	$$(Q)cd $(BUILD_DIR)/fuzz && ./$(1) $$(fuzz_run_$(1)) -close_fd_mask=3 -max_total_time=$(FUZZ_SECONDS) \
		-artifact_prefix=$(1)- $$(if $$(wildcard tests/fuzz/$(1).dict),-dict=$(CURDIR)/tests/fuzz/$(1).dict) \
		$(1)-corpus $$(addprefix $(CURDIR)/,$$(wildcard tests/fuzz/corpus/$(1))) >$(1).log 2>&1 \
		|| { tail -n 40 $(1).log; exit 1; }
endef
$(foreach test,$(fuzz_tests),$(eval $(call fuzz_rule,$(test))))

.PHONY: fuzz
fuzz: $(addprefix fuzz-,$(fuzz_tests))
