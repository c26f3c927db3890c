# SPDX-License-Identifier: BSD-2-Clause
"""A bare guest of two vCPUs (tests/system/bare): ways to sleep leave the core to who is below; what its
distributor shows and changes of what is pending; who sent an SGI; AArch32 code at an emulated device;
calls with an immediate."""

import re

import pytest

SHARE = 95  # per cent
TICKS = 8  # of ten milliseconds
# By the contract alone, a timer does not run while its vCPU is stopped.
SPINS = {"suspend, a tick each millisecond", "suspend, timer due and masked by priority"}
# By the contract alone, a list register can be neither read nor taken back, nor say who sent an SGI.
IN_FLIGHT = [
    *("shows pending", "shows not active", "shows not pending", "shows nothing"),
    *("disabled", "distributor off", "distributor on again", "cleared"),
    *("priority raised", "priority raised, the other"),
    *("group 1 to 0", "group 1 to 0, then nothing"),
    *("from the other", "of both with its number"),
]
# By the contract alone, AArch32 state cannot be written back: loads are aborted, IT blocks not left.
AARCH32 = [
    *("comes to its end", "loads", "loads a byte", "loads r14", "loads in an IT block"),
    "behind a store in an IT block",
]
INTIDS = [5, 40, 33, 27]
NUMBERS = [0, 4, 14, 32, 16, 5, 6, 7]


def run(machine, *variables):
    """What the guest said of each: share and wakes by way to sleep, "ok" or not by check."""
    console = machine("tests/system/bare", "release", "QEMU_ARGS=-icount shift=0,sleep=off", *variables)
    text = console.expect(rb"bare: ([^\r\n]*)[\r\n]").replace(b"\0", b"").decode()
    assert console.child.match[1] == b"done", text
    sleeps = re.findall(r"sleep (.*): (\d+) % below, (\d+) wakes\r", text)
    checks = re.findall(r"(?:pending|senders|aarch32|calls) (.*) (\d+): ([^\r\n]*)", text)
    assert len(sleeps) == 11 and {int(intid) for _, intid, _ in checks} == {*INTIDS, 7, *NUMBERS}, text
    return (
        {way: (int(share), int(wakes)) for way, share, wakes in sleeps},
        {(name, int(intid)): result for name, intid, result in checks},
    )


@pytest.mark.parametrize("extensions", ["yes", "no"])
def test_bare_guest(machine, extensions):
    sleeps, checks = run(machine, f"EXTENSIONS={extensions}")
    if extensions == "no":
        sleeps = {way: result for way, result in sleeps.items() if way not in SPINS}
        checks = {check: result for check, result in checks.items() if check[0] not in IN_FLIGHT + AARCH32}
    assert not {way: result for way, result in sleeps.items() if result[0] < SHARE}
    assert not {way: result for way, result in sleeps.items() if "tick" in way and result[1] < TICKS}
    assert not {check: result for check, result in checks.items() if result != "ok"}
