# SPDX-License-Identifier: BSD-2-Clause
# The SDK that systems are built with: MICROKIT_SDK if it is given, else the one made here, from
# kernel/, libmicrokit/ and tool/microkit, in $(BUILD_DIR)/sdk.

include kernel/files.mk
include libmicrokit/files.mk

SDK_VERSION := 2.3.0
sdk_built := $(BUILD_DIR)/sdk
sdk_board := $(sdk_built)/board/$(firstword $(sdk_boards))

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

# A board's tree with so many cores.
define sdk_tree_rule
$(BUILD_DIR)/$(1)-%.dtb: boards/$(1)/board.mk
	$$(call say,QEMU,$$@)
	@mkdir -p $$(@D)
	$$(Q)qemu-system-aarch64 -machine $(board_machine_$(1)),dumpdtb=$$@.tmp -cpu $(board_cpu) \
		-smp $$* -m $(board_memory) -nodefaults -display none 2>$$@.log || { cat $$@.log; exit 1; }
	$$(Q)mv $$@.tmp $$@
endef
$(foreach name,$(sdk_boards),$(eval $(call sdk_tree_rule,$(name))))

$(sdk_built)/VERSION:
	@mkdir -p $(@D)
	@echo $(SDK_VERSION) > $@

$(sdk_built)/bin/microkit: $(MICROKIT_TOOL)
	@mkdir -p $(@D)
	$(Q)cp $< $@

# The library of a configuration, for any board: $(call sdk_library_rules,CONFIG)
define sdk_library_rules
libmicrokit_$(1)_cc := $(CROSS_CC)
libmicrokit_$(1)_flags = -I. -I$(sdk_board)/$(1)/include $$(libmicrokit_cflags)
libmicrokit_$(1)_needs = $(addprefix $(sdk_board)/$(1)/include/,$(libmicrokit_headers)) \
	$(sdk_board)/$(1)/include/kernel/gen_config.h
$$(eval $$(call compile_rule,libmicrokit_$(1)))

$(BUILD_DIR)/libmicrokit-$(1).a: $(call objects,libmicrokit_$(1),$(libmicrokit_sources))
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
endef

# A folder of the SDK: $(call sdk_config_rules,FOLDER,BOARD,CONFIG,CORES,CONSOLE,BENCHMARK)
define sdk_config_rules
$(1)/include/kernel/gen_config.h: libmicrokit/gen_config.sh
	@mkdir -p $$(@D)
	$$(Q)$$< $(3) $(4) $(2) > $$@

$(1)/include/%.h: libmicrokit/include/%.h
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@

$(1)/lib/microkit.ld: libmicrokit/microkit.ld
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@

$(1)/lib/libmicrokit.a: $(BUILD_DIR)/libmicrokit-$(3).a
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@

$(1)/elf/%: $(BUILD_DIR)/%
	@mkdir -p $$(@D)
	$$(Q)cp --remove-destination $$< $$@

$(1)/elf/board.dtb: $(BUILD_DIR)/$(2)-$(4).dtb
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@

$(1)/elf/board.conf: boards/$(2)/board.conf mk/config.mk
	@mkdir -p $$(@D)
	$$(Q){ cat $$<; echo 'cpu_count = $(4)'; echo 'debug_console = $(5)'; \
		echo 'benchmark = $(6)'; } > $$@

sdk_files += $(addprefix $(1)/include/,$(libmicrokit_headers) kernel/gen_config.h) \
	$(addprefix $(1)/lib/,microkit.ld libmicrokit.a) \
	$(addprefix $(1)/elf/,kernel.elf kernel-moved.elf mover.bin board.dtb board.conf)
endef
sdk_config = $(call sdk_config_rules,$(sdk_built)/board/$(1)/$(word 1,$(2)),$(1),$(word 1,$(2)),$(word 2,$(2)),$(word 3,$(2)),$(word 4,$(2)))
sdk_files := $(sdk_built)/VERSION $(sdk_built)/bin/microkit
$(foreach config,$(sdk_config_names),$(eval $(call sdk_library_rules,$(config))))
$(foreach name,$(sdk_boards),$(foreach config,$(sdk_configs),\
	$(eval $(call sdk_config,$(name),$(subst :, ,$(config))))))

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
