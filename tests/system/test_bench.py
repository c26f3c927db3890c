# SPDX-License-Identifier: BSD-2-Clause
"""Measurements: the plugin counts exactly, and what it cannot do it says."""

import re

import pytest

from bench_counts import ERET, WFI, Counts, Report, plugin
from conftest import BUILD, good_make, run

PLUGIN = BUILD / "host/count.so"
SYSTEM = BUILD / "bench/sdk"
VIRTUAL = ["-icount", "shift=0,sleep=off"]  # a busy machine must not end a turn


def bench_machine(arguments):
    line = ["qemu-system-aarch64", "-machine", "virt,virtualization=on", "-cpu", "cortex-a53"]
    line += ["-m", "2G", "-nographic", "-serial", "mon:stdio", "-device"]
    line += [f"loader,file={SYSTEM}/loader.img,addr=0x70000000,cpu-num=0", *arguments]
    line += VIRTUAL
    return run(line)


def count(out, **options):
    done = bench_machine(plugin(PLUGIN, out, Report(SYSTEM / "report.txt").classes(), **options))
    assert done.returncode == 0, done.stdout + done.stderr
    return Counts(out)


def until_the_timer(counts):
    """Snapshots until the first measurement that takes time: mark 7."""
    numbers = [number for number, _ in counts.marks]
    return counts.marks[: numbers.index(7)]


def test_counts_are_exact_and_add_up(tmp_path):
    first, second = (count(tmp_path / f"{i}.txt", marks=(WFI, ERET), profiled=True) for i in range(2))
    same = until_the_timer(first)
    assert len(same) > 10000 and same == until_the_timer(second)
    assert first.classes == ["other", "kernel", "programs"]
    assert first.total[0] == 0 and first.total[1] > first.total[2] > 0
    for name, total in zip(first.classes, first.total):
        assert sum(block[4] for block in first.blocks if block[2] == name) == total


def test_marks_only_and_all_in_one_class(tmp_path):
    """Without a class there is "other"; a mark is not counted, so rounds do not depend on marks."""
    done = bench_machine(plugin(PLUGIN, tmp_path / "counts.txt", []))
    assert done.returncode == 0, done.stdout + done.stderr
    plain, full = Counts(tmp_path / "counts.txt"), count(tmp_path / "full.txt", marks=(ERET,))
    assert plain.classes == ["other"] and not plain.blocks
    hints = [(number, [sum(values)]) for number, values in until_the_timer(full) if number < 64]
    assert until_the_timer(plain) == hints


def test_linux_guest_is_told_from_its_vmm(machine, tmp_path):
    guest = machine(
        "simple",
        qemu_args=lambda image: [*VIRTUAL, *plugin(PLUGIN, tmp_path / "out", Report(image.report).classes())],
    )
    guest.prompt()
    guest.send("poweroff")
    assert guest.wait_end() == 0
    counts = Counts(tmp_path / "out")
    by_class = dict(zip(counts.classes, counts.total))
    assert by_class.pop("other") == 0
    assert set(by_class) == {"kernel", "programs", "guest-kernel", "guest-user"} and all(by_class.values())
    assert by_class["guest-kernel"] > 10 * max(by_class["programs"], by_class["kernel"])


@pytest.mark.parametrize(
    "argument, problem",
    [
        ("speed=11", "unknown argument 'speed=11'; known are out=, class=, mark= and profile="),
        ("class=a:v1", "'class=a:v1': expected class=NAME[:vSTART+SIZE][:pSTART+SIZE]"),
        ("out=/nowhere/at/all", "/nowhere/at/all: No such file or directory"),
    ],
)
def test_bad_argument(tmp_path, argument, problem):
    done = bench_machine(["-plugin", f"{PLUGIN},out={tmp_path}/counts.txt,{argument}"])
    assert done.returncode != 0 and f"count: {problem}" in done.stderr


def test_table():
    first, second = (good_make("bench-sdk", writes="bench/sdk").stdout for _ in range(2))
    assert first.splitlines()[-20:] == second.splitlines()[-20:]
    rows = re.findall(r"^(\w.+?) {2,}(\d+) +(\d+) +(\d+|-)$", first, re.M)
    assert len(rows) == 9 and all(0 < int(kernel) < int(total) for _, total, kernel, _ in rows)
    assert re.search(r"^together +\d+$", first, re.M)


def test_across_cores():
    """It fails where one is above its limit."""
    text = good_make("bench-cores", writes="bench/sdk/cores").stdout
    rows = re.findall(r"^(\w.+?) {2,}(\d+) +(\d+) +(\d+)$", text, re.M)
    assert len(rows) == 3 and all(0 < int(kernel) < int(total) for _, total, kernel, _ in rows)


def test_profile_names_functions():
    text = good_make("bench-profile", writes="bench/sdk").stdout
    assert re.search(r"^ +\d+\.\d  trap_fast$", text, re.M)
    assert re.search(r"^ +\d+\.\d  client: init$", text, re.M)


def test_mark_program_for_guests():
    """64 hints, no library; what it does in a guest is two instructions."""
    code = run(["aarch64-linux-gnu-objdump", "-d", BUILD / "bench/mark"]).stdout
    hints = re.findall(r"\thint\t#0x(\w+)\n.*\tret$", code, re.M)
    assert [int(hint, 16) for hint in hints] == list(range(64, 128))
