# SPDX-License-Identifier: BSD-2-Clause
"""Several guests on several cores: as on one, and wherever the guests are put."""

import pytest

from conftest import make
from shared_console import SharedConsole

TWO = ["storage", "network"]
FOUR = ["north", "east", "south", "west"]


@pytest.fixture
def guests(machine, disk):
    """guests(system, names, config, *make variables): all at their prompts."""

    def start(system, names, config, *variables):
        shared = SharedConsole(machine(system, config, f"DISK={disk}", *variables), names)
        shared.boot()
        return shared

    return start


def come_and_go(shared, name, other):
    """Stops, starts and restarts a guest; another keeps what it has."""
    shared.run(other, "echo before > /tmp/life")
    number = shared.names.index(name) + 1
    shared.show(name)
    shared.press("s")
    shared.says(f"{number} {name} is stopped")
    assert shared.states()[name].startswith("stopped")
    for starts, key in ((2, "g"), (3, "r")):
        shared.press(key)
        shared.console.expect(rb"up in")
        shared.console.prompt()
        assert name in shared.run(name, "hostname")
        assert f"{starts} starts" in shared.states()[name]
    assert "before" in shared.run(other, "cat /tmp/life")


@pytest.mark.parametrize("extensions", ["yes", "no"])
def test_two_guests_on_a_core_each(guests, extensions):
    shared = guests("two-guests", TWO, "smp-release", f"EXTENSIONS={extensions}")
    assert "storage" in shared.run("storage", "hostname; mount /dev/vda1 /mnt && ls -d /mnt")
    assert "obtained" in shared.run("network", "ifconfig eth0 up ; udhcpc eth0")
    come_and_go(shared, "network", "storage")
    assert "obtained" in shared.run("network", "ifconfig eth0 up ; udhcpc eth0")
    shared.run("storage", "echo written > /mnt/a; umount /mnt")
    come_and_go(shared, "storage", "network")
    assert "written" in shared.run("storage", "mount /dev/vda1 /mnt && cat /mnt/a; umount /mnt")
    assert shared.power_off() == 0


def test_four_guests_on_a_core_each(guests):
    shared = guests("many-guests", FOUR, "smp-debug")
    for name in FOUR:
        assert name in shared.run(name, "hostname")
    for name in ("east", "west"):
        come_and_go(shared, name, "south")
    assert shared.power_off() == 0


def test_four_guests_in_pairs(guests):
    """Two guests share a core that is not the console's, and two the console's."""
    shared = guests("many-guests", FOUR, "smp-release", "CPUS=south=2 west=2", "EXTENSIONS=no")
    for name in FOUR:
        assert name in shared.run(name, "hostname")
    come_and_go(shared, "west", "south")
    come_and_go(shared, "north", "south")
    assert shared.power_off() == 0


def test_a_core_that_is_not_there():
    done = make("image", "SYSTEM=two-guests", "CONFIG=smp-debug", "CPUS=network=4")
    assert done.returncode != 0
    assert "cpu" in done.stderr and "two-guests.system:" in done.stderr
    done = make("image", "SYSTEM=two-guests", "CPUS=netwrok=1")
    assert done.returncode != 0
    assert "two-guests.system has no program or guest 'netwrok'" in done.stderr
