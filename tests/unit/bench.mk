# SPDX-License-Identifier: BSD-2-Clause
# Unit tests of the plugin that counts instructions, against a fake of QEMU.

unit_tests += bench_options
unit_test_bench_options := tests/unit/bench/options_test.c bench/plugin/options.c

unit_tests += bench_count
unit_test_bench_count := tests/unit/bench/count_test.c bench/plugin/count.c bench/plugin/options.c
