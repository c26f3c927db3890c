# SPDX-License-Identifier: BSD-2-Clause
include tests/system/bare/guest.mk
qemu_devices = -nic none
system_needs = $(S)/files/sgi.bin
smp_cpus := sgi.1=1 sgi.2=2

sgi_sources := $(addprefix $(system_dir)/,start.S main.c checks.c) $(addprefix tests/system/vgic/,report.c gic.c states.c)

$(S)/files/sgi.bin: $(sgi_sources) $(system_dir)/sgi.h tests/system/vgic/vgic.h $(bare_folder)/bare.ld $(bare_guest_needs)
	$(call bare_guest,$(sgi_sources),$(bare_folder)/bare.ld)
