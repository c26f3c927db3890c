# SPDX-License-Identifier: BSD-2-Clause
# README: PCI
"""One guest whose disk and network card are PCI functions (systems/pci), behind an SMMU or not: the original's
session, MSI and lines, restarts under load; and the host bridge given as a whole (systems/pci-whole)."""

import re
import shutil

import pytest

import monitor
from conftest import ROOT, amount
from smmu_stages import stages
from test_boot import check_boot
from test_reboot import LOAD
from test_session import assert_clean, on_disk

LINES = "BOOTARGS=console=ttyAMA0 pci=nomsi"
# What is run for every change, beside test_high_memory(); `make soak` has all of them.
SOME = [("pci", "release", "yes"), ("pci-iommu", "debug", "yes")]
ALL = [
    (system, config, extensions)
    for system in ("pci", "pci-iommu")
    for config in ("debug", "release")
    for extensions in ("yes", "no")
]


def session(guest, disk):
    """README's, and what a user sees of PCI."""
    guest.run("mount /dev/vda1 /mnt/")
    guest.run("dd if=/dev/urandom of=/mnt/random bs=64k count=64 2>/dev/null; sync")
    digest = guest.run("md5sum < /mnt/random").split()[0]
    guest.run("echo 3 > /proc/sys/vm/drop_caches")
    assert guest.run("md5sum < /mnt/random").split()[0] == digest
    guest.run("echo 'hello from the guest' > /mnt/hello; umount /mnt/")
    text = guest.run("ifconfig eth0 up ; udhcpc eth0")
    assert "lease of 10.0.2.15 obtained" in text
    assert "52:54:01:00:00:42" in guest.run("ifconfig eth0").lower()
    assert "3 packets received" in guest.run("ping -c 3 10.0.2.2")


def interrupts(guest):
    """Name to (how often, which controller and number, edge or level)."""
    text = guest.run("cat /proc/interrupts")
    lines = re.findall(r"^ *\d+: +(\d+) +(\S+) +(\d+) +(Edge|Level) +(\S+)\r?$", text, re.M)
    return {name: (int(count), chip, int(number), kind) for count, chip, number, kind, name in lines}


REBOOT = "reboot -f"
AT_ONCE = "echo b > /proc/sysrq-trigger"  # no driver stops what its function does


def start_anew(guest, how):
    guest.send(how)
    guest.expect(b"up in")
    guest.prompt()


def restart_under_load(guest, how=REBOOT):
    guest.run(LOAD)
    start_anew(guest, how)
    assert "obtained" in guest.run("ifconfig eth0 up ; udhcpc eth0")


@pytest.mark.takes(30)
@pytest.mark.soak
@pytest.mark.parametrize("system, config, extensions", amount(SOME, ALL))
def test_session(machine, disk, tmp_path, system, config, extensions):
    guest = machine(system, config, f"DISK={disk}", "MAC=52:54:01:00:00:42", f"EXTENSIONS={extensions}")
    check_boot(guest, config)
    session(guest, disk)
    found = {name: entry for name, entry in interrupts(guest).items() if name.startswith("virtio")}
    assert all("MSI" in chip for _, chip, _, _ in found.values()) and len(found) >= 4, found
    assert any(count > 10 for name, (count, *_) in found.items() if "req" in name), found
    for _ in range(amount(1, 20)):
        restart_under_load(guest)
    guest.run("mount /dev/vda1 /mnt/; echo after > /mnt/after; umount /mnt/")
    guest.send("poweroff")
    assert guest.wait_end() == 0
    assert on_disk(disk, "hello", tmp_path) == "hello from the guest\n"
    assert on_disk(disk, "after", tmp_path) == "after\n"
    assert_clean(disk)


@pytest.mark.takes(30)
@pytest.mark.soak(only=True)
@pytest.mark.parametrize("stage", stages())
def test_stages(machine, disk, stage):
    guest = machine("pci-iommu", "release", f"DISK={disk}", "MAC=52:54:01:00:00:42", f"QEMU_ARGS={stage}")
    guest.prompt()
    session(guest, disk)
    restart_under_load(guest)


PLATFORM = ",iommu_platform=on"


@pytest.mark.takes(5)
def test_function_that_goes_past_the_smmu(machine, disk):
    """Its guest stays stopped, and a line says why."""

    def change(line):
        (word,) = [word for word in line if word.startswith("virtio-blk-pci,") and word.endswith(PLATFORM)]
        return [part.removesuffix(PLATFORM) if part == word else part for part in line]

    guest = machine(*SOME[1][:2], "EXTENSIONS=yes", f"DISK={disk}", "MAC=52:54:01:00:00:42", change=change)
    guest.expect(rb"\[linux\] disk \(00:01\.0\): expected a device whose DMA is confined \(feature 33, ")
    guest.expect(rb"ACCESS_PLATFORM\), found one that goes past the SMMU\r*\n\[linux\] not started\r*\n")
    assert "Linux" not in monitor.ask(guest, "info version")  # nothing came meanwhile


@pytest.mark.takes(25)
@pytest.mark.soak
@pytest.mark.parametrize("system, config, extensions", amount(SOME[:1], ALL))
def test_lines(machine, disk, system, config, extensions):
    guest = machine(system, config, f"DISK={disk}", "MAC=52:54:01:00:00:42", f"EXTENSIONS={extensions}", LINES)
    guest.prompt()
    session(guest, disk)
    found = {name: entry for name, entry in interrupts(guest).items() if name.startswith("virtio")}
    assert sorted((number, kind) for _, _, number, kind in found.values()) == [(36, "Level"), (37, "Level")]
    assert all(count > 10 for count, *_ in found.values()), found
    restart_under_load(guest)
    guest.send("poweroff")
    assert guest.wait_end() == 0
    assert_clean(disk)


GICV2, GICV3 = "BOARD=qemu_virt_aarch64", "BOARD=qemu_virt_aarch64_gicv3"


def vectors(guest, name):
    """How often a message came to each CPU; what the controller is called differs between Linux's versions."""
    text = guest.run(f"grep '{name}' /proc/interrupts")
    return [int(count) for count in re.search(r"^ *\d+:((?: +\d+)+) +\S+ +\d+ +Edge ", text, re.M)[1].split()]


@pytest.fixture
def two_cpus(tmp_path):
    """systems/pci with two CPUs, so that its vectors have somewhere to go."""
    folder = shutil.copytree(ROOT / "systems/pci", tmp_path / "pcismp")
    text = (folder / "pci.system").read_text()
    (folder / "pci.system").unlink()
    (folder / "pcismp.system").write_text(text.replace('<vcpu id="0" />', '<vcpu id="0" /><vcpu id="1" />'))
    return folder / "pcismp.system"


@pytest.mark.takes(30)
@pytest.mark.soak
def test_messages_by_an_its(machine, disk, two_cpus):
    """LPIs of functions, moved between CPUs on two cores while they come; a restart under load."""
    guest = machine(two_cpus, "smp-release", GICV3, "CPUS=linux.1=1", f"DISK={disk}", "MAC=52:54:01:00:00:42")
    guest.prompt()
    session(guest, disk)
    number = re.search(r"^ *(\d+):.*virtio0-v", guest.run("grep virtio0-v /proc/interrupts"), re.M)[1]
    guest.run("(while :; do dd if=/dev/vda of=/dev/null bs=4k count=500 iflag=direct 2>/dev/null; done) &")
    guest.run(f"for i in 1 2 3 4 5; do for cpu in 2 1; do echo $cpu > /proc/irq/{number}/smp_affinity; sleep 0.1; done; done")
    guest.run(f"echo 2 > /proc/irq/{number}/smp_affinity; kill %1; wait; dmesg | grep -c timeout")
    before = vectors(guest, "virtio0-v")
    assert min(before) > 0
    guest.run("dd if=/dev/vda of=/dev/null bs=4k count=200 iflag=direct")
    first, second = (now - was for now, was in zip(vectors(guest, "virtio0-v"), before))
    assert first == 0 and second >= 200
    # Where one CPU breaks virtqueues while another sends, as REBOOT may, that one stays in Linux' start_xmit().
    restart_under_load(guest, AT_ONCE)
    guest.send("poweroff")
    assert guest.wait_end() == 0
    assert_clean(disk)


@pytest.mark.soak(only=True)
@pytest.mark.takes(30)
def test_lines_with_a_gicv3(machine, disk):
    """By the contract alone there is no ITS: the same description has lines then."""
    guest = machine("pci", "release", GICV3, "EXTENSIONS=no", f"DISK={disk}", "MAC=52:54:01:00:00:42")
    guest.prompt()
    session(guest, disk)
    found = {name: entry for name, entry in interrupts(guest).items() if name.startswith("virtio")}
    assert sorted((number, kind) for _, _, number, kind in found.values()) == [(36, "Level"), (37, "Level")]
    guest.send("poweroff")
    assert guest.wait_end() == 0


def digest_of(guest, name):
    """Of a disk, when it is there."""
    guest.run(f"until [ -b /dev/{name} ]; do sleep 0.1; done")
    return guest.run(f"dd if=/dev/{name} bs=1M count=4 2>/dev/null | md5sum").split()[0]


def plug(guest, name, device):
    """device_add in QEMU's monitor; waits for the guest's disk of that name."""
    assert monitor.ask(guest, f"device_add {device}").strip() == ""
    return digest_of(guest, name)


READ = ("nvme0n1", "vdb")  # beside LOAD


@pytest.mark.takes(30)
@pytest.mark.soak
@pytest.mark.parametrize("board", amount([GICV2], [GICV2, GICV3]))
def test_whole_bridge_with_hotplug(machine, disk, board):
    digest = "b5cfa9d6c8febd618f91ac2843d50a1c"  # of 4 MiB of zeros
    blank = "-drive driver=null-co,read-zeroes=on,size=8M,if=none,id="
    guest = machine("pci-whole", "debug", board, f"DISK={disk}", f"QEMU_ARGS={blank}one {blank}two")
    guest.prompt()
    guest.run("mount /dev/vda1 /mnt && ls /mnt && umount /mnt")
    assert "obtained" in guest.run("ifconfig eth0 up ; udhcpc eth0")
    assert plug(guest, "nvme0n1", "nvme,drive=one,serial=one,bus=port1,id=first") == digest
    assert plug(guest, "vdb", "virtio-blk-pci,drive=two,bus=port2") == digest
    found = interrupts(guest)
    assert "MSI" in found["nvme0q1"][1], found
    for _ in range(amount(1, 20)):
        guest.run(LOAD)
        guest.run("".join(f"while :; do dd if=/dev/{name} of=/dev/null bs=64k; done 2>/dev/null & " for name in READ))
        start_anew(guest, AT_ONCE)
        assert "obtained" in guest.run("ifconfig eth0 up ; udhcpc eth0")
        assert digest_of(guest, "nvme0n1") == digest
        assert digest_of(guest, "vdb") == digest
    monitor.ask(guest, "device_del first")
    guest.run("while [ -b /dev/nvme0n1 ]; do sleep 0.1; done")
    assert "3 packets received" in guest.run("ping -c 3 10.0.2.2")
    assert plug(guest, "nvme0n1", "nvme,drive=one,serial=one,bus=port1") == digest
    guest.send("poweroff")
    assert guest.wait_end() == 0
    assert_clean(disk)


@pytest.mark.takes(20)
@pytest.mark.soak(only=True)
def test_whole_bridge_with_a_function_that_has_no_reset(machine, disk):
    """It masters DMA, and its guest is the only one."""
    guest = machine("pci-whole", "debug", f"DISK={disk}", "QEMU_ARGS=-device e1000e,addr=5")
    guest.prompt()
    guest.run("modprobe e1000e; until [ -e /sys/class/net/eth1 ]; do sleep 0.1; done")
    guest.run("ifconfig eth1 up")
    guest.send("echo b > /proc/sysrq-trigger")
    guest.expect(rb"\[linux\] 00:05\.0 \(8086:10d3\): no reset is known, so that the guest cannot be started again")


HIGH = {
    # ECAM above 4 GiB, the larger BARs in the 64-bit window, 1 GiB of RAM.
    "0x3f0": "0x40100",
    'phys_addr="0x10004000"': 'phys_addr="0x8000004000"',
    'phys_addr="0x1000c000"': 'phys_addr="0x800000c000"',
    'vaddr="0x10004000"': 'vaddr="0x8000004000"',
    'vaddr="0x1000c000"': 'vaddr="0x800000c000"',
    'name="guest_ram" size="0x20000000"': 'name="guest_ram" size="0x40000000"',
}


@pytest.mark.takes(20)
@pytest.mark.soak
def test_high_memory(machine, disk, tmp_path):
    """By the contract alone, which test_session() need not do then."""
    folder = tmp_path / "high"
    shutil.copytree(ROOT / "systems/pci", folder)
    text = (folder / "pci.system").read_text()
    for old, new in HIGH.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "pci.system").unlink()
    (folder / "high.system").write_text(text)
    with open(folder / "system.mk", "a", encoding="utf-8") as file:
        file.write("qemu_machine := virt,virtualization=on,secure=off\n")
    variables = [f"DISK={disk}", "MAC=52:54:01:00:00:42", "MEM=4G", "EXTENSIONS=no"]
    guest = machine(folder / "high.system", "debug", *variables)
    guest.prompt()
    assert int(guest.run("grep MemTotal /proc/meminfo | grep -o '[0-9]*'").split()[0]) > 900 << 10
    session(guest, disk)
    resources = guest.run("cat /sys/bus/pci/devices/0000:00:01.0/resource").lower()
    assert "0x0000000010000000" in resources and "0x0000008000004000" in resources
    assert monitor.bars(guest)["00:02.0"] == {1: 0x10008000, 4: 0x800000C000}
    restart_under_load(guest)
    guest.send("poweroff")
    assert guest.wait_end() == 0
    assert_clean(disk)
