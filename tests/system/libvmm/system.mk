# SPDX-License-Identifier: BSD-2-Clause
qemu_devices = -nic none

# A VMM of its own: the stock one with another fault().
system_vmms := $(S)/vmms/vmm.elf
$(S)/vmms/vmm.elf: $(system_dir)/libvmm.c vmm/linux.c $(call objects,vmm,$(vmm_lib_sources)) $(sdk_ready) $(S)/parameters
	@mkdir -p $(@D)
	$(CROSS_CC) $(vmm_flags) -Dfault=stock_fault -c vmm/linux.c -o $(@D)/linux.o
	$(CROSS_CC) $(vmm_flags) $(vmm_ldflags) $< $(@D)/linux.o $(call objects,vmm,$(vmm_lib_sources)) \
		-L$(SDK_BOARD_DIR)/lib -Wl,--start-group -lmicrokit -Tmicrokit.ld $(vmm_libs) -Wl,--end-group -o $@
