# SPDX-License-Identifier: BSD-2-Clause
"""Every command in the documents runs: blocks fenced as sh, in the checkout's root."""

import re

import pytest

from conftest import BUILD_DIR, LIMIT, ROOT, alone, clean_environment, good, run

FILES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    + list((ROOT / "docs").rglob("*.md"))
    + list((ROOT / "systems").glob("*/README.md"))
)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
# What runs these tests, what CI runs besides, and what test_bench.py and test_bench_guest.py run.
SKIPPED = re.compile(r"^make (test|check|unit|soak|bench\S*)\b.*\n", re.M)
SCRIPTS = {
    str(path.relative_to(ROOT)): SKIPPED.sub("", "".join(BLOCK.findall(path.read_text())))
    for path in FILES
}


@pytest.mark.takes(20)
@pytest.mark.parametrize("name", [name for name, script in SCRIPTS.items() if script.strip()])
def test_commands(name):
    environment = clean_environment(BUILD_DIR=BUILD_DIR, TIMEOUT=str(int(LIMIT)))
    with alone():
        good(run(["sh", "-eu", "-c", SCRIPTS[name]], env=environment))
