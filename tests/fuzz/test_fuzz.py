# SPDX-License-Identifier: BSD-2-Clause
"""Every fuzzer for a few seconds, from the seeds in the tree: what a change broke shows soon."""

from conftest import good_make


def test_short_run():
    good_make("fuzz", "FUZZ_SECONDS=5")
