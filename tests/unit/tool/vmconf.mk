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
