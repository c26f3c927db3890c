# SPDX-License-Identifier: BSD-2-Clause
# The SDK that systems are built with: MICROKIT_SDK if it is given, else the one made here, from
# kernel/, libmicrokit/ and tool/microkit, in $(BUILD_DIR)/sdk.

include kernel/files.mk
include libmicrokit/files.mk

SDK_VERSION := 2.3.0
sdk_built := $(BUILD_DIR)/sdk
sdk_board := $(sdk_built)/board/qemu_virt_aarch64

kernel_cc := $(CROSS_CC)
kernel_flags = -I. $(kernel_cflags)
$(eval $(call compile_rule,kernel))

$(BUILD_DIR)/kernel.elf: $(call objects,kernel,$(kernel_sources)) kernel/kernel.ld
	$(call say,LINK,$@)
	$(Q)$(CROSS_CC) $(kernel_ldflags) -Wl,--defsym=LOAD_ADDRESS=$(board_load_address) \
		-T kernel/kernel.ld $(filter %.o,$^) -o $@

# The same for images that are moved, and what moves them (tool/microkit/move.c).
$(BUILD_DIR)/kernel-moved.elf: $(call objects,kernel,$(kernel_sources)) kernel/kernel.ld
	$(call say,LINK,$@)
	$(Q)$(CROSS_CC) $(kernel_ldflags) -Wl,--defsym=LOAD_ADDRESS=$(board_moved_address) \
		-T kernel/kernel.ld $(filter %.o,$^) -o $@

$(BUILD_DIR)/mover.bin: $(call objects,kernel,kernel/arch/aarch64/mover.S)
	$(Q)$(OBJCOPY) -O binary -j .text $< $@

# The board's tree with so many cores.
$(BUILD_DIR)/board-%.dtb: boards/qemu_virt_aarch64/board.mk
	$(call say,QEMU,$@)
	@mkdir -p $(@D)
	$(Q)qemu-system-aarch64 -machine $(board_machine),dumpdtb=$@.tmp -cpu $(board_cpu) \
		-smp $* -m $(board_memory) -nodefaults -display none 2>$@.log || { cat $@.log; exit 1; }
	$(Q)mv $@.tmp $@

$(sdk_built)/VERSION:
	@mkdir -p $(@D)
	@echo $(SDK_VERSION) > $@

$(sdk_built)/bin/microkit: $(MICROKIT_TOOL)
	@mkdir -p $(@D)
	$(Q)cp $< $@

# One configuration: $(call sdk_config,name:cores:console:benchmark)
define sdk_config_rules
sdk_dir_$(1) := $(sdk_board)/$(1)
libmicrokit_$(1)_cc := $(CROSS_CC)
libmicrokit_$(1)_flags = -I. -I$$(sdk_dir_$(1))/include $$(libmicrokit_cflags)
libmicrokit_$(1)_needs = $(addprefix $(sdk_board)/$(1)/include/,$(libmicrokit_headers)) \
	$(sdk_board)/$(1)/include/kernel/gen_config.h
$$(eval $$(call compile_rule,libmicrokit_$(1)))

$(sdk_board)/$(1)/include/kernel/gen_config.h: libmicrokit/gen_config.sh
	@mkdir -p $$(@D)
	$$(Q)$$< $(1) $(2) > $$@

$(sdk_board)/$(1)/include/%.h: libmicrokit/include/%.h
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@

$(sdk_board)/$(1)/lib/microkit.ld: libmicrokit/microkit.ld
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@

$(sdk_board)/$(1)/lib/libmicrokit.a: $(call objects,libmicrokit_$(1),$(libmicrokit_sources))
	$$(call say,AR,$$@)
	@mkdir -p $$(@D)
	$$(Q)rm -f $$@ && $(AR) rcs $$@ $$^

$(sdk_board)/$(1)/elf/%: $(BUILD_DIR)/%
	@mkdir -p $$(@D)
	$$(Q)cp --remove-destination $$< $$@

$(sdk_board)/$(1)/elf/board.dtb: $(BUILD_DIR)/board-$(2).dtb
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@

$(sdk_board)/$(1)/elf/board.conf: boards/qemu_virt_aarch64/board.conf mk/config.mk
	@mkdir -p $$(@D)
	$$(Q){ cat $$<; echo 'cpu_count = $(2)'; echo 'debug_console = $(3)'; \
		echo 'benchmark = $(4)'; } > $$@

sdk_files += $$(libmicrokit_$(1)_needs) $(sdk_board)/$(1)/lib/microkit.ld \
	$(sdk_board)/$(1)/lib/libmicrokit.a $(addprefix $(sdk_board)/$(1)/elf/,kernel.elf kernel-moved.elf mover.bin) \
	$(sdk_board)/$(1)/elf/board.dtb $(sdk_board)/$(1)/elf/board.conf
endef
sdk_config = $(call sdk_config_rules,$(word 1,$(1)),$(word 2,$(1)),$(word 3,$(1)),$(word 4,$(1)))
sdk_files := $(sdk_built)/VERSION $(sdk_built)/bin/microkit
$(foreach config,$(sdk_configs),$(eval $(call sdk_config,$(subst :, ,$(config)))))

.PHONY: sdk
sdk: $(sdk_files)

.PHONY: sdk-install
sdk-install: sdk
	$(if $(PREFIX),,$(error PREFIX= says where the SDK goes))
	$(call say,INSTALL,$(PREFIX))
	$(Q)mkdir -p '$(PREFIX)' && cp -rf $(sdk_built)/. '$(PREFIX)'

# The one in use. A given SDK is checked, and nothing here is built in its stead.
ifeq ($(MICROKIT_SDK),)
SDK := $(sdk_built)
sdk_ready := $(sdk_files)
else
SDK := $(MICROKIT_SDK)
sdk_ready := $(SDK)/bin/microkit
sdk_problem := $(shell scripts/check-sdk.sh '$(SDK)' '$(MICROKIT_BOARD)' '$(MICROKIT_CONFIG)' 2>&1)
ifneq ($(sdk_problem),)
$(error $(sdk_problem))
endif
endif
SDK_BOARD_DIR := $(SDK)/board/$(MICROKIT_BOARD)/$(MICROKIT_CONFIG)
