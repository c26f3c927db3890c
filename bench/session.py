# SPDX-License-Identifier: BSD-2-Clause
"""A run of the guest on one peer: workloads typed at its shell, what they print, what was counted.

bench/guest/bench.c is the program in the guest; its head comment says what it prints.
"""

import re
from dataclasses import asdict, dataclass, field

from bench_counts import Counts
from console import Console, ConsoleError
from machine import BenchError

TIMEOUT = 300  # seconds for each answer of the guest's, unless another is given
LINE = re.compile(
    r"^bench: (\S+) count=(\d+) ns=(\d+)(?: low=(\d+) median=(\d+) longest=(\d+))?((?: irq:\S+=\d+)*)\s*$", re.M
)
INTERRUPT = re.compile(r"irq:(\S+)=(\d+)")
# printk's clock, when the kernel starts /init.
INIT = re.compile(r"^\[ *(\d+\.\d+)\] Run /init as init process", re.M)

# Marks, as in bench/guest/bench.h.
END = 0
MARKS = {
    "cpu": 1,
    "pages": 2,
    "block-sequential": 3,
    "block-random": 4,
    "spawn": 5,
    "timer": 6,
    "idle": 7,
    "tcp-out": 8,
    "tcp-in": 9,
    "ping": 10,
    "block-large": 11,
    "smp-spawn": 12,
    "smp-sum": 13,
    "smp-lock": 14,
    "smp-own": 15,
}


@dataclass
class Result:
    """What a workload took: as the guest saw it, and outside of the guest."""

    workload: str
    count: int
    ns: int
    low: int = None
    median: int = None
    longest: int = None
    interrupts: dict = field(default_factory=dict)
    outside: int = None  # instructions; None if they were not counted
    inside: int = None
    programs: int = None  # of those outside, the VMM's, where it is told from the kernel

    def device_interrupts(self):
        """Of the device that is busy: the most of any disk or network card."""
        found = [n for name, n in self.interrupts.items() if name.startswith(("virtio", "nvme"))]
        return max(found, default=0)

    def ticks(self):
        return self.interrupts.get("arch_timer", 0)

    def as_dict(self):
        kept = {key: value for key, value in asdict(self).items() if value is not None}
        return {**kept, "device": self.device_interrupts(), "ticks": self.ticks()}


def parse_result(text):
    """The line of one workload in what the guest printed; other lines may be the kernel's."""
    found = LINE.search(text.replace("\r", ""))
    if found is None:
        raise BenchError(f"the guest answered:\n{text.strip()}")
    workload, count, ns, *times, interrupts = found.groups()
    return Result(
        workload,
        int(count),
        int(ns),
        *(int(time) if time else None for time in times),
        {name: int(number) for name, number in INTERRUPT.findall(interrupts)},
    )


def outside_of(counts, values):
    """Of a snapshot: instructions outside of the guest, and inside."""
    pairs = list(zip(counts.classes, values))
    inside = sum(value for name, value in pairs if name.startswith("guest-"))
    return sum(value for _, value in pairs) - inside, inside


def attribute(counts, results):
    """Fills in what was counted for each result, in the order in which they were run. Returns what
    was outside of the guest before the first and after the last: boot and power-off."""
    if counts.total is None:
        raise BenchError("the counts end early")
    spans = []
    begin = None
    for mark, values in counts.marks:
        if mark != END:
            begin = (mark, values)
        elif begin is not None:
            spans.append((*begin, values))
            begin = None
    if [mark for mark, _, _ in spans] != [MARKS[result.workload] for result in results]:
        raise BenchError(f"marks {[mark for mark, _, _ in spans]} are not those of the workloads")
    for result, (_, start, end) in zip(results, spans):
        values = [b - a for a, b in zip(start, end)]
        result.outside, result.inside = outside_of(counts, values)
        result.programs = dict(zip(counts.classes, values)).get("programs")
    whole, _ = outside_of(counts, counts.total)
    if spans:
        between = [b - a for a, b in zip(spans[0][1], spans[-1][2])]
        whole -= outside_of(counts, between)[0]
    return whole


class Session:
    """The guest on one peer, from its boot to its end."""

    def __init__(self, command, log, timeout):
        self.log = open(log, "wb")
        self.console = Console(command, timeout=timeout, log=self.log)
        self.results = []

    def __enter__(self):
        try:
            self.console.prompt()
            # What the kernel says must not come between what the workloads print.
            self.shell("dmesg -n 1")
        except ConsoleError as problem:
            self.__exit__()
            raise BenchError(f"the guest did not get to its shell\n{problem}") from None
        return self

    def __exit__(self, *_):
        self.console.kill()
        self.log.close()

    def shell(self, line):
        return self.console.run(line)

    def uptime(self):
        """Seconds on the guest's clock when it started /init."""
        text = self.shell("dmesg | grep 'Run /init'").replace("\r", "")
        found = INIT.search(text)
        if found is None:
            raise BenchError(f"no time of /init in the guest's log:\n{text.strip()}")
        return float(found.group(1))

    def work(self, workload, *arguments):
        words = ["bench", workload, *map(str, arguments)]
        result = parse_result(self.shell(" ".join(words)))
        self.results.append(result)
        return result

    def power_off(self):
        self.console.send("poweroff")
        status = self.console.wait_end()
        if status != 0:
            raise BenchError(f"QEMU ended with status {status}")


def run(command, log, play, counts_file=None, timeout=TIMEOUT):
    """Boots a machine, lets play(session) work, powers off. Returns what play() returned, and the
    instructions outside of the guest for boot and power-off if there is a file of counts."""
    try:
        with Session(command, log, timeout) as session:
            answer = play(session)
            session.power_off()
    except ConsoleError as problem:
        raise BenchError(f"{problem}\n(all of it: {log})") from None
    return answer, attribute(Counts(counts_file), session.results) if counts_file else None
