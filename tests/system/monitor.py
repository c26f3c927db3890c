# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's monitor, on the terminal that the guest's console is on (-serial mon:stdio)."""

import re

TOGGLE = "\x01c"  # Ctrl-a c
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x08\r]")
PROMPT = rb"\(qemu\) "
BAR = re.compile(r"BAR([0-5]): [^\n]*memory at (0x\w+) ")
FUNCTION = re.compile(r"^  Bus +(\d+), device +(\d+), function +(\d+):", re.M)


def ask(console, command):
    """Types a command at the monitor; returns what it answered. The guest goes on meanwhile, and must be silent."""
    console.child.send(TOGGLE)
    console.expect(PROMPT)
    console.send(command)
    # The line is echoed letter by letter, each time anew.
    console.expect(rb"\r?\n")
    text = console.expect(PROMPT).decode(errors="replace")
    console.child.send(TOGGLE)
    return ESCAPES.sub("", text)


def bars(console):
    """Where the hardware has its functions' memory: "00:01.0" to {BAR: address}. All ones: nowhere."""
    text = ask(console, "info pci")
    found = {}
    starts = list(FUNCTION.finditer(text))
    for start, following in zip(starts, [*starts[1:], None]):
        bus, device, function = map(int, start.groups())
        part = text[start.end() : following.start() if following else None]
        found[f"{bus:02x}:{device:02x}.{function}"] = {int(n): int(at, 16) for n, at in BAR.findall(part)}
    return found
