# SPDX-License-Identifier: BSD-2-Clause
# How guests without a kernel are made, for the system.mk of those that have some.

bare_folder := tests/system/bare
bare_guest_needs := $(bare_folder)/image_header.S $(bare_folder)/machine.h bench/mark.h

# The recipe of a .bin, from sources, by a linker's script.
define bare_guest
@mkdir -p $(@D)
$(CROSS_CC) -I. -std=gnu11 -O2 -g -ffreestanding -mgeneral-regs-only -mstrict-align -fno-pic -fno-pie \
	-fno-stack-protector -fno-common -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns $(WARNINGS) \
	-nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments -T $(2) $(1) -o $(@:.bin=.elf)
$(OBJCOPY) -O binary $(@:.bin=.elf) $@
endef
