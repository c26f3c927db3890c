# SPDX-License-Identifier: BSD-2-Clause
# README: several guests
"""Several guests at one console: switching, life and death of one beside the other."""

import re
import time

import pytest

from conftest import amount
from shared_console import SharedConsole

TWO = ["storage", "network"]
FOUR = ["north", "east", "south", "west"]


@pytest.fixture
def guests(machine, disk):
    """guests(system, names, config, *make variables): both at their prompts."""

    def start(system, names, config="debug", *variables):
        shared = SharedConsole(machine(system, config, f"DISK={disk}", *variables), names)
        shared.boot()
        return shared

    return start


def uptime(shared, name):
    return float(shared.run(name, "cut -d ' ' -f 1 /proc/uptime"))


def restarts_by_watchdog(shared):
    """A guest that is lost, with all that its neighbour has."""
    shared.run("storage", "echo before > /tmp/life")
    starts = int(re.search(r"(\d+) starts", shared.states()["network"]).group(1))
    shared.show("network")
    # Nobody waits for the half minute that it usually is.
    shared.console.run("killall watchdog; watchdog -T 3 -t 1 /dev/watchdog")
    shared.console.send("echo c > /proc/sysrq-trigger")
    shared.console.expect(rb"end Kernel panic")
    shared.console.expect(rb"up in")
    shared.console.prompt()
    assert f"{starts + 1} starts" in shared.states()["network"]
    assert "before" in shared.run("storage", "cat /tmp/life")
    shared.press("0")
    shared.console.expect(rb"2 network: the guest's watchdog has expired")
    shared.shown = None


@pytest.mark.takes(45)
@pytest.mark.soak
@pytest.mark.parametrize("config, extensions", amount([("debug", "yes")], [("debug", "yes"), ("release", "no")]))
def test_session(guests, config, extensions):
    rtc = "QEMU_ARGS=-rtc base=2031-02-03T04:05:06"
    shared = guests("two-guests", TWO, config, f"EXTENSIONS={extensions}", rtc)
    assert "storage" in shared.run("storage", "hostname; mount /dev/vda1 /mnt && ls -d /mnt")
    assert "obtained" in shared.run("network", "ifconfig eth0 up ; udhcpc eth0")
    assert "ttyAMA0" in shared.run("storage", "cat /sys/class/tty/console/active")
    assert "hvc0" in shared.run("network", "cat /sys/class/tty/console/active")
    for name in TWO:  # a clock each, after the machine's; what a guest sets is its own
        assert "2031-02-03" in shared.run(name, "date +%F")
    shared.run("storage", "date -s 2040-01-01; hwclock -w")
    assert "2040" in shared.run("storage", "hwclock -r")
    assert "2031" in shared.run("network", "hwclock -r")
    states = shared.states()
    assert all(re.match(r"running for .*192 MiB, 1 start", state) for state in states.values()), states

    # Stopped, started, and a new life that begins with its clock at zero.
    shared.press("s")
    shared.says("2 network is stopped")
    assert shared.states()["network"].startswith("stopped")
    began = time.monotonic()
    shared.press("g")
    shared.console.expect(rb"up in")
    shared.console.prompt()
    assert uptime(shared, "network") < time.monotonic() - began + 1
    assert "2 starts" in shared.states()["network"]
    assert "obtained" in shared.run("network", "ifconfig eth0 up ; udhcpc eth0")
    shared.run("network", "begin=$(cut -d. -f1 /proc/uptime); sleep 3")
    assert int(shared.run("network", "echo $(($(cut -d. -f1 /proc/uptime) - begin))").split()[0]) >= 2
    if config == "debug":
        restarts_by_watchdog(shared)

    # One is lost; the other does not notice, and the lost one comes back by command.
    shared.run("storage", "echo before > /tmp/life; echo written > /mnt/a")
    shared.show("network")
    shared.console.send("killall watchdog; echo c > /proc/sysrq-trigger")
    shared.console.expect(rb"end Kernel panic")
    assert "before" in shared.run("storage", "cat /tmp/life")
    shared.select("network")
    shared.console.expect(rb"end Kernel panic")
    shared.press("r")
    shared.console.expect(rb"up in")
    shared.console.prompt()
    assert "before" in shared.run("storage", "cat /tmp/life; umount /mnt")
    assert shared.power_off() == 0


@pytest.mark.soak(only=True)  # test_guests_smp has four guests, too
@pytest.mark.takes(30)
def test_four(guests):
    shared = guests("many-guests", FOUR)
    for name in FOUR:
        assert name in shared.run(name, "hostname")
    shared.press("a")
    shared.says("all")
    shared.select("south")
    assert shared.power_off() == 0
