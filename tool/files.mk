# SPDX-License-Identifier: BSD-2-Clause
# Host programs. tool/sdf is linked into both.

tool_sdf_sources := \
	tool/sdf/arena.c \
	tool/sdf/attribute.c \
	tool/sdf/check.c \
	tool/sdf/check_board.c \
	tool/sdf/check_maps.c \
	tool/sdf/check_sense.c \
	tool/sdf/messages.c \
	tool/sdf/nearest.c \
	tool/sdf/read.c \
	tool/sdf/read_pd.c \
	tool/sdf/read_region.c \
	tool/sdf/read_vm.c \
	tool/sdf/xml.c

# All but main(), which unit tests replace.
tool_microkit_lib_sources := \
	tool/microkit/board.c \
	tool/microkit/board_conf.c \
	tool/microkit/board_gic.c \
	tool/microkit/board_its.c \
	tool/microkit/board_tree.c \
	tool/microkit/file.c \
	tool/microkit/layout.c \
	tool/microkit/options.c \
	tool/microkit/program.c \
	tool/microkit/programs.c \
	tool/microkit/ranges.c \
	tool/microkit/json.c \
	tool/microkit/move.c \
	tool/microkit/report.c \
	tool/microkit/report_dot.c \
	tool/microkit/report_json.c \
	tool/microkit/senders.c \
	tool/microkit/symbols.c \
	tool/microkit/tables.c

tool_microkit_sources := $(tool_microkit_lib_sources) tool/microkit/main.c

include tool/vmconf/files.mk
