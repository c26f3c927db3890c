#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""`make bench-guests`: what a guest with a disk and a network card keeps of its throughput beside
another one (systems/pair) that is stopped, idle, computes, works with its own disk and card, or is
restarted again and again. Prints a table, keeps results as JSON; docs/performance.md explains it.
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path
from statistics import median

import pexpect

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../scripts"))

from console import Console, ConsoleError  # noqa: E402
from machine import BenchError, null_disk  # noqa: E402
from results import now  # noqa: E402
from server import running  # noqa: E402
from session import TIMEOUT, parse_result  # noqa: E402

ESCAPE = "\x1d"  # Ctrl-], the console multiplexer's
MEASURED, OTHER = "1", "2"  # left and right, as the console numbers them
# A whole line: one that a restart interrupts is shown again.
FIRST_LINE = rb"Linux version [^\n]*\n"
ICOUNT = ["-icount", "shift=0"]
LOOK = 0.2  # seconds between looks at a guest that is not shown
GUEST_ADDRESS = "10.0.2.15"

# (workload, count, its count in a quick run, units of a count, unit, title)
DISK = [
    ("cpu", 200, 20, 1, "million steps/s", "processor loop"),
    ("block-sequential", 5000, 500, 4 / 1024, "MiB/s", "4 KiB direct reads"),
    ("block-large", 2000, 200, 64 / 1024, "MiB/s", "64 KiB direct reads"),
]
NETWORK = [
    ("tcp-out", 8, 1, 1, "MiB/s", "TCP from the guest"),
    ("tcp-in", 16, 1, 1, "MiB/s", "TCP to the guest"),
]
STATES = ["stopped", "idle", "computes", "disk, network", "restarts"]
ALONE = STATES[0]
ROUNDS = 3  # of the network, all states in each


class Pair:
    """Both guests at one console."""

    def __init__(self, command, log, timeout, port):
        self.log = open(log, "wb")
        self.console = Console(command, timeout=timeout, log=self.log)
        self.port, self.calls, self.restarts = port, 0, 0
        self.console.expect(rb"boots here")  # earlier keys may be lost
        self.select(OTHER)
        self.console.expect(rb"up in")
        self.console.prompt()
        self.select(MEASURED)
        self.console.expect(rb"up in")
        self.console.prompt()
        self.shell(MEASURED, f"dmesg -n 1; bench seed 64; ifconfig eth0 {GUEST_ADDRESS} up")

    def close(self):
        self.console.kill()
        self.log.close()

    def press(self, key):
        self.console.child.send(ESCAPE + key)

    def select(self, number):
        self.press(number)
        self.console.expect(rb"\[sluice: %s (?!\S+ boots)[^\r\n]*\]" % number.encode())

    def begin(self, number, line):
        """Types a line at a prompt; returns what its end will be told by."""
        self.select(number)
        self.calls += 1
        # Not in the line itself, which is echoed.
        self.console.send(f"{line}; echo end-''{self.calls}")
        return rb"end-%d\r*\n" % self.calls

    def shell(self, number, line):
        end = self.begin(number, line)
        return self.console.expect(end).decode(errors="replace")

    def fresh(self):
        """The other guest, started anew, at its prompt."""
        self.select(OTHER)
        self.press("r")
        self.console.expect(FIRST_LINE)
        self.console.expect(rb"up in")
        self.console.prompt()
        self.shell(OTHER, f"dmesg -n 1; bench seed 64; ifconfig eth0 {GUEST_ADDRESS} up")

    def bring(self, state):
        """The other guest to what it is to do meanwhile."""
        if state == "stopped":
            self.select(OTHER)
            self.press("s")
            self.console.expect(rb"\[sluice: 2 \S+ is stopped")
            return
        self.fresh()
        if state == "computes":
            self.shell(OTHER, "while :; do :; done & true")
        elif state == "disk, network":
            work = f"bench block-large 500; bench tcp-out 1 {self.port}; bench tcp-in 1 {self.port}"
            self.shell(OTHER, f"while :; do {work}; done > /dev/null & true")

    def work(self, line, state):
        """A workload's result, with the other guest restarted meanwhile if that is its state."""
        end = self.begin(MEASURED, line)
        if state == "restarts":
            while True:
                self.select(OTHER)
                self.press("r")
                self.console.expect(FIRST_LINE)
                self.restarts += 1
                self.select(MEASURED)  # shows what it printed meanwhile
                if self.console.child.expect([end, pexpect.TIMEOUT], timeout=LOOK) == 0:
                    break
        else:
            self.console.expect(end)
        text = self.console.child.before.decode(errors="replace")
        return parse_result(text.rsplit(f"end-''{self.calls}", 1)[-1])


def machine_line(words, extra):
    """QEMU's line for the pair, with disks that answer at once."""
    disks = re.compile(r"file=[^,]+,if=none,format=raw,id=(disk2?)")
    return [disks.sub(rf"{null_disk()},if=none,id=\1", word) for word in words] + extra


class Bench:
    """One run of everything."""

    def __init__(self, arguments, port):
        self.arguments, self.port = arguments, port
        self.speeds = {}  # (workload, state): one of each round
        self.restarts = 0

    def measure(self, pair, work, state):
        pair.bring(state)
        for name, full, quick, size, _, _ in work:
            count = quick if self.arguments.quick else full
            port = f" {self.port}" if name.startswith("tcp-") else ""
            result = pair.work(f"bench {name} {count}{port}", state)
            speed = result.count * size / (result.ns / 1e9)
            self.speeds.setdefault((name, state), []).append(speed)

    def boot(self, name, work, extra, rounds):
        line = machine_line(self.arguments.line, extra)
        log = self.arguments.folder / f"guests-{name}.log"
        pair = Pair(line, log, self.arguments.timeout, self.port)
        try:
            for i in range(rounds):
                for state in STATES:
                    say(f"{name}, round {i + 1}: the other guest: {state}")
                    self.measure(pair, work, state)
        finally:
            pair.close()
        self.restarts += pair.restarts

    def run(self):
        if self.arguments.quick:  # on one clock, then: the guests are brought to each state once
            self.boot("quick", DISK + NETWORK, ICOUNT, 1)
            return
        self.boot("disk", DISK, ICOUNT, 1)
        self.boot("network", NETWORK, [], ROUNDS)

    def kept(self, name, state):
        """What is left of the speed, round by round: its median."""
        return median(a / b for a, b in zip(self.speeds[name, state], self.speeds[name, ALONE]))

    def table(self):
        head = ["", "alone", *(f"other: {state}" for state in STATES[1:])]
        rows = [head]
        for name, *_, unit, title in DISK + NETWORK:
            alone = f"{median(self.speeds[name, ALONE]):,.1f} {unit}"
            rows.append([title, alone, *(f"{self.kept(name, state):.2f}" for state in STATES[1:])])
        widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
        for row in rows:
            first = row[0].ljust(widths[0])
            yield "  ".join([first, *(w.rjust(n) for w, n in zip(row[1:], widths[1:]))]).rstrip()

    def save(self):
        path = self.arguments.folder / f"guests-{now().replace(':', '')}.json"
        speeds = {}
        for (name, state), values in self.speeds.items():
            speeds.setdefault(name, {})[state] = values
        text = {"quick": self.arguments.quick, "restarts": self.restarts, "speeds": speeds}
        path.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
        return path


def say(text):
    print(f"bench-guests: {text}", file=sys.stderr, flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, type=Path, help="where results go")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--timeout", type=int, default=TIMEOUT, help="seconds for each answer of a guest's")
    parser.add_argument("line", nargs="+", help="QEMU's line for the pair")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    try:
        with running() as port:
            bench = Bench(arguments, port)
            bench.run()
        path = bench.save()
    except (BenchError, ConsoleError, OSError) as problem:
        say(problem)
        return 1
    print("What is left of a guest's throughput beside another one, 1 being all of it")
    print("\n".join(bench.table()))
    print(f"{bench.restarts} restarts of the other guest; results: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
