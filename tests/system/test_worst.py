# SPDX-License-Identifier: BSD-2-Clause
"""How long the kernel runs with interrupts masked (`make bench-worst`), on some of its systems. That
no entry is longer than it may be is part of the tests: a number that a program chooses, and on
which it depends, shows as a longer one."""

import re

import worst

from conftest import good_make

ROW = re.compile(r"^ *([\d,]+) +([\d,]+)  (.+) \((\w+)\)( \*)?$", re.M)


LINE = 2600  # with a line of the kernel's on the debug console, of the longest that it has


def longest_entries(systems):
    """By kind: (the longest, how many)."""
    done = good_make("bench-worst", f"ENTRIES={systems}", writes="bench/entries")
    return {
        kind: (int(longest.replace(",", "")), int(entries.replace(",", "")))
        for longest, entries, kind, _, _ in ROW.findall(done.stdout)
    }


def test_bounds():
    rows = longest_entries("notify irq call faults")
    assert {"system call CALL", "system call SEND", "interrupt", "interrupt of the idle core"} <= set(rows)
    for kind, (longest, entries) in rows.items():
        assert 20 < longest <= worst.LIMIT, kind
        assert entries > 0, kind


def test_reports_of_faults():
    """Fourteen lines each, and no entry makes more than one of them."""
    rows = longest_entries("rootfault orphan")
    assert "system call DEBUG_PUTC" in rows
    for kind, (longest, _) in rows.items():
        assert longest <= LINE, kind
