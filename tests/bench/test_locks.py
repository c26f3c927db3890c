# SPDX-License-Identifier: BSD-2-Clause
"""What `make bench-locks` makes of a guest's results."""

import sys

import pytest

import locks
from machine import BenchError
from session import Result


@pytest.mark.parametrize("text, found", [
    ("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)", (7, 2)),
    ("QEMU emulator version 10.0.13 (Debian 1:10.0.13+ds-0+deb13u1)", (10, 0)),
])
def test_version(text, found):
    assert locks.version(text) == found


def test_no_version():
    with pytest.raises(BenchError, match="version is not in"):
        locks.version("sh: qemu: not found")


@pytest.mark.parametrize("number, is_new", [("8.0.5", False), ("7.2.0", False), ("8.1.0", True), ("10.0.1", True)])
def test_old_qemu_is_refused(number, is_new, tmp_path):
    program = tmp_path / "qemu"
    program.write_text(f"import sys; assert sys.argv[1:] == ['--version']; print('QEMU emulator version {number}')")
    line = [sys.executable, str(program), "-machine", "virt"]
    if is_new:
        locks.check_qemu(line)
    else:
        with pytest.raises(BenchError, match="from 8.1 on"):
            locks.check_qemu(line)


def result(ns, longest):
    return Result("smp", 1000, ns, longest=longest)


def test_table():
    times = {"stopped": (1000, 1000), "computes": (2000, 2500), "does the same": (2000, 4000)}
    results = {}
    for state, (own, lock) in times.items():
        results[state, locks.OWN] = result(own, 1000000)
        results[state, locks.LOCK] = result(lock, 2500000)
    assert list(locks.rows(results)) == [
        ["stopped", "1.000", "1.000", "1.00 ms", "2.50 ms"],
        ["computes", "0.500", "0.400", "1.00 ms", "2.50 ms"],
        ["does the same", "0.500", "0.250", "1.00 ms", "2.50 ms"],
    ]
    assert len(set(map(len, locks.table(results)))) == 1


def test_results_are_kept(tmp_path):
    path = locks.save({("stopped", locks.OWN): result(1000, 1000000)}, tmp_path)
    assert '"other": "stopped"' in path.read_text(encoding="utf-8")
