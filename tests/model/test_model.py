# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's model test (docs/model.md): many seeds, and some of them under the sanitizers; with `make
soak` always others."""

import os
import time

import pytest

import conftest
from conftest import BUILD, amount, good

SEEDS = int(os.environ.get("MODEL_SEEDS", amount("6000", "100000")))
PARTS = 4
FIRST = amount(1, int(time.time()) << 20)


def run(program, *arguments):
    return good(conftest.run([BUILD / "model" / program, *arguments])).stdout


@pytest.mark.takes(30)
@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_seeds(part):
    count = SEEDS // PARTS
    assert f"{count} seeds" in run("model", "--seed", FIRST + part * count, "--seeds", count, "--steps", 800)


@pytest.mark.takes(20)
@pytest.mark.soak
def test_seeds_under_sanitizers():
    run("model-sanitized", "--seed", FIRST + 1000000, "--seeds", amount(500, 5000), "--steps", 600)
