# SPDX-License-Identifier: BSD-2-Clause
qemu_devices = -nic none
system_needs = $(S)/files/bare.bin $(S)/files/below.elf

bare_sources := $(addprefix $(system_dir)/,start.S aarch32.S aarch32.c calls.c main.c lib.c sleep.c pending.c senders.c)
bare_cc := $(CROSS_CC) -I. -std=gnu11 -O2 -g -ffreestanding -mgeneral-regs-only -mstrict-align -fno-pic -fno-pie \
	-fno-stack-protector -fno-common -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns $(WARNINGS)

$(S)/files/bare.bin: $(bare_sources) $(system_dir)/bare.h $(system_dir)/machine.h $(system_dir)/shared.h $(system_dir)/bare.ld
	@mkdir -p $(@D)
	$(bare_cc) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
		-T $(system_dir)/bare.ld $(bare_sources) -o $(@:.bin=.elf)
	$(OBJCOPY) -O binary $(@:.bin=.elf) $@

$(S)/files/below.elf: $(system_dir)/below.c $(system_dir)/shared.h $(sdk_ready)
	@mkdir -p $(@D)
	$(CROSS_CC) $(component_flags) $(vmm_ldflags) $< \
		-L$(SDK_BOARD_DIR)/lib -Wl,--start-group -lmicrokit -Tmicrokit.ld $(vmm_libs) -Wl,--end-group -o $@
