# SPDX-License-Identifier: BSD-2-Clause
# Host programs. tool/sdf is linked into both.

tool_sdf_sources := \
	tool/sdf/arena.c \
	tool/sdf/attribute.c \
	tool/sdf/check.c \
	tool/sdf/check_maps.c \
	tool/sdf/messages.c \
	tool/sdf/read.c \
	tool/sdf/read_pd.c \
	tool/sdf/read_region.c \
	tool/sdf/read_vm.c \
	tool/sdf/xml.c

include tool/vmconf/files.mk
