# SPDX-License-Identifier: BSD-2-Clause
"""The session that README shows, typed at the real console, and what it leaves on the disk."""

import subprocess

import pytest

from conftest import ROOT
from test_boot import check_boot


def on_disk(disk, path, tmp_path):
    subprocess.run(
        [ROOT / "guest/disk.py", "get", disk, path, "-o", tmp_path], check=True, capture_output=True
    )
    return (tmp_path / path).read_text()


def assert_clean(disk):
    done = subprocess.run(
        [ROOT / "guest/disk.py", "check", disk], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("config", ["debug", "release"])
def test_session(machine, disk, tmp_path, config):
    guest = machine("passthrough", config, f"DISK={disk}", "MAC=52:54:01:00:00:42")
    check_boot(guest, config)
    guest.run("mount /dev/vda1 /mnt/")
    guest.run("dd if=/dev/urandom of=/mnt/random bs=64k count=64 2>/dev/null; sync")
    digest = guest.run("md5sum < /mnt/random").split()[0]
    guest.run("echo 3 > /proc/sys/vm/drop_caches")
    assert guest.run("md5sum < /mnt/random").split()[0] == digest
    guest.run("echo 'hello from the guest' > /mnt/hello")
    guest.run("umount /mnt/")
    text = guest.run("ifconfig eth0 up ; udhcpc eth0")
    assert "lease of 10.0.2.15 obtained" in text
    assert "52:54:01:00:00:42" in guest.run("ifconfig eth0").lower()
    assert "3 packets received" in guest.run("ping -c 3 10.0.2.2")
    assert "nameserver 10.0.2.3" in guest.run("cat /etc/resolv.conf")
    assert "default via 10.0.2.2" in guest.run("ip route")
    guest.send("poweroff")
    assert guest.wait_end() == 0
    assert on_disk(disk, "hello", tmp_path) == "hello from the guest\n"
    assert_clean(disk)


def test_poweroff_with_the_disk_mounted_leaves_it_clean(machine, disk, tmp_path):
    guest = machine("passthrough", "debug", f"DISK={disk}")
    guest.prompt()
    guest.run("mount /dev/vda1 /mnt/")
    guest.run("echo kept > /mnt/kept")
    guest.send("poweroff")
    assert guest.wait_end() == 0
    assert on_disk(disk, "kept", tmp_path) == "kept\n"
    assert_clean(disk)
