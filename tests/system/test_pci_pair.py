# SPDX-License-Identifier: BSD-2-Clause
"""Two guests with PCI functions of their own (systems/pci-pair): neither sees or reaches the other's, whatever
it writes; restarts under load; and a machine that is not what the description says. With an SMMU both guests'
RAM is at the same addresses."""

import re
import shlex

import pytest

import monitor
from conftest import ROOT, amount, good, make_disk, run
from shared_console import SharedConsole

NAMES = ["storage", "network"]
# /dev/mem gives out what drivers have, too: for whoever is root, as setpci is.
ROOT_MAY_ALL = ["VM=network", "BOOTARGS=earlycon loglevel=6 hostname=network iomem=relaxed"]
ECAM = 0x3F000000
BARS = {
    "00:01.0": {0: 0x10000000},
    "00:02.0": {0: 0x10020000, 1: 0x10040000, 3: 0x10060000},
    "00:03.0": {0: 0x10064000},
}
# The first is run for every change.
SYSTEMS = [
    ("pci-pair-iommu", "debug", "yes"),
    ("pci-pair-iommu", "release", "no"),
    ("pci-pair", "debug", "yes"),
    ("pci-pair", "release", "no"),
]
NVME_LOAD = "while :; do dd if=/dev/nvme0n1 bs=1M count=8 iflag=direct 2>/dev/null | md5sum >> /tmp/sums; done &"
USB_LOAD = "while :; do dd if=/dev/sda of=/dev/null bs=64k iflag=direct 2>/dev/null; done &"
NET_LOAD = "ping -q -i 0.01 -s 1400 10.0.2.2 >/dev/null &"


def make_stick(folder):
    """A disk as make_disk()'s, with the program that the guest attacks with."""
    good(run(["aarch64-linux-gnu-gcc", "-O2", "-static", "-s", ROOT / "tests/system/poke.c", "-o", folder / "poke"]))
    (folder / "README").write_text("poke START SIZE VALUE ...\n")
    stick = folder / "stick.img"
    good(run([ROOT / "guest/disk.py", "create", stick, "--size", "32M", folder / "poke", folder / "README"]))
    return stick


def start(machine, tmp_path, config, *variables, qemu=lambda line: line, system="pci-pair"):
    disks = [f"DISK={make_disk(tmp_path / 'nvme.img')}", f"DISK2={make_stick(tmp_path)}"]
    console = machine(system, config, *disks, *ROOT_MAY_ALL, *variables, change=qemu)
    return SharedConsole(console, NAMES)


def functions(shared, name):
    """Of the bus, as the guest's kernel has them: place to vendor and device."""
    text = shared.run(name, "cd /sys/bus/pci/devices; for i in *; do echo $i $(cat $i/vendor $i/device); done; cd")
    return dict(re.findall(r"^0000:(\S+) (0x\w+ 0x\w+)\r?$", text, re.M))


def sums(shared):
    return shared.run("storage", "cat /tmp/sums").split("\n")[:-1]


def works(shared):
    """All three functions."""
    assert "README" in shared.run("storage", "mount /dev/nvme0n1p1 /mnt && ls /mnt; umount /mnt")
    shared.run("network", "until [ -b /dev/sda1 ]; do sleep 0.1; done")
    assert "README" in shared.run("network", "mount /dev/sda1 /mnt && ls /mnt; umount /mnt")
    assert "obtained" in shared.run("network", "ifconfig eth0 up ; udhcpc eth0")
    assert "3 packets received" in shared.run("network", "ping -c 3 10.0.2.2")


ONES = 0xFFFFFFFF
# By /dev/mem, so that nothing of Linux's stands before it: its bridge, the functions that it has, the neighbour's,
# others' places; all ones, and what would move BARs and MSI-X. Ranges of words, and what is written to each.
ATTACK = [
    *((ECAM + (function << 15), 0x100, ONES) for function in (2, 3)),
    *((ECAM + (function << 15), 0x100, ONES) for function in (0, 1, 8)),
    (ECAM + (2 << 15) + 0x10, 0x18, 0x10000000),
    (ECAM + (3 << 15) + 0x10, 0x18, 0x10000000),
    (ECAM + (2 << 15) + 0x100, 0x40, ONES),
    # The neighbour's BAR, its MSI-X table; its own tables; where a bus behind a bridge would be.
    (0x10000000, 0x40, 0),
    (0x10002000, 0x20, ONES),
    (0x10060000, 0x50, ONES),
    (0x10067000, 0x20, ONES),
    (ECAM + (1 << 20), 0x40, ONES),
]


def attack(shared):
    """From the guest `network`, which has the program on its stick."""
    words = " ".join(f"{value:#x}" for entry in ATTACK for value in entry)
    said = shared.run("network", f"mount /dev/sda1 /mnt && cp /mnt/poke /tmp/ && umount /mnt && /tmp/poke {words}")
    assert f"poked {sum(size // 4 for _, size, _ in ATTACK)} words" in said, said


def restart(shared, name, how="reboot -f"):
    shared.show(name)
    shared.console.send(how)
    shared.console.expect(rb"up in")
    shared.console.prompt()


@pytest.mark.takes(90)
@pytest.mark.soak
@pytest.mark.parametrize("system, config, extensions", amount(SYSTEMS[:1], SYSTEMS))
def test_two_guests(machine, tmp_path, system, config, extensions):
    shared = start(machine, tmp_path, config, f"EXTENSIONS={extensions}", system=system)
    shared.boot()
    host = ("00:00.0", "0x1b36 0x0008")
    own = {"storage": dict([host, ("00:01.0", "0x1b36 0x0010")])}
    own["network"] = dict([host, ("00:02.0", "0x8086 0x10d3"), ("00:03.0", "0x1b36 0x000d")])
    for name in NAMES:
        assert functions(shared, name) == own[name]
    works(shared)

    shared.run("storage", NVME_LOAD)
    before = monitor.bars(shared.console)
    # What is attacked with reaches so far: its own function is there, the neighbour's is nothing.
    seen = shared.run("network", f"devmem {ECAM + (2 << 15)}; devmem {ECAM + (1 << 15)}; devmem {BARS['00:01.0'][0]}")
    assert re.findall(r"0x\w{8}|Bus error", seen) == ["0x10D38086", "0xFFFFFFFF", "Bus error"]
    assert {place: found for place, found in before.items() if place in BARS} == BARS
    attack(shared)
    # Memory stays decoded: the guest's last word to the command registers was all ones.
    assert monitor.bars(shared.console) == before
    done = len(sums(shared))
    shared.run("storage", f"while [ $(wc -l < /tmp/sums) -lt {done + 3} ]; do sleep 0.1; done")
    assert len(set(sums(shared))) == 1
    shared.run("storage", "kill $!")
    assert functions(shared, "storage") == own["storage"]

    # The attacker begins anew, without its drivers: they would wait for functions whose BARs it has moved. Then
    # each of them in the middle of its own loads.
    restart(shared, "network", "echo b > /proc/sysrq-trigger")
    works(shared)
    for _ in range(amount(1, 10)):
        shared.run("network", USB_LOAD)
        shared.run("network", NET_LOAD)
        restart(shared, "network")
        works(shared)
        shared.run("storage", NVME_LOAD)
        restart(shared, "storage")
    assert "README" in shared.run("storage", "mount /dev/nvme0n1p1 /mnt && ls /mnt; umount /mnt")
    assert functions(shared, "network") == own["network"]
    assert monitor.bars(shared.console) == before
    assert shared.power_off() == 0


NVME = "-device nvme,drive=disk,serial=sluice,addr=1"
OTHERS = [
    ("", "expected a function, found none"),
    ("-device edu,addr=1", "BAR 0: expected memory of 0x4000 bytes, found 0x100000"),
]


@pytest.mark.takes(20)
@pytest.mark.soak
@pytest.mark.parametrize("device, what", amount(OTHERS[1:], OTHERS))
def test_another_machine_than_described(machine, tmp_path, device, what):
    """The guest whose function it is stays stopped, with a line that says why; the other runs."""

    def change(line):
        text = shlex.join(line)
        assert NVME in text
        return shlex.split(text.replace(NVME, device))

    shared = start(machine, tmp_path, "debug", "EXTENSIONS=yes", qemu=change)
    shared.wait_until_up()
    shared.select("network")
    shared.console.expect(rb"up in")
    shared.console.prompt()
    states = shared.states()
    assert states["storage"].startswith("failed") and states["network"].startswith("running"), states
    shared.press("0")
    shared.console.expect(rb"1 storage: nvme \(00:01\.0\): " + re.escape(what).encode())
    shared.console.expect(rb"1 storage: not started")
