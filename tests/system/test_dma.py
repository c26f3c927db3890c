# SPDX-License-Identifier: BSD-2-Clause
"""Functions that master DMA wherever they are told to (tests/system/dma), behind an SMMU: nothing but their own
guest's RAM is reached, what they try is counted and said, and a flood of it costs others nothing."""

import re

import pytest

from bench_counts import Counts, plugin
from conftest import BUILD
from owners import classes, share, spans
from shared_console import SharedConsole

PLUGIN = BUILD / "host/count.so"
BEGIN, END = 1, 2  # marks around the neighbour's work
NAMES = ["neighbour", "master", "flood"]
REFUSED = r"DMA refused: (?:read|writ)ing 0x[0-9a-f]+ is not this guest's RAM \(\d+ so far"
FUNCTIONS = 3


class Dma(SharedConsole):
    def __init__(self, machine, config, out, *variables):
        self.out = out

        def counted(image):
            return ["-icount", "shift=0,sleep=off", *plugin(PLUGIN, out, classes(NAMES, image))]

        super().__init__(machine("tests/system/dma", config, "IOMMU=yes", *variables, qemu_args=counted), NAMES)
        self.console.expect(rb"filled\s+neighbour> ")
        self.is_up = True

    def ask(self, name, line, answer, timeout=-1):
        if self.shown != name:  # what is shown again of earlier is not the answer
            self.select(name)
            self.calls += 1
            self.console.child.send(f"call-{self.calls}\r")
            self.console.expect(rb"heard call-%d\s" % self.calls)
        self.console.child.send(f"{line}\r")
        self.console.expect(answer.encode(), timeout=timeout)

    def work(self):
        self.ask("neighbour", "work", r"worked\s")

    def own_ram(self):
        self.ask("master", "probe", r"own RAM is reached\s")

    def faults(self):
        """Of each guest, as the console lists them."""
        found = {name: re.search(r"(\d+) DMA fault", state) for name, state in self.states().items()}
        return {name: int(match.group(1)) if match else 0 for name, match in found.items()}

    def messages(self):
        self.press("0")
        self.says("0 messages")
        self.shown = None

    def windows(self):
        """Ends the machine; by owner, instructions until the neighbour first worked, and while it did."""
        self.console.child.send("\x01x")
        self.console.wait_end()
        counts = Counts(self.out)
        return dict(zip(counts.classes, counts.marks[0][1])), *spans(counts, BEGIN, END)


def check_nothing_else(dma, line, timeout=-1):
    dma.own_ram()
    dma.ask("master", line, r"nothing was reached\s", timeout)
    dma.own_ram()
    dma.work()
    faults = dma.faults()
    assert faults["master"] >= FUNCTIONS and faults["neighbour"] == faults["flood"] == 0
    dma.messages()
    for slot in range(1, FUNCTIONS + 1):
        dma.console.expect(rf"2 master: edu{slot} \(00:0{slot}\.0\): {REFUSED}".encode())


@pytest.mark.takes(20)
def test_hostile_masters(machine, tmp_path):
    """Some hundred addresses; then a flood of faults beside a guest that works, and the flood's guest anew."""
    dma = Dma(machine, "release", tmp_path / "counts")
    dma.work()
    check_nothing_else(dma, "random")
    for _ in range(2):
        before = dma.faults()["flood"]
        dma.ask("flood", "flood", r"flooding\s")
        dma.work()
        assert dma.faults()["flood"] > before
        dma.select("flood")
        dma.press("s")
        dma.says("3 flood is stopped")
        dma.press("g")
        dma.says("starting 3 flood")
    dma.own_ram()
    start, alone, _, *flooded = dma.windows()
    assert start["smmu"] < 60_000  # tables, and four functions attached
    assert share(alone, "neighbour") > 0.98
    for window in flooded:
        assert window["neighbour"] < 1.01 * alone["neighbour"]
        assert window["smmu"] + window["vmm_flood"] < 0.03 * sum(window.values()), window


@pytest.mark.soak(only=True)
def test_ten_thousand_addresses(machine, tmp_path):
    dma = Dma(machine, "debug", tmp_path / "counts")
    for _ in range(4):
        check_nothing_else(dma, "many", timeout=1200)
