# SPDX-License-Identifier: BSD-2-Clause
# README: interrupt controllers
"""Guests with several CPUs, and guests with a GICv3: CPUs that come and go, interrupts that move between them,
and what is left behind when the guest starts anew."""

import re

import pytest

from conftest import BUILD, ROOT, amount, good, make, run

GICV3 = "BOARD=qemu_virt_aarch64_gicv3"
TROUBLE = "stall|lockup|hung task|failed to come online|I/O error"
LOAD = "for i in 1 2 3 4; do md5sum /dev/zero & done; while :; do dd if=/dev/vda of=/dev/null bs=64k 2>/dev/null; done &"
READ = "dd if=/dev/vda of=/dev/null bs=4k count=500 iflag=direct 2>/dev/null"


def interrupts(guest, name):
    """By CPU."""
    line = re.search(rf"^ *\d+:([ \d]+)GIC.*{name}", guest.run("cat /proc/interrupts"), re.M)
    return [int(word) for word in line[1].split()]


def check_cpus(guest, count):
    """They compute at once, one leaves and comes back."""
    assert guest.run("nproc").strip() == str(count)
    sums = guest.run("for i in 1 2 3 4; do (head -c 1000000 /dev/zero | md5sum) & done; wait")
    assert len(re.findall(r"^[0-9a-f]{32}  -", sums, re.M)) == 4
    online = "/sys/devices/system/cpu/cpu1/online"
    text = guest.run(f"echo 0 > {online}; nproc; echo 1 > {online}; nproc")
    assert re.findall(r"^\d$", text, re.M) == [str(count - 1), str(count)]


def check_trouble(guest):
    """It has all its CPUs, and its kernel complains of nothing."""
    text = guest.run(f"nproc; dmesg | grep -cE '{TROUBLE}'")
    assert re.findall(r"^\d+$", text, re.M) == ["4", "0"], text


def check_hotplug(guest, rounds):
    """All but one leave, and come back in another order, again and again."""
    online = "/sys/devices/system/cpu/cpu$i/online"
    leave, come = f"for i in 1 3 2; do echo 0 > {online}; done", f"for i in 2 1 3; do echo 1 > {online}; done"
    guest.run(f"for round in $(seq {rounds}); do {leave}; {come}; done")
    check_trouble(guest)


def check_affinity(guest):
    """The disk's interrupt goes to the CPU that the guest says, from then on."""
    number = re.search(r"^ *(\d+):.*virtio1", guest.run("cat /proc/interrupts"), re.M)[1]
    for cpu in (2, 3):
        guest.run(f"echo {1 << cpu} > /proc/irq/{number}/smp_affinity")
        before = interrupts(guest, "virtio1")
        guest.run(READ)
        moved = [after - was for after, was in zip(interrupts(guest, "virtio1"), before)]
        assert moved[cpu] >= 400 and sum(moved) == moved[cpu], moved


def start_anew(guest, count):
    guest.send("reboot")
    guest.prompt()
    assert guest.run("nproc").strip() == str(count)


def disk_with_a_kernel(folder):
    """A disk with the guest's own kernel and initramfs, and a program that starts them (kexec/kexec.c)."""
    source, program, disk = ROOT / "tests/system/kexec/kexec.c", folder / "kexec", folder / "kernel.img"
    good(run(["aarch64-linux-gnu-gcc", "-std=gnu11", "-O2", "-static", "-s", "-o", program, source]))
    files = [program, BUILD / "guest/Image", BUILD / "guest/initrd.gz"]
    good(run([ROOT / "guest/disk.py", "create", disk, "--size", "128M", *files]))
    return disk


def start_another_kernel(guest, count):
    """kexec: each CPU but one goes off by CPU_OFF, and is started by another kernel, which begins at time zero."""
    guest.run("echo before > /tmp/life; mount /dev/vda1 /mnt; cp /mnt/kexec /mnt/Image /mnt/initrd.gz /tmp; umount /mnt")
    guest.run("initrd=0x$(xxd -p /proc/device-tree/chosen/linux,initrd-start)")
    guest.send("cd /tmp; ./kexec Image initrd.gz $initrd 0x48000000")
    guest.expect(b"Booting Linux on physical CPU")
    guest.prompt()
    assert guest.run("nproc; ls /tmp").split() == [str(count)]
    # The first kernel has taken the seed from the tree: the VMM, at a reboot, would have put another one there.
    assert "KASLR disabled due to lack of seed" in guest.run("dmesg | grep KASLR")


def power_off(guest):
    guest.send("poweroff")
    assert guest.wait_end() == 0


@pytest.mark.soak
@pytest.mark.takes(40)
def test_four_cpus_with_a_gicv3(machine, disk):
    """On two of the machine's four cores, which are all that this machine may have; `make soak` takes four."""
    variables = amount(["CPUS=linux.1=1 linux.2=0 linux.3=1"], [])
    guest = machine("smp", "smp-debug", GICV3, f"DISK={disk}", *variables)
    assert "sluice: GICv3, 4 cores" in guest.prompt()
    check_cpus(guest, 4)
    check_hotplug(guest, amount(3, 1000))
    check_affinity(guest)
    power_off(guest)


@pytest.mark.takes(20)
def test_four_cpus_on_one_core(machine, tmp_path):
    guest = machine("smp", "release", f"DISK={disk_with_a_kernel(tmp_path)}")
    guest.prompt()
    check_cpus(guest, 4)
    start_another_kernel(guest, 4)
    check_cpus(guest, 4)
    check_affinity(guest)
    start_anew(guest, 4)
    power_off(guest)


@pytest.mark.soak(only=True)
@pytest.mark.takes(300)
@pytest.mark.parametrize("board", ["BOARD=qemu_virt_aarch64", GICV3])
def test_a_hundred_boots(machine, disk, board):
    """Each under load: none hangs, and each finds all its CPUs and no trouble."""
    guest = machine("smp", "smp-release", board, f"DISK={disk}")
    guest.prompt()
    for _ in range(100):
        check_trouble(guest)
        guest.run(LOAD)
        guest.send("reboot -f")
        guest.expect(b"up in")
        guest.prompt()
    power_off(guest)


@pytest.mark.takes(20)
def test_gicv3_by_the_contract_alone(machine, disk):
    """Between two guests the CPU interface is brought to where it was by instructions in the guest's RAM."""
    guest = machine("passthrough", "release", GICV3, "EXTENSIONS=no", f"DISK={disk}")
    guest.prompt()
    assert guest.run(f"{READ} && echo read").strip().endswith("read")
    assert "obtained" in guest.run("ifconfig eth0 up; udhcpc eth0")
    start_anew(guest, 1)
    assert guest.run(f"{READ} && echo read").strip().endswith("read")
    power_off(guest)


def test_cpus_places_a_vcpu(machine):
    done = make("image", "SYSTEM=smp", "CONFIG=smp-debug", "CPUS=linux.2=7")
    assert done.returncode != 0 and "cpu" in done.stderr and "smp.system:" in done.stderr
    done = make("image", "SYSTEM=smp", "CONFIG=smp-debug", "CPUS=linux.4=1")
    assert done.returncode != 0 and "smp.system has no program, guest or vCPU 'linux.4'" in done.stderr
