# SPDX-License-Identifier: BSD-2-Clause
"""Guests whose console is a PCI function that their VMM emulates (tests/system/pci_console): one takes
its interrupts as MSIs, the other by INTA."""

import re

import pytest

from shared_console import SharedConsole

NAMES = ["vectors", "line"]
DEVICE = "/sys/bus/pci/devices/0000:00:01.0"
# What /proc/interrupts calls them; the driver is told of a size, and of what it printed and may read.
INTERRUPTS = {"vectors": ["virtio0-config", "virtio0-input", "virtio0-output"], "line": ["virtio0"]}


def counts(shared, name):
    text = shared.run(name, "grep virtio /proc/interrupts")
    found = {what: int(number) for number, what in re.findall(r"^ *\d+: +(\d+) .* (\S+)\r*$", text, re.M)}
    assert sorted(found) == INTERRUPTS[name], text
    return found


def check_function(shared, name):
    assert "hvc0" in shared.run(name, "cat /sys/class/tty/console/active")
    assert "0000:00:00.0 0000:00:01.0" in shared.run(name, "echo $(ls /sys/bus/pci/devices)")
    found = shared.run(name, f"cat {DEVICE}/vendor {DEVICE}/device {DEVICE}/class")
    assert re.search(r"0x1af4\s+0x1043\s+0x078000\b", found), found


def check_interrupts(shared, name):
    before = counts(shared, name)
    after = counts(shared, name)
    grown = {what for what in after if after[what] > before[what]}
    assert grown >= {what for what in after if not what.endswith("-config")}, (before, after)


def check_size(shared, name, columns):
    """The driver is told of a change of the configuration."""
    before = counts(shared, name)
    shared.press("w")
    shared.console.expect(rb"\x1b\[9999;9999H\x1b\[6n")
    shared.console.child.send(f"\x1b[40;{columns}R")
    shared.says(f"the terminal has {columns} columns and 40 rows")
    shared.shown = None  # the prompt that is shown again is none that waits
    assert f"40 {columns}" in shared.run(name, "stty size")
    after = counts(shared, name)
    assert name == "line" or after["virtio0-config"] > before["virtio0-config"], (before, after)


def change_bars(shared, name):
    """As root may: what is written answers sizing, and the BARs stay; what the header says stays, too."""
    poke = f"printf '\\377\\377\\377\\377' | dd of={DEVICE}/config bs=1 conv=notrunc 2>/dev/null seek"
    for offset in (0, 8, 16, 20, 52):
        shared.run(name, f"{poke}={offset}")
    text = shared.run(name, f"hexdump -v -e '8/4 \"%08x \" \"\\n\"' -n 32 {DEVICE}/config")
    assert re.search(r"^10431af4 0010\w{4} 07800001 00000000 fffff000 fffff000 00000000 00000000", text, re.M), text


@pytest.mark.takes(35)
@pytest.mark.parametrize("config, extensions", [("debug", "yes"), ("release", "no")])
def test_session(machine, config, extensions):
    shared = SharedConsole(machine("tests/system/pci_console", config, f"EXTENSIONS={extensions}"), NAMES)
    shared.boot()
    for number, name in enumerate(NAMES):
        check_function(shared, name)
        check_interrupts(shared, name)
        check_size(shared, name, 100 + number)
        change_bars(shared, name)
        assert "still here" in shared.run(name, "echo still here")
    # A new life finds all as it was.
    for name in NAMES:
        shared.show(name)
        shared.console.send("reboot")
        shared.console.expect(rb"up in")
        shared.console.prompt()
        check_function(shared, name)
        check_interrupts(shared, name)
    assert shared.power_off() == 0
