# SPDX-License-Identifier: BSD-2-Clause
# From a system description to loader.img. Everything of one system and configuration lies in $(S).

# SYSTEM names one of systems/, or is a path. NAME-iommu and NAME-memory are described in NAME's folder.
ifneq ($(wildcard $(SYSTEM)),)
system_file := $(if $(filter %.system,$(SYSTEM)),$(SYSTEM),$(firstword $(wildcard $(SYSTEM)/*.system)))
endif
system_file ?= systems/$(patsubst %-memory,%,$(patsubst %-iommu,%,$(basename $(notdir $(SYSTEM)))))/$(basename $(notdir $(SYSTEM))).system
# IOMMU=yes: the description whose functions are behind an SMMU, and a machine that has one.
ifeq ($(IOMMU),yes)
system_file := $(or $(wildcard $(patsubst %-iommu-iommu.system,%-iommu.system,$(system_file:.system=-iommu.system))),$(system_file))
endif
# EFI_VARS=memory: the one whose guest has its variables in flash that the VMM emulates.
ifeq ($(EFI_VARS),memory)
system_file := $(or $(wildcard $(system_file:.system=-memory.system)),$(system_file))
endif
system_name := $(basename $(notdir $(system_file)))
system_dir := $(patsubst %/,%,$(dir $(system_file)))
S := $(BUILD_DIR)/$(system_name)-$(MICROKIT_CONFIG)$(board_suffix)

# QEMU's machine for this system; system.mk adds its devices to qemu_devices and may change these.
qemu_machine := virt,virtualization=on,highmem=off,secure=off$(board_machine_options)
qemu_cpu := $(board_cpu)
# A description that has an owner for an SMMU wants one, too. It is for PCI functions alone, and virtio's use it
# if they are told to.
owns_smmu := $(shell grep -sE 'path="smmu[^"/]*\.elf"' '$(system_file)')
has_iommu := $(if $(filter yes,$(IOMMU))$(owns_smmu),yes)
qemu_virtio_iommu := $(if $(has_iommu),$(comma)disable-legacy=on$(comma)iommu_platform=on)
# A real SDK's smp configurations have four cores, too.
qemu_smp := -smp $(or $(config_cpus),$(if $(filter smp-%,$(MICROKIT_CONFIG)),4,1))
qemu_devices :=
system_needs :=
system_vmms :=
# The stock VMM by the contract alone is another one than with extensions.
vmm_contract := $(if $(filter no,$(EXTENSIONS)),-contract)
vmm_variant := $(MICROKIT_CONFIG)$(vmm_contract)$(board_suffix)
component_variant := $(MICROKIT_CONFIG)$(board_suffix)
include vmm/files.mk
include components/files.mk
-include $(system_dir)/system.mk
qemu_machine := $(qemu_machine)$(if $(has_iommu),$(comma)iommu=smmuv3)
qemu_cpu := $(or $(qemu_args_cpu),$(qemu_cpu))
# Both as QEMU would have it: of two -machine options the second adds to the first.
qemu_args_machine_option := $(addprefix -machine ,$(qemu_args_machine))

# On which cores: as the description says, or the user, or with several cores what system.mk proposes
# in smp_cpus. The description itself is for any number of cores, one included.
ifneq ($(filter smp-%,$(MICROKIT_CONFIG)),)
CPUS ?= $(smp_cpus)
endif
placed_file := $(if $(strip $(CPUS)),$(S)/$(system_name).system,$(system_file))

# The stock VMM.
vmm_cc := $(CROSS_CC)
# EXTENSIONS=no: by the contract alone, as on another SDK.
vmm_flags = -I. -isystem $(SDK_BOARD_DIR)/include $(vmm_cflags) \
	$(if $(filter no,$(EXTENSIONS)),-DVMM_CONTRACT_ONLY)
vmm_needs = $(sdk_ready)
$(eval $(call compile_rule,vmm))

VMM_ELF := $(BUILD_DIR)/vmm-$(vmm_variant).elf
$(VMM_ELF): $(call objects,vmm,$(vmm_lib_sources) $(vmm_stock_sources)) $(sdk_ready)
	$(call say,LINK,$@)
	$(Q)$(CROSS_CC) $(vmm_ldflags) $(filter %.o,$^) -L$(SDK_BOARD_DIR)/lib \
		-Wl,--start-group -lmicrokit -Tmicrokit.ld $(vmm_libs) -Wl,--end-group -o $@

# The components: as the VMM, each a program NAME.elf that descriptions may name.
component_cc := $(CROSS_CC)
component_flags = -I. -isystem $(SDK_BOARD_DIR)/include $(vmm_cflags)
component_needs = $(sdk_ready)
$(eval $(call compile_rule,component))

component_elf = $(BUILD_DIR)/$(1)-$(component_variant).elf
define component_rules
$(call component_elf,$(1)): $$(call objects,component,$$($(1)_sources)) $$(sdk_ready)
	$$(call say,LINK,$$@)
	$$(Q)$$(CROSS_CC) $$(vmm_ldflags) $$(filter %.o,$$^) -L$$(SDK_BOARD_DIR)/lib \
		-Wl,--start-group -lmicrokit -Tmicrokit.ld $$(vmm_libs) -Wl,--end-group -o $$@

$(S)/files/$(1).elf: $(call component_elf,$(1)) $(S)/parameters
	@mkdir -p $$(@D)
	$$(Q)cp -f $$< $$@.tmp && mv $$@.tmp $$@
endef
$(foreach program,$(component_programs),$(eval $(call component_rules,$(program))))

# Those that this system's description names; but for the SMMU's owner, which is configured as VMMs are.
system_needs += $(foreach program,$(filter-out smmu,$(component_programs)),\
	$(if $(shell grep -s 'path="$(program).elf"' '$(system_file)'),$(S)/files/$(program).elf))

# The user's kernel, initrd and boot arguments: for the one guest, or the one that VM names. Of a Debian
# package (or the folder of them that guest/fetch.py left), and with MODULES, kernel and initramfs are made
# as the stock ones are.
kernel_files := $(wildcard $(foreach file,$(KERNEL),$(if $(wildcard $(file)/packages.list),$(file)/*.deb,$(file))))
own_kernel := $(if $(KERNEL),$(if $(MODULES)$(filter %.deb,$(kernel_files)),$(S)/kernel))
system_kernel := $(if $(own_kernel),$(own_kernel)/Image,$(or $(KERNEL),$(GUEST_KERNEL)))
system_initrd := $(or $(INITRD),$(if $(own_kernel),$(own_kernel)/initrd.gz,$(GUEST_INITRD)))
system_bootargs := $(if $(BOOTARGS),--bootargs '$(if $(VM),$(VM)=)$(BOOTARGS)')

# What lies in the system's folder and the description names, and what says how the rest of it is made.
system_named := $(wildcard $(addprefix $(system_dir)/,$(sort system.mk $(shell \
	grep -oE '(prefill_path|path) *= *("[^"]*"|'"'[^']*')" '$(system_file)' 2>/dev/null | sed "s/.*= *.//; s/.$$//"))))

# What was asked for last time: another answer makes the image anew.
$(S)/parameters: FORCE
	@mkdir -p $(@D)
	@echo '$(system_file) $(SDK) $(MICROKIT_BOARD) $(qemu_machine) $(qemu_args_machine) $(qemu_cpu) $(MEM)' \
		'$(KERNEL) $(MODULES) $(INITRD) $(guest_options) $(FIRMWARE) $(BOOTARGS) $(VM) $(CPUS)$(vmm_contract) $(notdir $(system_overlays) $(system_named))' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

ifneq ($(placed_file),$(system_file))
$(placed_file): $(system_file) $(S)/parameters scripts/place.py
	@mkdir -p $(@D)
	$(Q)scripts/place.py $< $(CPUS) > $@.tmp && mv $@.tmp $@
endif

$(S)/board.dtb: $(S)/parameters
	$(call say,QEMU,$@)
	$(Q)qemu-system-aarch64 -machine $(qemu_machine),dumpdtb=$@.tmp $(qemu_args_machine_option) -cpu $(qemu_cpu) \
		-m $(MEM) $(qemu_smp) -nodefaults -display none 2>$@.log || { cat $@.log >&2; \
		! grep -q 'limited to 32 bits' $@.log || echo 'MEM=$(MEM): this machine has room for 3G' >&2; exit 1; }
	$(Q)mv $@.tmp $@

$(S)/%.dtbo: $(system_dir)/%.dtso $(S)/parameters
	$(call say,DTC,$@)
	@mkdir -p $(@D)
	$(Q)dtc -q -@ -I dts -O dtb -o $@ $<

system_overlays := $(patsubst $(system_dir)/%.dtso,$(S)/%.dtbo,$(wildcard $(system_dir)/*.dtso))

ifneq ($(own_kernel),)
$(own_kernel)/options: FORCE
	@mkdir -p $(@D)
	@echo '$(KERNEL) $(MODULES) $(guest_options)' | cmp -s - $@ || echo '$(KERNEL) $(MODULES) $(guest_options)' > $@

$(own_kernel)/Image $(own_kernel)/initrd.gz &: $(kernel_files) $(guest_files) $(own_kernel)/options \
		$(if $(MODULES),$(shell find '$(MODULES)' -name '*.ko*' 2>/dev/null))
	$(call say,GUEST,$(KERNEL) $(MODULES))
	$(Q)guest/fetch.py '$(CACHE_DIR)'
	$(Q)guest/image.py $(addprefix --kernel ,$(kernel_files)) $(if $(MODULES),--modules '$(MODULES)') \
		$(guest_options) '$(CACHE_DIR)' '$(own_kernel)'
endif

$(S)/files/Image: $(system_kernel) $(system_initrd) $(S)/parameters guest/kernel.py
	@mkdir -p $(@D)
	$(Q)$(PYTHON) guest/kernel.py $(if $(KERNEL)$(INITRD),--initrd '$(system_initrd)') '$<' '$@'

$(S)/files/initrd.gz: $(system_initrd) $(S)/parameters
	@mkdir -p $(@D)
	$(Q)cp -f '$<' '$@.tmp' && mv '$@.tmp' '$@'

$(S)/files/firmware.bin: $(GUEST_FIRMWARE) $(S)/parameters
	@mkdir -p $(@D)
	$(Q)cp -f '$<' '$@.tmp' && mv '$@.tmp' '$@'

# Those of them that this system's guests start with.
system_images := $(foreach file,Image initrd.gz firmware.bin,\
	$(if $(shell grep -s 'prefill_path="$(file)"' '$(system_file)'),$(S)/files/$(file)))

system_search := $(S)/files $(system_dir) $(S)/vmconf

# Guest device trees and VMM configurations.
$(S)/vmconf/vms.txt: $(VMCONF) $(system_named) $(placed_file) $(S)/board.dtb $(system_overlays) $(system_images) \
		$(system_needs) $(S)/parameters
	$(call say,VMCONF,$(placed_file))
	@mkdir -p $(@D)
	@rm -f $(filter-out $(system_overlays),$(wildcard $(S)/*.dtbo))
	$(Q)scripts/overlay_lines.py '$(system_dir)' $(VMCONF) --board-dtb $(S)/board.dtb $(board_facts) $(if $(system_overlays),--overlay-path $(S)) \
		--search-path $(S)/files $(system_dir) $(system_bootargs) $(if $(VM),--vm '$(VM)') -o $(@D) $(placed_file)
	@touch $@

# Each VM's program: the user's own where there is one, as a file or made by system.mk in $(S)/vmms, which
# system_vmms lists; else the stock VMM. With its configuration. So with the SMMU's owner.
smmu_elf := $(if $(owns_smmu),$(call component_elf,smmu))
$(S)/programs: $(S)/vmconf/vms.txt $(VMM_ELF) $(smmu_elf) $(system_vmms) scripts/vm_programs.py
	$(Q)OBJCOPY=$(OBJCOPY) scripts/vm_programs.py --system '$(placed_file)' --vmconf $(S)/vmconf --stock '$(VMM_ELF)' \
		$(addprefix --smmu ,$(smmu_elf)) \
		--out $(S)/files $(patsubst %,--known %.elf,$(filter-out smmu,$(component_programs))) $(system_dir) $(S)/vmms
	@touch $@

# Another SDK's tool has the text only.
report_forms := $(if $(MICROKIT_SDK),,--report-json $(S)/report.json --report-dot $(S)/report.dot)

$(S)/loader.img: $(S)/programs $(system_named) $(sdk_ready) $(placed_file) $(system_needs)
	$(call say,MICROKIT,$@)
	$(Q)$(SDK)/bin/microkit $(placed_file) --search-path $(system_search) \
		--board $(MICROKIT_BOARD) --config $(MICROKIT_CONFIG) -o $@ -r $(S)/report.txt $(report_forms)

# The system as a picture; those of systems/ are kept beside their descriptions. The version of
# Graphviz is left out of it.
picture: $(if $(MICROKIT_SDK),,$(S)/loader.img)
	$(if $(MICROKIT_SDK),$(error make picture wants the built-in SDK's tool: run it without MICROKIT_SDK=))
	$(call say,DOT,$(S)/$(system_name).svg)
	$(Q)dot -Tsvg $(S)/report.dot -o $(S)/picture.svg
	$(Q)sed '/^<!-- Generated by/,/-->/d' $(S)/picture.svg > $(S)/$(system_name).svg

# The pictures of docs/pictures.md.
drawn := $(patsubst %.dot,%.svg,$(wildcard docs/pictures/*.dot)) docs/pictures/memory.svg
docs/pictures/%.svg: docs/pictures/%.dot
	$(Q)dot -Tsvg $< | sed '/^<!-- Generated by/,/-->/d' > $@.tmp && mv $@.tmp $@

docs/pictures/memory.svg: scripts/memory_picture.py
	$(Q)$(MAKE) SYSTEM=two-guests MICROKIT_CONFIG=debug image
	$(Q)scripts/memory_picture.py $(BUILD_DIR)/two-guests-debug/report.json > $@.tmp && mv $@.tmp $@

pictures: $(drawn)

# What guests' devices reach by DMA. Another SDK's tool does not say where it put things.
dma_report := $(if $(MICROKIT_SDK),,$(S)/report.json)
dma-map: $(S)/vmconf/vms.txt $(if $(MICROKIT_SDK),,$(S)/loader.img) scripts/dma_map.py
	@scripts/dma_map.py $(S)/vmconf/dma.txt $(dma_report)

.PHONY: image dts dma-map picture pictures
image: $(S)/loader.img
	$(Q)cp -f $(S)/loader.img $(BUILD_DIR)/loader.img.tmp && mv $(BUILD_DIR)/loader.img.tmp $(BUILD_DIR)/loader.img
	$(Q)cp -f $(S)/report.txt $(BUILD_DIR)/report.txt
	$(Q)$(if $(MICROKIT_SDK),rm -f,cp -f $(S)/report.json) $(BUILD_DIR)/report.json

dts: $(S)/vmconf/vms.txt
	$(Q)while read -r vm _; do dtc -q -I dtb -O dts "$(S)/vmconf/$$vm.dtb"; done < $<
