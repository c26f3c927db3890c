# SPDX-License-Identifier: BSD-2-Clause
"""guest/net.py by itself, in a network namespace that each test gets anew."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
NET = HERE.parents[1] / "guest" / "net.py"
SET_UP = "mount -t tmpfs tmpfs /run && ip link set lo up && : < /dev/net/tun && echo ready"
ASK = """
import socket, struct, sys
name, server = sys.argv[1:]
labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
query = struct.pack("!6H", 1, 0x100, 1, 0, 0, 0) + labels + struct.pack("!B2H", 0, 1, 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.settimeout(600)
    sock.sendto(query, (server, 53))
    answer = sock.recv(512)
print(".".join(map(str, answer[-4:])) if answer[6:8] == b"\\0\\1" else "none")
"""


class Namespace:
    """A network namespace with a /run of its own; `path` goes before PATH."""

    def __init__(self, pid):
        self.pid = pid
        self.path = []

    def run(self, *command):
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return subprocess.run(
            ["nsenter", f"--target={self.pid}", "--net", "--mount", *user, *map(str, command)],
            capture_output=True,
            text=True,
            check=False,
            env=dict(os.environ, PATH=":".join([*self.path, os.environ["PATH"], "/usr/sbin"])),
        )

    def good(self, *command):
        done = self.run(*command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def net(self, *arguments):
        return self.good(NET, *arguments)

    def failure(self, *arguments):
        done = self.run(NET, *arguments)
        assert done.returncode == 1
        return done.stderr.strip()

    def everything(self):
        """All that net.py could leave behind, as text; indices and timers left out."""
        links = json.loads(self.good("ip", "-d", "-j", "link"))
        state = [(link["ifname"], link["address"], "UP" in link["flags"]) for link in links]
        addresses = self.good("ip", "-o", "addr", "show", "scope", "global")
        addresses = sorted(line.split(maxsplit=1)[1] for line in addresses.splitlines())
        routes = self.good("ip", "-4", "route") + self.good("ip", "-6", "route")
        routes = sorted(line for line in routes.splitlines() if "fe80::" not in line)
        routes = [line.replace(" linkdown", "").rstrip() for line in routes]
        files = self.good("find", "/run", "-type", "f", "!", "-name", "lock").split()
        return "\n".join(map(str, [*state, *addresses, *routes, *sorted(files)]))

    def ask(self, name, server="10.77.0.1"):
        return self.good(sys.executable, "-c", ASK, name, server).strip()


@pytest.fixture
def namespace():
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    script = f"{SET_UP}; exec sleep 6000"
    with subprocess.Popen(
        ["unshare", "--net", "--mount", *user, "sh", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ, PATH=f"{os.environ['PATH']}:/usr/sbin:/sbin"),
    ) as process:
        if process.stdout.readline() != "ready\n":
            process.kill()
            pytest.skip(f"no namespace, or no /dev/net/tun: {process.stderr.read().strip()}")
        space = Namespace(process.pid)
        yield space
        with contextlib.suppress(AssertionError):
            space.net("down")
        process.kill()


@pytest.fixture
def host_if(namespace):
    """An interface of the "host", configured in every way that net.py has to preserve."""
    for line in (
        "link add uplink type veth peer name lan",
        "link set lan up",
        "link set uplink up",
        "addr add 192.168.7.2/24 broadcast 192.168.7.255 dev uplink",
        "addr add 192.168.8.2/32 dev uplink",
        "-6 addr add fd00:7::2/64 dev uplink nodad",
        "route add 192.168.9.1 dev uplink scope link",
        "route add default via 192.168.7.1 dev uplink proto static metric 100",
        "route add 172.16.0.0/12 via 192.168.9.1 dev uplink onlink",
        "-6 route add default via fd00:7::1 dev uplink metric 1024",
    ):
        namespace.good("ip", *line.split())
    return "uplink"


def fake(namespace, folder, program, script):
    """Put a program of ours before the real one."""
    folder.mkdir(exist_ok=True)
    path = folder / program
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    namespace.path = [str(folder)]


def test_isolated_bridge_gives_addresses_and_names(namespace):
    before = namespace.everything()
    output = namespace.net("up", "--address", "unsw.edu.au=10.77.0.1", "--address", "a.b=10.9.8.7")
    assert "-netdev tap,id=net0,ifname=sluice0,script=no,downscript=no" in output
    offer = json.loads(namespace.good(sys.executable, HERE / "tap_guest.py", "sluice0"))
    assert offer.pop("address").startswith("10.77.0.")
    assert offer == {
        "mask": "255.255.255.0",
        "router": "10.77.0.1",
        "dns": "10.77.0.1",
        "domain": "sluice",
    }
    assert namespace.ask("gateway.sluice") == "10.77.0.1"
    assert namespace.ask("unsw.edu.au") == "10.77.0.1"
    assert namespace.ask("a.b") == "10.9.8.7"
    assert namespace.ask("example.org") == "none"
    assert namespace.net("down") == "sluice0 is down\n"
    assert namespace.everything() == before


def test_up_and_down_may_be_repeated(namespace):
    before = namespace.everything()
    assert namespace.net("down") == "sluice0 is not up\n"
    namespace.net("up")
    up = namespace.everything()
    assert namespace.net("up") == "sluice0 is up already\n"
    assert namespace.everything() == up
    # Other options mean another network; what is missing comes back.
    namespace.net("up", "--subnet", "10.78.0.0/16")
    assert "10.78.0.1/16" in namespace.everything()
    assert "10.77.0.1" not in namespace.everything()
    namespace.good("ip", "link", "del", "sluice0")
    namespace.net("up", "--subnet", "10.78.0.0/16")
    assert "sluice0" in namespace.good("ip", "-br", "link", "show", "master", "sluice0-br")
    namespace.good("sh", "-c", "kill $(cat /run/sluice/*.pid)")
    namespace.net("up")
    assert namespace.ask("gateway.sluice") == "10.77.0.1"
    namespace.net("down")
    namespace.net("down")
    assert namespace.everything() == before


def test_two_interfaces(namespace):
    before = namespace.everything()
    namespace.net("up", "--name", "first")
    namespace.net("up", "--name", "second", "--subnet", "10.78.0.0/24")
    assert namespace.ask("gateway.sluice", "10.78.0.1") == "10.78.0.1"
    namespace.net("down", "--name", "first")
    assert namespace.ask("gateway.sluice", "10.78.0.1") == "10.78.0.1"
    namespace.net("down", "--name", "second")
    assert namespace.everything() == before


def test_host_interface_moves_and_comes_back(namespace, host_if):
    before = namespace.everything()
    namespace.net("up", "--host-if", host_if, "--user", "0")
    up = namespace.everything()
    ports = namespace.good("ip", "-br", "link", "show", "master", "sluice0-br")
    assert sorted(line.split()[0].split("@")[0] for line in ports.splitlines()) == [
        "sluice0",
        "uplink",
    ]
    routes = namespace.good("ip", "route") + namespace.good("ip", "-6", "route")
    assert "dev uplink" not in routes.replace("fe80::/64 dev uplink", "")
    assert "default via 192.168.7.1 dev sluice0-br proto static metric 100" in routes
    assert "172.16.0.0/12 via 192.168.9.1 dev sluice0-br onlink" in routes
    assert "default via fd00:7::1 dev sluice0-br" in routes
    # Nothing but the device is different: the same addresses and routes.
    moved = [line.replace("sluice0-br", "uplink") for line in up.splitlines() if line[0] != "("]
    assert {line for line in before.splitlines() if line[0] != "("} <= set(moved)
    namespace.net("up", "--host-if", host_if, "--user", "0")
    assert namespace.everything() == up
    namespace.net("down")
    assert namespace.everything() == before


def test_the_bridge_passes_frames(namespace, host_if):
    """A DHCP server behind the host's interface answers the guest on the tap."""
    namespace.net("up", "--host-if", host_if)
    namespace.good("ip", "addr", "add", "192.168.66.1/24", "dev", "lan")
    namespace.good(
        "dnsmasq",
        *"--conf-file=/dev/null --pid-file=/run/lan.pid --interface=lan --bind-interfaces".split(),
        *"--port=0 --dhcp-range=192.168.66.9,192.168.66.9 --no-ping".split(),
        *"--dhcp-leasefile=/run/lan.leases --except-interface=lo".split(),
        *([] if os.geteuid() == 0 else ["--user=", "--group="]),
    )
    try:
        offer = json.loads(namespace.good(sys.executable, HERE / "tap_guest.py", "sluice0"))
    finally:
        namespace.good("sh", "-c", "kill $(cat /run/lan.pid)")
    assert offer["address"] == "192.168.66.9"


def test_an_interface_that_was_down_is_down_again(namespace, host_if):
    namespace.good("ip", "link", "set", host_if, "down")
    before = namespace.everything()
    namespace.net("up", "--host-if", host_if)
    namespace.net("down")
    assert [line for line in namespace.everything().splitlines() if host_if in line] == [
        line for line in before.splitlines() if host_if in line
    ]


def to_the_outside(namespace):
    """What --nat sets besides, as text."""
    return namespace.good("cat", "/proc/sys/net/ipv4/ip_forward") + namespace.good("nft", "list", "ruleset")


@pytest.mark.parametrize("forwarded", ["0", "1"])
def test_nat_is_undone(namespace, host_if, forwarded):
    namespace.good("sh", "-c", f"echo {forwarded} > /proc/sys/net/ipv4/ip_forward")
    before = namespace.everything() + to_the_outside(namespace)
    assert "from where this host forwards" in namespace.net("up", "--nat")
    now = to_the_outside(namespace)
    assert now.startswith("1\n") and "table ip sluice_sluice0" in now
    assert 'ip saddr 10.77.0.0/24 oifname != "sluice0-br" masquerade' in now
    assert namespace.net("up", "--nat") == "sluice0 is up already\n"
    namespace.net("down")
    assert namespace.everything() + to_the_outside(namespace) == before


def test_nat_after_a_killed_up(namespace, tmp_path):
    before = namespace.everything() + to_the_outside(namespace)
    real = namespace.good("sh", "-c", "command -v nft").strip()
    fake(namespace, tmp_path / "bin", "nft", f'{real} "$@"; kill -9 $PPID')
    assert namespace.run(NET, "up", "--nat").returncode not in (0, 1)
    namespace.path = []
    namespace.net("down")
    assert namespace.everything() + to_the_outside(namespace) == before


def test_nat_that_fails_leaves_nothing(namespace, tmp_path):
    before = namespace.everything() + to_the_outside(namespace)
    fake(namespace, tmp_path / "bin", "nft", "echo no such thing >&2; exit 1")
    assert namespace.failure("up", "--nat") == "guest/net.py: nft makes no address translation: no such thing"
    namespace.path = []
    assert namespace.everything() + to_the_outside(namespace) == before


def test_an_existing_bridge_only_gets_a_port(namespace):
    namespace.good("ip", "link", "add", "br0", "type", "bridge")
    namespace.good("ip", "addr", "add", "192.168.5.1/24", "dev", "br0")
    namespace.net("up", "--host-if", "br0")
    assert "sluice0" in namespace.good("ip", "-br", "link", "show", "master", "br0")
    assert "192.168.5.1/24 scope global br0" in namespace.everything()
    namespace.net("down")
    assert "sluice0" not in namespace.everything()
    assert "192.168.5.1/24 scope global br0" in namespace.everything()


@pytest.mark.parametrize("step", ["tuntap add", "master sluice0-br", "route replace default"])
def test_a_failing_step_leaves_nothing(namespace, host_if, tmp_path, step):
    before = namespace.everything()
    real = namespace.good("sh", "-c", "command -v ip").strip()
    once = tmp_path / "failed"
    fail = f"[ -e {once} ] || {{ : > {once}; echo no >&2; exit 2; }}"
    script = f'case "$*" in *"{step}"*) {fail};; esac\nexec {real} "$@"'
    fake(namespace, tmp_path / "bin", "ip", script)
    message = namespace.failure("up", "--host-if", host_if)
    assert message.startswith("guest/net.py: ip ") and message.endswith(": no")
    assert len(message.splitlines()) == 1
    assert namespace.everything() == before


def test_dnsmasq_that_fails_leaves_nothing(namespace, tmp_path):
    before = namespace.everything()
    fake(namespace, tmp_path / "bin", "dnsmasq", "echo port in use >&2; exit 2")
    assert namespace.failure("up") == "guest/net.py: dnsmasq does not start: port in use"
    assert namespace.everything() == before


@pytest.mark.parametrize("step", ["link add", "tuntap add", "master", "addr flush", "addr replace"])
def test_down_after_a_killed_up(namespace, host_if, tmp_path, step):
    before = namespace.everything()
    real = namespace.good("sh", "-c", "command -v ip").strip()
    script = f'{real} "$@"; status=$?\ncase "$*" in *"{step}"*) kill -9 $PPID;; esac; exit $status'
    fake(namespace, tmp_path / "bin", "ip", script)
    assert namespace.run(NET, "up", "--host-if", host_if).returncode not in (0, 1)
    namespace.path = []
    namespace.net("down")
    assert namespace.everything() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host-if", "nowhere"], "there is no interface nowhere on this host"),
        (["--host-if", "lo"], "lo leads to no network"),
        (["--subnet", "192.168.7.0/25"], "overlaps the host's route to 192.168.7.0/24 on uplink"),
        (["--name", "uplink"], "uplink exists already"),
    ],
)
def test_refusals_are_one_line(namespace, host_if, arguments, message):
    before = namespace.everything()
    said = namespace.failure("up", *arguments)
    assert message in said
    assert len(said.splitlines()) == 1
    assert namespace.everything() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["--name", "much-too-long-a-name"],
        ["--name", "a/b"],
        ["--subnet", "10.0.0.0/30"],
        ["--subnet", "10.0.0.1/24"],
        ["--address", "name"],
        ["--address", "name=1.2.3"],
        ["--address", "a/b=1.2.3.4"],
        ["--host-if", "eth0", "--address", "a=1.2.3.4"],
        ["--host-if", "eth0", "--nat"],
        ["--user", "nobody-of-that-name"],
    ],
)
def test_bad_arguments(arguments):
    done = subprocess.run([NET, "up", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "error:" in done.stderr


def test_without_tun_it_says_so(namespace):
    namespace.good("mount", "-t", "tmpfs", "tmpfs", "/dev/net")
    assert "/dev/net/tun is missing" in namespace.failure("up")


def test_without_privileges_it_says_so(namespace):
    # A copy that everybody may read, which this checkout perhaps is not.
    namespace.good("sh", "-c", f"cp -r {NET.parent} /run/guest && chmod -R a+rX /run")
    if os.geteuid() == 0:
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        done = namespace.run(*user, "/run/guest/net.py", "up")
    else:
        done = subprocess.run([NET, "up"], capture_output=True, text=True, check=False)
    assert done.stderr == "guest/net.py: making network interfaces needs root; try sudo\n"
