# SPDX-License-Identifier: BSD-2-Clause
# Unit tests of tool/vmconf. The fixture stands in for the messages of vmconf and of tool/sdf.

unit_vmconf_sources := tests/unit/tool/vmconf/fixture.c tool/sdf/arena.c \
    $(filter-out tool/vmconf/messages.c,$(tool_vmconf_lib_sources))

unit_test_vmconf_tree := tests/unit/tool/vmconf/tree_test.c $(unit_vmconf_sources)
unit_libs_vmconf_tree := -lfdt
unit_tests += vmconf_tree

unit_test_vmconf_select := tests/unit/tool/vmconf/select_test.c $(unit_vmconf_sources)
unit_libs_vmconf_select := -lfdt
unit_tests += vmconf_select

unit_test_vmconf_load := tests/unit/tool/vmconf/load_test.c $(unit_vmconf_sources)
unit_libs_vmconf_load := -lfdt
unit_tests += vmconf_load

unit_test_vmconf_overlay := tests/unit/tool/vmconf/overlay_test.c $(unit_vmconf_sources)
unit_libs_vmconf_overlay := -lfdt
unit_tests += vmconf_overlay

unit_test_vmconf_vmconf := tests/unit/tool/vmconf/vmconf_test.c $(unit_vmconf_sources)
unit_libs_vmconf_vmconf := -lfdt
unit_tests += vmconf_vmconf

unit_test_vmconf_emulate := tests/unit/tool/vmconf/emulate_test.c $(unit_vmconf_sources)
unit_libs_vmconf_emulate := -lfdt
unit_tests += vmconf_emulate

unit_test_vmconf_multiplexer := tests/unit/tool/vmconf/multiplexer_test.c $(unit_vmconf_sources)
unit_libs_vmconf_multiplexer := -lfdt
unit_tests += vmconf_multiplexer

unit_test_vmconf_sluice := tests/unit/tool/vmconf/sluice_test.c $(unit_vmconf_sources)
unit_libs_vmconf_sluice := -lfdt
unit_tests += vmconf_sluice

unit_test_vmconf_check_sharing := tests/unit/tool/vmconf/check_sharing_test.c $(unit_vmconf_sources)
unit_libs_vmconf_check_sharing := -lfdt
unit_tests += vmconf_check_sharing

unit_test_vmconf_bridge := tests/unit/tool/vmconf/bridge_test.c $(unit_vmconf_sources)
unit_libs_vmconf_bridge := -lfdt
unit_tests += vmconf_bridge
