# SPDX-License-Identifier: BSD-2-Clause
"""A bare guest (tests/system/vgic) finds its interrupt controller as hardware has it: registers after a reset
and what of them can be written, interrupts of all priorities active at once, states that it changes; and
what differs, all of it (docs/vmm.md)."""

import re

import pytest

SGI, SPI, UART, TIMER = 0x5, 0x28, 0x21, 0x1B
LEVELS = [UART, TIMER]
ALL = [SGI, SPI, *LEVELS]


def of(intids, *names):
    return {(name, intid) for name in names for intid in intids}


# No hypervisor is told that the line of a device which the guest has itself is down again.
ALWAYS = of(LEVELS, "fallen")
# By the contract alone, four are active at once, and a list register can be neither read nor taken back, nor
# what is in it be made inactive; nor is a line's level known that has fired.
CONTRACT = {
    *of([30], "nested"),
    *of(ALL, "made active when offered", "taken, made inactive", "disabled"),
    *of([SGI, SPI], "offered again"),
    *of(LEVELS, "disabled, fallen", "disabled, fallen, enabled", "distributor off", "cleared"),
}


def run(machine, *variables):
    """What the guest said of each check: "ok", or what it got and wanted."""
    console = machine("tests/system/vgic", "release", "QEMU_ARGS=-icount shift=0,sleep=off", *variables)
    text = console.expect(rb"vgic: ([^\r\n]*)[\r\n]").replace(b"\0", b"").decode()
    assert console.child.match[1] == b"done", text
    checks = re.findall(r"vgic (.*) 0x([0-9a-f]+): ([^\r\n]*)", text)
    assert len(checks) > 100, text
    results = {}
    for name, number, result in checks:
        if results.setdefault((name, int(number, 16)), "ok") == "ok":
            results[name, int(number, 16)] = result
    return {check: result for check, result in results.items() if result != "ok"}


@pytest.mark.parametrize("board", ["", "_gicv3"])
def test_as_hardware(machine, board):
    assert set(run(machine, f"BOARD=qemu_virt_aarch64{board}")) == ALWAYS


def test_by_the_contract_alone(machine):
    differs = run(machine, "EXTENSIONS=no")
    assert set(differs) == ALWAYS | CONTRACT
    assert differs["nested", 30] == "got 0x4, not 0x1e"
