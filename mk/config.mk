# SPDX-License-Identifier: BSD-2-Clause
# What the user chose, under old names and new ones.

MICROKIT_CONFIG ?= $(or $(CONFIG),debug)
# Only debug configurations have a console of their own, by which `make lspci` is told what there is.
ifneq ($(filter lspci,$(MAKECMDGOALS)),)
override MICROKIT_CONFIG := $(if $(filter smp-%,$(MICROKIT_CONFIG)),smp-)debug
endif
MICROKIT_BOARD ?= $(or $(BOARD),qemu_virt_aarch64)
MICROKIT_SDK ?= $(SEL4CP_SDK)

# Names that the board had in earlier SDKs.
ifneq ($(filter qemu_arm_virt_hyp qemu_arm_virt,$(MICROKIT_BOARD)),)
override MICROKIT_BOARD := qemu_virt_aarch64
endif

# Configurations of the built-in SDK: a name, the number of cores, 1 if it has a debug console, 1 if the
# kernel keeps account of what it runs.
sdk_configs := debug:1:1:0 release:1:0:0 benchmark:1:0:1 \
	smp-debug:4:1:0 smp-release:4:0:0 smp-benchmark:4:0:1
sdk_config_names := $(foreach config,$(sdk_configs),$(firstword $(subst :, ,$(config))))

config_cpus = $(word 2,$(subst :, ,$(filter $(MICROKIT_CONFIG):%,$(sdk_configs))))

# Boards of the built-in SDK, the usual one first. A board that only another SDK has is taken for that.
sdk_boards := qemu_virt_aarch64 qemu_virt_aarch64_gicv3
board := $(or $(filter $(sdk_boards),$(MICROKIT_BOARD)),$(firstword $(sdk_boards)))

# $(call read_board,BOARD): its machine, for all; and the rest, for the one that is read last.
define read_board
include boards/$(1)/board.mk
board_machine_$(1) := $$(board_machine)$$(board_machine_options)$$(board_further_options)
endef
$(foreach name,$(sdk_boards) $(board),$(eval $(call read_board,$(name))))
board_conf = $(shell sed -n 's/^$(1) *= *//p' boards/$(board)/board.conf)
# What vmconf has to be told, as no device tree says it.
board_facts = --intids $(call board_conf,intids) $(addprefix --msi-first ,$(call board_conf,msi_first)) \
	$(addprefix --msi-count ,$(call board_conf,msi_count)) $(if $(board_has_its),$(board_its))
# That the SDK makes interrupts of messages to an ITS is an extension.
board_its = $(if $(filter no,$(EXTENSIONS)),,$(if $(MICROKIT_SDK),$(shell grep -qs MICROKIT_HAS_MESSAGE_IRQ \
	'$(SDK_BOARD_DIR)/include/microkit.h' && echo --its yes),--its yes))
# What is made for another board than the usual one lies beside that.
board_suffix := $(addprefix -,$(filter-out $(firstword $(sdk_boards)),$(MICROKIT_BOARD)))

# What QEMU_ARGS says of the machine goes for its trees and for checks, too: the last word behind an option.
comma := ,
qemu_arg = $(shell last=; found=; for word in $(QEMU_ARGS); do \
	for option in $(1); do [ "$$last" != "$$option" ] || found=$$word; done; last=$$word; done; echo "$$found")
ifneq ($(strip $(QEMU_ARGS)),)
qemu_args_cpu := $(call qemu_arg,-cpu)
qemu_args_machine := $(call qemu_arg,-machine -M)
qemu_args_smp := $(call qemu_arg,-smp)
qemu_args_mem := $(call qemu_arg,-m)
endif
ifneq ($(qemu_args_mem),)
override MEM := $(firstword $(subst $(comma), ,$(qemu_args_mem:size=%=%)))
endif

SYSTEM ?= passthrough
QEMU ?= qemu-system-aarch64
MEM ?= $(board_memory)
NET ?= user
MAC ?= 52:54:01:00:00:01
DISK ?= $(BUILD_DIR)/disk.img
# Of the second guest with a disk, where a system has one.
DISK2 ?= $(BUILD_DIR)/disk2.img
# What a guest starts that starts firmware: efi, u-boot or a file; and the file of its variables.
FIRMWARE ?= efi
EFI_VARS ?= $(GUEST_EFI_VARS)
