# SPDX-License-Identifier: BSD-2-Clause
"""Guests that do harm (tests/system/hostile) beside one that works: it keeps its prompt and its share
of the core, the console goes on, and who did harm is stopped, started and as new."""

import pytest

from bench_counts import Counts, plugin
from conftest import BUILD
from owners import classes, share, spans
from shared_console import ESCAPE

PLUGIN = BUILD / "host/count.so"
BEGIN, END = 1, 2  # marks around the neighbour's work
GUESTS = ["neighbour", "hostile", "virtio", "doomed"]
DEEDS = [
    *("mask", "wreck", "holes", "distributor", "uart", "calls"),
    *("registers", "sleeps", "interrupts", "prints"),
]
SHARE = 0.40


class Hostile:
    """The console of this system, and what was counted while the neighbour worked."""

    def __init__(self, machine, config, out, *variables):
        self.out = out

        # Not sleep=off: where all wait, and a guest's timer has fired that nobody is told of, QEMU 7.2's clock goes
        # to the end of time then, and stays there.
        def counted(image):
            return ["-icount", "shift=0", *plugin(PLUGIN, out, classes(GUESTS, image))]

        self.console = machine("tests/system/hostile", config, *variables, qemu_args=counted)
        self.calls = 0
        self.see(rb"Ctrl-\] \? helps\]")
        self.select("hostile")
        self.see(rb"hostile> ")

    def see(self, pattern):
        return self.console.expect(pattern)

    def type(self, text):
        self.console.child.send(text)

    def press(self, key):
        self.type(ESCAPE + key)

    def own(self, pattern):
        self.see(rb"\[sluice: " + pattern.encode() + rb"[^\n]*\]")

    def select(self, name):
        number = GUESTS.index(name) + 1
        self.press(str(number))
        self.own(f"{number} (?:{name}|client-{number})(?! boots)")  # its VMM may not have started yet

    def neighbour_answers(self):
        self.select("neighbour")
        self.calls += 1
        self.type(f"call-{self.calls}\r")
        self.see(rb"heard call-%d\s" % self.calls)

    def work(self):
        """Has the neighbour work, and after it answer."""
        self.neighbour_answers()
        self.type("work\r")
        self.see(rb"worked\s")
        self.neighbour_answers()

    def work_while_all_are_shown(self):
        self.neighbour_answers()
        self.type("later\r")
        self.press("a")
        self.own("all")
        self.see(rb"neighbour\|\x1b\[0m worked")
        self.neighbour_answers()

    def revive(self, name):
        """Stops and starts the guest that is shown."""
        number = GUESTS.index(name) + 1
        self.press("s")
        self.own(f"{number} {name} is stopped")
        self.press("g")
        self.see(rb"begun\s+hostile> ")

    def windows(self):
        """Ends the machine; instructions by class for each time that the neighbour worked."""
        self.type("\x01x")
        self.console.wait_end()
        return spans(Counts(self.out), BEGIN, END)


def neighbours_share(windows):
    return [share(window, "neighbour") for window in windows]


def too_small(shares):
    return {deed: share for deed, share in shares.items() if share < SHARE}


@pytest.mark.takes(90)
@pytest.mark.parametrize("extensions", ["yes", "no"])
def test_neighbour_of_a_hostile_guest(machine, tmp_path, extensions):
    hostile = Hostile(machine, "release", tmp_path / "counts", f"EXTENSIONS={extensions}")
    hostile.work()
    for deed in DEEDS:
        hostile.select("hostile")
        hostile.type(f"{deed}\r")
        hostile.see(rb"doing %s\s" % deed.encode())
        hostile.work()
        if deed == "prints":
            hostile.work_while_all_are_shown()
        hostile.select("hostile")
        hostile.revive("hostile")
    windows = hostile.windows()
    shares = dict(zip(["nothing", *DEEDS, "prints, shown"], neighbours_share(windows)))
    assert len(shares) == len(windows)
    assert windows[-1]["serial_driver"] > 2 * windows[-2]["serial_driver"]
    assert shares.pop("nothing") > 0.98
    assert not too_small(shares)


@pytest.mark.parametrize("extensions", ["yes", "no"])
def test_neighbour_of_a_nonsensical_virtio_driver(machine, tmp_path, extensions):
    hostile = Hostile(machine, "release", tmp_path / "counts", f"EXTENSIONS={extensions}")
    for _ in range(2):
        hostile.select("virtio")
        hostile.press("g")
        hostile.own("starting 3 virtio")
        hostile.work()
        hostile.select("virtio")
        hostile.press("s")
        hostile.own("3 virtio is stopped")
    windows = hostile.windows()
    assert len(windows) == 2 and all(window["vmm_virtio"] > 100_000 for window in windows)
    assert not too_small(dict(enumerate(neighbours_share(windows))))


def test_vmm_that_faults(machine, tmp_path):
    """It is reported among the messages, its guest runs no more, and all others do."""
    hostile = Hostile(machine, "debug", tmp_path / "counts")
    hostile.select("doomed")
    hostile.type("doom\r")
    hostile.see(rb"doing doom\s")
    hostile.work()
    hostile.press("0")
    hostile.own("0 messages")
    hostile.see(rb"kernel: sluice: vmm_doomed stopped by a fault\s")
    hostile.see(rb"kernel: sluice: doomed stopped with it\s")
    hostile.press("l")
    hostile.own(" 4 doomed +running[^\\]]*, does not answer")
    hostile.select("hostile")
    hostile.revive("hostile")
    hostile.work()
    for window in hostile.windows():
        assert share(window, "neighbour") > 0.98 and window["doomed"] == window["vmm_doomed"] == 0
