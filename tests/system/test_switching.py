# SPDX-License-Identifier: BSD-2-Clause
"""Switching between two guests while each prints 90 kilobytes (in the soak two megabytes): what is shown is in order,
and what is not shown is said to be missing, to the byte."""

import re

import pytest

from conftest import LIMIT, amount
from shared_console import ESCAPE, SharedConsole

NAMES = ["storage", "network"]
PRINTING = {"storage": 1, "network": 2}  # the first digit of all its numbers
NUMBERS = amount(11_000, 250_000)  # of eight bytes each with what is behind them
EACH_TIME = 3 * NUMBERS  # bytes
PREPARE = """awk 'BEGIN {{ for (i = 0; i < {}; i++) printf "%d%06d%s", {}, i, i % 16 == 15 ? "\\n" : " " }}' \
> /tmp/numbers"""
PRINT = "echo re''ady; read x; cat /tmp/numbers; echo; echo all do''ne"
EVENT = re.compile(rb"\b([12])(\d{6})[ \r]|\[sluice: (\d+) bytes were dropped\]|\n(all done)\r")


class Reader:
    """Reads what the terminal shows of one guest at a time, and accounts for the numbers in it."""

    def __init__(self, child):
        self.child = child
        self.text = b""
        self.last = {1: -1, 2: -1}  # by first digit: the greatest number seen
        self.done = set()  # guests
        self.dropped = 0  # bytes, as a line said before the number that is due
        self.gaps = 0
        self.read = 0

    def more(self, guest):
        text = self.child.read_nonblocking(65536, timeout=LIMIT)
        self.read += len(text)
        self.text += text
        end = 0
        for match in EVENT.finditer(self.text):
            self.take(guest, match)
            end = match.end()
        self.text = self.text[max(end, len(self.text) - 100) :]

    def take(self, guest, match):
        digit, number, dropped, done = match.groups()
        if dropped:
            self.dropped = int(dropped)
        elif done:
            self.done.add(guest)
        else:
            self.take_number(int(digit), int(number))

    def take_number(self, digit, number):
        last = self.last[digit]
        if number > last + 1:
            # The rest of the line that was cut is missing, too, and not counted.
            gap = bytes_between(last + 1, number)
            assert self.dropped - 10 <= gap < self.dropped + 140, (digit, last, number)
            self.gaps += 1
            self.dropped = 0
        self.last[digit] = max(last, number)


def bytes_between(first, behind):
    """Of the numbers from the first on, as they are printed: CR in front of LF."""
    return 8 * (behind - first) + behind // 16 - first // 16


@pytest.mark.takes(40)
@pytest.mark.soak
def test_what_two_guests_print(machine, disk):
    shared = SharedConsole(machine("two-guests", "release", f"DISK={disk}"), NAMES)
    shared.boot()
    for name, digit in PRINTING.items():
        shared.run(name, PREPARE.format(NUMBERS, digit))
    for name in PRINTING:
        shared.show(name)
        shared.console.send(PRINT)
        shared.console.expect(rb"\nready\r")
    # From here on all that is shown is accounted for.
    reader = Reader(shared.console.child)
    shared.console.child.send("\r" + ESCAPE + str(NAMES.index("storage") + 1) + "\r")
    shown, switches = "storage", 0
    while len(reader.done) < len(PRINTING):
        until = reader.read + EACH_TIME
        while reader.read < until and shown not in reader.done:
            reader.more(shown)
        shown = "storage" if shown == "network" else "network"
        shared.press(str(NAMES.index(shown) + 1))
        switches += 1
    assert switches >= 5 and reader.gaps > 0
    assert reader.last == {digit: NUMBERS - 1 for digit in PRINTING.values()}
