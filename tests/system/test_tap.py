# SPDX-License-Identifier: BSD-2-Clause
"""NET=tap: a guest on a bridge with dnsmasq, and behind the host's address, in a network namespace of the
test's own."""

import os
import subprocess

import pytest

from conftest import ROOT

NAMESPACE = ["unshare", "--net", "--mount"]
# What is outside knows no way back to the guest's addresses.
OUTSIDE = (
    "ip netns add far && ip link add near type veth peer name far netns far && ip link set near up && "
    "ip addr add 192.0.2.1/24 dev near && ip -n far addr add 192.0.2.2/24 dev far && ip -n far link set far up"
)
ENTER = "mount -t tmpfs tmpfs /run && ip link set lo up && : < /dev/net/tun"


def test_names_and_addresses_over_tap(machine, disk):
    tried = subprocess.run(
        [*NAMESPACE, "sh", "-c", ENTER], capture_output=True, text=True, check=False
    )
    if tried.returncode != 0:
        pytest.skip(f"no namespace with /dev/net/tun: {tried.stderr.strip()}")
    assert os.geteuid() == 0
    net = ROOT / "guest/net.py"
    script = f"{ENTER} && {OUTSIDE} && {net} up --nat --address unsw.edu.au=10.77.0.1 && \"$@\"; s=$?; {net} down; exit $s"
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
    assert "3 packets received" in guest.run("ping -c 3 192.0.2.2")
    guest.send("poweroff")
    assert guest.wait_end() == 0
