# SPDX-License-Identifier: BSD-2-Clause
"""What the tests share: the build directory, make, and machines with a guest's console."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "bench")]

from console import Console  # noqa: E402

BUILD = Path(os.environ.get("SLUICE_BUILD", ROOT / "build")).resolve()
BOOT_TIMEOUT = 120  # seconds for anything a guest does; a test ends long before, or has failed


def make(*arguments, stdin="", env=None, timeout=600):
    """Runs make in the checkout with the tests' build directory unless the arguments name one."""
    command = ["make", "--no-print-directory"]
    if not any(str(argument).startswith("BUILD_DIR=") for argument in arguments):
        command.append(f"BUILD_DIR={BUILD}")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    clean.pop("MFLAGS", None)
    clean.update(env or {})
    return subprocess.run(
        command + [str(argument) for argument in arguments],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        env=clean,
        timeout=timeout,
        check=False,
    )


def good_make(*arguments, **options):
    done = make(*arguments, **options)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done


@pytest.fixture(scope="session")
def build_dir():
    return BUILD


@pytest.fixture
def disk(tmp_path):
    """A fresh disk image of the test's own."""
    path = tmp_path / "disk.img"
    subprocess.run(
        [ROOT / "guest/disk.py", "create", path, "--size", "32M"], check=True, capture_output=True
    )
    return path


@pytest.fixture
def machine(request, tmp_path):
    """Builds a system and starts it: machine(system, config="debug", *make variables)."""
    consoles = []

    def start(system="passthrough", config="debug", *variables, prefix=()):
        arguments = [f"SYSTEM={system}", f"CONFIG={config}", *variables]
        good_make("image", *arguments)
        line = good_make("-s", "qemu-line", *arguments).stdout.strip().splitlines()[-1]
        log = open(tmp_path / f"console-{len(consoles)}.log", "wb")
        console = Console([*prefix, *shlex.split(line)], timeout=BOOT_TIMEOUT, log=log, cwd=str(ROOT))
        consoles.append(console)
        return console

    yield start
    for console in consoles:
        console.kill()
