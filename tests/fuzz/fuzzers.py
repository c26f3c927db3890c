# SPDX-License-Identifier: BSD-2-Clause
"""The fuzzers as make describes them, and what of their files inputs reach."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import gcov_lines  # noqa: E402


@dataclass(frozen=True)
class Fuzzer:
    name: str
    program: Path  # with gcc's counters
    objects: Path
    covers: tuple  # the files that it is there for
    folders: tuple  # of seeds

    @property
    def kept(self):
        """Where the tree has, or may have, its seeds."""
        return ROOT / "tests/fuzz/corpus" / self.name

    @property
    def seeds(self):
        return sorted(path for folder in self.folders for path in folder.iterdir())

    def run(self, inputs):
        """{file: {line: how often}} of what it is there for, with these inputs and no others."""
        gcov_lines.forget(self.objects)
        done = subprocess.run(
            [self.program, *inputs],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            errors="replace",
            timeout=300,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"{self.name} fails on its seeds:\n{done.stderr[-2000:]}")
        found = gcov_lines.read(self.objects)
        return {file: found[file] for file in self.covers}


def parse(text):
    """NAME|PROGRAM|OBJECTS|FILE FILE...|FOLDER FOLDER..."""
    name, program, objects, covers, folders = text.split("|")
    return Fuzzer(
        name,
        Path(program).resolve(),
        Path(objects),
        tuple(covers.split()),
        tuple(map(Path, folders.split())),
    )
