# SPDX-License-Identifier: BSD-2-Clause
"""What an SMMU's owner executes: for its tables, for functions attached and detached, for a fault.

The guests are those of tests/system/dma, bare ones: `neighbour`, which works between marks, so that windows begin and
end with its work; `master`, whose functions are sent everywhere; `flood`, which is stopped and started."""

import re
import shlex
from collections import namedtuple
from pathlib import Path

from bench_counts import Counts, Report, plugin
from console import Console, ConsoleError
from machine import BenchError
from owners import classes, spans
from shared_console import SharedConsole

BEGIN, END = 1, 2  # marks around the neighbour's work
NAMES = ["neighbour", "master", "flood"]
GIB = 1 << 30
# A busy machine does not end a turn, and nobody waits.
CLOCK = ["-icount", "shift=0,sleep=off"]

# Instructions by owner: until the neighbour first worked; while it did; and from one time to the next.
Windows = namedtuple("Windows", "start work between")


class Dma(SharedConsole):
    """The three guests at their console."""

    def __init__(self, console):
        super().__init__(console, NAMES)
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

    def faults(self):
        """Of each guest, as the console lists them."""
        found = {name: re.search(r"(\d+) DMA fault", state) for name, state in self.states().items()}
        return {name: int(match.group(1)) if match else 0 for name, match in found.items()}

    def restart_flood(self, last=b"flood> "):
        """Until it is at its prompt, and its function attached. Its `last` line is shown again behind what the console
        says."""
        self.select("flood")
        self.press("s")
        self.says("3 flood is stopped")
        self.select("flood")
        self.press("g")
        self.says("starting 3 flood")
        self.console.expect(last + rb"\s*flood> ")

    def windows(self, out):
        """Ends the machine, whose counts are in the file `out`."""
        self.console.child.send("\x01x")
        self.console.wait_end()
        counts = Counts(out)
        start = dict(zip(counts.classes, counts.marks[0][1]))
        return Windows(start, spans(counts, BEGIN, END), spans(counts, END, BEGIN))


def counted(counter, out, image):
    """QEMU's arguments for a machine of these guests; `image` has the path of its report."""
    return [*CLOCK, *plugin(counter, out, classes(NAMES, image))]


Image = namedtuple("Image", "report line")


def read_image(folder):
    """One that was built for this, with QEMU's line beside it."""
    return Image(folder / "report.txt", shlex.split((folder / "line").read_text(encoding="utf-8")))


def play_all(dma):
    dma.work()
    dma.ask("master", "random", r"nothing was reached\s")
    dma.work()
    faults = dma.faults()["master"]
    dma.work()
    dma.restart_flood()
    dma.work()
    return faults


def run(counter, image, folder, name, timeout, play):
    """Boots a machine and has play(dma) work; returns its windows, and what play() returned."""
    out, log = folder / f"{name}.counts", folder / f"{name}.log"
    with open(log, "wb") as file:
        console = Console(image.line + counted(counter, out, image), timeout=timeout, log=file)
        try:
            dma = Dma(console)
            answer = play(dma)
            return dma.windows(out), answer
        except ConsoleError as problem:
            raise BenchError(f"{problem}\n(all of it: {log})") from None
        finally:
            console.kill()


def owner_figures(small, faults, large_start, more):
    """From the windows of the guests as they are; and until the neighbour worked where one of the guests has `more`
    bytes of RAM more than here."""
    hostile, _, restart = small.between
    return {
        "iommu-attach": small.start["smmu"],
        "iommu-tables": (large_start["smmu"] - small.start["smmu"]) * GIB / more,
        "iommu-restart": restart["smmu"],
        "iommu-fault": hostile["smmu"] / faults if faults else None,
    }


def ram_of(image):
    return sum(size for _, size, _ in Report(image.report).guest_ram)


def measure(counter, images, folder, timeout):
    """The figures; `images` is the folder of both."""
    small, large = (read_image(Path(images) / name) for name in ("dma-release", "gib-release"))
    more = ram_of(large) - ram_of(small)
    if more <= 0:
        raise BenchError(f"{large.report}: no guest has more RAM than in {small.report}")
    windows, faults = run(counter, small, folder, "owner", timeout, play_all)
    large_windows, _ = run(counter, large, folder, "owner-gib", timeout, Dma.work)
    return owner_figures(windows, faults, large_windows.start, more)
