# SPDX-License-Identifier: BSD-2-Clause
# Unit tests of the plugin that counts instructions, against a fake of QEMU.

unit_tests += bench_options
unit_test_bench_options := tests/unit/bench/options_test.c bench/plugin/options.c

# On both versions of QEMU's interface that Debian has.
bench_count_sources := tests/unit/bench/count_test.c tests/unit/bench/fake/qemu.c \
	bench/plugin/count.c bench/plugin/options.c bench/plugin/versions.c

unit_tests += bench_count_version1
unit_test_bench_count_version1 := $(bench_count_sources) tests/unit/bench/fake/version1.c

unit_tests += bench_count_version4
unit_test_bench_count_version4 := $(bench_count_sources) tests/unit/bench/fake/version4.c

unit_tests += bench_entries
unit_test_bench_entries := tests/unit/bench/entries_test.c tests/unit/bench/fake/qemu.c \
	bench/plugin/entries.c bench/plugin/versions.c tests/unit/bench/fake/version4.c
