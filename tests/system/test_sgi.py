# SPDX-License-Identifier: BSD-2-Clause
"""A bare guest of three CPUs (tests/system/sgi), each on a core of its own, that interrupt each other: who gets which
SGIs, from whom, what registers show of them; and what one of them costs outside of the guest."""

import re

import pytest

from bench_counts import Counts, plugin
from conftest import BUILD
from owners import classes

PLUGIN = BUILD / "host/count.so"
BEFORE, AFTER, ROUNDS = 1, 2, 1000  # marks of checks.c

# By the contract alone nobody is told who sent one, and what is in a list register already counts as taken: it
# is not shown, cannot be cleared or disabled, and being sent once more it comes once more.
UNKNOWN_SENDER = {
    *("to two", "to itself", "to others", "two senders, the other", "when that has ended"),
    *("from the same, when that has ended", "asleep"),
}
# Those of tests/system/vgic/states.c that test_vgic.py has, too:
STATES = {"made active when offered", "offered again", "taken, made inactive", "disabled"}
CONTRACT = UNKNOWN_SENDER | STATES | {"two senders, no more", "shown", "cleared", "once"}
SGIS = 16  # what is below is of one of them, or of a CPU


def run(machine, tmp_path, *variables):
    """What the guest said of each check that is not "ok", and what an SGI cost."""
    out = tmp_path / "counts.txt"

    def qemu_args(image):
        return ["-icount", "shift=0,sleep=off", *plugin(PLUGIN, out, classes(["sgi"], image))]

    console = machine("tests/system/sgi", "smp-release", *variables, qemu_args=qemu_args)
    text = console.expect(rb"sgi: ([^\r\n]*)[\r\n]").replace(b"\0", b"").decode()
    assert console.child.match[1] == b"done", text
    assert console.wait_end() == 0
    checks = re.findall(r"sgi (.*) 0x([0-9a-f]+): ([^\r\n]*)", text)
    assert len(checks) > 110, text
    counts = Counts(out)
    before, after = ([now for mark, now in counts.marks if mark == number][0] for number in (BEFORE, AFTER))
    outside = sum(
        end - begin for name, begin, end in zip(counts.classes, before, after) if not name.startswith("sgi")
    )
    differs = {name for name, number, result in checks if result != "ok" and int(number, 16) < SGIS}
    return differs, outside / ROUNDS


@pytest.mark.parametrize("board", ["", "_gicv3"])
def test_as_hardware(machine, tmp_path, board):
    differs, cost = run(machine, tmp_path, f"BOARD=qemu_virt_aarch64{board}")
    assert differs == set()
    assert cost <= 350


def test_by_the_contract_alone(machine, tmp_path):
    differs, _ = run(machine, tmp_path, "EXTENSIONS=no")
    assert differs == CONTRACT
