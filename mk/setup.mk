# SPDX-License-Identifier: BSD-2-Clause
# Set-up is the making of an included makefile: make does it before anything else, and again when
# packages.txt changes.

$(BUILD_DIR)/setup.mk: packages.txt scripts/setup.sh
	@scripts/setup.sh packages.txt
	@mkdir -p $(@D)
	@echo '# packages.txt is installed' > $@

include $(BUILD_DIR)/setup.mk
