# SPDX-License-Identifier: BSD-2-Clause
# Unit tests of tool/sdf.

unit_sdf_sources := tests/unit/tool/sdf/load.c $(tool_sdf_sources)

unit_test_sdf_attribute := tests/unit/tool/sdf/attribute_test.c $(unit_sdf_sources)
unit_libs_sdf_attribute := -lexpat
unit_tests += sdf_attribute

unit_test_sdf_sdf := tests/unit/tool/sdf/sdf_test.c $(unit_sdf_sources)
unit_libs_sdf_sdf := -lexpat
unit_tests += sdf_sdf
