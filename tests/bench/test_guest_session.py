# SPDX-License-Identifier: BSD-2-Clause
"""What the guest prints and what was counted, put together."""

from types import SimpleNamespace

import pytest

from machine import BenchError
from session import Result, attribute, parse_result

LINE = (
    "bench: block-random count=2000 ns=53359568 low=25000 median=25392 longest=31000 "
    "irq:arch_timer=13 irq:uart-pl011=1 irq:virtio0=3 irq:virtio1=2000"
)


def test_line_with_everything():
    result = parse_result(f"[    3.14] a message of the kernel's\r\n{LINE}\r\n")
    assert (result.workload, result.count, result.ns) == ("block-random", 2000, 53359568)
    assert (result.low, result.median, result.longest) == (25000, 25392, 31000)
    assert result.device_interrupts() == 2000 and result.ticks() == 13
    kept = result.as_dict()
    assert kept["device"] == 2000 and kept["ticks"] == 13 and "outside" not in kept


def test_an_nvme_disk_has_interrupts_too():
    result = parse_result(LINE.replace("irq:virtio1=2000", "irq:nvme0q1=1999"))
    assert result.device_interrupts() == 1999


def test_line_without_interrupts():
    result = parse_result("bench: cpu count=5 ns=20000000\n")
    assert result.median is None and result.interrupts == {} and result.device_interrupts() == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bench: block-random: /dev/vda: No such file or directory\n",
        "-sh: bench: not found\n",
        LINE.replace("ns=", "ns=-"),
        LINE[:46],
        f"echo {LINE}",
        LINE + " and more",
    ],
)
def test_no_result(text):
    with pytest.raises(BenchError, match="the guest answered"):
        parse_result(text)


def counts(marks, total):
    return SimpleNamespace(
        classes=["other", "kernel", "programs", "guest-kernel", "guest-user"], marks=marks, total=total
    )


MARKS = [
    (4, [0, 100, 20, 1000, 10]),
    (0, [0, 350, 40, 5000, 30]),
    (7, [1, 360, 40, 5100, 30]),
    (0, [1, 365, 40, 5200, 30]),
]
TOTAL = [1, 400, 50, 6000, 40]


def test_counts_go_to_their_workloads():
    results = [Result("block-random", 1, 1), Result("idle", 1, 1)]
    boot = attribute(counts(MARKS, TOTAL), results)
    assert [(result.outside, result.inside) for result in results] == [(270, 4020), (5, 100)]
    assert [result.programs for result in results] == [20, 0]
    # All but what lies between the first mark and the last.
    assert boot == (1 + 400 + 50) - (406 - 120)


def test_boot_alone():
    assert attribute(counts([], TOTAL), []) == 451


@pytest.mark.parametrize(
    "marks, workloads",
    [
        (MARKS, ["block-random"]),
        (MARKS, ["idle", "block-random"]),
        (MARKS[:3], ["block-random", "idle"]),
        (MARKS[1:], ["block-random", "idle"]),
    ],
)
def test_marks_of_other_workloads(marks, workloads):
    with pytest.raises(BenchError, match="not those of the workloads"):
        attribute(counts(marks, TOTAL), [Result(workload, 1, 1) for workload in workloads])


def test_machine_that_was_killed():
    with pytest.raises(BenchError, match="the counts end early"):
        attribute(counts(MARKS, None), [])
