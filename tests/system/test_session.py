# SPDX-License-Identifier: BSD-2-Clause
# README: devices
"""The session that README shows, typed at the real console, and what it leaves on the disk."""

import socket
import subprocess
import time

import pytest

from conftest import LIMIT, ROOT
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


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def exchange(port, data):
    """Says something to a port of this machine's; returns what is answered. QEMU takes the connection before
    it knows whether anybody listens in the guest, and ends it if not."""
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as connection:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: connection.recv(100), b""))
        except ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.parametrize("config", ["debug", "release"])
def test_session(machine, disk, tmp_path, config):
    port = free_port()
    forward = f"FORWARD=tcp:{port}:5000 udp:{port}:5001"
    guest = machine("passthrough", config, f"DISK={disk}", "MAC=52:54:01:00:00:42", forward)
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
    guest.run("while ! [ -s /tmp/came ]; do echo from the guest | nc -l -p 5000 > /tmp/came; done &")
    assert exchange(port, b"from outside\n") == b"from the guest\n"
    assert "from outside" in guest.run("wait; cat /tmp/came")
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
