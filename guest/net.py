#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A tap interface for a guest, on a bridge of its own.

    net.py up [--name sluice0] [--host-if IF] [--nat] [--subnet NET] [--address NAME=IP]... [--user USER]
    net.py down [--name sluice0]

With --host-if the bridge takes that interface in, and its addresses and routes, so that the guest
is on the host's network and the host stays there. Without, the bridge leads nowhere, and dnsmasq
gives addresses and names on it: gateway.sluice is the host, others are given with --address. With
--nat the host forwards what comes from there to its own networks, as if it came from itself, and
answers for the names that it knows.

`up` may be repeated. `down` undoes exactly what `up` did: each step's undoing is written to a state
file before the step is taken, so that nothing is left behind when `up` fails or is killed half-way.
Needs root, iproute2, dnsmasq unless --host-if is given, and nftables for --nat. hostif.py moves the
addresses.
"""

import argparse
import contextlib
import fcntl
import ipaddress
import json
import os
import pwd
import re
import signal
import sys
import time

import hostif
from common import Failure, run_main, run_tool, tool_path, write_file
from hostif import ip, link

TUN = "/dev/net/tun"
FORWARDING = "/proc/sys/net/ipv4/ip_forward"
DOMAIN = "sluice"
DNSMASQ_PATIENCE = 2.0  # seconds that dnsmasq gets to end by itself


# --- What was done, and how it is undone -------------------------------------------------------


class State:
    """The state file of one tap interface in this network namespace."""

    def __init__(self, folder, name):
        # The directory outlives and is seen by every namespace; an interface's name does neither.
        namespace = os.stat("/proc/self/ns/net").st_ino
        self.prefix = os.path.join(folder, f"{name}-{namespace}")
        self.path = f"{self.prefix}.json"
        self.options = None
        self.undo = []
        with contextlib.suppress(FileNotFoundError), open(self.path, encoding="utf-8") as file:
            try:
                stored = json.load(file)
                self.options, self.undo = stored["options"], stored["undo"]
            except (ValueError, KeyError, TypeError):
                raise Failure(f"{self.path}: damaged; remove it, and the interfaces") from None

    def save(self):
        write_file(self.path, json.dumps({"options": self.options, "undo": self.undo}).encode())

    def will_do(self, *steps):
        """Note how to undo what is done next.

        A step is {"link": name, "ip": arguments}, with "mac" if the name alone does not tell,
        {"dnsmasq": pid file}, {"table": of nftables}, or {"forwarding": what it was}.
        """
        self.undo += steps
        self.save()

    def undo_all(self):
        """Undo everything, the last first; returns what could not be."""
        problems = []
        while self.undo:
            try:
                undo_step(self.undo[-1])
            except Failure as failure:
                problems.append(str(failure))
            self.undo.pop()
            self.save()
        for suffix in (".json", ".leases", ".pid"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.prefix + suffix)
        self.options = None
        return problems


def undo_step(step):
    if "dnsmasq" in step:
        stop_dnsmasq(step["dnsmasq"])
        return
    if "table" in step:
        # Also where `up` was killed before it was there.
        run_tool([tool_path("nft", "nftables"), "delete", "table", "ip", step["table"]], capture_output=True)
        return
    if "forwarding" in step:
        write_forwarding(step["forwarding"])
        return
    found = link(step["link"])
    # An interface that went, or that is another by now, has nothing of ours.
    if found and step.get("mac") in (None, found["address"]):
        ip(*step["ip"])


# --- dnsmasq -----------------------------------------------------------------------------------


def dnsmasq_pid(pid_file):
    """The process that wrote the pid file, if it is still that one; else None."""
    try:
        with open(pid_file, encoding="utf-8") as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return pid if pid_file.encode() in file.read() else None
    except (OSError, ValueError):
        return None


def can_change_user():
    """Whether dnsmasq can give up root; not in a user namespace that an ordinary user made."""
    with contextlib.suppress(OSError), open("/proc/self/setgroups", encoding="ascii") as file:
        return file.read().strip() == "allow"
    return True


def stop_dnsmasq(pid_file):
    pid = dnsmasq_pid(pid_file)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + DNSMASQ_PATIENCE
    while dnsmasq_pid(pid_file) == pid and time.monotonic() < deadline:
        time.sleep(0.02)
    if dnsmasq_pid(pid_file) == pid:
        os.kill(pid, signal.SIGKILL)


def start_dnsmasq(state, bridge, options):
    network = ipaddress.ip_network(options["subnet"])
    gateway = network[1]
    pid_file = f"{state.prefix}.pid"
    command = [
        tool_path("dnsmasq", "dnsmasq-base"),
        "--conf-file=/dev/null",
        f"--pid-file={pid_file}",
        f"--interface={bridge}",
        "--except-interface=lo",
        "--bind-interfaces",
        *([] if options["nat"] else ["--no-resolv"]),
        "--no-hosts",
        f"--domain={DOMAIN}",
        f"--local=/{DOMAIN}/",
        f"--address=/gateway.{DOMAIN}/{gateway}",
        f"--dhcp-range={network[10]},{network[-2]},{network.netmask},1h",
        f"--dhcp-leasefile={state.prefix}.leases",
        "--dhcp-authoritative",
        # Nobody else hands out addresses here: no need to try each for three seconds.
        "--no-ping",
    ]
    command += [f"--address=/{name}/{address}" for name, address in options["addresses"]]
    if not can_change_user():
        command += ["--user=", "--group="]
    state.will_do({"dnsmasq": pid_file})
    done = run_tool(command, capture_output=True)
    if done.returncode != 0:
        raise Failure(f"dnsmasq does not start: {done.stderr.strip()}")


# --- To the outside ----------------------------------------------------------------------------


def write_forwarding(value):
    with open(FORWARDING, "w", encoding="ascii") as file:
        file.write(value)


def start_nat(state, bridge, options):
    """Packets from the bridge to elsewhere go out with the host's address."""
    with open(FORWARDING, encoding="ascii") as file:
        before = file.read().strip()
    table = re.sub(r"[^A-Za-z0-9]", "_", f"sluice_{options['name']}")
    state.will_do({"forwarding": before}, {"table": table})
    rules = f"""table ip {table} {{
        chain out {{
            type nat hook postrouting priority srcnat;
            ip saddr {options["subnet"]} oifname != "{bridge}" masquerade
        }}
    }}
    """
    done = run_tool([tool_path("nft", "nftables"), "-f", "-"], input=rules, capture_output=True)
    if done.returncode != 0:
        raise Failure(f"nft makes no address translation: {done.stderr.strip().splitlines()[0]}")
    write_forwarding("1")


# --- Up and down -------------------------------------------------------------------------------


def check_machine():
    """Refuse at once what would fail half-way."""
    if os.geteuid() != 0:
        raise Failure("making network interfaces needs root; try sudo")
    try:
        os.close(os.open(TUN, os.O_RDWR))
    except FileNotFoundError:
        raise Failure(f"{TUN} is missing: load the kernel module tun, or pass it in") from None
    except OSError as error:
        raise Failure(f"{TUN}: {error.strerror.lower()}; no tap interface can be made") from None


def check_names(options):
    for name in (options["name"], bridge_name(options)):
        if link(name):
            raise Failure(f"{name} exists already, and is not of this script's making")
    host_if = options["host_if"]
    found = link(host_if) if host_if else None
    if host_if and not found:
        raise Failure(f"there is no interface {host_if} on this host")
    if found and "LOOPBACK" in found["flags"]:
        raise Failure(f"{host_if} leads to no network")
    if found and "master" in found:
        raise Failure(f"{host_if} belongs to {found['master']} already; give that as --host-if")
    if not host_if:
        check_subnet(ipaddress.ip_network(options["subnet"]))


def check_subnet(subnet):
    for route in json.loads(ip("-4", "-j", "route", "show")):
        if route["dst"] != "default" and subnet.overlaps(ipaddress.ip_network(route["dst"])):
            raise Failure(
                f"{subnet} overlaps the host's route to {route['dst']} on {route.get('dev')}; "
                "choose another with --subnet"
            )


def bridge_name(options):
    return f"{options['name']}-br"


def make_bridge(state, bridge, address=None):
    state.will_do({"link": bridge, "ip": ["link", "del", bridge]})
    mac = ["address", address] if address else []
    ip("link", "add", bridge, *mac, "type", "bridge", "forward_delay", "0")


def make_tap(state, options, bridge):
    name = options["name"]
    state.will_do({"link": name, "ip": ["link", "del", name]})
    ip("tuntap", "add", "dev", name, "mode", "tap", "user", options["user"])
    ip("link", "set", name, "master", bridge, "up")


def up_isolated(state, options):
    bridge = bridge_name(options)
    network = ipaddress.ip_network(options["subnet"])
    make_bridge(state, bridge)
    ip("addr", "add", f"{network[1]}/{network.prefixlen}", "dev", bridge)
    ip("link", "set", bridge, "up")
    make_tap(state, options, bridge)
    start_dnsmasq(state, bridge, options)
    if options["nat"]:
        start_nat(state, bridge, options)
    where = "from where this host forwards" if options["nat"] else "which leads nowhere else"
    return f"on {bridge}, {where}; this host is {network[1]}, gateway.{DOMAIN}"


def up_bridged(state, options):
    host_if, bridge = options["host_if"], bridge_name(options)
    found = link(host_if)
    if hostif.is_bridge(found):
        make_tap(state, options, host_if)
        return f"on the bridge {host_if}"
    step = {"link": host_if, "mac": found["address"]}
    if "UP" not in found["flags"]:
        state.will_do({**step, "ip": ["link", "set", host_if, "down"]})
        ip("link", "set", host_if, "up")
    # Undone in reverse: the bridge goes, then these give the interface back what it had.
    back = hostif.configuration(host_if, host_if)
    there = hostif.configuration(host_if, bridge)
    state.will_do(*[{**step, "ip": command} for command in reversed(back)])
    # With the interface's own address the bridge is the same host to its neighbours.
    make_bridge(state, bridge, found["address"])
    make_tap(state, options, bridge)
    ip("link", "set", bridge, "up")
    ip("link", "set", host_if, "master", bridge)
    for family in ("-4", "-6"):
        ip(family, "addr", "flush", "dev", host_if, "scope", "global")
    for command in there:
        ip(*command)
    return f"on {bridge}, with {host_if}"


def is_whole(state):
    """Whether everything that `up` made is still there."""
    return all(
        dnsmasq_pid(step["dnsmasq"]) if "dnsmasq" in step else link(step["link"])
        for step in state.undo
        if "dnsmasq" in step or "link" in step
    )


def warn(problems):
    for problem in problems:
        print(f"guest/net.py: could not undo: {problem}", file=sys.stderr)


def up(state, options):
    if state.options == options and is_whole(state):
        print(f"{options['name']} is up already")
        return
    warn(state.undo_all())
    check_machine()
    check_names(options)
    state.options = options
    try:
        where = (up_bridged if options["host_if"] else up_isolated)(state, options)
    except BaseException:
        warn(state.undo_all())
        raise
    print(f"{options['name']} is up {where}")
    print(f"QEMU: -netdev tap,id=net0,ifname={options['name']},script=no,downscript=no")


def down(state, options):
    if state.options is None:
        print(f"{options['name']} is not up")
        return
    problems = state.undo_all()
    warn(problems)
    if problems:
        raise Failure("not everything could be undone")
    print(f"{options['name']} is down")


def state_folder():
    """Where state files are: the run-time directory of the system or of the user."""
    if os.geteuid() == 0 and os.access("/run", os.W_OK):
        return "/run/sluice"
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if not runtime:
        raise Failure("neither /run can be written nor is XDG_RUNTIME_DIR set; try sudo")
    return os.path.join(runtime, "sluice")


@contextlib.contextmanager
def locked(folder):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "lock"), "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- Arguments ---------------------------------------------------------------------------------


def interface(text):
    # Four characters are left for the bridge's suffix; the kernel allows fifteen.
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,12}", text) or text in (".", ".."):
        raise argparse.ArgumentTypeError(f"{text}: not a name, or longer than 12 characters")
    return text


def subnet(text):
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if network.prefixlen > 27:
        raise argparse.ArgumentTypeError(f"{text}: too small; a /27 at the least")
    return str(network)


def named_address(text):
    name, _, address = text.partition("=")
    try:
        address = str(ipaddress.ip_address(address))
    except ValueError:
        address = None
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name) or not address:
        raise argparse.ArgumentTypeError(f"{text}: not of the form NAME=IP")
    return [name, address]


def user(text):
    try:
        return str(int(text) if text.isdigit() else pwd.getpwnam(text).pw_uid)
    except KeyError:
        raise argparse.ArgumentTypeError(f"{text}: no such user") from None


def parse_arguments():
    parser = argparse.ArgumentParser(description="A tap interface for a guest, on a bridge.")
    parser.add_argument("command", choices=("up", "down"))
    parser.add_argument("--name", type=interface, default="sluice0", help="of the tap interface")
    parser.add_argument("--host-if", metavar="IF", help="host interface to put on the bridge")
    parser.add_argument("--nat", action="store_true", help="forward to the host's networks, without --host-if")
    parser.add_argument("--subnet", type=subnet, default="10.77.0.0/24", help="without --host-if")
    parser.add_argument(
        "--address",
        metavar="NAME=IP",
        type=named_address,
        action="append",
        default=[],
        help="a name that dnsmasq answers, without --host-if",
    )
    parser.add_argument(
        "--user",
        type=user,
        default=os.environ.get("SUDO_UID", str(os.getuid())),
        help="who may use the tap interface",
    )
    arguments = parser.parse_args()
    if arguments.host_if and (arguments.address or arguments.nat):
        parser.error("--address and --nat are for a bridge of its own, not for --host-if")
    return arguments


def main():
    arguments = parse_arguments()
    options = {
        "name": arguments.name,
        "host_if": arguments.host_if,
        "nat": arguments.nat,
        "subnet": arguments.subnet,
        "addresses": arguments.address,
        "user": arguments.user,
    }
    if arguments.command == "up" and os.geteuid() != 0:
        check_machine()
    folder = state_folder()
    with locked(folder):
        state = State(folder, arguments.name)
        (up if arguments.command == "up" else down)(state, options)


if __name__ == "__main__":
    run_main("guest/net.py", main)
