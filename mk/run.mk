# SPDX-License-Identifier: BSD-2-Clause
# Starting the machine.

# FORWARD='tcp:2222:22 ...': a port of this machine, a port of the guest; in front of them perhaps the address
# of this machine that it is open at.
space := $(empty) $(empty)
forward = hostfwd=$(word 1,$(1)):$(if $(word 4,$(1)),$(word 2,$(1)),127.0.0.1):$(if $(word 4,$(1)),$(word 3,$(1)),$(word \
	2,$(1)))-:$(lastword $(1))
forwards = $(subst $(space),,$(foreach one,$(FORWARD),$(comma)$(strip $(call forward,$(subst :, ,$(one))))))

ifeq ($(NET),user)
qemu_netdev = -netdev user,id=net$(forwards)
else
qemu_netdev = -netdev tap,id=net,ifname=$(TAP),script=no,downscript=no
endif
TAP ?= sluice0

qemu_line_of = $(QEMU) -machine $(qemu_machine) -cpu $(qemu_cpu) -m $(MEM) $(qemu_smp) -nographic \
	-serial mon:stdio -device loader,file=$(1),addr=$(board_load_address),cpu-num=0 \
	$(qemu_devices) $(QEMU_ARGS)
qemu_line = $(call qemu_line_of,$(BUILD_DIR)/loader.img)

run_needs := image $(if $(qemu_uses_disk),$(DISK)) $(if $(qemu_uses_disk2),$(DISK2)) $(if $(qemu_uses_flash),guest-variables)

.PHONY: run demo gdb
run: $(run_needs)
	$(if $(findstring -device,$(QEMU_ARGS)),@scripts/unclaimed.py --system '$(placed_file)' --board-dtb $(S)/board.dtb -- $(qemu_line))
	@scripts/run.py --net '$(NET)' --mem '$(MEM)' --report '$(BUILD_DIR)/report.txt' \
		--image '$(BUILD_DIR)/loader.img' --load-address $(board_load_address) --tap '$(TAP)' \
		--guests $$(wc -l < $(S)/vmconf/vms.txt) $(if $(HOST_IF),--host-if '$(HOST_IF)') $(if $(filter yes,$(NAT)),--nat) $(if $(TIMEOUT),--timeout '$(TIMEOUT)') -- $(qemu_line)

demo: $(run_needs)
	@scripts/demo.py $(qemu_line)

# Symbols of the kernel, of each program that the description names, and of the guest's kernel, if its build
# left a vmlinux where it leaves it or GUEST_SYMBOLS= names one. Programs lie at the same addresses, one each.
gdb_programs = $(foreach program,$(sort $(shell sed -n 's/.*<program_image[^>]* path="\([^"]*\)".*/\1/p' '$(system_file)')),\
	$(firstword $(wildcard $(addsuffix /$(program),$(S)/files $(system_dir) $(S)/vmms))))
GUEST_SYMBOLS ?= $(if $(KERNEL),$(firstword $(wildcard $(dir $(KERNEL))vmlinux $(dir $(KERNEL))../../../vmlinux)))
GDB_TARGET ?= :1234
gdb: image
	gdb-multiarch -q -ex 'set confirm off' -ex 'set pagination off' -ex 'set max-value-size unlimited' \
		-ex 'set architecture aarch64' $(if $(MICROKIT_SDK),,-ex 'file $(BUILD_DIR)/kernel.elf') \
		$(patsubst %,-ex 'add-symbol-file %',$(gdb_programs) $(GUEST_SYMBOLS)) -ex 'target remote $(GDB_TARGET)'

# For scripts: the line that run prints.
.PHONY: qemu-line
qemu-line:
	@echo $(qemu_line)
