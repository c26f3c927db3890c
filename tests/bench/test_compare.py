# SPDX-License-Identifier: BSD-2-Clause
"""Results on disk, and what got worse between two of them."""

import json
import subprocess
import sys

import pytest

from compare import report
from conftest import ROOT
from machine import BenchError
from results import kernel_version, load, save
from runs import RUN, run


def compare(*arguments):
    return subprocess.run(
        [sys.executable, "-B", ROOT / "bench/compare.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_saved_can_be_loaded(tmp_path):
    save(RUN, tmp_path / "a.json")
    assert load(tmp_path / "a.json") == RUN


def test_figures_of_a_later_version_are_passed_over(tmp_path):
    save(RUN, tmp_path / "a.json")
    read = json.loads((tmp_path / "a.json").read_text())
    read["figures"]["of tomorrow"] = {"sluice": 1}
    read["further"] = []
    (tmp_path / "a.json").write_text(json.dumps(read))
    assert load(tmp_path / "a.json") == RUN


def damaged(**changes):
    return json.dumps({"format": 1, "figures": {}, "peers": [], "versions": {}, "missing": {}, **changes})


@pytest.mark.parametrize(
    "text, problem",
    [
        ("", "not the results of a run"),
        ("{", "not the results of a run"),
        ("\0\xff", "not the results of a run"),
        ("[]", "not the results of a run"),
        ("{}", "not the results of a run"),
        (damaged(format=2), "another version's"),
        (damaged(figures=[]), "damaged: no figures"),
        (damaged(peers="bare"), "damaged: no peers"),
        (damaged(missing=None), "damaged: no missing"),
        (damaged(figures={"boot": {"sluice": "many"}}), "damaged: figures are not numbers"),
        (damaged(figures={"boot": {"sluice": True}}), "damaged: figures are not numbers"),
        (damaged(figures={"boot": 3}), "damaged: figures are not numbers"),
    ],
)
def test_damaged_file(tmp_path, text, problem):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(BenchError, match=problem):
        load(path)
    done = compare("--folder", tmp_path, "--old", path, "--new", path)
    assert done.returncode == 2 and done.stderr.startswith(f"bench-compare: {path}: ")
    assert "Traceback" not in done.stderr


def test_no_such_file(tmp_path):
    done = compare("--folder", tmp_path, "--old", "/nowhere", "--new", "/nowhere")
    assert done.returncode == 2 and done.stderr == "bench-compare: /nowhere: No such file or directory\n"


def test_same_run():
    lines, worse = report(RUN, RUN)
    assert not worse and lines == ["17 figures compared, 0 worse, 0 better"]


def test_exact_counts_are_tight():
    lines, worse = report(RUN, run(irq_exact={"sluice": 110.0}))
    assert worse
    assert lines[:2] == [
        "worse:",
        "  per interrupt at random, with -icount (sluice): 108.7 -> 110.0, +1.2%; tolerance 1%",
    ]
    lines, worse = report(RUN, run(irq_exact={"sluice": 109.0}))
    assert not worse and lines == ["17 figures compared, 0 worse, 0 better"]


def test_other_hypervisors_have_more_room():
    assert not report(RUN, run(irq_exact={"new & <odd>": 300.0}))[1]
    assert report(RUN, run(irq_exact={"new & <odd>": 400.0}))[1]


def test_better_is_said_and_is_no_failure():
    lines, worse = report(RUN, run(irq_exact={"contract": 1900.0}))
    assert not worse and lines[0] == "better:" and "(contract): 2,850.5 -> 1,900.0, -33.3%" in lines[1]


def test_from_nothing_to_something_is_worse():
    assert report(RUN, run(irq_exact={"bare": 3.0}))[1]


def test_network_is_compared_by_its_ratio():
    """Another machine, half as fast for all: nothing got worse. A slower Sluice did."""
    half = {peer: value / 2 for peer, value in RUN.figures["tcp-in"].items()}
    assert not report(RUN, run(tcp_in=half))[1]
    lines, worse = report(RUN, run(tcp_in={"sluice": 25.0}))
    assert worse and "TCP to the guest (sluice): 1.053 -> 1.600 x bare QEMU, +52.0%" in lines[1]


def test_peer_that_failed_is_worse_than_one_that_was_not_asked_for():
    new = run()
    new.peers.remove("contract")
    for values in new.figures.values():
        values.pop("contract")
    assert not report(RUN, new)[1]
    new.missing["contract"] = "does not boot"
    lines, worse = report(RUN, new)
    assert worse and "  uptime at /init (contract)" in lines


def test_versions_that_differ_are_said():
    new = run()
    new.versions = {"sluice": "def", "qemu": "QEMU 7", "xen": "4.17"}
    assert report(RUN, new)[0][:2] == ["sluice: abc -> def", "xen: unknown -> 4.17"]


def test_nothing_in_common():
    other = run()
    other.figures = {}
    with pytest.raises(BenchError, match="no figure in common"):
        report(RUN, other)


def test_exit_status_and_the_newest_two(tmp_path):
    none = compare("--folder", tmp_path)
    assert none.returncode == 2 and "has no two runs; name them with OLD= and NEW=" in none.stderr
    save(RUN, tmp_path / "results-2026-01-01T000000Z.json")
    assert compare("--folder", tmp_path).returncode == 2
    save(run(boot={"sluice": 40_000_000}), tmp_path / "results-2026-01-02T000000Z.json")
    worse = compare("--folder", tmp_path)
    assert worse.returncode == 1 and "boot to power-off, with -icount (sluice)" in worse.stdout
    save(RUN, tmp_path / "results-2026-01-03T000000Z.json")
    better = compare("--folder", tmp_path)
    assert better.returncode == 0 and "1 better" in better.stdout
    first = tmp_path / "results-2026-01-01T000000Z.json"
    same = compare("--folder", tmp_path, "--old", first)
    assert same.returncode == 0 and f"old: {first}\nnew: {tmp_path}/results-2026-01-03" in same.stdout


def test_kernel_version(tmp_path):
    image = tmp_path / "Image"
    image.write_bytes(
        b"\0\x7fLinux version 6.1.0-56-arm64 (a@b) (gcc) #1 SMP Debian 6.1.192-2 (2026-11-16)\n\0more"
    )
    assert kernel_version(image) == "6.1.0-56-arm64 #1 SMP Debian 6.1.192-2 (2026-11-16)"
    image.write_bytes(b"something else")
    assert kernel_version(image) == "unknown"
