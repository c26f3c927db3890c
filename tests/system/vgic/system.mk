# SPDX-License-Identifier: BSD-2-Clause
include tests/system/bare/guest.mk
qemu_devices = -nic none
system_needs = $(S)/files/vgic.bin

vgic_sources := $(addprefix $(system_dir)/,start.S main.c report.c gic.c registers.c states.c)

$(S)/files/vgic.bin: $(vgic_sources) $(system_dir)/vgic.h $(bare_folder)/bare.ld $(bare_guest_needs)
	$(call bare_guest,$(vgic_sources),$(bare_folder)/bare.ld)
