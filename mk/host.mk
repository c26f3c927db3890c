# SPDX-License-Identifier: BSD-2-Clause
# Programs that run on the build machine.

-include tool/files.mk

host_cc := $(HOST_CC)
host_flags := -std=gnu11 -O2 -g -I. -D_GNU_SOURCE $(WARNINGS)
$(eval $(call compile_rule,host))

MICROKIT_TOOL := $(BUILD_DIR)/host/microkit
VMCONF := $(BUILD_DIR)/host/vmconf

$(MICROKIT_TOOL): $(call objects,host,$(tool_microkit_sources) $(tool_sdf_sources))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $^ -o $@ -lexpat -lelf -lfdt

$(VMCONF): $(call objects,host,$(tool_vmconf_sources) $(tool_sdf_sources))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $^ -o $@ -lexpat -lfdt
