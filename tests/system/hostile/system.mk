# SPDX-License-Identifier: BSD-2-Clause
qemu_devices = -nic none
system_needs = $(S)/files/neighbour.bin $(S)/files/hostile.bin $(S)/files/virtio.bin

hostile_cc = $(CROSS_CC) -I. -std=gnu11 -O2 -g -ffreestanding -mgeneral-regs-only -mstrict-align -fno-pic -fno-pie \
	-fno-stack-protector -fno-common -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns $(WARNINGS)

$(S)/files/%.bin: $(system_dir)/%.c $(system_dir)/start.S $(system_dir)/guest.h $(system_dir)/guest.ld bench/mark.h
	@mkdir -p $(@D)
	$(hostile_cc) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
		-T $(system_dir)/guest.ld $< $(system_dir)/start.S -o $(@:.bin=.elf)
	$(OBJCOPY) -O binary $(@:.bin=.elf) $@

# A VMM of its own: the stock one with another fault().
system_vmms := $(S)/vmms/vmm_doomed.elf
$(S)/vmms/vmm_doomed.elf: $(system_dir)/doomed.c vmm/linux.c $(call objects,vmm,$(vmm_lib_sources)) $(sdk_ready)
	@mkdir -p $(@D)
	$(CROSS_CC) $(vmm_flags) -Dfault=stock_fault -c vmm/linux.c -o $(@D)/linux.o
	$(CROSS_CC) $(vmm_flags) $(vmm_ldflags) $< $(@D)/linux.o $(call objects,vmm,$(vmm_lib_sources)) \
		-L$(SDK_BOARD_DIR)/lib -Wl,--start-group -lmicrokit -Tmicrokit.ld $(vmm_libs) -Wl,--end-group -o $@
