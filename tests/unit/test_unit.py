# SPDX-License-Identifier: BSD-2-Clause
"""The unit tests in C: one test here for each executable that make built."""

import os
import subprocess

import pytest

from conftest import BUILD

NAMES = os.environ.get("SLUICE_UNIT_TESTS", "").split()


@pytest.mark.parametrize("name", NAMES)
def test_unit(name):
    done = subprocess.run(
        [BUILD / "unit" / name], capture_output=True, text=True, errors="replace", timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
