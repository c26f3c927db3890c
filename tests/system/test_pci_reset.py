# SPDX-License-Identifier: BSD-2-Clause
"""A guest that restarts has its RAM for itself: no function writes to it any more. The next guest drives none,
and what the network card is sent then, with the last guest's buffers still there, is nowhere in its RAM."""

import mmap
import os
import shlex
import socket
import subprocess

import pytest

import monitor
from conftest import ROOT, amount
from shared_console import SharedConsole

# In place of guest/rootfs/etc/init.d/boot: drivers are loaded by who types.
BOOT = """#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs -o mode=1777,size=90% tmpfs /tmp
dmesg -n 5
echo "sluice: guest up in $(cut -d' ' -f1 /proc/uptime) s" > /dev/console
"""
BEFORE, AFTER = b"to the last guest, ", b"to the next guest, "
PACKETS = 400
ECAM = 0x3F000000
BUS_MASTER = 4


@pytest.fixture(scope="module")
def quiet_initrd(tmp_path_factory):
    """INITRD= of a guest without drivers, made once."""
    folder = tmp_path_factory.mktemp("quiet")
    script = folder / "overlay/etc/init.d/boot"
    script.parent.mkdir(parents=True)
    script.write_text(BOOT)
    script.chmod(0o755)
    cache = os.environ.get("CACHE_DIR", ROOT / ".cache")
    subprocess.run(
        [ROOT / "guest/image.py", "--overlay", folder / "overlay", cache, folder], check=True, capture_output=True
    )
    return folder / "initrd.gz"


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Outside:
    """What is beside the machine: its RAM in a file, and a sender outside of the guest's network, which keeps
    the card's address."""

    def __init__(self, folder):
        self.port = free_port()
        self.ram = folder / "ram"

    def change(self, line):
        forward = f"-netdev user,id=net,hostfwd=udp:127.0.0.1:{self.port}-10.0.2.15:9 "
        backend = f"-object memory-backend-file,id=ram,size=2G,mem-path={self.ram},share=on -machine memory-backend=ram"
        text = shlex.join(line)
        assert "-netdev user,id=net " in text and "-m 2G " in text
        return shlex.split(text.replace("-netdev user,id=net ", forward) + " " + backend)

    def send(self, what):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            for _ in range(PACKETS):
                one.sendto(what * 70, ("127.0.0.1", self.port))

    def is_in_ram(self, what):
        with open(self.ram, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as ram:
            return ram.find(what * 3) >= 0


def check_ram(console, outside, size, modules):
    """At the console of the guest, at its prompt. `size` MiB are used up before its drivers are there, so that
    their buffers are where the next guest, which uses little, has nothing that is in their way."""
    run = console.run
    run(f"dd if=/dev/zero of=/tmp/fill bs=1M count={size} 2>/dev/null")
    run(f"modprobe -a {modules}")
    run("ifconfig eth0 10.0.2.15 up; until ping -c 1 -W 1 10.0.2.2 >/dev/null; do :; done")
    outside.send(BEFORE)
    run("sleep 1")
    assert outside.is_in_ram(BEFORE)
    # At once: the kernel's orderly reboot may stop its devices itself.
    console.send("echo b > /proc/sysrq-trigger")
    console.expect(rb"up in")
    console.prompt()
    outside.send(AFTER)
    run("sleep 1")
    assert not outside.is_in_ram(AFTER)


def masters(console, *places):
    """Those whose command register lets them write to memory. Not for virtio, as kernels may have virtio_pci built
    in, which sets it again."""
    words = {place: monitor.ask(console, f"xp /1wx {ECAM + (place << 12) + 4:#x}") for place in places}
    return [place for place, text in words.items() if int(text.split(": ")[1], 16) & BUS_MASTER]


SOME = [("pci", "release", "yes")]
# pci-whole: in make test tests/system/test_pci.py restarts it.
ALL = [*SOME, ("pci", "debug", "no"), ("pci-whole", "release", "no"), ("pci-whole", "debug", "yes")]


@pytest.mark.takes(25)
@pytest.mark.soak
@pytest.mark.parametrize("system, config, extensions", amount(SOME, ALL))
def test_virtio(machine, disk, tmp_path, quiet_initrd, system, config, extensions):
    outside = Outside(tmp_path)
    guest = machine(
        *(system, config, f"DISK={disk}", f"EXTENSIONS={extensions}", f"INITRD={quiet_initrd}"), change=outside.change
    )
    guest.prompt()
    check_ram(guest, outside, 300, "virtio_pci virtio_net")


@pytest.mark.takes(30)
@pytest.mark.soak(only=True)
def test_e1000e(machine, disk, tmp_path, quiet_initrd):
    outside = Outside(tmp_path)
    console = machine(
        *("pci-pair", "debug", f"DISK={disk}", f"DISK2={disk}", f"INITRD={quiet_initrd}"),
        change=lambda line: [*outside.change(line), "-snapshot"],
    )
    shared = SharedConsole(console, ["storage", "network"])
    shared.wait_until_up()
    shared.select("network")
    console.expect(rb"up in")
    console.prompt()
    check_ram(console, outside, 90, "xhci_pci usb_storage e1000e")
    assert masters(console, 0x10, 0x18) == []
