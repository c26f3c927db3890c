# SPDX-License-Identifier: BSD-2-Clause
"""reboot restarts the guest while its devices are busy; nothing of the old one is left."""

import time

import pytest

from conftest import amount

LOAD = (
    "ping -q -i 0.01 -s 1400 10.0.2.2 >/dev/null & "
    "while :; do dd if=/dev/vda of=/dev/null bs=64k 2>/dev/null; done &"
)

SOME = [("release", "yes"), ("release", "no")]


@pytest.mark.takes(25)
@pytest.mark.soak
@pytest.mark.parametrize("config, extensions", amount(SOME, SOME + [("debug", "yes")]))
def test_reboot_under_traffic(machine, disk, config, extensions):
    guest = machine("passthrough", config, f"DISK={disk}", f"EXTENSIONS={extensions}")
    guest.prompt()
    for _ in range(amount(1, 20)):
        assert "obtained" in guest.run("ifconfig eth0 up ; udhcpc eth0")
        guest.run(LOAD)
        began = time.monotonic()
        guest.send("reboot -f")
        guest.expect(b"up in")
        guest.prompt()
    guest.run("mount /dev/vda1 /mnt/")
    guest.run("echo after > /mnt/after; umount /mnt/")
    # Its clock began with it.
    assert float(guest.run("cut -d ' ' -f 1 /proc/uptime")) < time.monotonic() - began + 1
    guest.send("poweroff")
    assert guest.wait_end() == 0


def test_orderly_reboot(machine):
    guest = machine("simple")
    guest.prompt()
    guest.send("reboot")
    guest.expect(b"up in")
    guest.prompt()
    guest.send("poweroff")
    assert guest.wait_end() == 0


def test_crashed_guest_can_be_restarted_by_its_own_panic(machine):
    guest = machine("simple", "debug", "BOOTARGS=console=ttyAMA0 panic=1")
    guest.prompt()
    guest.send("echo c > /proc/sysrq-trigger")
    guest.expect(b"Kernel panic")
    guest.expect(b"up in")
    guest.prompt()
