# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's model test (docs/model.md): many seeds, and some of them under the sanitizers."""

import os
import subprocess

from conftest import BUILD

SEEDS = int(os.environ.get("MODEL_SEEDS", "10000"))


def run(program, *arguments):
    done = subprocess.run(
        [BUILD / "model" / program, *map(str, arguments)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]
    return done.stdout


def test_seeds():
    assert f"{SEEDS} seeds" in run("model", "--seeds", SEEDS, "--steps", 800)


def test_seeds_under_sanitizers():
    run("model-sanitized", "--seed", 1000001, "--seeds", 500, "--steps", 600)
