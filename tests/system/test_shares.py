# SPDX-License-Identifier: BSD-2-Clause
"""Two Linux guests on one core: what each gets when both are busy, and what one costs that is idle."""

import pytest

from bench_counts import Counts, plugin
from conftest import BUILD
from owners import classes, share, spans
from shared_console import SharedConsole

TWO = ["storage", "network"]
PLUGIN, INITRD = BUILD / "host/count.so", BUILD / "bench/guest/initrd.gz"
END, CPU, IDLE = 0, 1, 7  # marks of bench/guest/bench.h
IDLE_SECONDS = 60  # so that Linux seeds its random numbers anew once in them, as it does since 6.2 …
SETTLED = 130  # … from two minutes of uptime on, and before more often the younger it is
IDLE_AIM = 9_000 * IDLE_SECONDS / 5  # instructions that an idle guest may add in that time
SHARE = 0.40
BUSY = "while :; do :; done &"


class Shares:
    """The two guests with `bench`, on the clock of executed instructions."""

    def __init__(self, machine, disk, out, extensions):
        variables = [f"EXTENSIONS={extensions}", f"INITRD={INITRD}", f"DISK={disk}"]
        self.out = out

        def counted(image):
            return ["-icount", "shift=0,sleep=off", *plugin(PLUGIN, out, classes(TWO, image))]

        self.console = machine("two-guests", "release", *variables, qemu_args=counted)
        self.shared = SharedConsole(self.console, TWO)
        self.shared.boot()
        for name in TWO:  # what Linux does for its random numbers ends
            self.shared.run(name, "dmesg -n 1; bench seed 64")

    def run(self, name, line):
        return self.shared.run(name, line)

    def idle(self):
        """All guests are."""
        settled = f"until read up rest < /proc/uptime; [ ${{up%.*}} -ge {SETTLED} ]; do sleep 10; done"
        self.run("storage", f"{settled}; sleep 20; bench idle {IDLE_SECONDS}")

    def stop(self, name):
        self.shared.show(name)
        self.shared.press("s")
        self.shared.says(f"{TWO.index(name) + 1} {name} is stopped")

    def spans(self, mark):
        counts = Counts(self.out)
        return spans(counts, mark, END)

    def end(self):
        self.console.child.send("\x01x")
        self.console.wait_end()


def outside(span):
    return sum(span.values()) - sum(span[name] for name in TWO)


@pytest.mark.takes(90)
@pytest.mark.parametrize("extensions", ["yes", "no"])
def test_two_guests(machine, disk, tmp_path, extensions):
    shares = Shares(machine, disk, tmp_path / "counts", extensions)
    shares.idle()
    shares.run("network", BUSY)
    shares.run("storage", "bench cpu 20")
    shares.stop("network")
    shares.idle()
    shares.end()

    busy = shares.spans(CPU)[0]
    assert all(share(busy, name) >= SHARE for name in TWO), busy
    both, alone = shares.spans(IDLE)
    assert both["network"] > 0 and alone["network"] == 0
    # By the contract alone each tick is two messages to the VMM: docs/performance.md has what that is.
    if extensions == "yes":
        assert outside(both) - outside(alone) <= IDLE_AIM, (both, alone)


def test_one_prints_and_one_computes(machine, disk, tmp_path):
    """Who prints without end leaves the other its share."""
    shares = Shares(machine, disk, tmp_path / "counts", "yes")
    shares.shared.show("network")
    shares.console.send("while :; do echo a line of some text, again and again; done")
    shares.console.expect(rb"again and again\r+\n")
    shares.run("storage", "bench cpu 20")
    shares.end()
    (span,) = shares.spans(CPU)
    assert share(span, "storage") >= SHARE, span
