# SPDX-License-Identifier: BSD-2-Clause
"""Every command in the documents runs: blocks fenced as sh, in the checkout's root; those fenced as `sh soak`
by make soak alone, each by itself, and by the contract alone, too."""

import re
import subprocess
from pathlib import Path

import pytest

from conftest import BUILD_DIR, EXTENSIONS, LIMIT, ROOT, alone, clean_environment, good, run

FILES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    + list((ROOT / "docs").rglob("*.md"))
    + list((ROOT / "systems").glob("*/README.md"))
)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
# What runs these tests, what CI runs besides, and what test_bench.py and test_bench_guest.py run.
SOAK_BLOCK = re.compile(r"^```sh soak\n(.*?)^```$", re.M | re.S)
SKIPPED = re.compile(r"^make (test|check|unit|soak|bench\S*)\b.*\n", re.M)
SCRIPTS = {
    str(path.relative_to(ROOT)): SKIPPED.sub("", "".join(BLOCK.findall(path.read_text())))
    for path in FILES
}


def marks(name):
    """Systems of their own are run by others, too; here their documents' words count."""
    is_system = name.startswith("systems/") and name != "systems/simple/README.md"
    return [pytest.mark.soak(only=True)] if is_system else []


@pytest.mark.takes(20)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=marks(name)) for name, script in SCRIPTS.items() if script.strip()]
)
def test_commands(name):
    environment = clean_environment(BUILD_DIR=BUILD_DIR, TIMEOUT=str(int(LIMIT)))
    with alone():
        good(run(["sh", "-eu", "-c", SCRIPTS[name]], env=environment))


SOAK_SCRIPTS = [
    (f"{path.relative_to(ROOT)}-{number}", script)
    for path in FILES
    for number, script in enumerate(SOAK_BLOCK.findall(path.read_text()), start=1)
]


def have_qemu_user():
    """What runs the programs of arm64 packages has to be known to the kernel: systemd tells it, where it runs."""
    here = Path("/proc/sys/fs/binfmt_misc")
    if not (here / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", here], check=False)
    if not (here / "qemu-aarch64").exists():
        rule = Path("/usr/lib/binfmt.d/qemu-aarch64.conf")
        with open(here / "register", "w", encoding="utf-8") as file:
            file.write([line for line in rule.read_text().splitlines() if line.startswith(":")][0])


@pytest.mark.soak(only=True)
@pytest.mark.takes(300)
@pytest.mark.parametrize("extensions", EXTENSIONS)
@pytest.mark.parametrize(("name", "script"), SOAK_SCRIPTS, ids=[name for name, _ in SOAK_SCRIPTS])
def test_long_commands(name, script, extensions):
    if "mmdebstrap" in script:
        have_qemu_user()
    environment = clean_environment(BUILD_DIR=BUILD_DIR, TIMEOUT=str(int(LIMIT)), **dict(one.split("=") for one in extensions))
    with alone():
        done = run(["sh", "-eu", "-c", script], env=environment, timeout=24 * LIMIT)
    if done.returncode != 0 and "the installer's own parts have to be there" in done.stderr:
        pytest.skip("the archive that this machine's apt uses has no parts of Debian's installer")
    good(done)
