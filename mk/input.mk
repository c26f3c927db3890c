# SPDX-License-Identifier: BSD-2-Clause
# What the user named must exist and be of its kind: said in one line, before anything is built.

define require_file
ifneq ($$($(1)),)
ifeq ($$(wildcard $$($(1))),)
$$(error $(1)=$$($(1)): there is no such file)
endif
endif
endef
$(foreach variable,KERNEL INITRD MODULES,$(eval $(call require_file,$(variable))))
ifneq ($(MODULES),)
ifeq ($(KERNEL),)
$(error MODULES=$(MODULES): of which kernel? KERNEL= names it)
endif
ifeq ($(wildcard $(MODULES)/.),)
$(error MODULES=$(MODULES): not a directory)
endif
endif

ifneq ($(DISK),$(GUEST_DISK))
$(eval $(call require_file,DISK))
endif
ifneq ($(DISK2),$(GUEST_DISK2))
$(eval $(call require_file,DISK2))
endif
ifneq ($(filter %/firmware.bin,$(system_images)),)
$(foreach variable,KERNEL INITRD,$(if $($(variable)),$(error $(variable)=$($(variable)): the guest of \
	$(system_name) starts firmware, which boots its disk)))
endif
ifneq ($(and $(filter memory,$(EFI_VARS)),$(qemu_uses_flash)),)
$(error EFI_VARS=memory: the variables of $(system_name) are in a bank of the machine's flash, and EFI_VARS= is its file)
endif
ifeq ($(filter efi u-boot,$(FIRMWARE)),)
$(eval $(call require_file,FIRMWARE))
endif
ifeq ($(wildcard $(system_file)),)
$(error SYSTEM=$(SYSTEM): there is no $(system_file); systems/ has $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard \
	systems/*/*.system))))))
endif
ifeq ($(MICROKIT_SDK),)
ifeq ($(filter $(MICROKIT_CONFIG),$(sdk_config_names)),)
$(error CONFIG=$(MICROKIT_CONFIG): the built-in SDK has $(sdk_config_names))
endif
ifeq ($(filter $(MICROKIT_BOARD),$(sdk_boards)),)
$(error BOARD=$(MICROKIT_BOARD): the built-in SDK has $(sdk_boards))
endif
endif
ifneq ($(NET),user)
ifneq ($(NET),tap)
$(error NET=$(NET): user or tap)
endif
endif
ifneq ($(strip $(FORWARD)),)
ifneq ($(NET),user)
$(error FORWARD=$(FORWARD): with NET=$(NET) the guest is reachable itself; this is for NET=user)
endif
$(foreach one,$(FORWARD),$(if $(shell echo '$(one)' | grep -E '^(tcp|udp):([0-9.]+:)?[0-9]{1,5}:[0-9]{1,5}$$'),,\
	$(error FORWARD=$(one): not of the form tcp:2222:22, udp:5353:53 or tcp:0.0.0.0:2222:22)))
endif
ifneq ($(NAT),)
ifneq ($(filter-out yes no,$(NAT)),)
$(error NAT=$(NAT): yes or no)
endif
ifeq ($(NAT)-$(filter tap,$(NET)),yes-)
$(error NAT=yes is for NET=tap; NET=$(NET) leads to the outside by itself)
endif
ifneq ($(and $(filter yes,$(NAT)),$(HOST_IF)),)
$(error NAT=yes: with HOST_IF=$(HOST_IF) the guest is on that network itself)
endif
endif
ifneq ($(shell echo '$(MAC)' | grep -ciE '^[0-9a-f]{2}(:[0-9a-f]{2}){5}$$'),1)
$(error MAC=$(MAC): not an Ethernet address such as 52:54:01:00:00:01)
endif
ifneq ($(shell echo '$(MEM)' | grep -cE '^(size=)?[0-9]+[KMG]?B?$$'),1)
$(error MEM=$(MEM): not a size such as 2G or 1024M)
endif

# What QEMU_ARGS makes of the machine has to fit what the image is made for.
ifneq ($(strip $(QEMU_ARGS)),)
machine_option = $(patsubst $(1)=%,%,$(lastword $(filter $(1)=%,$(subst $(comma), ,$(2)))))
args_gic := $(call machine_option,gic-version,$(qemu_args_machine))
system_gic := $(or $(call machine_option,gic-version,$(qemu_machine)),2)
ifneq ($(filter-out $(system_gic),$(args_gic)),)
$(error QEMU_ARGS: -machine gic-version=$(args_gic): this image is for a GICv$(system_gic); BOARD= has $(sdk_boards))
endif
ifneq ($(filter off false,$(call machine_option,virtualization,$(qemu_args_machine))),)
$(error QEMU_ARGS: -machine virtualization=off: the kernel runs at EL2)
endif
args_cpus := $(patsubst cpus=%,%,$(firstword $(subst $(comma), ,$(qemu_args_smp))))
ifneq ($(filter-out $(lastword $(qemu_smp)),$(args_cpus)),)
$(error QEMU_ARGS: -smp $(args_cpus): CONFIG=$(MICROKIT_CONFIG) is for $(lastword $(qemu_smp)); configurations of the \
	built-in SDK with other numbers of cores: $(foreach config,$(sdk_configs),$(word 1,$(subst :, ,$(config))) ($(word 2,$(subst :, ,$(config))))))
endif
endif
ifneq ($(filter run demo,$(goals)),)
ifeq ($(shell command -v '$(QEMU)'),)
$(error QEMU=$(QEMU) is not installed (Debian: qemu-system-arm))
endif
endif
