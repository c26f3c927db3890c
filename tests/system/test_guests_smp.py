# SPDX-License-Identifier: BSD-2-Clause
# README: cores
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


def come_and_go(shared, name, other, keys):
    """Stops and starts a guest, or restarts it; another keeps what it has."""
    shared.run(other, "echo before > /tmp/life")
    shared.show(name)
    for key in keys:
        shared.press(key)
        if key == "s":
            shared.says(f"{shared.names.index(name) + 1} {name} is stopped")
            assert shared.states()[name].startswith("stopped")
            continue
        shared.console.expect(rb"up in")
        shared.console.prompt()
        assert name in shared.run(name, "hostname")
        assert "2 starts" in shared.states()[name]
    assert "before" in shared.run(other, "cat /tmp/life")


def devices_work(shared):
    assert "obtained" in shared.run("network", "ifconfig eth0 up ; udhcpc eth0")
    written = shared.run("storage", "mount /dev/vda1 /mnt; date > /mnt/a; umount /mnt; dmesg | tail")
    assert "rror" not in written
    return shared.run("storage", "mount /dev/vda1 /mnt; cat /mnt/a; umount /mnt")


@pytest.mark.takes(40)
def test_two_smp_guests_on_the_same_cores(guests):
    """test_two_smp_guests.py, in the soak, has more of them."""
    shared = guests("two-smp-guests", TWO, "smp-release")
    for name in TWO:
        assert shared.run(name, "nproc").strip() == "2"
    assert "UTC" in devices_work(shared)
    come_and_go(shared, "network", "storage", "sg")
    assert "UTC" in devices_work(shared)
    assert shared.power_off() == 0


@pytest.mark.soak(only=True)
@pytest.mark.takes(30)
def test_two_guests_share_a_core_that_is_not_the_consoles(guests):
    variables = ["EXTENSIONS=no", "CPUS=storage=1 network=1"]
    shared = guests("two-guests", TWO, "smp-release", *variables)
    assert "UTC" in devices_work(shared)
    come_and_go(shared, "storage", "network", "r")
    assert "UTC" in devices_work(shared)
    assert shared.power_off() == 0


@pytest.mark.takes(40)
def test_four_guests_on_a_core_each(guests):
    shared = guests("many-guests", FOUR, "smp-debug")
    for name in FOUR:
        assert name in shared.run(name, "hostname")
    come_and_go(shared, "west", "south", "sg")
    assert shared.power_off() == 0


def test_a_core_that_is_not_there():
    done = make("image", "SYSTEM=two-guests", "CONFIG=smp-debug", "CPUS=network=4")
    assert done.returncode != 0
    assert "cpu" in done.stderr and "two-guests.system:" in done.stderr
    done = make("image", "SYSTEM=two-guests", "CPUS=netwrok=1")
    assert done.returncode != 0
    assert "two-guests.system has no program, guest or vCPU 'netwrok'" in done.stderr
