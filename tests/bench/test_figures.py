# SPDX-License-Identifier: BSD-2-Clause
"""Figures from measurements, the table and the plot of them."""

import re
from xml.etree import ElementTree

import pytest

import guests
import locks
import plot
import table
from figures import (
    BY_KEY,
    FIGURES,
    WORK,
    count_figures,
    name_of_run,
    network_figures,
    smp_figures,
    time_figures,
    times_of,
)
from results import Results
from runs import RUN, run
from session import MARKS
from smmu_owner import Windows, owner_figures

SVG = "{http://www.w3.org/2000/svg}"


def test_counts():
    results = {
        "block-sequential": {"outside": 22000, "device": 180, "ticks": 20},
        "block-random": {"outside": 300, "device": 0, "ticks": 3},
        "timer": {"outside": 1020, "ticks": 10},
        "idle": {"outside": 800, "count": 1},
    }
    figures = count_figures(results)
    # No interrupt: no figure, rather than a wrong one.
    assert figures == {"irq-sequential": 110, "irq-random": None, "tick": 102, "idle": 4000}


def test_what_comes_now_and_then_is_in_no_figure():
    results = {
        "block-sequential": {"outside": 2200, "device": 20, "ticks": 0},
        "block-random": {"outside": 0, "device": 0, "ticks": 0},
        "timer": {"outside": 1020, "ticks": 10},
        "timer-2": {"outside": 11020, "ticks": 10},
        "timer-3": {"outside": 1030, "ticks": 10},
        "idle": {"outside": 20800, "count": 1},
        "idle-2": {"outside": 800, "count": 1},
        "idle-3": {"outside": 700, "count": 1},
    }
    figures = count_figures(results)
    assert figures["tick"] == 103 and figures["idle"] == 4000


def test_names_of_runs():
    assert [name_of_run("timer", run) for run in range(3)] == ["timer", "timer-2", "timer-3"]
    assert [times_of(entry) for entry in (("cpu", 1, 1), ("cpu", 1, 1, 4))] == [1, 4]


def test_times():
    results = {
        "cpu": {"ns": 8_000_000, "count": 2},
        "pages": {"ns": 16384 * 80, "count": 10},
        "block-sequential": {"low": 16000},
        "block-random": {"low": 17000, "outside": 1000, "device": 8, "ticks": 2},
        "spawn": {"ns": 2_000_000, "count": 4},
    }
    figures = time_figures(results, 0.8604, 123)
    assert figures["uptime"] == pytest.approx(860.4)
    assert (figures["cpu"], figures["pages"], figures["irq-exact"]) == (4.0, 8.0, 100.0)
    assert figures["boot"] == 123
    assert (figures["read-sequential"], figures["read-random"], figures["spawn"]) == (16, 17, 500)


def test_several_processors():
    results = {"smp-spawn": {"ns": 9_000_000, "count": 10}, "smp-sum": {"ns": 90_000_000, "count": 3}}
    assert smp_figures(results) == {"smp-spawn": 900, "smp-sum": 30}
    assert BY_KEY["smp-sum"].aim("sluice", 30.9, 30) == (1.03, True)
    assert BY_KEY["smp-sum"].aim("sluice", 31, 30) == (1.03, False)


def test_an_smmus_owner():
    between = [{"smmu": 1000, "neighbour": 7}, {"smmu": 5}, {"smmu": 1500}]
    small = Windows({"smmu": 40_000, "neighbour": 10**9}, [], between)
    figures = owner_figures(small, 8, {"smmu": 50_000, "neighbour": 3}, 1 << 29)
    assert figures == {"iommu-attach": 40_000, "iommu-tables": 20_000, "iommu-restart": 1500, "iommu-fault": 125}
    assert owner_figures(small, 0, small.start, 1 << 29)["iommu-fault"] is None
    assert set(figures) <= set(BY_KEY)


def test_network_is_the_median_of_runs():
    def measured(seconds, ping):
        speed = {"count": 10, "ns": seconds * 1e9}
        return {"tcp-out": speed, "tcp-in": speed, "ping": {"median": ping}}

    figures = network_figures([measured(1, 5000), measured(100, 9000), measured(2, 1000)])
    assert figures == {"tcp-out": 5, "tcp-in": 5, "ping": 5}


def test_every_figure_has_an_aim_it_can_meet_and_miss():
    speed = BY_KEY["tcp-in"]
    assert speed.ratio(20, 40) == 2 and speed.ratio(0, 40) is None and speed.ratio(40, None) is None
    assert speed.aim("sluice", 37, 40) == (1.1, True) and speed.aim("sluice", 36, 40) == (1.1, False)
    assert speed.aim("xen", 36, 40) is None
    time = BY_KEY["uptime"]
    assert time.aim("sluice", 102, 100)[1] and not time.aim("sluice", 102.1, 100)[1]
    count = BY_KEY["irq-exact"]
    assert count.aim("sluice", 110, 0)[1] and not count.aim("contract", 2001, 0)[1]
    assert count.aim("sluice", None, 0) is None


def test_every_workload_has_a_mark():
    names = {entry[0] for part in [*WORK.values(), guests.DISK, guests.NETWORK] for entry in part}
    assert names | {locks.OWN, locks.LOCK} == set(MARKS) | {"seed"}


def test_table():
    lines = table.render(RUN).splitlines()
    assert lines[0].split() == ["aim", "bare", "sluice", "contract", "new", "&", "<odd>"]
    rows = {re.split(r"  +", line.strip())[0]: re.split(r"  +", line.strip())[1:] for line in lines}
    assert rows["boot to power-off, with -icount"] == [
        "<=30,000,000",
        "0",
        "31,000,000 !",
        "29,000,000",
        "-",
    ]
    assert rows["per interrupt at random, with -icount"] == [
        *("<=110, <=2,000", "0.0", "108.7 +", "2,850.5 !", "224.0")
    ]
    assert rows["uptime at /init, ms"] == ["x1.02", "860.00", "868.60 x1.010 +", "870.00 x1.012", "-"]
    assert rows["TCP to the guest, MiB/s"] == ["x1.10", "40.0", "38.0 x1.05 +", "10.0 x4.00", "30.0 x1.33"]


def test_table_says_who_is_missing():
    results = run()
    results.missing = {"xen": "not fetched: no network"}
    assert table.render(results).endswith("\nxen: not fetched: no network\n")


def texts(root):
    return [element.text for element in root.iter(f"{SVG}text")]


def test_plot():
    root = ElementTree.fromstring(plot.render(RUN))
    words = texts(root)
    assert {"bare", "sluice", "contract", "new & <odd>", "aim"} <= set(words)
    assert {"108.7", "31,000,000", "x1.59, 25.40 us", "x10.00, 160.00 us", "x1.05, 38.0 MiB/s"} <= set(words)
    bars = [element for element in root.iter(f"{SVG}rect") if element.get("height") == "10.0"]
    # Counts without bare QEMU: 3 and 2; the others have it: 3, 4 and 4.
    assert len(bars) == 3 + 2 + 3 + 4 + 4
    assert all(0 < float(bar.get("width")) <= 520 for bar in bars)
    by_colour = [float(bar.get("width")) for bar in bars if bar.get("fill") == plot.COLOURS[1]]
    assert len(by_colour) == 5 and by_colour[0] < by_colour[1]  # an interrupt, and the boot, which is more


def test_plot_of_nothing():
    ElementTree.fromstring(plot.render(Results(peers=["bare"])))
    ElementTree.fromstring(plot.render(Results(peers=["sluice"], figures={"uptime": {"sluice": 1.0}})))
    ElementTree.fromstring(plot.render(Results(peers=["sluice"], figures={"idle": {"sluice": 0}})))


@pytest.mark.parametrize("number, text", [(1, "1"), (100, "100"), (1e3, "1k"), (1e6, "1M"), (1e9, "1G")])
def test_numbers_of_an_axis(number, text):
    assert plot.short(number) == text


def test_titles_are_told_apart():
    assert len({figure.title for figure in FIGURES}) == len(FIGURES) == len(BY_KEY)
