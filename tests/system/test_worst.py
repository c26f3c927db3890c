# SPDX-License-Identifier: BSD-2-Clause
"""How long the kernel runs with interrupts masked (`make bench-worst`), on some of its systems. That
no entry is longer than it may be is part of the tests: a number that a program chooses, and on
which it depends, shows as a longer one."""

import re

import worst

from conftest import good_make

ROW = re.compile(r"^ *([\d,]+) +([\d,]+)  (.+) \((\w+)\)( \*)?$", re.M)


def test_bounds():
    done = good_make("bench-worst", "ENTRIES=notify irq call faults", shared=True)
    rows = {
        kind: (int(longest.replace(",", "")), int(entries.replace(",", "")))
        for longest, entries, kind, _, _ in ROW.findall(done.stdout)
    }
    assert {"system call CALL", "system call SEND", "interrupt", "interrupt of the idle core"} <= set(rows)
    for kind, (longest, entries) in rows.items():
        assert 20 < longest <= worst.LIMIT, kind
        assert entries > 0, kind
