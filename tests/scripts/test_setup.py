# SPDX-License-Identifier: BSD-2-Clause
"""Set-up: which packages which target needs, installed by an apt that is made here."""

import os
import re
import shutil
import subprocess

import pytest

from conftest import ROOT

PACKAGES = ROOT / "packages.txt"
PARTS = ["run", "disk", "tap", "picture", "gdb", "test"]

# Keeps a list of what is installed, and has every package but those with -14- in their name.
TOOLS = {
    "dpkg-query": 'for name; do :; done; grep -qx "$name" installed && printf installed',
    "apt-cache": 'case $2 in *-14-*) exit 1 ;; esac',
    "apt-get": 'for word; do case $word in install | update | -*) ;; *) echo "$word" >>installed ;; esac; done',
    "id": "echo 0",
}


def read_packages():
    """Part to its packages, the alternatives of one in a tuple."""
    found = {}
    for line in PACKAGES.read_text().splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            part = found.setdefault(line[1:-1], [])
        elif line:
            part.append(tuple(re.split(r" *\| *", line)))
    return found


@pytest.fixture
def set_up(tmp_path):
    """set_up(PART...): the names that are then installed."""
    for name, script in TOOLS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "installed").touch()

    def run(*parts):
        environment = dict(os.environ, PATH=f"{tmp_path}:{os.environ['PATH']}")
        command = [ROOT / "scripts/setup.sh", PACKAGES, *parts]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return (tmp_path / "installed").read_text().split(), done.stdout

    return run


def test_parts_are_known():
    assert list(read_packages()) == PARTS


def test_run_installs_what_it_needs_alone(set_up):
    installed, _ = set_up("run")
    assert [(name,) for name in installed] == read_packages()["run"]


def test_all_parts_and_alternatives(set_up):
    installed, _ = set_up(*PARTS)
    wanted = [names for part in PARTS for names in read_packages()[part]]
    assert len(installed) == len(wanted)
    assert "libclang-rt-19-dev" in installed and "libclang-rt-14-dev" not in installed
    assert set_up(*PARTS) == (installed, "")  # nothing is left to do


@pytest.mark.parametrize(
    "goals, parts",
    [
        (["run"], "run"),
        (["run", "NET=tap"], "run-tap"),
        (["demo", "EXTENSIONS=no"], "run"),
        (["sdk", "image"], "run"),
        (["picture"], "run-picture"),
        (["dts", "gdb"], "run-gdb"),
        (["setup"], "run-disk-tap-picture-gdb-test"),
        (["test"], "run-disk-tap-picture-gdb-test"),
        (["image", "check"], "run-disk-tap-picture-gdb-test"),
        (["compile_commands.json"], "run-disk-tap-picture-gdb-test"),
    ],
)
def test_targets_and_parts(tmp_path, goals, parts):
    """Make includes a stamp for each set of parts, which setup.sh makes; here it is a fake."""
    makefile = tmp_path / "Makefile"
    makefile.write_text(
        f"BUILD_DIR := build\ngoals := $(MAKECMDGOALS)\ninclude {ROOT}/mk/setup.mk\n%:\n\t@:\n"
    )
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/setup.sh").write_text('#!/bin/sh\nshift\necho "parts: $*"\n')
    (tmp_path / "scripts/setup.sh").chmod(0o755)
    (tmp_path / "packages.txt").touch()
    done = subprocess.run(
        ["make", *goals],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"parts: {parts.replace('-', ' ')}\n" in done.stdout
    assert os.listdir(tmp_path / "build") == [f"setup-{parts}.mk"]


# What there is on a machine with git and make alone, as far as make's first reading may use it.
BARE = ("sh", "make", "sed", "uname", "git", "mkdir", "touch", "cat", "echo", "nproc")
ONE_GOAL = "setup run image test check gdb lspci soak".split()
SEVERAL_GOALS = [[goal] for goal in ONE_GOAL] + [["demo", "SYSTEM=pci.system"]]


@pytest.mark.parametrize("goals", SEVERAL_GOALS, ids=" ".join)
def test_nothing_is_asked_before_set_up(tmp_path, goals):
    """Whatever make wants to know of the machine, set-up comes first: also when packages.txt is newer than it."""
    tree = tmp_path / "tree"
    shutil.copytree(ROOT, tree, symlinks=True, ignore=shutil.ignore_patterns(".git", ".cache", "build*"))
    (tmp_path / "bin").mkdir()
    for name in BARE:
        os.symlink(shutil.which(name), tmp_path / "bin" / name)
    (tree / "scripts/setup.sh").write_text("#!/bin/sh\nshift\necho set-up\nexit 1\n")
    environment = {"PATH": str(tmp_path / "bin")}
    for stamps in ((), ("run", "run-gdb", "run-disk-tap-picture-gdb-test")):
        (tree / "build").mkdir(exist_ok=True)
        for stamp in stamps:
            (tree / f"build/setup-{stamp}.mk").touch()
            os.utime(tree / f"build/setup-{stamp}.mk", (0, 0))
        command = ["make", *goals]
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, check=False
        )
        assert done.stdout == "set-up\n" and done.returncode != 0
        *notes, error = done.stderr.splitlines()
        assert re.fullmatch(r"make: \*\*\* \[mk/setup\.mk:\d+: \S+\] Error 1", error), done.stderr
        assert all(note.endswith("No such file or directory") for note in notes), done.stderr
