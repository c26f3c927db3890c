# SPDX-License-Identifier: BSD-2-Clause
"""The unit tests in C: one test here for each executable that make built."""

import os

import pytest

from conftest import BUILD, run

NAMES = os.environ.get("SLUICE_UNIT_TESTS", "").split()


@pytest.mark.parametrize("name", NAMES)
def test_unit(name):
    done = run([BUILD / "unit" / name])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
