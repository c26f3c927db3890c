#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""`make bench-worst`: the longest that the kernel ran with interrupts masked, by kind of entry, over
the systems of tests/target. docs/performance.md says what the figures are.
"""

import argparse
import shlex
import sys
from collections import defaultdict
from pathlib import Path

from entries import EntriesError, Kernel, Kind, System

FUNCTIONS = 12  # lines of a profile
LIMIT = 1500


def merge(kinds, of):
    for name, kind in of.items():
        kinds[name].add(kind)


def print_table(title, kinds):
    print(f"\n{title}\n{'longest':>10}{'entries':>10}  kind (system)")
    for name, kind in sorted(kinds.items(), key=lambda item: (-item[1].longest, item[0])):
        mark = " *" if kind.longest > LIMIT else ""
        print(f"{kind.longest:10,}{kind.entries:10,}  {name} ({kind.where}){mark}")


def print_profile(name, kind):
    print(f"\n{name} ({kind.where}): {kind.longest:,} instructions")
    ordered = sorted(kind.functions.items(), key=lambda item: (-item[1], item[0]))
    for function, count in ordered[:FUNCTIONS]:
        print(f"{count:10,}  {function}")
    rest = sum(count for _, count in ordered[FUNCTIONS:])
    if rest:
        print(f"{rest:10,}  (others)")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugin", required=True, type=Path, help="bench/plugin/entries.c, built")
    parser.add_argument("--kernel", action="append", required=True, type=Path, help="ELF files")
    parser.add_argument("--cross", required=True, help="prefix of nm and addr2line")
    parser.add_argument("--qemu", required=True, help="with machine and processor")
    parser.add_argument("--folder", required=True, type=Path, help="where results go")
    parser.add_argument("systems", nargs="+", type=System.parse, help="NAME:CORES:IMAGE")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    kernels = [Kernel(path, arguments.cross) for path in arguments.kernel]
    by_cores = defaultdict(lambda: defaultdict(Kind))
    for system in arguments.systems:
        print(f"bench: {system.name}", file=sys.stderr, flush=True)
        out = arguments.folder / f"{system.name}.entries"
        try:
            found = system.run(shlex.split(arguments.qemu), arguments.plugin, kernels, out)
        except (EntriesError, OSError) as problem:
            print(f"bench: {problem}", file=sys.stderr)
            return 1
        merge(by_cores[system.cores], found.kinds)
    for cores, kinds in sorted(by_cores.items()):
        print_table(f"{cores} {'core' if cores == 1 else 'cores'}", kinds)
    for _, kinds in sorted(by_cores.items()):
        longest = max(kinds, key=lambda name: kinds[name].longest)
        beyond = {name for name in kinds if kinds[name].longest > LIMIT}
        for name in sorted(beyond | {longest}, key=lambda name: -kinds[name].longest):
            print_profile(name, kinds[name])
    return 0


if __name__ == "__main__":
    sys.exit(main())
