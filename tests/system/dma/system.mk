# SPDX-License-Identifier: BSD-2-Clause
# edu: any address, not only those of 28 bits.
dma_edu = $(foreach slot,1 2 3,-device edu$(comma)addr=$(slot)$(comma)dma_mask=0xffffffffffffffff)
qemu_devices = -nic none $(dma_edu) \
	-blockdev driver=null-co,node-name=null,size=1048576 -device nvme,drive=null,serial=flood,addr=4
system_needs = $(S)/files/neighbour.bin $(S)/files/master.bin $(S)/files/flood.bin

dma_hostile := tests/system/hostile
dma_cc = $(CROSS_CC) -I. -std=gnu11 -O2 -g -ffreestanding -mgeneral-regs-only -mstrict-align -fno-pic -fno-pie \
	-fno-stack-protector -fno-common -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns $(WARNINGS)

$(S)/files/%.bin: $(system_dir)/%.c $(dma_hostile)/start.S $(dma_hostile)/guest.h $(dma_hostile)/guest.ld bench/mark.h
	@mkdir -p $(@D)
	$(dma_cc) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
		-T $(dma_hostile)/guest.ld $< $(dma_hostile)/start.S -o $(@:.bin=.elf)
	$(OBJCOPY) -O binary $(@:.bin=.elf) $@
