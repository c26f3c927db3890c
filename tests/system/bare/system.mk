# SPDX-License-Identifier: BSD-2-Clause
include tests/system/bare/guest.mk
qemu_devices = -nic none
system_needs = $(S)/files/bare.bin $(S)/files/below.elf

bare_sources := $(addprefix $(system_dir)/,start.S aarch32.S aarch32.c calls.c main.c lib.c sleep.c pending.c senders.c)

$(S)/files/bare.bin: $(bare_sources) $(system_dir)/bare.h $(system_dir)/shared.h $(system_dir)/bare.ld $(bare_guest_needs)
	$(call bare_guest,$(bare_sources),$(system_dir)/bare.ld)

$(S)/files/below.elf: $(system_dir)/below.c $(system_dir)/shared.h $(sdk_ready)
	@mkdir -p $(@D)
	$(CROSS_CC) $(component_flags) $(vmm_ldflags) $< \
		-L$(SDK_BOARD_DIR)/lib -Wl,--start-group -lmicrokit -Tmicrokit.ld $(vmm_libs) -Wl,--end-group -o $@
