# SPDX-License-Identifier: BSD-2-Clause
"""NET=tap: a guest on an isolated bridge with dnsmasq, in a network namespace of the test's own."""

import os
import subprocess

import pytest

from conftest import ROOT

NAMESPACE = ["unshare", "--net", "--mount"]
ENTER = "mount -t tmpfs tmpfs /run && ip link set lo up && : < /dev/net/tun"


def test_names_and_addresses_over_tap(machine, disk):
    tried = subprocess.run(
        [*NAMESPACE, "sh", "-c", ENTER], capture_output=True, text=True, check=False
    )
    if tried.returncode != 0:
        pytest.skip(f"no namespace with /dev/net/tun: {tried.stderr.strip()}")
    assert os.geteuid() == 0
    net = ROOT / "guest/net.py"
    script = f"{ENTER} && {net} up --address unsw.edu.au=10.77.0.1 && \"$@\"; s=$?; {net} down; exit $s"
    guest = machine(
        "passthrough",
        "debug",
        f"DISK={disk}",
        "NET=tap",
        prefix=[*NAMESPACE, "sh", "-c", script, "sh"],
    )
    guest.prompt()
    text = guest.run("ifconfig eth0 up ; udhcpc eth0 ; ping -c 3 unsw.edu.au")
    assert "lease of 10.77.0." in text
    assert "PING unsw.edu.au (10.77.0.1)" in text
    assert "3 packets received" in text
    guest.send("poweroff")
    assert guest.wait_end() == 0
