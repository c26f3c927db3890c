# SPDX-License-Identifier: BSD-2-Clause
# The kernel's model test (docs/model.md): the kernel's own sources for the build machine, with a
# place to change cores at every atomic access. Their variables get sections of their own, which a
# run begins with as a boot does; what the model's machine implements replaces arch/host's.

model_kernel_sources := $(filter-out kernel/arch/% kernel/boot/% kernel/main.c \
	kernel/lib/string.c,$(kernel_sources)) kernel/arch/host/host.c kernel/arch/host/gic.c
model_sources := $(addprefix tests/model/,gic.c ghost.c guests.c invariants.c invariants_irq.c machine.c \
	messages.c 	programs.c run.c sgis.c system.c vectors.c watch.c)
# Where the model says when something has happened.
model_wraps := $(addprefix --wrap=,budget_charge exit_sync inject_irq notify_come_home sgi_send_by_register sgi_send_by_store smp_give_all_back \
	smp_leave smp_leave_quickly syscall_handle)
comma := ,
model_link_flags := -no-pie $(addprefix -Wl$(comma),$(model_wraps))

model_flags := -std=gnu11 -O1 -g -I. -D_GNU_SOURCE -fno-pie -fdata-sections $(WARNINGS)
model_sanitize := -fsanitize=address,undefined -fno-sanitize-recover=undefined

# $(call model_link,OBJECTS,TO). Clang 19 has the variables in section groups, which stay apart unless
# they are dissolved: no variable may be left in a section that a run does not reset.
define model_link
	$(Q)ld -r --force-group-allocation -T tests/model/kernel.ld $(model_wraps) $(1) -o $(2).all
	$(Q)! objdump -h $(2).all | grep -E ' \.(bss|data)[. ]'
	$(Q)objcopy --wildcard --weaken-symbol='arch_*' $(2).all $(2)
endef

# $(call model_kernel,KIND,COMPILER,FLAGS): the kernel as one object, $(BUILD_DIR)/model/KIND-kernel.o
define model_kernel
$(1)-kernel_cc := $(2)
$(1)-kernel_flags := $(model_flags) $(3) -include tests/model/atomics.h
$$(eval $$(call compile_rule,$(1)-kernel))

$(BUILD_DIR)/model/$(1)-kernel.o: $$(call objects,$(1)-kernel,$$(model_kernel_sources)) \
		tests/model/kernel.ld tests/model/files.mk kernel/files.mk
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(call model_link,$$(filter %.o,$$^),$$@)
endef

# $(call model_program,KIND,FLAGS): the runner of seeds, $(BUILD_DIR)/model/KIND
define model_program
$(1)_cc := $(HOST_CC)
$(1)_flags := $(model_flags) $(2)
$$(eval $$(call compile_rule,$(1)))
$$(eval $$(call model_kernel,$(1),$(HOST_CC),$(2)))

$(BUILD_DIR)/model/$(1): $$(call objects,$(1),$$(model_sources) tests/model/main.c) \
		$(BUILD_DIR)/model/$(1)-kernel.o
	$$(call say,LINK,$$@)
	$$(Q)$(HOST_CC) $$($(1)_flags) $$(model_link_flags) $$^ -o $$@
endef
$(eval $(call model_program,model,))
$(eval $(call model_program,model-sanitized,$(model_sanitize)))
$(eval $(call model_program,model-coverage,--coverage)) # for `make coverage`
$(eval $(call model_kernel,model-fuzz,clang,-fsanitize=fuzzer-no-link $(model_sanitize)))

model_programs := $(BUILD_DIR)/model/model $(BUILD_DIR)/model/model-sanitized

MODEL_SEED ?= 1
MODEL_SEEDS ?= 10000
MODEL_STEPS ?= 800

.PHONY: model
model: $(BUILD_DIR)/model/model
	$(Q)$< --seed $(MODEL_SEED) --seeds $(MODEL_SEEDS) --steps $(MODEL_STEPS)

# MUTANT=, a file of the kernel with a fault put in, takes the place of MUTANT_OF= (test_mutants.py). What a
# fault leaves unused is no matter.
.PHONY: model-mutant
model-mutant: $(call objects,model,$(model_sources) tests/model/main.c) \
		$(call objects,model-kernel,$(model_kernel_sources))
	$(Q)$(HOST_CC) $(model-kernel_flags) -w -c '$(MUTANT)' -o '$(MUTANT).o'
	$(call model_link,$(filter-out $(call objects,model-kernel,$(MUTANT_OF)),$(filter \
		$(BUILD_DIR)/obj/model-kernel/%,$^)) '$(MUTANT).o','$(MUTANT).kernel.o')
	$(Q)$(HOST_CC) $(model_flags) $(model_link_flags) $(filter $(BUILD_DIR)/obj/model/%,$^) \
		'$(MUTANT).kernel.o' -o '$(MUTANT).model'
