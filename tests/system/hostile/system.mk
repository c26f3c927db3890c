# SPDX-License-Identifier: BSD-2-Clause
include tests/system/bare/guest.mk
qemu_devices = -nic none
system_needs = $(S)/files/neighbour.bin $(S)/files/hostile.bin $(S)/files/virtio.bin

$(S)/files/%.bin: $(system_dir)/%.c $(system_dir)/start.S $(system_dir)/guest.h $(system_dir)/guest.ld $(bare_guest_needs)
	$(call bare_guest,$< $(system_dir)/start.S,$(system_dir)/guest.ld)

# A VMM of its own: the stock one with another fault().
system_vmms := $(S)/vmms/vmm_doomed.elf
$(S)/vmms/vmm_doomed.elf: $(system_dir)/doomed.c vmm/linux.c $(call objects,vmm,$(vmm_lib_sources)) $(sdk_ready)
	@mkdir -p $(@D)
	$(CROSS_CC) $(vmm_flags) -Dfault=stock_fault -c vmm/linux.c -o $(@D)/linux.o
	$(CROSS_CC) $(vmm_flags) $(vmm_ldflags) $< $(@D)/linux.o $(call objects,vmm,$(vmm_lib_sources)) \
		-L$(SDK_BOARD_DIR)/lib -Wl,--start-group -lmicrokit -Tmicrokit.ld $(vmm_libs) -Wl,--end-group -o $@
