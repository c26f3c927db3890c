# SPDX-License-Identifier: BSD-2-Clause
"""What is measured: parts with their workloads, and the figures that come out of them.

An aim is for Sluice: a number for an absolute figure, a ratio to bare QEMU for a guest-visible one.
A tolerance is what may change from run to run: bench/compare.py calls worse what is beyond it.
"""

from dataclasses import dataclass, field
from statistics import median

SLUICE, GICV3, CONTRACT, BARE = "sluice", "gicv3", "contract", "bare"

COUNTS, TIMES, NETWORK = "counts", "times", "network"
# With PCI functions, by the names of machine.py, IOMMU being PCI's behind an SMMU; and with several processors. What
# they measure is shown with counts and times.
PCI, IOMMU, NVME, SMP = "pci", "iommu", "nvme", "smp"
FUNCTIONS = (PCI, IOMMU, NVME)
PARTS = (COUNTS, TIMES, SMP, *FUNCTIONS, NETWORK)
PROCESSORS = 4
HEADINGS = {
    COUNTS: "executed instructions outside the guest",
    TIMES: "times as the guest sees them, with -icount",
    NETWORK: "network as the guest sees it, on the wall clock: medians",
}
ROUNDS = {BARE: 7, SLUICE: 7}  # of the network, alternating
OTHER_ROUNDS = 3
OTHERS_TOLERANCE = 0.5

# Workloads of each part, in this order: (name, count, its count in a quick run, and how often where that is not
# once). "seed" is none: it brings every peer's guest to where all of them are a second or two after their start,
# and ends what some of them do for it meanwhile.
WORK = {
    COUNTS: [
        ("seed", 64, 64),
        ("block-sequential", 2000, 200),
        ("block-random", 2000, 200),
        # What Linux does now and then - it seeds its random numbers anew when the seed is old, for ten thousand
        # instructions - is in one of them, and on a busy machine, where more time goes by, in that for sure.
        ("timer", 300, 100, 3),
        ("idle", 5, 1, 3),
    ],
    TIMES: [
        ("seed", 64, 64),
        ("cpu", 50, 5),
        ("pages", 50, 50),
        ("block-sequential", 2000, 200),
        ("block-random", 2000, 200),
        ("spawn", 200, 20),
    ],
    SMP: [("seed", 64, 64), ("smp-spawn", 100, 20), ("smp-sum", 20, 4)],
    **{part: [("seed", 64, 64), ("block-random", 2000, 200), ("block-large", 1600, 160)] for part in FUNCTIONS},
    NETWORK: [
        ("seed", 64, 64),
        ("ping", 100, 20),
        ("tcp-out", 16, 2),
        ("tcp-in", 32, 2),
    ],
}


@dataclass(frozen=True)
class Figure:
    """One row of the table."""

    key: str
    part: str
    title: str
    unit: str
    digits: int
    tolerance: float
    aims: dict = field(default_factory=dict)  # by peer
    aim_ratio: float = None  # of SLUICE to BARE
    higher_is_better: bool = False

    def ratio(self, value, bare):
        """How much worse than bare QEMU: 1 is the same, 2 twice the time or half the speed."""
        if not value or not bare:
            return None
        return bare / value if self.higher_is_better else value / bare

    def aim(self, peer, value, bare):
        """(what was aimed at, whether it is met), or None where nothing was."""
        if value is None:
            return None
        if peer in self.aims:
            return self.aims[peer], value <= self.aims[peer]
        ratio = self.ratio(value, bare)
        if peer == SLUICE and self.aim_ratio is not None and ratio is not None:
            return self.aim_ratio, ratio <= self.aim_ratio
        return None

    def tolerance_of(self, peer):
        """What other hypervisors count depends on when the host's disk answers, -icount or not."""
        return (
            self.tolerance if peer in (BARE, SLUICE, GICV3, CONTRACT) else max(self.tolerance, OTHERS_TOLERANCE)
        )

    def text(self, value):
        return "-" if value is None else f"{value:,.{self.digits}f}"


PER_INTERRUPT = {SLUICE: 110, CONTRACT: 2000}
FIGURES = [
    Figure(
        "irq-sequential",
        COUNTS,
        "per interrupt, 4 KiB direct reads in order",
        "",
        1,
        0.5,
        PER_INTERRUPT,
    ),
    Figure(
        "irq-random", COUNTS, "per interrupt, 4 KiB direct reads at random", "", 1, 0.5, PER_INTERRUPT
    ),
    Figure("tick", COUNTS, "per timer tick", "", 1, 0.05, {SLUICE: 110}),
    Figure("idle", COUNTS, "five idle seconds", "", 0, 0.25, {SLUICE: 10_000}),
    Figure("irq-exact", COUNTS, "per interrupt at random, with -icount", "", 1, 0.01, PER_INTERRUPT),
    Figure("boot", COUNTS, "boot to power-off, with -icount", "", 0, 0.01, {SLUICE: 30_000_000}),
    Figure("pci-irq", COUNTS, "per interrupt, virtio-pci at random, with -icount", "", 1, 0.01, PER_INTERRUPT),
    Figure("pci-vmm", COUNTS, "the VMM's of 100 MiB from virtio-pci", "", 0, 0.01, {SLUICE: 0}),
    Figure("pci-boot", COUNTS, "boot to power-off with virtio-pci", "", 0, 0.01, {SLUICE: 30_000_000}),
    Figure("iommu-irq", COUNTS, "per interrupt, virtio-pci behind an SMMU", "", 1, 0.01, PER_INTERRUPT),
    Figure("iommu-vmm", COUNTS, "all programs' of 100 MiB from there", "", 0, 0.01, {SLUICE: 0}),
    Figure("iommu-boot", COUNTS, "boot to power-off with an SMMU", "", 0, 0.01, {SLUICE: 30_000_000}),
    # Its owner's, bench/smmu_owner.py. Of how many accesses a fault's events are made is the machine's affair.
    Figure("iommu-attach", COUNTS, "SMMU: until four functions are attached", "", 0, 0.01, {SLUICE: 60_000}),
    Figure("iommu-tables", COUNTS, "SMMU: a GiB more in its tables, by 2 MiB", "", 0, 0.01, {SLUICE: 500_000}),
    Figure("iommu-restart", COUNTS, "SMMU: a function detached and attached", "", 0, 0.05, {SLUICE: 2_500}),
    Figure("iommu-fault", COUNTS, "SMMU: a fault", "", 1, 0.1, {SLUICE: 200}),
    Figure(
        "nvme-irq",
        COUNTS,
        "per interrupt, NVMe at random, with -icount",
        "",
        1,
        0.01,
        {**PER_INTERRUPT, GICV3: 120},
    ),
    Figure("nvme-vmm", COUNTS, "the VMM's of 100 MiB from NVMe", "", 0, 0.01, {SLUICE: 0}),
    Figure("uptime", TIMES, "uptime at /init", "ms", 2, 0.01, aim_ratio=1.02),
    Figure("cpu", TIMES, "processor loop, a step", "ns", 3, 0.01, aim_ratio=1.02),
    Figure("pages", TIMES, "page-walking loop, a page", "ns", 3, 0.01, aim_ratio=1.02),
    Figure("read-sequential", TIMES, "4 KiB direct read in order", "us", 2, 0.03, aim_ratio=1.02),
    Figure("read-random", TIMES, "4 KiB direct read at random", "us", 2, 0.03, aim_ratio=1.02),
    Figure("pci-read", TIMES, "4 KiB direct read from virtio-pci", "us", 2, 0.03, aim_ratio=1.02),
    Figure("iommu-read", TIMES, "4 KiB direct read from behind an SMMU", "us", 2, 0.03, aim_ratio=1.02),
    Figure("nvme-read", TIMES, "4 KiB direct read from NVMe", "us", 2, 0.03, aim_ratio=1.02),
    Figure("spawn", TIMES, "process made, run, ended", "us", 1, 0.03, aim_ratio=1.02),
    Figure("smp-spawn", TIMES, "a process on each of four processors", "us", 1, 0.03, aim_ratio=1.03),
    Figure("smp-sum", TIMES, "md5sum of a MiB on each of four processors", "ms", 2, 0.03, aim_ratio=1.03),
    Figure("tcp-out", NETWORK, "TCP from the guest", "MiB/s", 1, 0.3, {}, 1.10, True),
    Figure("tcp-in", NETWORK, "TCP to the guest", "MiB/s", 1, 0.3, {}, 1.10, True),
    Figure("ping", NETWORK, "ping", "us", 0, 0.5, aim_ratio=1.10),
]
BY_KEY = {figure.key: figure for figure in FIGURES}

STEPS_PER_COUNT = 1_000_000  # bench/guest/work.c
PAGES = 16384


def times_of(entry):
    """How often a workload is run."""
    return entry[3] if len(entry) > 3 else 1


def name_of_run(workload, run):
    """Under which results of its run number `run`, from zero, are kept."""
    return workload if run == 0 else f"{workload}-{run + 1}"


def middle(results, workload, figure):
    """Of the runs of a workload: one that did something else besides is not it."""
    names = [name_of_run(workload, run) for run in range(len(results))]
    found = [figure(results[name]) for name in names if name in results]
    return None if None in found else median(found)


def quotient(number, by):
    return number / by if number is not None and by else None


def per_interrupt(result):
    """The disk's and the timer's together: how many ticks there are among the reads is the machine's affair, as
    QEMU's disk takes the host's time."""
    return quotient(result["outside"], result["device"] and result["device"] + result["ticks"])


def count_figures(results):
    """From one run on the wall clock with the plugin: results by workload."""
    sequential, random = results["block-sequential"], results["block-random"]
    return {
        "irq-sequential": per_interrupt(sequential),
        "irq-random": per_interrupt(random),
        "tick": middle(results, "timer", lambda run: quotient(run["outside"], run["ticks"])),
        "idle": middle(results, "idle", lambda run: run["outside"] * 5 / run["count"]),
    }


def time_figures(results, uptime, boot):
    """From one run with -icount, that of the boot included. A read's time is that of the
    quicker ones: QEMU's disk answers from a thread of the host's, and where that is late, the guest
    executes its way into idling and out of it besides."""
    figures = {
        "uptime": uptime * 1e3,
        "cpu": results["cpu"]["ns"] / results["cpu"]["count"] / STEPS_PER_COUNT,
        "pages": results["pages"]["ns"] / results["pages"]["count"] / PAGES,
        "read-sequential": results["block-sequential"]["low"] / 1e3,
        "read-random": results["block-random"]["low"] / 1e3,
        "spawn": results["spawn"]["ns"] / results["spawn"]["count"] / 1e3,
    }
    random = results["block-random"]
    figures["irq-exact"] = per_interrupt(random)
    figures["boot"] = boot
    return figures


def function_figures(part, results, boot):
    """From one run with -icount and a PCI function as the disk."""
    random, large = results["block-random"], results["block-large"]
    figures = {
        f"{part}-irq": per_interrupt(random),
        f"{part}-read": random["low"] / 1e3,
        f"{part}-vmm": large.get("programs"),
    }
    return figures if part == NVME else {**figures, f"{part}-boot": boot}


def smp_figures(results):
    """From one run with -icount and several processors, which QEMU emulates in turn: what one executes is time for
    all."""
    spawn, total = results["smp-spawn"], results["smp-sum"]
    return {"smp-spawn": spawn["ns"] / spawn["count"] / 1e3, "smp-sum": total["ns"] / total["count"] / 1e6}


def network_figures(rounds):
    """From several runs: each a dictionary of results by workload."""

    def speed(workload):
        return median(run[workload]["count"] / (run[workload]["ns"] / 1e9) for run in rounds)

    return {
        "tcp-out": speed("tcp-out"),
        "tcp-in": speed("tcp-in"),
        "ping": median(run["ping"]["median"] for run in rounds) / 1e3,
    }
