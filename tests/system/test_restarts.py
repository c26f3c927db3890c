# SPDX-License-Identifier: BSD-2-Clause
"""One guest is restarted again and again, whatever it is doing, while its neighbour works with disk and
network and finds every sum right."""

import re
import time
from itertools import cycle

import pytest

from conftest import LIMIT, amount, make_disk
from guest_load import LoadServer
from shared_console import SharedConsole

LEFT, RIGHT = "left", "right"
RESTARTS = amount(3, 50)
# Whole lines: one that a restart interrupts is shown again.
FIRST_LINE = rb"Linux version [^\n]*\n"
KEYS_LINE = rb"Initialise system trusted keyrings[^\n]*\n"
DISK_LINE = rb"virtio_blk virtio\d: [^\n]*\n"
TROUBLE = "I/O error|NETDEV WATCHDOG|stall|lockup|EXT4-fs error"


class Restarted:
    """The guest that does not live long. Each way to restart it begins when its kernel has said its
    first line, and ends before it does so again."""

    def __init__(self, shared, server, began):
        self.shared, self.server, self.console = shared, server, shared.console
        self.began = began

    def restart(self):
        self.began = time.monotonic()
        self.shared.press("r")
        self.shared.says("restarting 2 right")

    def boot(self):
        """To the prompt. Its clock began with it, and its timer works."""
        self.console.expect(rb"up in")
        self.console.prompt()
        text = self.console.run("cut -d' ' -f1 /proc/uptime; sleep 0.2; cut -d' ' -f1 /proc/uptime")
        first, second = map(float, re.findall(r"^(\d+\.\d+)$", text, re.M))
        # No more than went by outside.
        assert first < time.monotonic() - self.began + 1
        assert second - first >= 0.19

    def at_first_line(self):
        self.restart()

    def at_keys(self):
        self.console.expect(KEYS_LINE)
        self.restart()

    def at_disk(self):
        self.console.expect(DISK_LINE)
        self.restart()

    def at_prompt(self):
        self.boot()
        self.restart()

    def by_itself(self):
        self.boot()
        self.began = time.monotonic()
        self.console.send("reboot -f")

    def stopped_and_started(self):
        self.boot()
        self.shared.press("s")
        self.shared.says("2 right is stopped")
        self.began = time.monotonic()
        self.shared.press("g")

    def under_load(self):
        self.boot()
        self.console.run(self.server.start_line("/dev/vda1"))
        assert self.server.wait_for_more(RIGHT, 2, LIMIT)
        self.restart()

    def ways(self):
        """All of its lives but the last: every second or fifth gets to a prompt."""
        first = self.at_first_line
        early = cycle([first, self.at_keys, self.at_disk, *[first] * 4])
        late = cycle([self.under_load, self.by_itself, self.at_prompt, self.stopped_and_started])
        for i in range(RESTARTS):
            yield next(late) if i % amount(2, 5) == 0 else next(early)


@pytest.fixture
def second_disk(tmp_path):
    return make_disk(tmp_path / "second.img")


def start_load(shared, server):
    """In the guest that stays."""
    shared.select(LEFT)
    shared.console.expect(rb"up in")
    shared.console.prompt()
    shared.run(LEFT, "mount /dev/vda1 /mnt")
    shared.run(LEFT, server.start_line("/mnt/load"))
    assert server.wait_for_more(LEFT, 2, LIMIT)


def number(text):
    return int(re.search(r"^\s*(\d+)\s*$", text, re.M).group(1))


@pytest.mark.takes(60)
@pytest.mark.soak
def test_restarts_beside_a_load(machine, disk, second_disk):
    began = time.monotonic()
    console = machine("pair", "release", f"DISK={disk}", f"DISK2={second_disk}")
    shared = SharedConsole(console, [LEFT, RIGHT])
    with LoadServer() as server:
        right = Restarted(shared, server, began)
        start_load(shared, server)
        begun = server.served[LEFT]
        shared.select(RIGHT)
        console.expect(FIRST_LINE)
        for way in right.ways():
            way()
            # It does not stop in between, and nobody is told so.
            assert b"is stopped" not in console.expect(FIRST_LINE)
        assert server.served[LEFT] > begun
        right.boot()
        states = shared.states()
        assert re.match(rf"running .*, {RESTARTS + 1} starts$", states[RIGHT]), states
        assert re.match(r"running .*, 1 start$", states[LEFT]), states
        assert server.wait_for_more(LEFT, 2, LIMIT)
        shared.run(LEFT, "touch /tmp/stop; wait")
        assert number(shared.run(LEFT, "cat /tmp/rounds")) > begun
        assert number(shared.run(LEFT, "wc -l < /tmp/mistakes")) == 0, shared.run(LEFT, "cat /tmp/mistakes")
        assert number(shared.run(LEFT, f"dmesg | grep -cE '{TROUBLE}'")) == 0, shared.run(LEFT, "dmesg")
        shared.run(LEFT, "umount /mnt")
        assert shared.power_off() == 0
