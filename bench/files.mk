# SPDX-License-Identifier: BSD-2-Clause
# Benchmarks (docs/performance.md). `make bench-sdk`: what the kernel's operations cost, in executed
# instructions with libmicrokit's part included; the same numbers on every machine.

COUNT_PLUGIN := $(BUILD_DIR)/host/count.so

plugin_cc := $(HOST_CC)
plugin_flags := -std=gnu11 -O2 -g -I. -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARNINGS)
$(eval $(call compile_rule,plugin))

$(COUNT_PLUGIN): $(call objects,plugin,bench/plugin/count.c bench/plugin/options.c)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -shared $^ -o $@ -lpthread

# `mark N` for Linux guests.
$(BUILD_DIR)/bench/mark: bench/guest/mark.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) -std=gnu11 -O2 -ffreestanding -nostdlib -static -no-pie -fno-pie \
		-fno-stack-protector -fno-asynchronous-unwind-tables -Wl,--build-id=none $(WARNINGS) $< -o $@

bench_dir := $(BUILD_DIR)/bench/sdk
bench_programs := client server echo child
bench_cc := $(CROSS_CC)
bench_flags = -I. -I$(sdk_board)/release/include -std=gnu11 -O2 -g -ffreestanding -mstrict-align \
	-mgeneral-regs-only -fno-pic -fno-pie -fno-stack-protector -fno-common \
	-fno-tree-loop-distribute-patterns -fno-asynchronous-unwind-tables $(WARNINGS)
bench_needs = $(sdk_files)
$(eval $(call compile_rule,bench))

$(bench_dir)/%.elf: $(BUILD_DIR)/obj/bench/bench/sdk/%.c.o $(sdk_files)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) -nostdlib -nostartfiles -static -no-pie -Wl,--build-id=none \
		-Wl,-z,max-page-size=4096 $< -L$(sdk_board)/release/lib \
		-Wl,--start-group -lmicrokit -Tmicrokit.ld -Wl,--end-group -o $@

$(bench_dir)/loader.img: bench/sdk/bench.system $(bench_programs:%=$(bench_dir)/%.elf)
	$(Q)MICROKIT_SDK=$(sdk_built) $(sdk_built)/bin/microkit $< --search-path $(bench_dir) \
		--board qemu_virt_aarch64 --config release -o $@ -r $(bench_dir)/report.txt >/dev/null

bench_line = $(QEMU) -machine $(board_machine) -cpu $(board_cpu) -m $(board_memory) -nographic \
	-serial mon:stdio -device loader,file=$<,addr=$(board_load_address),cpu-num=0
bench_command = scripts/bench_sdk.py --plugin $(COUNT_PLUGIN) --report $(bench_dir)/report.txt \
	--kernel $(BUILD_DIR)/kernel.elf --nm $(CROSS_COMPILE)nm

.PHONY: bench-sdk bench-profile
bench-sdk: $(bench_dir)/loader.img $(COUNT_PLUGIN)
	@$(bench_command) -- $(bench_line)

# The same, and in which functions the instructions are.
bench-profile: $(bench_dir)/loader.img $(COUNT_PLUGIN)
	@$(bench_command) --profile -- $(bench_line)
