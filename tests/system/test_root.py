# SPDX-License-Identifier: BSD-2-Clause
# README: their root
"""root= on the kernel's command line: the stock initramfs finds that file system and goes on there."""

import json
import shutil
import subprocess

import pytest

from conftest import BUILD, EXTENSIONS, ROOT
from test_guest_scripts import read_cpio

DISK = ROOT / "guest/disk.py"
INIT = """#!/bin/busybox sh
/bin/busybox mount -t tmpfs tmpfs /tmp # a root that is what it should be has this folder
echo "init $0 with $@ has $(/bin/busybox grep ' / ' /proc/mounts | /bin/busybox tail -n 1)"
echo "made by the root" > /made
/bin/busybox ls -l /made
echo "[$(/bin/busybox ls /)]"
/bin/busybox sync
/bin/busybox mount -o remount,ro /
/bin/busybox poweroff -f
"""
FSCK = """#!/bin/busybox sh
echo "checked: $0 $* beside $(/bin/busybox grep -c ' / ' /proc/mounts)"
exit 1
"""


@pytest.fixture
def tree(tmp_path):
    """A root file system: busybox, an init of its own, and a program that checks file systems."""
    root = tmp_path / "tree"
    for folder in ("bin", "sbin", "dev", "proc", "sys", "tmp", "own"):
        (root / folder).mkdir(parents=True)
    busybox = read_cpio(BUILD / "guest/initrd.gz")["bin/busybox"][1]
    for path, data in (("bin/busybox", busybox), ("own/init", INIT.encode()), ("sbin/fsck.ext2", FSCK.encode())):
        (root / path).write_bytes(data)
        (root / path).chmod(0o755)
    return root


def partition(image):
    shown = subprocess.run(["/usr/sbin/sfdisk", "-J", image], capture_output=True, check=True).stdout
    return json.loads(shown)["partitiontable"]["partitions"][0]


@pytest.mark.parametrize("extensions", EXTENSIONS)
def test_the_root_that_is_named(machine, tree, tmp_path, extensions):
    disk = tmp_path / "disk.img"
    subprocess.run([DISK, "create", disk, "--size", "32M", f"{tree}/."], check=True)
    arguments = "root=PARTUUID=534c4943-01 rw rootfstype=ext2 rootflags=noatime init=/own/init single"
    variables = [f"DISK={disk}", f"BOOTARGS=console=ttyAMA0 {arguments}", *extensions]
    guest = machine("passthrough", "debug", *variables)
    guest.expect(rb"checked: /sbin/fsck.ext2 -a /dev/vda1 beside 1")
    guest.expect(rb"init /own/init with single has /dev/vda1 / ext2 rw,noatime")
    guest.expect(rb"17 .*/made\s+\[bin\s+dev\s+lost.found\s+made\s+own\s")
    assert guest.wait_end() == 0
    subprocess.run([DISK, "get", disk, "/made", "-o", tmp_path], check=True)
    assert (tmp_path / "made").read_text() == "made by the root\n"
    subprocess.run([DISK, "check", disk], check=True)


def test_what_root_may_name(machine, tree, tmp_path):
    """In the initramfs, where one ends whose root is not there."""
    disk = tmp_path / "disk.img"
    subprocess.run([DISK, "create", disk, "--root", tree, "--label", "mine"], check=True)
    arguments = "root=LABEL=nothing rootdelay=1"
    guest = machine("passthrough", "debug", f"DISK={disk}", f"BOOTARGS=console=ttyAMA0 {arguments}")
    guest.expect(rb"sluice: root=LABEL=nothing: there is no such device; there are vda vda1")
    guest.expect(rb"sluice: this is the initramfs instead")
    guest.prompt()
    (said,) = (line for line in guest.run("findfs LABEL=mine; echo end").splitlines() if "/dev/" in line)
    assert said == "/dev/vda1"
    guest.run(". /etc/init.d/root")
    uuid = guest.run("blkid /dev/vda1 2>/dev/null; dd if=/dev/vda1 bs=1 skip=1128 count=16 2>/dev/null | xxd -p")
    digits = uuid.split()[-1]
    uuid = "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])
    part = partition(disk)["uuid"]
    for name in ("/dev/vda1", "LABEL=mine", f"UUID={uuid}", f"PARTUUID={part}", f"PARTUUID={part.lower()}"):
        assert guest.run(f"root={name}; find_device").split() == ["/dev/vda1"], name
    assert guest.run("root=PARTLABEL=root; find_device").split() == ["/dev/vda1"]
    assert guest.run("root=$(cat /sys/block/vda/vda1/dev); find_device").split() == ["/dev/vda1"]
    for name in ("/dev/vdb1", "LABEL=min", "UUID=0-1", "PARTUUID=0-1", "PARTLABEL=x", "99:1", "x"):
        assert guest.run(f"root={name}; find_device").split() == [], name
    # What is there and cannot be started is said, too.
    guest.run("device=/dev/vda1 type= flags=")
    guest.run("program=/no/init; root=/dev/vda1; prepare; echo status $?")
    assert "cannot be mounted as vfat" in guest.run("type=vfat; mount_root")
    guest.run("type=; mount_root")
    assert "there is no /no/init on /dev/vda1" in guest.run("program=/no/init; find_init")
    assert "there is no init on /dev/vda1" in guest.run("program=; find_init")
    guest.send("umount /mnt; poweroff")
    assert guest.wait_end() == 0


@pytest.mark.soak(only=True)
@pytest.mark.takes(40)
@pytest.mark.parametrize("extensions", EXTENSIONS)
def test_a_disk_that_firmware_boots(machine, tree, tmp_path, extensions):
    """GRUB as disk.py sets it up starts the root's kernel, whose initramfs goes on with the root it names."""
    (tree / "boot").mkdir()
    shutil.copy(BUILD / "guest/Image", tree / "boot/vmlinuz-mine")
    shutil.copy(BUILD / "guest/initrd.gz", tree / "boot/initrd.img-mine")
    (tree / "sbin/init").write_text(INIT)
    (tree / "sbin/init").chmod(0o755)
    subprocess.run([DISK, "create", tmp_path / "disk.img", "--root", tree], check=True)
    variables = tmp_path / "variables.img"
    subprocess.run([ROOT / "guest/firmware.py", "variables", variables], check=True)
    files = [f"DISK={tmp_path / 'disk.img'}", f"EFI_VARS={variables}"]
    guest = machine("firmware", "debug", *files, *extensions)
    guest.expect(rb"Welcome to GRUB")
    guest.expect(rb"init /sbin/init with  has /dev/vda1 / ext4 rw")
    assert guest.wait_end() == 0
