# SPDX-License-Identifier: BSD-2-Clause
"""Runs a machine with bench/plugin/count.c, reads what it wrote, and names addresses.

The plugin's classes come from the report of the image: "kernel"; "programs", the native ones;
"guest-kernel" and "guest-user", which share the guest's RAM; whatever is left is "other".
"""

import bisect
import re
import subprocess
from collections import defaultdict
from pathlib import Path

# Guests' kernels run in the upper half of the address space, and until their MMU is on where they
# were loaded.
UPPER_HALF = "v0xffff000000000000+0x1000000000000"

# Instructions that can be marks, too: where the core sleeps, and where the kernel is left.
WFI, ERET = 100, 101
OPCODES = {WFI: 0xD503207F, ERET: 0xD69F03E0}

MEMORY = re.compile(r"^  0x(\w+)\.\.0x(\w+) +\S+ \w+  (\S+) +(.+)$", re.M)
MAP = re.compile(r"^  map +0x(\w+) +(\d+) (\w+) -> 0x(\w+)  r.x", re.M)
UNITS = {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
BOARD = re.compile(r"^# Image for board (\S+),", re.M)
PD = re.compile(r"^# Protection domain (\S+)\n\n  program +(.+), entry", re.M)


class Report:
    """What `microkit -r` says of an image."""

    def __init__(self, path):
        text = Path(path).read_text(encoding="utf-8")
        self.board = (BOARD.findall(text) or [""])[0]
        self.memory = [
            (int(start, 16), int(end, 16), owner, what)
            for start, end, owner, what in MEMORY.findall(text)
        ]
        self.programs = dict(PD.findall(text))
        self.guests = [  # (address, size, physical address) of each piece of RAM
            [
                (int(start, 16), int(size) * UNITS[unit], int(physical, 16))
                for start, size, unit, physical in MAP.findall(section.split("\n# Protection domain")[0])
            ]
            for section in text.split("\n# Virtual machine")[1:]
        ]
        self.guest_ram = [piece for guest in self.guests for piece in guest]

    def size(self, what, owner=None):
        """Bytes of all memory of a kind."""
        return sum(
            end - start for start, end, of, kind in self.memory if kind == what and owner in (None, of)
        )

    def kinds(self):
        return {what for _, _, _, what in self.memory}

    def classes(self):
        """The plugin's class arguments."""
        for start, end, owner, what in self.memory:
            if (owner, what) == ("(kernel)", "text and data"):
                yield f"class=kernel:p{start:#x}+{end - start:#x}"
            elif what.startswith("program, "):
                yield f"class=programs:p{start:#x}+{end - start:#x}"
        for start, size, physical in self.guest_ram:
            ram = f"p{physical:#x}+{size:#x}"
            yield f"class=guest-kernel:{UPPER_HALF}:{ram}"
            yield f"class=guest-kernel:v{start:#x}+{size:#x}:{ram}"
            yield f"class=guest-user:{ram}"


class Counts:
    """What the plugin wrote."""

    def __init__(self, path):
        self.classes, self.marks, self.total = [], [], None
        self.blocks = []  # (virtual, physical, class, mark, instructions)
        with open(path, encoding="utf-8") as file:
            for line in file:
                kind, *words = line.split()
                if kind == "classes":
                    self.classes = words
                elif kind == "mark":
                    self.marks.append((int(words[0]), [int(word) for word in words[2:]]))
                elif kind == "total":
                    self.total = [int(word) for word in words]
                elif kind == "block":
                    virtual, physical, of, mark, count = words
                    physical = None if physical == "-" else int(physical, 16)
                    mark = None if mark == "-" else int(mark)
                    self.blocks.append((int(virtual, 16), physical, of, mark, int(count)))

    def index(self, name):
        return self.classes.index(name)


def plugin(path, out, classes, marks=(), profiled=False):
    """QEMU's arguments; `marks` are WFI or ERET."""
    words = [str(path), f"out={out}", *classes]
    words += [f"mark={OPCODES[mark]:#x}:{mark}" for mark in marks]
    words += ["profile=on"] if profiled else []
    return ["-plugin", ",".join(words)]


class Symbols:
    """The functions of an ELF file, or symbols of other types."""

    def __init__(self, nm, path, types="tTwW"):
        output = subprocess.run([nm, "-n", str(path)], capture_output=True, text=True, check=True)
        found = re.findall(rf"^(\w+) [{types}] ([^$\s]\S*)$", output.stdout, re.M)
        self.functions = [(int(address, 16), name) for address, name in found]
        self.starts = [address for address, _ in self.functions]

    def name(self, address):
        index = bisect.bisect_right(self.starts, address) - 1
        return self.functions[index][1] if index >= 0 else hex(address)


class Names:
    """Who executes an instruction: the kernel's function, or the program and its function."""

    def __init__(self, report, kernel, nm):
        self.report, self.nm = report, nm
        self.kernel = Symbols(nm, kernel)
        self.programs = {}

    def name(self, virtual, physical, of):
        if of == "kernel":
            return self.kernel.name(virtual)
        if of != "programs":
            return of
        for start, end, owner, what in self.report.memory:
            if what.startswith("program, ") and physical is not None and start <= physical < end:
                if owner not in self.programs:
                    self.programs[owner] = Symbols(self.nm, self.report.programs[owner])
                return f"{owner}: {self.programs[owner].name(virtual)}"
        return of


def profile(counts, names):
    """By mark: a dictionary of functions and their instructions."""
    by_mark = defaultdict(lambda: defaultdict(int))
    for virtual, physical, of, mark, count in counts.blocks:
        by_mark[mark][names.name(virtual, physical, of)] += count
    return by_mark
