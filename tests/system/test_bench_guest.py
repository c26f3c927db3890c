# SPDX-License-Identifier: BSD-2-Clause
"""`make bench` with little work: what a user sees of it, and what is exact in it."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conftest import amount, good_make, make
from figures import BY_KEY

QUICK = "BENCH_QUICK=yes"
OWNER = {f"iommu-{figure}" for figure in ("attach", "tables", "restart", "fault")}
pytestmark = pytest.mark.xdist_group("bench")


def outputs(done):
    """The results of a run and the path of its plot."""
    found = re.search(r"^results: (\S+), plot: (\S+)$", done.stdout, re.M)
    return json.loads(Path(found.group(1)).read_text()), Path(found.group(2))


@pytest.fixture(scope="module")
def bench():
    return good_make("bench", QUICK, "BENCH=bare sluice counts times network", writes="bench")


@pytest.mark.takes(120)
def test_results(bench):
    results, _ = outputs(bench)
    assert results["peers"] == ["bare", "sluice"] and results["missing"] == {}
    assert {"sluice", "qemu", "guest kernel", "host compiler", "cross compiler"} <= set(results["versions"])
    assert all(version != "unknown" for version in results["versions"].values())
    figures = results["figures"]
    assert all(set(values) == set(results["peers"]) for values in figures.values())
    counts = ("irq-sequential", "irq-random", "tick", "idle", "boot", "irq-exact")
    assert all(figures[key]["bare"] == 0 for key in counts)
    assert all(figures[key]["sluice"] > 0 for key in counts)
    assert all(figures[key][peer] > 0 for key in ("tcp-out", "tcp-in", "ping") for peer in results["peers"])


def test_aims_that_do_not_depend_on_the_machine(bench):
    results, _ = outputs(bench)
    figures = results["figures"]
    assert figures["irq-exact"]["sluice"] <= 110 and figures["tick"]["sluice"] <= 110
    assert figures["idle"]["sluice"] <= 10_000 and figures["boot"]["sluice"] <= 30_000_000
    for key in ("uptime", "cpu", "pages"):
        assert figures[key]["sluice"] / figures[key]["bare"] <= 1.02, key


@pytest.mark.takes(40)
def test_gicv3():
    results, _ = outputs(good_make("bench", QUICK, "BENCH=gicv3 times nvme", writes="bench"))
    assert 0 < results["figures"]["irq-exact"]["gicv3"] <= 100
    assert 0 < results["figures"]["nvme-irq"]["gicv3"] <= 120


@pytest.mark.takes(60)
@pytest.mark.soak
def test_functions():
    """Behind an SMMU virtio-pci costs what it does without one: that is left to the soak."""
    parts = amount(["iommu", "nvme"], ["pci", "iommu", "nvme"])
    results, _ = outputs(good_make("bench", QUICK, f"BENCH=sluice {' '.join(parts)}", writes="bench"))
    figures = {key: values["sluice"] for key, values in results["figures"].items()}
    assert set(figures) == {
        *(f"{part}-{figure}" for part in parts for figure in ("irq", "vmm", "read")),
        *(f"{part}-boot" for part in parts if part != "nvme"),
        *OWNER,
    }
    assert all(0 < figures[key] <= BY_KEY[key].aims["sluice"] for key in OWNER), figures
    for part in parts:
        assert figures[f"{part}-vmm"] == 0 < figures.get(f"{part}-boot", 1) <= 30_000_000
        assert 0 < figures[f"{part}-irq"] <= 110, figures
        (measured,) = results["measurements"][part]["sluice"]
        assert all(result["device"] >= result["count"] for result in measured.values())


@pytest.mark.soak(only=True)
@pytest.mark.takes(120)
def test_four_processors():
    """It gets there at all, with one thread of QEMU's for all cores, and costs what it may."""
    figures = outputs(good_make("bench", QUICK, "BENCH=bare sluice gicv3 smp", writes="bench"))[0]["figures"]
    assert set(figures) == {"smp-spawn", "smp-sum"}
    for key, values in figures.items():
        for peer in ("sluice", "gicv3"):
            assert values[peer] / values["bare"] <= 1.05, (key, peer)


def test_workloads_did_what_they_say(bench):
    measured = outputs(bench)[0]["measurements"]
    for peer in ("bare", "sluice"):
        counts, times = measured["counts"][peer][0], measured["times"][peer][0]
        assert all(result["device"] == result["count"] for name, result in times.items() if "block" in name)
        assert counts["timer"]["ticks"] >= counts["timer"]["count"]
        assert counts["idle"]["ns"] >= 1_000_000_000
        # Virtual time is executed instructions, of whomever.
        cpu = times["cpu"]
        assert 0 <= cpu["ns"] - cpu["inside"] - cpu["outside"] < 100_000


def test_table_and_plot(bench):
    results, plot = outputs(bench)
    table = bench.stdout[bench.stdout.index("executed instructions outside the guest") :]
    assert len(re.findall(r"^  \S", table, re.M)) == len(results["figures"])
    assert re.search(r"^  page-walking loop, a page, ns +x1\.02 +[\d.]+ +[\d.]+ x\d\.\d{3} \+$", table, re.M), table
    assert re.search(r"^  boot to power-off.* <=30,000,000 +0 +[\d,]+ \+$", table, re.M)
    ElementTree.parse(plot)


def test_peers_that_cannot_be_had(bench, tmp_path):
    """The others are measured, each is said in a line; one that is there and does not boot makes
    the run fail."""
    (tmp_path / "xen").write_text("a file where the cache should be")
    (tmp_path / "stone").write_bytes(b"\x7fELF" + bytes(1000))
    done = make(
        *("bench", QUICK, "BENCH=bare stone xen times", f"CACHE_DIR={tmp_path}"),
        f"BENCH_PEERS=stone=kernel:{tmp_path}/stone",
        writes="bench",
    )
    assert done.returncode != 0
    results, _ = outputs(done)
    assert results["peers"] == ["bare", "stone"] and results["figures"]["uptime"].keys() == {"bare"}
    assert re.search(r"^stone: the guest did not get to its shell$", done.stdout, re.M)
    assert re.search(r"^xen: not fetched: ", done.stdout, re.M)


@pytest.mark.parametrize(
    "arguments, problem",
    [
        (["BENCH=bare x", "BENCH_PEERS=x=/nowhere/loader.img"], "bench: peer x: there is no /nowhere/loader.img"),
        (["BENCH=bare", "BENCH_PEERS=loader.img"], "bench: peer 'loader.img': expected NAME=loader.img"),
        (["BENCH=bare disk"], "bench: BENCH='disk': the parts are counts, times,"),
    ],
)
def test_what_cannot_be(arguments, problem):
    done = make("bench", *arguments, writes="bench")
    assert done.returncode != 0 and problem in done.stderr


def test_compare(bench, tmp_path):
    results, _ = outputs(bench)
    (tmp_path / "a.json").write_text(json.dumps(results))
    results["figures"]["boot"]["sluice"] *= 2
    (tmp_path / "b.json").write_text(json.dumps(results))
    files = f"OLD={tmp_path}/a.json", f"NEW={tmp_path}/b.json"
    worse = make("bench-compare", *files, writes="bench")
    assert worse.returncode != 0 and "worse:\n  boot to power-off, with -icount (sluice): " in worse.stdout
    better = good_make("bench-compare", files[0].replace("OLD", "NEW"), files[1].replace("NEW", "OLD"), writes="bench")
    assert "1 better" in better.stdout


def test_profile_names_functions():
    text = good_make("bench-guest-profile", QUICK, "BENCH=sluice", writes="bench").stdout
    found = re.search(r"^sluice: \d+ timer ticks, each\n((?: .*\n)+)", text, re.M)
    parts = [float(words.split()[0].replace(",", "")) for words in found.group(1).splitlines()]
    assert sum(parts[:-1]) == pytest.approx(parts[-1], abs=2)
    assert re.search(r"^ +\d+\.\d  trap_fast_interrupt$", text, re.M)
    assert re.search(r"^ +[\d,]+\.\d  vmm: load_guest$", text, re.M)


@pytest.mark.soak(only=True)
def test_beside_another_guest():
    """On the clock of -icount; the network's figures are there, and depend on the machine."""
    text = good_make("bench-guests", QUICK, writes="bench").stdout
    rows = re.findall(r"^(\S.*?)  +([\d,.]+) (?:MiB|million steps)/s +([\d. ]+)$", text, re.M)
    kept = {title: [float(word) for word in words.split()] for title, _, words in rows}
    assert len(kept) == 5 and all(len(values) == 4 and min(values) > 0 for values in kept.values()), text
    idle, computes, *_ = kept["processor loop"]
    assert idle > 0.98 and 0.4 < computes < 0.6, text
    assert int(re.search(r"^(\d+) restarts of the other guest", text, re.M).group(1)) > 0
