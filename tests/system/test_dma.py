# SPDX-License-Identifier: BSD-2-Clause
"""Functions that master DMA wherever they are told to (tests/system/dma), behind an SMMU: nothing but their own
guest's RAM is reached, what they try is counted and said, and a flood of it costs others nothing.

What was reached is seen where it is known what was there: in the neighbour's RAM, which has no zeros, and in the
SMMU's tables, as the functions would reach their own guest's RAM no longer. The addresses of both are told to the
guest that attacks. Elsewhere it is seen by what would not go on: the kernel, all programs and guests, the console."""

import re
import shutil

import pytest

from bench_counts import Counts, Report, plugin
from conftest import BUILD, ROOT
from owners import classes, share, spans
from shared_console import SharedConsole

PLUGIN = BUILD / "host/count.so"
BEGIN, END = 1, 2  # marks around the neighbour's work
NAMES = ["neighbour", "master", "flood"]
REFUSED = r"DMA refused: (?:read|writ)ing 0x[0-9a-f]+ is not this guest's RAM \(\d+ so far"
FUNCTIONS = 3
OWN_RAM = 0x40000000


class Dma(SharedConsole):
    def __init__(self, machine, config, out, system="tests/system/dma"):
        self.out = out
        self.hostile_faults = 0

        def counted(image):
            self.report = Report(image.report)
            return ["-icount", "shift=0,sleep=off", *plugin(PLUGIN, out, classes(NAMES, image))]

        super().__init__(machine(system, config, "IOMMU=yes", qemu_args=counted), NAMES)
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

    def aim(self):
        (tables,) = [start for start, _, owner, _ in self.report.memory if owner == "smmu_tables"]
        neighbour = self.report.guest_ram[0][2]
        assert neighbour != OWN_RAM  # as the master's functions say it
        self.ask("master", f"aim {neighbour:016x} {tables:016x}", r"aimed\s")

    def faults(self):
        """Of each guest, as the console lists them."""
        found = {name: re.search(r"(\d+) DMA fault", state) for name, state in self.states().items()}
        return {name: int(match.group(1)) if match else 0 for name, match in found.items()}

    def messages(self):
        self.press("0")
        self.says("0 messages")
        self.shown = None

    def stop(self, name):
        self.select(name)
        self.press("s")
        self.says(f"{self.names.index(name) + 1} {name} is stopped")

    def start(self, name):
        self.select(name)
        self.press("g")
        self.says(f"starting {self.names.index(name) + 1} {name}")

    def windows(self):
        """Ends the machine; by owner, instructions until the neighbour first worked, while it did, and from one time
        to the next."""
        self.console.child.send("\x01x")
        self.console.wait_end()
        counts = Counts(self.out)
        start = dict(zip(counts.classes, counts.marks[0][1]))
        return start, spans(counts, BEGIN, END), spans(counts, END, BEGIN)


def check_nothing_else(dma, line, timeout=-1):
    dma.own_ram()
    dma.aim()
    dma.ask("master", line, r"nothing was reached\s", timeout)
    dma.own_ram()
    dma.work()
    faults = dma.faults()
    assert faults["master"] >= FUNCTIONS and faults["neighbour"] == faults["flood"] == 0
    dma.messages()
    dma.hostile_faults = faults["master"]
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
        dma.stop("flood")
        dma.start("flood")
    dma.own_ram()
    dma.work()
    dma.stop("flood")
    dma.start("flood")
    dma.ask("flood", "up", r"heard up\s")  # its function is attached, then
    dma.work()
    start, (alone, _, *flooded, _, _), (hostile, *_, restart) = dma.windows()
    # What docs/smmu.md says that the owner executes.
    assert start["smmu"] < 60_000  # tables, and four functions attached
    assert restart["smmu"] < 2_500  # a function detached, and attached
    assert hostile["smmu"] / dma.hostile_faults < 200  # QEMU makes up to sixteen of a transfer
    assert share(alone, "neighbour") > 0.98
    for window in flooded:
        assert window["neighbour"] < 1.01 * alone["neighbour"]
        assert window["smmu"] + window["vmm_flood"] < 0.03 * sum(window.values()), window


@pytest.mark.takes(15)
@pytest.mark.soak(only=True)
def test_tables_of_a_gib(machine, tmp_path):
    """What they cost at the start, beside all else there: in large pages, but not in the largest."""
    folder = shutil.copytree(ROOT / "tests/system/dma", tmp_path / "gib")
    text = (folder / "dma.system").read_text()
    small, large = (f'name="ram_flood" size="{size:#x}"' for size in (8 << 20, 1 << 30))
    assert small in text
    (folder / "dma.system").unlink()
    (folder / "gib.system").write_text(text.replace(small, large))
    dma = Dma(machine, "release", tmp_path / "counts", folder / "gib.system")
    (ipa, _, physical) = next(ram for ram in dma.report.guest_ram if ram[1] == 1 << 30)
    assert (ipa ^ physical) % (1 << 30) != 0
    dma.work()
    start, *_ = dma.windows()
    assert start["smmu"] < 65_000, start


@pytest.mark.soak(only=True)
def test_ten_thousand_addresses(machine, tmp_path):
    dma = Dma(machine, "debug", tmp_path / "counts")
    for _ in range(4):
        check_nothing_else(dma, "many", timeout=1200)
