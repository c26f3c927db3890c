# SPDX-License-Identifier: BSD-2-Clause
"""Guests whose console is a PCI function that their VMM emulates (tests/system/pci_console): one takes
its interrupts as MSIs; the other by INTA, beside a function of the board's with MSIs, or without (pci=nomsi)."""

import re

import pytest

from conftest import amount
from shared_console import SharedConsole

NAMES = ["vectors", "line"]
FUNCTIONS = {"vectors": "0000:00:00.0 0000:00:01.0", "line": "0000:00:00.0 0000:00:01.0 0000:00:03.0"}
DEVICE = "/sys/bus/pci/devices/0000:00:01.0"
# Of the console. The driver is told of a size, and of what it printed and may read.
INTERRUPTS = {"vectors": ["config", "input", "output"], "line": [""]}
NO_MSI = ["VM=line", "BOOTARGS=pci=nomsi hostname=line"]


def counts(shared, name):
    """What the console's interrupts are for, and how many there were."""
    device = re.search(r"\b(virtio\d)\b", shared.run(name, f"echo $(ls {DEVICE})")).group(1)
    text = shared.run(name, f"grep {device} /proc/interrupts")
    lines = re.findall(rf"^ *\d+: +(\d+) .* {device}-?(\w*)\r*$", text, re.M)
    found = {what: int(number) for number, what in lines}
    assert sorted(found) == INTERRUPTS[name], text
    return found


def check_function(shared, name):
    assert "hvc0" in shared.run(name, "cat /sys/class/tty/console/active")
    assert FUNCTIONS[name] == shared.run(name, "echo $(ls /sys/bus/pci/devices)").split("\n")[-1]
    found = shared.run(name, f"cat {DEVICE}/vendor {DEVICE}/device {DEVICE}/class")
    assert re.search(r"0x1af4\s+0x1043\s+0x078000\b", found), found


def check_interrupts(shared, name):
    before = counts(shared, name)
    after = counts(shared, name)
    grown = {what for what in after if after[what] > before[what]}
    assert grown >= {what for what in after if what != "config"}, (before, after)


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
    assert name == "line" or after["config"] > before["config"], (before, after)


def check_passed_through(shared):
    """The board's function works beside the emulated one."""
    assert re.search(r"\b64\b", shared.run("line", "head -c 64 /dev/hwrng | wc -c"))


def change_bars(shared, name):
    """As root may: what is written answers sizing, and the BARs stay; what the header says stays, too."""
    poke = f"printf '\\377\\377\\377\\377' | dd of={DEVICE}/config bs=1 conv=notrunc 2>/dev/null seek"
    for offset in (0, 8, 16, 20, 52):
        shared.run(name, f"{poke}={offset}")
    text = shared.run(name, f"hexdump -v -e '8/4 \"%08x \" \"\\n\"' -n 32 {DEVICE}/config")
    bars = "fffff000 " + ("fffff000 " if name == "vectors" else "00000000 ")  # without MSI-X there is one
    assert re.search(rf"^10431af4 0010\w{{4}} 07800001 00000000 {bars}00000000 00000000", text, re.M), text


SOME = [pytest.param("debug", [], id="debug")]
OTHERS = [pytest.param("release", ["EXTENSIONS=no", *NO_MSI], id="contract-nomsi")]


@pytest.mark.takes(35)
@pytest.mark.soak
@pytest.mark.parametrize("config, variables", amount(SOME, SOME + OTHERS))
def test_session(machine, config, variables):
    shared = SharedConsole(machine("tests/system/pci_console", config, *variables), NAMES)
    shared.boot()
    for number, name in enumerate(NAMES):
        check_function(shared, name)
        check_interrupts(shared, name)
        check_size(shared, name, 100 + number)
        change_bars(shared, name)
        assert "still here" in shared.run(name, "echo still he''re")
    check_passed_through(shared)
    # A new life finds all as it was.
    for name in NAMES:
        shared.show(name)
        shared.console.send("reboot")
        shared.console.expect(rb"up in")
        shared.console.prompt()
        check_function(shared, name)
        check_interrupts(shared, name)
    check_passed_through(shared)
    assert shared.power_off() == 0
