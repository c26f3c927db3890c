#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""`make coverage`: which lines of the kernel unit tests and the model, on the build machine, and the
systems of tests/target, on QEMU, reach together. Writes two tables into a document, behind the line
that says so, and keeps what was written there by hand: why something is not reached.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../bench"))

import gcov_lines  # noqa: E402
from entries import Kernel, System  # noqa: E402

MARK = "<!-- From here on written by make coverage, but for the last column. -->"
ROW = re.compile(r"^\| `([^`]+)` \| (\d+) \| ?(.*?) ?\|$", re.M)
FUNCTION = re.compile(r"^(?!static_assert|_Static_assert)\w[^;{}()=]*?\b(\w+)\([^;{}]*?\)\s*\{", re.M)


class Coverage:
    """Lines of the kernel's sources, and who reached them. Where functions begin and end does not
    count: those that the optimised kernel has in another have no instruction for it."""

    def __init__(self, sources):
        self.lines = {file: set() for file in sources}  # that are code
        self.edges = {file: function_edges(file) for file in sources}
        self.host = defaultdict(set)  # by file
        self.target = defaultdict(set)

    def add_host(self, found):
        for file in self.lines:
            for line, count in found.get(file, {}).items():
                if line in self.edges[file]:
                    continue
                self.lines[file].add(line)
                if count > 0:
                    self.host[file].add(line)

    def add_target(self, kernel, executed):
        """Lines that only optimised code has are those of files that are not compiled for the host."""
        counted = {file for file, lines in self.lines.items() if lines}
        for address, frames in kernel.frames.items():
            for _, file, line in frames:
                if file not in self.lines or line in self.edges[file]:
                    continue
                if file not in counted:
                    self.lines[file].add(line)
                if address in executed:
                    self.target[file].add(line)

    def reached(self, file):
        return (self.host[file] | self.target[file]) & self.lines[file]

    def missed(self):
        """By "file: function": those of its lines that nobody reached."""
        functions = defaultdict(list)
        for file, lines in sorted(self.lines.items()):
            starts = function_starts(file)
            for line in lines - self.reached(file):
                name = next((name for start, name in reversed(starts) if start <= line), "")
                functions[f"{file}: {name}"].append(line)
        return dict(sorted(functions.items()))


def function_starts(file):
    """(line, name), ascending."""
    text = Path(file).read_text(encoding="utf-8")
    if file.endswith(".S"):
        found = re.finditer(r"^([A-Za-z_]\w*):", text, re.M)
    else:
        found = FUNCTION.finditer(text)
    return [(text.count("\n", 0, match.start()) + 1, match[1]) for match in found]


def function_edges(file):
    """Lines of functions' heads and of closing braces."""
    text = Path(file).read_text(encoding="utf-8")
    edges = {number for number, line in enumerate(text.splitlines(), 1) if line == "}"}
    for match in [] if file.endswith(".S") else FUNCTION.finditer(text):
        first, last = (text.count("\n", 0, at) + 1 for at in match.span())
        edges.update(range(first, last + 1))
    return edges


def run_host(commands, folders):
    for folder in folders:
        gcov_lines.forget(folder)
    for command in commands:
        print(f"coverage: {command}", file=sys.stderr, flush=True)
        subprocess.run(shlex.split(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    merged = defaultdict(lambda: defaultdict(int))
    for folder in folders:
        for file, lines in gcov_lines.read(folder).items():
            for line, count in lines.items():
                merged[file][line] += count
    return merged


def percent(part, whole):
    return f"{100 * len(part) / len(whole):.0f}" if whole else "-"


def table(coverage):
    yield "| file | lines | host % | target % | together % |"
    yield "|---|---|---|---|---|"
    every, reached = set(), set()
    for file, lines in coverage.lines.items():
        if not lines:
            continue
        both = coverage.reached(file)
        host, target = coverage.host[file] & lines, coverage.target[file] & lines
        figures = [percent(part, lines) for part in (host, target, both)]
        yield f"| {file} | {len(lines)} | {' | '.join(figures)} |"
        every |= {(file, line) for line in lines}
        reached |= {(file, line) for line in both}
    yield f"| together | {len(every)} | | | {percent(reached, every)} |"


def reasons(coverage, old):
    yield "| not reached | lines | why |"
    yield "|---|---|---|"
    for name, lines in coverage.missed().items():
        yield f"| `{name}` | {len(lines)} | {old.get(name, '')} |"


def write(document, coverage):
    """Returns what has no reason, with its lines."""
    text = document.read_text(encoding="utf-8")
    old = {name: why for name, _, why in ROW.findall(text)}
    head = text[: text.index(MARK) + len(MARK)]
    body = "\n".join([*table(coverage), "", *reasons(coverage, old)])
    document.write_text(f"{head}\n\n{body}\n", encoding="utf-8")
    missed = coverage.missed().items()
    return [f"{name}: {gcov_lines.ranges(lines)}" for name, lines in missed if not old.get(name)]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--document", required=True, type=Path)
    parser.add_argument("--objects", action="append", default=[], type=Path, help="compiled with --coverage")
    parser.add_argument("--run", action="append", default=[], help="a command that executes them")
    parser.add_argument("--source", action="append", default=[], help="of the kernel")
    parser.add_argument("--plugin", required=True, type=Path)
    parser.add_argument("--kernel", action="append", required=True, type=Path)
    parser.add_argument("--cross", required=True)
    parser.add_argument("--qemu", required=True)
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--again", action="store_true", help="with what earlier runs of systems left")
    parser.add_argument("systems", nargs="*", type=System.parse)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    coverage = Coverage(arguments.source)
    coverage.add_host(run_host(arguments.run, arguments.objects))
    kernels = [Kernel(path, arguments.cross) for path in arguments.kernel]
    arguments.folder.mkdir(parents=True, exist_ok=True)
    executed = defaultdict(set)
    for system in arguments.systems:
        out = arguments.folder / f"{system.name}.entries"
        if arguments.again and out.is_file():
            found = system.read(kernels, out)
        else:
            print(f"coverage: {system.name}", file=sys.stderr, flush=True)
            found = system.run(shlex.split(arguments.qemu), arguments.plugin, kernels, out)
        executed[found.kernel] |= set(found.executed)
    for kernel in kernels:
        coverage.add_target(kernel, executed[kernel])
    unexplained = write(arguments.document, coverage)
    print("\n".join(table(coverage)))
    for name in unexplained:
        print(f"no reason: {name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
