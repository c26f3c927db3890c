# SPDX-License-Identifier: BSD-2-Clause
"""What is allowed and hardly meant: an exact line each, on stderr and in the report."""

import json
import re

import pytest

# Those of the first line are fixtures.
from test_sdf import build, describe, files, run, sdk
from test_sdf import BOARD

PROGRAM = '<program_image path="program.elf" />'


def pd(attributes, inner=""):
    return f'<protection_domain name="a" {attributes}>{PROGRAM}{inner}</protection_domain>'


def peer(attributes, inner=""):
    return pd(attributes, inner).replace('name="a"', 'name="b"')


def vm(attributes, vcpus='<vcpu id="0" />'):
    return f'<virtual_machine name="v" {attributes}>{vcpus}</virtual_machine>'


def region(place=""):
    return f'<memory_region name="r" size="0x1000" {place} />'


def map_(attributes):
    return f'<map mr="r" vaddr="0x10000000" {attributes} />'


UART = 'phys_addr="0x9000000"'
MUTE = '<channel><end pd="a" id="0" notify="false"/><end pd="b" id="0" notify="false"/></channel>'
SHORT = (
    "a budget of {} us is short: that '{}' uses it up and gets it back costs 6 us of switching "
    "(770 instructions), which is {} % of the budget and, each {} us, {} % of the core on element '{}'"
)

WARNED = {
    "unmapped": ([region(), pd("")], "memory region 'r' is not mapped on element 'memory_region'"),
    "guard_page": (
        [region(), pd("", '<map mr="r" vaddr="0xffffffb000" />')],
        "map ends at the stack's bottom: no guard page on element 'map'",
    ),
    "cached_registers": (
        [region(UART), pd("", map_(""))],
        "registers at 0x9000000 are mapped as cached memory: add cached=\"false\" on element 'map'",
    ),
    "mixture": (
        [region(), pd("", map_("")), peer("", map_('cached="false"'))],
        "memory region 'r' is not cached here, but is in 'a': one may not see what the other writes "
        "on element 'map'",
    ),
    "nothing_there": (
        [region('phys_addr="0x9041000"'), pd("", map_('cached="false"'))],
        "the board's device tree has nothing at 0x9041000..0x9042000, where memory region 'r' is on "
        "element 'memory_region'",
    ),
    "edge_that_is_level": (
        [pd("", '<irq irq="34" id="0" trigger="edge" />')],
        "interrupt 34 has trigger=\"level\" in the board's device tree on element 'irq'",
    ),
    "level_that_is_edge": (
        [pd("", '<irq irq="35" id="0" />')],
        "interrupt 35 has trigger=\"edge\" in the board's device tree on element 'irq'",
    ),
    "short_budget": (
        [pd('budget="99" period="1000"')],
        SHORT.format(99, "a", 6, 1000, "less than 1", "protection_domain"),
    ),
    "shorter_budget": (
        [pd('budget="10" period="20"')],
        SHORT.format(10, "a", 60, 20, 30, "protection_domain"),
    ),
    "shortest_budget": (
        [pd('budget="1" period="2"')],
        SHORT.format(1, "a", 600, 2, 100, "protection_domain"),
    ),
    "short_budget_of_vm": (
        [pd('priority="9"', vm('budget="50" period="60"'))],
        SHORT.format(50, "v", 12, 60, 10, "virtual_machine"),
    ),
    "short_turn": (
        [pd('budget="99"'), peer("")],
        "a budget of 99 us is short: the end of a turn costs 3 us of switching (385 instructions), which "
        "is 3 % of it "
        "on element 'protection_domain'",
    ),
    "short_turn_of_vcpus": (
        [pd('priority="9"', vm('budget="99"', '<vcpu id="0" /><vcpu id="1" />'))],
        "a budget of 99 us is short: the end of a turn costs 3 us of switching (385 instructions), which "
        "is 3 % of it "
        "on element 'virtual_machine'",
    ),
    "long_period": (
        [pd('period="10000000"')],
        "a period of 10000000 us is long, 10 s: until it ends 'a', or who waits for it, may get "
        "nothing on element 'protection_domain'",
    ),
    "passive_budget": (
        [pd('passive="true" budget="50" period="10000000"')],
        "'a' is passive: after init() it runs on its callers' budgets, and has no use for its own "
        "on element 'protection_domain'",
    ),
    "vm_above_vmm": (
        [pd('priority="9"', vm('priority="10"'))],
        "'v' has a higher priority (10) than its VMM 'a' (9): while it is busy, no interrupt of its "
        "reaches it on element 'virtual_machine'",
    ),
    "unaligned_segment": (
        [pd("").replace("program.elf", "unaligned.elf")],
        "the segment of 'FILES/unaligned.elf' at 0x201000 begins elsewhere in a page of the file, which "
        "seL4's tool does not take: link with -Wl,-z,max-page-size=4096, and without -n on element "
        "'program_image'",
    ),
    "mute_channel": (
        [pd(""), peer(""), MUTE],
        "nothing can pass through this channel: neither end may signal or call on element 'channel'",
    ),
}

FINE = {
    "budget": [pd('budget="100" period="400"')],
    "turn": [pd('budget="10"'), peer('priority="1"')],
    "period": [pd('period="9999999"')],
    "passive": [pd('passive="true"')],
    "vm_beside_vmm": [pd('priority="9"', vm('priority="9"'))],
    "one_way": [pd(""), peer(""), MUTE.replace('notify="false"', "", 1)],
    "registers": [region(UART), pd("", map_('cached="false"'))],
    "uncached": [region(), pd("", map_('cached="false"')), peer("", map_('cached="false"'))],
    "trigger": [pd("", '<irq irq="34" id="0" /><irq irq="35" id="1" trigger="edge" />')],
    "unknown_trigger": [pd("", '<irq irq="100" id="0" /><irq irq="101" id="1" trigger="edge" />')],
    "window": [region('phys_addr="0x900f000"'), pd("", map_('cached="false"'))],
    "other_bank": [region('phys_addr="0x100000000"'), pd("", map_(""))],
}


@pytest.mark.parametrize("name", WARNED)
def test_warned(build, describe, files, tmp_path, name):
    elements, words = WARNED[name]
    system = describe(*elements)
    done = build(system, "--report-json", tmp_path / "report.json")
    row, col = (int(number) for number in done.stderr.rsplit(":", 2)[1:])
    assert done.returncode == 0
    assert done.stderr == f"Warning: {words}: test.system:{row}:{col}\n"
    tag = words.split("'")[-2]
    assert re.match(rf"<{tag}\b", system.read_text().splitlines()[row - 1][col - 1 :])
    lines = json.loads((tmp_path / "report.json").read_text())["warnings"]
    assert [line.replace(str(files), "FILES") for line in lines] == [done.stderr.rstrip("\n")]
    report = (tmp_path / "report.txt").read_text().replace(str(files), "FILES")
    assert f"# Warnings\n\n{done.stderr}\n" in report


@pytest.mark.parametrize("name", FINE)
def test_not_warned(build, describe, tmp_path, name):
    done = build(describe(*FINE[name]))
    assert (done.returncode, done.stderr) == (0, "")
    assert "# Warnings" not in (tmp_path / "report.txt").read_text()


def test_vcpus_on_other_cores(run, describe, files):
    """A busy guest holds up its VMM on the same core only, and takes turns there only."""
    elsewhere = vm('priority="10" budget="10"', '<vcpu id="0" cpu="1" />')
    describe(pd('priority="9"', elsewhere), peer('priority="10"'))
    arguments = ["test.system", "--search-path", files, *BOARD[:-1]]
    done = run(*arguments, "smp-debug")
    assert (done.returncode, done.stderr) == (0, "")


def test_errors_are_not_warned_of(build, describe):
    done = build(describe(region(UART), pd('budget="1" period="2"', map_("") + '<irq irq="288" id="0" />')))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: interrupt 288 ") and done.stderr.count("\n") == 1
