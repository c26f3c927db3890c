# SPDX-License-Identifier: BSD-2-Clause
"""Every fuzzer for a few seconds, from its seeds: what a change broke shows soon. And what of the
code that it is there for the seeds reach: docs/fuzzing.md says how much that has to be."""

import os

import pytest

from conftest import BUILD, good_make, make

NAMES = os.environ.get("SLUICE_FUZZ_TESTS", "").split()
SECONDS = os.environ.get("SLUICE_FUZZ_SECONDS", "2")
# In the suite the same way each time: what it finds is there in each run, and whose change it is of.
SEED = "0" if "SLUICE_FUZZ_SECONDS" in os.environ else "1"


@pytest.mark.soak
@pytest.mark.parametrize("name", NAMES)
def test_short_run(name, evidence):
    done = make(f"fuzz-{name}", f"FUZZ_SECONDS={SECONDS}", f"FUZZ_SEED={SEED}", writes=f"fuzz/{name}")
    if done.returncode != 0:
        for file in [BUILD / f"fuzz/{name}.log", *BUILD.glob(f"fuzz/{name}-*-*")]:
            evidence.keep(file)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_coverage():
    good_make("fuzz-coverage", writes="fuzz-coverage")
