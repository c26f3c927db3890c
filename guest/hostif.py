# SPDX-License-Identifier: BSD-2-Clause
"""iproute2 for net.py: links as dictionaries, and an interface's addresses and routes as commands.

The commands are argument lists for `ip`, so that they can be kept in a state file and replayed on
another interface: on the bridge when it takes the interface in, on the interface when it goes.
"""

import json

from common import Failure, run_tool, tool_path

FOREVER = 0xFFFFFFFF
# What `ip route show` says about a route's condition, and `ip route add` does not take.
CONDITIONS = {"linkdown", "dead", "offload", "trap", "rt_offload", "rt_trap"}
FAMILIES = {"inet": "-4", "inet6": "-6"}


def ip(*arguments):
    """Run ip(8); returns what it prints, raises Failure if it fails."""
    done = run_tool([tool_path("ip", "iproute2"), *arguments], capture_output=True)
    if done.returncode == 0:
        return done.stdout
    reason = done.stderr.strip().replace("RTNETLINK answers: ", "") or "failed"
    if "Operation not permitted" in reason:
        reason += " (needs root with the capability NET_ADMIN)"
    raise Failure(f"ip {' '.join(arguments)}: {reason}")


def link(name):
    """What `ip` knows of an interface, or None if there is none of that name."""
    done = run_tool(
        [tool_path("ip", "iproute2"), "-d", "-j", "link", "show", "dev", name], capture_output=True
    )
    return json.loads(done.stdout)[0] if done.returncode == 0 else None


def is_bridge(found):
    return found.get("linkinfo", {}).get("info_kind") == "bridge"


def lifetime(seconds):
    return "forever" if seconds == FOREVER else str(seconds)


def address_command(address, device):
    """The command that gives `device` an address as `ip -j addr` describes it."""
    command = [FAMILIES[address["family"]], "addr", "replace"]
    peer = address.get("address")
    if peer:
        command += [address["local"], "peer", f"{peer}/{address['prefixlen']}"]
    else:
        command.append(f"{address['local']}/{address['prefixlen']}")
    if "broadcast" in address:
        command += ["broadcast", address["broadcast"]]
    command += ["scope", address["scope"], "dev", device]
    for key, word in (("valid_life_time", "valid_lft"), ("preferred_life_time", "preferred_lft")):
        command += [word, lifetime(address.get(key, FOREVER))]
    if address["family"] == "inet6":
        command.append("nodad")  # it was this host's all along
    return command


def addresses(name):
    """The addresses of an interface that are to move with it."""
    described = json.loads(ip("-j", "addr", "show", "dev", name))[0]["addr_info"]
    return [
        address
        for address in described
        if address["scope"] != "link" and not address.get("temporary")
    ]


def route_command(family, line, device):
    """The command that makes a route, as `ip route show dev …` prints it, on `device`."""
    words = [word for word in line.split() if word not in CONDITIONS]
    if "expires" in words:
        at = words.index("expires")
        del words[at : at + 2]
    return [family, "route", "replace", *words, "dev", device]


def routes(name):
    """An interface's routes as (family, line); those that come with its addresses are left out."""
    found = []
    for family in ("-4", "-6"):
        for line in ip(family, "route", "show", "dev", name).splitlines():
            if "nexthop" in line or line[:1].isspace():
                raise Failure(f"{name} has routes over several interfaces; that is not supported")
            if "proto kernel" not in line:
                found.append((family, line))
    # A gateway is reached by a route of its own, if that is no address's network.
    return sorted(found, key=lambda route: " via " in route[1])


def configuration(name, device):
    """The commands that give `device` the addresses and routes that the interface `name` has."""
    return [address_command(address, device) for address in addresses(name)] + [
        route_command(family, line, device) for family, line in routes(name)
    ]
