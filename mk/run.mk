# SPDX-License-Identifier: BSD-2-Clause
# Starting the machine.

ifeq ($(NET),user)
qemu_netdev = -netdev user,id=net
else
qemu_netdev = -netdev tap,id=net,ifname=$(TAP),script=no,downscript=no
endif
TAP ?= sluice0

QEMU ?= qemu-system-aarch64
qemu_line_of = $(QEMU) -machine $(qemu_machine) -cpu $(qemu_cpu) -m $(MEM) $(qemu_smp) -nographic \
	-serial mon:stdio -device loader,file=$(1),addr=$(board_load_address),cpu-num=0 \
	$(qemu_devices) $(QEMU_ARGS)
qemu_line = $(call qemu_line_of,$(BUILD_DIR)/loader.img)

run_needs := image $(if $(qemu_uses_disk),$(DISK)) $(if $(qemu_uses_disk2),$(DISK2)) $(if $(qemu_uses_flash),guest-variables)

.PHONY: run demo gdb
run: $(run_needs)
	@scripts/run.py --net '$(NET)' --mem '$(MEM)' --report '$(BUILD_DIR)/report.txt' \
		--image '$(BUILD_DIR)/loader.img' --load-address $(board_load_address) --tap '$(TAP)' \
		--guests $$(wc -l < $(S)/vmconf/vms.txt) $(if $(HOST_IF),--host-if '$(HOST_IF)') $(if $(TIMEOUT),--timeout '$(TIMEOUT)') -- $(qemu_line)

demo: $(run_needs)
	@scripts/demo.py $(qemu_line)

gdb:
	gdb-multiarch -q -ex 'file $(BUILD_DIR)/kernel.elf' \
		-ex 'add-symbol-file $(VMM_ELF)' -ex 'target remote :1234'

# For scripts: the line that run prints.
.PHONY: qemu-line
qemu-line:
	@echo $(qemu_line)
