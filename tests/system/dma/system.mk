# SPDX-License-Identifier: BSD-2-Clause
include tests/system/bare/guest.mk
# edu: any address, not only those of 28 bits.
dma_edu = $(foreach slot,1 2 3,-device edu$(comma)addr=$(slot)$(comma)dma_mask=0xffffffffffffffff)
qemu_devices = -nic none $(dma_edu) \
	-blockdev driver=null-co,node-name=null,size=1048576 -device nvme,drive=null,serial=flood,addr=4
system_needs = $(S)/files/neighbour.bin $(S)/files/master.bin $(S)/files/flood.bin

dma_hostile := tests/system/hostile

$(S)/files/%.bin: $(system_dir)/%.c $(dma_hostile)/start.S $(dma_hostile)/guest.h $(dma_hostile)/guest.ld $(bare_guest_needs)
	$(call bare_guest,$< $(dma_hostile)/start.S,$(dma_hostile)/guest.ld)
