# SPDX-License-Identifier: BSD-2-Clause
# Set-up is the making of an included makefile: make does it before anything else, and again when
# packages.txt changes. What is no target of these needs every part of packages.txt. Until it is done no
# other makefile is read, as they ask programs that it may have to install.

setup_goals_run := run demo image sdk sdk-install guest dts lspci qemu-line
setup_goals_picture := picture pictures
setup_goals_gdb := gdb

empty :=
setup_other := $(filter-out $(foreach part,run picture gdb,$(setup_goals_$(part))) clean distclean help,$(goals))
setup_parts := run $(if $(setup_other),disk tap picture gdb test,$(if $(filter tap,$(NET)),tap) \
	$(foreach part,picture gdb,$(if $(filter $(setup_goals_$(part)),$(goals)),$(part))))
setup_stamp := $(BUILD_DIR)/setup-$(subst $(empty) $(empty),-,$(strip $(setup_parts))).mk

$(setup_stamp): packages.txt scripts/setup.sh
	@scripts/setup.sh packages.txt $(setup_parts)
	@mkdir -p $(@D)
	@echo '# of packages.txt are installed: $(setup_parts)' > $@

# All of it, and nothing else.
.PHONY: setup
setup: ; @:

include $(setup_stamp)
setup_is_done := $(shell for file in packages.txt scripts/setup.sh; do \
	[ -e '$(setup_stamp)' ] && [ ! $$file -nt '$(setup_stamp)' ] || exit; done; echo yes)
