# SPDX-License-Identifier: BSD-2-Clause
qemu_devices = -nic none
system_needs = $(S)/files/vgic.bin

vgic_sources := $(addprefix $(system_dir)/,start.S main.c gic.c registers.c states.c)
vgic_cc := $(CROSS_CC) -I. -std=gnu11 -O2 -g -ffreestanding -mgeneral-regs-only -mstrict-align -fno-pic -fno-pie \
	-fno-stack-protector -fno-common -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns $(WARNINGS)

$(S)/files/vgic.bin: $(vgic_sources) $(system_dir)/vgic.h $(system_dir)/../bare/machine.h $(system_dir)/../bare/bare.ld
	@mkdir -p $(@D)
	$(vgic_cc) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
		-T $(system_dir)/../bare/bare.ld $(vgic_sources) -o $(@:.bin=.elf)
	$(OBJCOPY) -O binary $(@:.bin=.elf) $@
