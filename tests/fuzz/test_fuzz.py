# SPDX-License-Identifier: BSD-2-Clause
"""Every fuzzer for a few seconds, from its seeds: what a change broke shows soon. And what of the
code that it is there for the seeds reach: docs/fuzzing.md says how much that has to be."""

from conftest import good_make


def test_short_run():
    good_make("fuzz", "FUZZ_SECONDS=2")


def test_coverage():
    good_make("fuzz-coverage")
