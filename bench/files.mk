# SPDX-License-Identifier: BSD-2-Clause
# Benchmarks. `make bench-sdk`: what the kernel's operations cost, in executed instructions with
# libmicrokit's part included; the same numbers on every machine.

bench_dir := $(BUILD_DIR)/bench/sdk
bench_programs := client server echo child
bench_cc := $(CROSS_CC)
# The debug configuration prints the results; nothing is printed while something is measured.
bench_flags = -I. -I$(sdk_board)/debug/include -std=gnu11 -O2 -g -ffreestanding -mstrict-align \
	-mgeneral-regs-only -fno-pic -fno-pie -fno-stack-protector -fno-common \
	-fno-tree-loop-distribute-patterns -fno-asynchronous-unwind-tables $(WARNINGS)
bench_needs = $(sdk_files)
$(eval $(call compile_rule,bench))

$(bench_dir)/%.elf: $(BUILD_DIR)/obj/bench/bench/sdk/%.c.o $(sdk_files)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS_CC) -nostdlib -nostartfiles -static -no-pie -Wl,--build-id=none \
		-Wl,-z,max-page-size=4096 $< -L$(sdk_board)/debug/lib \
		-Wl,--start-group -lmicrokit -Tmicrokit.ld -Wl,--end-group -o $@

$(bench_dir)/loader.img: bench/sdk/bench.system $(bench_programs:%=$(bench_dir)/%.elf)
	$(Q)MICROKIT_SDK=$(sdk_built) $(sdk_built)/bin/microkit $< --search-path $(bench_dir) \
		--board qemu_virt_aarch64 --config debug -o $@ -r $(bench_dir)/report.txt >/dev/null

.PHONY: bench-sdk
bench-sdk: $(bench_dir)/loader.img
	@scripts/bench_sdk.py $(QEMU) -machine $(board_machine) -cpu $(board_cpu) -m $(board_memory) \
		-nographic -serial mon:stdio -icount shift=0,sleep=off \
		-device loader,file=$<,addr=$(board_load_address),cpu-num=0
	@$(CROSS_COMPILE)size $(BUILD_DIR)/kernel.elf | awk 'NR==2 {print "kernel: text " $$1 ", data and .bss " $$2 + $$3 " bytes"}'
