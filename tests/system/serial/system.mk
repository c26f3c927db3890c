# SPDX-License-Identifier: BSD-2-Clause
qemu_devices = -nic none
system_needs = $(S)/files/talker.elf $(S)/files/scribbler.elf $(system_dir)/console.conf

$(S)/files/%.elf: $(system_dir)/%.c $(serial_client_objects) $(sdk_ready)
	@mkdir -p $(@D)
	$(CROSS_CC) $(component_flags) $(vmm_ldflags) $< $(filter %.o,$^) -L$(SDK_BOARD_DIR)/lib \
		-Wl,--start-group -lmicrokit -Tmicrokit.ld $(vmm_libs) -Wl,--end-group -o $@
