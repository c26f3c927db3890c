# SPDX-License-Identifier: BSD-2-Clause
# Unit tests of tool/microkit. tests/sdf runs the whole program.

unit_test_microkit_ranges := tests/unit/tool/microkit/ranges_test.c tool/microkit/ranges.c \
	tool/sdf/arena.c
unit_tests += microkit_ranges

unit_test_microkit_board_conf := tests/unit/tool/microkit/board_conf_test.c \
	tool/microkit/board_conf.c
unit_tests += microkit_board_conf

unit_test_microkit_board := tests/unit/tool/microkit/board_test.c tool/microkit/board.c \
	tool/microkit/board_conf.c tool/microkit/board_gic.c tool/microkit/board_its.c tool/microkit/board_tree.c \
	tool/microkit/file.c tool/sdf/arena.c
unit_libs_microkit_board := -lfdt
unit_tests += microkit_board

unit_test_microkit_board_its := tests/unit/tool/microkit/board_its_test.c $(filter tool/%,$(unit_test_microkit_board))
unit_libs_microkit_board_its := -lfdt
unit_tests += microkit_board_its

unit_test_microkit_senders := tests/unit/tool/microkit/senders_test.c tool/microkit/senders.c \
	tool/microkit/board_its.c tool/microkit/board_tree.c tool/sdf/arena.c tool/sdf/messages.c
unit_libs_microkit_senders := -lfdt
unit_tests += microkit_senders

unit_test_microkit_program := tests/unit/tool/microkit/program_test.c tool/microkit/program.c \
	tool/microkit/file.c tool/sdf/arena.c
unit_libs_microkit_program := -lelf
unit_tests += microkit_program

unit_test_microkit_symbols := tests/unit/tool/microkit/symbols_test.c tool/microkit/symbols.c \
	tool/sdf/arena.c
unit_libs_microkit_symbols := -lelf
unit_tests += microkit_symbols
