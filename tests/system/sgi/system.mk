# SPDX-License-Identifier: BSD-2-Clause
qemu_devices = -nic none
system_needs = $(S)/files/sgi.bin
smp_cpus := sgi.1=1 sgi.2=2

sgi_sources := $(addprefix $(system_dir)/,start.S main.c checks.c) $(addprefix $(system_dir)/../vgic/,gic.c states.c)
sgi_cc := $(CROSS_CC) -I. -std=gnu11 -O2 -g -ffreestanding -mgeneral-regs-only -mstrict-align -fno-pic -fno-pie \
	-fno-stack-protector -fno-common -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns $(WARNINGS)

$(S)/files/sgi.bin: $(sgi_sources) $(system_dir)/sgi.h $(system_dir)/../vgic/vgic.h $(system_dir)/../bare/machine.h \
		$(system_dir)/../bare/bare.ld
	@mkdir -p $(@D)
	$(sgi_cc) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
		-T $(system_dir)/../bare/bare.ld $(sgi_sources) -o $(@:.bin=.elf)
	$(OBJCOPY) -O binary $(@:.bin=.elf) $@
