#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""`make bench-guest-profile`: with a Linux guest on Sluice, which functions of the kernel and the
VMM execute the instructions outside of the guest: of its boot, of an interrupt, of a timer tick.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../scripts"))

from bench_counts import Counts, Names, plugin, profile  # noqa: E402
from machine import BenchError, Setup, null_disk, parse_peer  # noqa: E402
from session import MARKS, run  # noqa: E402

READS, TICKS = 2000, 300
QUICK_READS, QUICK_TICKS = 200, 30
FUNCTIONS = 25  # lines of a list


def play_full(session):
    return session.work("block-random", READS), session.work("timer", TICKS)


def play_quick(session):
    return session.work("block-random", QUICK_READS), session.work("timer", QUICK_TICKS)


def print_functions(title, functions, by):
    """Instructions of each function, divided; the guest's own are left out."""
    outside = {name: n for name, n in functions.items() if not name.startswith("guest-")}
    ordered = sorted(outside.items(), key=lambda item: (-item[1], item[0]))
    print(f"\n{title}")
    for name, instructions in ordered[:FUNCTIONS]:
        print(f"{instructions / by:12,.1f}  {name}")
    rest = sum(instructions for _, instructions in ordered[FUNCTIONS:])
    if rest:
        print(f"{rest / by:12,.1f}  (others)")
    print(f"{sum(outside.values()) / by:12,.1f}  together")


def print_profile(peer, setup, arguments):
    report = peer.report()
    if report is None:
        raise BenchError(f"peer {peer.name}: no report beside {peer.path}")
    out = setup.folder / f"profile-{peer.name}.counts"
    command = peer.command(setup, null_disk()) + ["-icount", "shift=0"]
    command += plugin(arguments.plugin, out, peer.classes(), profiled=True)
    play = play_quick if arguments.quick else play_full
    (reads, timer), _ = run(command, setup.folder / f"profile-{peer.name}.log", play, out)
    by_mark = profile(Counts(out), Names(report, arguments.kernel, arguments.nm))
    interrupts = reads.device_interrupts()
    print_functions(f"{peer.name}: boot, all instructions", by_mark[None], 1)
    title = (
        f"{peer.name}: {interrupts} disk interrupts and {reads.ticks()} timer ticks, by disk interrupt"
    )
    print_functions(title, by_mark[MARKS["block-random"]], interrupts)
    title = f"{peer.name}: {timer.ticks()} timer ticks, each"
    print_functions(title, by_mark[MARKS["timer"]], timer.ticks())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--plugin", required=True, type=Path)
    parser.add_argument("--qemu", required=True)
    parser.add_argument("--cpu", required=True)
    parser.add_argument("--load-address", required=True)
    parser.add_argument("--kernel", required=True, help="Sluice's, an ELF file")
    parser.add_argument("--nm", required=True)
    parser.add_argument("--select", default="", help="names of peers; none: all")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--peer", action="append", default=[], help="NAME=loader.img")
    arguments = parser.parse_args()
    setup = Setup(
        qemu=arguments.qemu,
        cpu=arguments.cpu,
        load_address=arguments.load_address,
        folder=arguments.folder,
    )
    try:
        peers = [parse_peer(text) for text in arguments.peer]
        chosen = [peer for peer in peers if peer.name in arguments.select.split()]
        for peer in chosen or peers:
            print_profile(peer, setup, arguments)
    except (BenchError, OSError) as problem:
        print(f"bench-guest-profile: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
