# SPDX-License-Identifier: BSD-2-Clause
# The guest: its kernel and initramfs from Debian's packages, and a disk. Included by the Makefile,
# which sets BUILD_DIR and CACHE_DIR.

GUEST_KERNEL := $(BUILD_DIR)/guest/Image
GUEST_INITRD := $(BUILD_DIR)/guest/initrd.gz
GUEST_DISK := $(BUILD_DIR)/disk.img
GUEST_DISK2 := $(BUILD_DIR)/disk2.img

# Of guests that start firmware instead of a kernel: Debian's, or a file; and what its variables are in.
GUEST_FIRMWARE := $(if $(filter efi u-boot,$(FIRMWARE)),$(BUILD_DIR)/guest/$(FIRMWARE).bin,$(FIRMWARE))
GUEST_EFI_VARS := $(BUILD_DIR)/$(basename $(notdir $(FIRMWARE)))-vars.img

# Further kernel modules, and directories laid over the guest's /, each a list.
GUEST_MODULES ?=
GUEST_OVERLAY ?=
GUEST_DISK_SIZE ?= 64M

guest_options := $(addprefix --module ,$(GUEST_MODULES)) $(addprefix --overlay ,$(GUEST_OVERLAY))
guest_files := $(wildcard guest/*.py) $(shell find guest/rootfs $(GUEST_OVERLAY) ! -type d)

.PHONY: guest guest-force
guest: $(GUEST_KERNEL) $(GUEST_INITRD) $(GUEST_DISK)

# Changes when the options do, and only then.
$(BUILD_DIR)/guest/options: guest-force
	@mkdir -p $(@D)
	@echo '$(guest_options)' | cmp -s - $@ || echo '$(guest_options)' > $@

# fetch.py does nothing where the cache is complete, also under make -B.
$(GUEST_KERNEL) $(GUEST_INITRD) &: $(guest_files) $(BUILD_DIR)/guest/options
	@echo '  FETCH   guest packages in $(CACHE_DIR)'
	@guest/fetch.py '$(CACHE_DIR)'
	@echo '  GUEST   $(GUEST_KERNEL) $(GUEST_INITRD)'
	@guest/image.py $(guest_options) '$(CACHE_DIR)' '$(BUILD_DIR)/guest'

$(BUILD_DIR)/guest/efi.bin $(BUILD_DIR)/guest/u-boot.bin: $(BUILD_DIR)/guest/%.bin: guest/firmware.py
	@echo '  FETCH   $* from packages in $(CACHE_DIR)'
	@guest/firmware.py get '$(CACHE_DIR)' $* '$@'

# What is on a disk is the user's: an existing one is left alone, also under make -B.
$(GUEST_DISK) $(GUEST_DISK2):
	@test -e '$@' || { echo '  DISK    $@'; guest/disk.py create '$@' --size $(GUEST_DISK_SIZE); }

# So are variables. The script says what a file that is there has to be.
.PHONY: guest-variables
guest-variables:
	@guest/firmware.py variables '$(EFI_VARS)'
