#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What got worse from one run of `make bench` to another. Exits 1 if anything did, 2 if the runs
cannot be compared.

A figure is worse when it grew by more than its tolerance (bench/figures.py). Figures of the network
depend on the machine, so for them it is the ratio to bare QEMU in the same run that counts.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../scripts"))

from figures import BARE, FIGURES, NETWORK  # noqa: E402
from machine import BenchError  # noqa: E402
from results import load  # noqa: E402

# What nothing can be said about: less than an instruction, or a thousandth of a time.
SMALLEST = 1e-9


def measure(figure, results, peer):
    """The number that is compared, of which more is worse; None where there is none."""
    values = results.figures.get(figure.key, {})
    value = values.get(peer)
    return figure.ratio(value, values.get(BARE)) if figure.part == NETWORK else value


def changes(old, new):
    """(figure, peer, old, new, growth) of everything that both runs have."""
    for figure in FIGURES:
        for peer in [peer for peer in new.peers if peer in old.peers]:
            if figure.part == NETWORK and peer == BARE:
                continue
            before, after = measure(figure, old, peer), measure(figure, new, peer)
            if before is not None and after is not None:
                growth = after / before - 1 if before > SMALLEST else (1.0 if after > SMALLEST else 0.0)
                yield figure, peer, before, after, growth


def lost(old, new):
    """Figures of the old run that the new one tried and does not have."""
    for figure in FIGURES:
        for peer, value in old.figures.get(figure.key, {}).items():
            if (
                value is not None
                and peer in new.missing
                and new.figures.get(figure.key, {}).get(peer) is None
            ):
                yield figure, peer


def describe(figure, peer, before, after, growth):
    digits = 3 if figure.part == NETWORK else figure.digits
    unit = "x bare QEMU" if figure.part == NETWORK else figure.unit
    return (
        f"  {figure.title} ({peer}): {before:,.{digits}f} -> {after:,.{digits}f} {unit}".rstrip()
        + f", {growth:+.1%}; tolerance {figure.tolerance_of(peer):.0%}"
    )


def report(old, new):
    """Lines, and whether anything got worse."""
    compared = list(changes(old, new))
    if not compared:
        raise BenchError("the two runs have no figure in common")
    worse = [change for change in compared if change[4] > change[0].tolerance_of(change[1])]
    better = [change for change in compared if change[4] < -change[0].tolerance_of(change[1])]
    gone = list(lost(old, new))
    lines = [
        f"{name}: {old.versions.get(name, 'unknown')} -> {new.versions.get(name, 'unknown')}"
        for name in dict.fromkeys([*old.versions, *new.versions])
        if old.versions.get(name) != new.versions.get(name)
    ]
    if old.quick != new.quick:
        lines.append("one of them is a quick run: counts of short workloads are not those of long ones")
    for heading, found in (("worse:", worse), ("better:", better)):
        lines += [heading, *(describe(*change) for change in found)] if found else []
    lines += (
        ["no longer measured:", *(f"  {figure.title} ({peer})" for figure, peer in gone)] if gone else []
    )
    lines.append(f"{len(compared)} figures compared, {len(worse)} worse, {len(better)} better")
    return lines, bool(worse or gone)


def choose(arguments):
    """The two files: as named, else the newest of the folder."""
    found = sorted(arguments.folder.glob("results-*.json"))
    old, new = arguments.old, arguments.new
    if new is None and found:
        new = found[-1]
    if old is None:
        older = [path for path in found if new is None or path.resolve() != Path(new).resolve()]
        old = older[-1] if older else None
    if old is None or new is None:
        raise BenchError(f"{arguments.folder} has no two runs; name them with OLD= and NEW=")
    return old, new


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--old", type=Path)
    parser.add_argument("--new", type=Path)
    arguments = parser.parse_args()
    try:
        old, new = choose(arguments)
        print(f"old: {old}\nnew: {new}")
        lines, is_worse = report(load(old), load(new))
    except BenchError as problem:
        print(f"bench-compare: {problem}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 1 if is_worse else 0


if __name__ == "__main__":
    sys.exit(main())
