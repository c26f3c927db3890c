# SPDX-License-Identifier: BSD-2-Clause
"""Every command in the documents runs: blocks fenced as sh, in the checkout's root."""

import os
import re
import subprocess

import pytest

from conftest import BUILD, ROOT

FILES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    + list((ROOT / "docs").rglob("*.md"))
    + list((ROOT / "systems").glob("*/README.md"))
)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
# What runs these tests, and what CI runs besides.
SKIPPED = re.compile(r"^make (test|check|unit)\b.*\n", re.M)
SCRIPTS = {
    str(path.relative_to(ROOT)): SKIPPED.sub("", "".join(BLOCK.findall(path.read_text())))
    for path in FILES
}


@pytest.mark.parametrize("name", [name for name, script in SCRIPTS.items() if script.strip()])
def test_commands(name):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    clean.pop("MFLAGS", None)
    clean.update(BUILD_DIR=str(BUILD), TIMEOUT="120")
    # All of `make bench` takes minutes, and fetches Xen.
    clean.update(BENCH="bare sluice times", BENCH_QUICK="yes")
    done = subprocess.run(
        ["sh", "-eu", "-c", SCRIPTS[name]],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env=clean,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
