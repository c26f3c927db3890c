# SPDX-License-Identifier: BSD-2-Clause
# What PCI functions the machine of a system has (docs/pci.md): a program in an image of its own looks, on
# QEMU with that system's devices.

lspci_dir := $(S)/lspci

$(lspci_dir)/lspci.system: $(S)/board.dtb scripts/lspci.py scripts/pci.py
	@mkdir -p $(@D)
	$(Q)scripts/lspci.py describe $< > $@.tmp && mv $@.tmp $@

# The SDK's tree of the board may have its ECAM elsewhere than this system's machine: that is no news here.
$(lspci_dir)/loader.img: $(lspci_dir)/lspci.system $(S)/files/lspci.elf $(sdk_ready)
	$(call say,MICROKIT,$@)
	$(Q)$(SDK)/bin/microkit $< --search-path $(S)/files --board $(MICROKIT_BOARD) --config $(MICROKIT_CONFIG) \
		-o $@ -r $(lspci_dir)/report.txt > $(lspci_dir)/log 2>&1 || { cat $(lspci_dir)/log >&2; exit 1; }

.PHONY: lspci
lspci: $(lspci_dir)/loader.img $(filter-out image,$(run_needs))
	@scripts/lspci.py list $(S)/board.dtb --msi $(call board_conf,msi_first) -- $(call qemu_line_of,$(lspci_dir)/loader.img)
