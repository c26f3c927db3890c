# SPDX-License-Identifier: BSD-2-Clause
# README: cores
"""A guest on each core that QEMU has: it boots, uses its disk and network card, and sees of the core's features
those that work."""

import pytest

from conftest import amount
from test_registers import known_cores

BOARDS = {"gicv2": "qemu_virt_aarch64", "gicv3": "qemu_virt_aarch64_gicv3"}
# QEMU's "max" has all that there is; the quick algorithm for pointers, as QARMA5 is slow to emulate.
ALL = "max,pauth-impdef=on"
CORES = ["cortex-a53", "cortex-a57", "cortex-a72", "cortex-a76", "neoverse-n1", "a64fx", "max", ALL]
CORES += ["cortex-a55", "cortex-a710", "neoverse-v1", "neoverse-n2"]  # of QEMU after 7.2
KNOWN = [core for core in CORES if core.split(",")[0] in known_cores()]
# Of ARMv8.3, all that have it and are here.
WITH_KEYS = {"max", ALL, "cortex-a710", "neoverse-v1", "neoverse-n2"}
NOT_THERE = {"sve", "sve2", "sme", "mte", "gcs", "poe", "wfxt", "mops"}
ALWAYS = [(ALL, "gicv3")]


@pytest.mark.soak
@pytest.mark.takes(15)
@pytest.mark.parametrize(
    ("core", "board"), amount(ALWAYS, [(core, board) for board in BOARDS for core in KNOWN])
)
def test_session(machine, disk, core, board):
    arguments = f"QEMU_ARGS=-cpu {core}" + (" -machine mte=on" if core.startswith("max") else "")
    guest = machine("passthrough", "debug", f"BOARD={BOARDS[board]}", f"DISK={disk}", arguments)
    guest.prompt()
    features = set(guest.run("grep -m 1 Features /proc/cpuinfo").split())
    assert {"fp", "asimd"} <= features and not features & NOT_THERE, features
    assert ({"paca", "pacg"} <= features) == (core in WITH_KEYS), features
    guest.run("mount /dev/vda1 /mnt/; head -c 1000000 /dev/urandom > /mnt/random")
    digest = guest.run("md5sum < /mnt/random").split()[0]
    guest.run("sync; echo 3 > /proc/sys/vm/drop_caches")
    assert guest.run("md5sum < /mnt/random").split()[0] == digest
    guest.run("umount /mnt/")
    assert "obtained" in guest.run("ifconfig eth0 up ; udhcpc eth0")
    assert "3 packets received" in guest.run("ping -c 3 10.0.2.2")
    guest.send("poweroff")
    assert guest.wait_end() == 0
