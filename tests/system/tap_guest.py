# SPDX-License-Identifier: BSD-2-Clause
"""Plays a guest on a tap interface: opens it as QEMU would and asks for an address by DHCP.

    tap_guest.py INTERFACE

Prints the offer as JSON. Run by test_tap_scripts.py inside its network namespace.
"""

import fcntl
import ipaddress
import json
import os
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
MAC = bytes.fromhex("525400123456")
TRANSACTION = 0x51D1CE00
COOKIE = bytes.fromhex("63825363")
DISCOVER = 1
OPTIONS = {1: "mask", 3: "router", 6: "dns", 15: "domain"}
PATIENCE = 600.0  # seconds for an answer; the bridge's port needs a moment to come up


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def discover():
    """An Ethernet frame with a DHCPDISCOVER (RFC 2131, figure 1)."""
    bootp = struct.pack("!4B2I", 1, 1, 6, 0, TRANSACTION, 0x8000) + bytes(16) + MAC + bytes(202)
    dhcp = bootp + COOKIE + bytes([53, 1, DISCOVER, 55, 4, 1, 3, 6, 15, 255])
    udp = struct.pack("!4H", 68, 67, 8 + len(dhcp), 0) + dhcp
    header = struct.pack("!2B3H2BH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
    header += bytes(4) + b"\xff" * 4
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return b"\xff" * 6 + MAC + b"\x08\x00" + header + udp


def parse_offer(frame):
    """What a frame offers, as a dictionary; None if it is anything else."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 17 or frame[36:38] != b"\x00\x44":
        return None
    dhcp = frame[42:]
    if struct.unpack_from("!I", dhcp, 4)[0] != TRANSACTION or dhcp[236:240] != COOKIE:
        return None
    offer = {"address": str(ipaddress.ip_address(dhcp[16:20]))}
    options = dhcp[240:]
    while options and options[0] != 255:
        code, length = options[0], options[1]
        value, options = options[2 : 2 + length], options[2 + length :]
        if code in OPTIONS:
            text = value.decode() if code == 15 else str(ipaddress.ip_address(value[:4]))
            offer[OPTIONS[code]] = text
    return offer


def main():
    tap = open_tap(sys.argv[1])
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        os.write(tap, discover())
        again = time.monotonic() + 0.5
        while (left := again - time.monotonic()) > 0 and select.select([tap], [], [], left)[0]:
            offer = parse_offer(os.read(tap, 2048))
            if offer:
                print(json.dumps(offer))
                return
    sys.exit("no offer")


if __name__ == "__main__":
    main()
