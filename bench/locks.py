#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""`make bench-locks`: what becomes of a guest's spinlocks where another guest wants the same two cores
(systems/two-smp-guests), so that a vCPU is taken off its core while it has one. Prints a table, keeps
results as JSON; docs/performance.md explains it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../scripts"))

from console import ConsoleError  # noqa: E402
from guests import ICOUNT, OTHER, Pair, machine_line  # noqa: E402
from machine import BenchError  # noqa: E402
from results import now  # noqa: E402
from session import TIMEOUT  # noqa: E402

# Before, a core that is busy ran alone on the clock of -icount until it slept.
OLDEST = (8, 1)
COUNT, QUICK_COUNT = 200000, 20000
# Both vCPUs make and close file descriptors: each in a table of its own, or in one with a lock.
OWN, LOCK = "smp-own", "smp-lock"
# What the other guest does on both of its vCPUs.
STATES = {
    "stopped": None,
    "computes": "while :; do :; done & while :; do :; done",
    "does the same": f"while :; do bench {LOCK} 100000; done",
}
ALONE = "stopped"


def say(text):
    print(f"bench-locks: {text}", file=sys.stderr, flush=True)


def version(text):
    """Of what QEMU says of itself: major and minor."""
    found = re.search(r"version (\d+)\.(\d+)", text)
    if found is None:
        raise BenchError(f"QEMU's version is not in: {text.strip()}")
    return tuple(map(int, found.groups()))


def check_qemu(line):
    program = list(takewhile(lambda word: not word.startswith("-"), line))
    text = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True).stdout
    if version(text) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise BenchError(f"wants a QEMU from {oldest} on: with -icount an older one lets one core run alone")


def bring(pair, state):
    """The other guest to what it is to do meanwhile."""
    if STATES[state] is None:
        pair.bring("stopped")
        return
    pair.select(OTHER)
    pair.press("r")
    pair.console.expect(rb"restarting")  # what stands there of its first start is shown again
    pair.console.expect(rb"up in")
    pair.console.prompt()
    pair.shell(OTHER, f"dmesg -n 1; bench seed 64; ({STATES[state]}) > /dev/null & true")


def measure(line, log, timeout, count):
    """Results by state and workload."""
    results = {}
    pair = Pair(machine_line(line, ICOUNT), log, timeout, 0)
    try:
        for state in STATES:
            say(f"the other guest: {state}")
            bring(pair, state)
            for workload in (OWN, LOCK):
                results[state, workload] = pair.work(f"bench {workload} {count}", state)
    finally:
        pair.close()
    return results


def speed(result):
    return result.count / (result.ns / 1e9)


def rows(results):
    """Of each state: what is left of the speed without the lock and with it, and the longest that
    one of them took."""
    for state in STATES:
        left = [speed(results[state, work]) / speed(results[ALONE, work]) for work in (OWN, LOCK)]
        longest = [results[state, work].longest / 1e6 for work in (OWN, LOCK)]
        yield [state, *(f"{share:.3f}" for share in left), *(f"{ms:.2f} ms" for ms in longest)]


def table(results):
    head = ["the other guest", "left, own tables", "left, one table", "longest, own", "longest, one"]
    lines = [head, *rows(results)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        yield "  ".join([line[0].ljust(widths[0]), *(w.rjust(n) for w, n in zip(line[1:], widths[1:]))])


def save(results, folder):
    path = folder / f"locks-{now().replace(':', '')}.json"
    kept = [{"other": state, **result.as_dict()} for (state, _), result in results.items()]
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return path


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, type=Path, help="where results go")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--timeout", type=int, default=TIMEOUT, help="seconds for each answer of a guest's")
    parser.add_argument("line", nargs="+", help="QEMU's line for the two")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    count = QUICK_COUNT if arguments.quick else COUNT
    try:
        check_qemu(arguments.line)
        results = measure(arguments.line, arguments.folder / "locks.log", arguments.timeout, count)
        path = save(results, arguments.folder)
    except (BenchError, ConsoleError, OSError, subprocess.CalledProcessError) as problem:
        say(problem)
        return 1
    print("\n".join(table(results)))
    print(f"results: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
