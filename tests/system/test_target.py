# SPDX-License-Identifier: BSD-2-Clause
"""Programs that test the kernel and libmicrokit from within (tests/target), each on a machine.

They print "PASS <name>" or "FAIL <name>: ..." a check and "DONE <passed> <failed>" at the end, and
turn the machine off. expect.txt beside a description has what else the console must show: a
regular expression a line.
"""

import re

import pytest

from conftest import BUILD, ROOT, amount, run_machine

TARGET = ROOT / "tests/target"
CORES = {"smp": "4", "hammer_smp": "4", "moved": "4", "vcpu_smp": "4", "races": "4", "neighbour": "4"}
SYSTEMS = sorted(path.stem for path in [*TARGET.glob("*/*.system"), *TARGET.glob("*/*.py")])
# Time is executed instructions, 16 ns each, and a core that waits lets it pass at once: what is judged by
# time is judged the same on a busy machine.
VIRTUAL = ["-icount", "shift=4,sleep=off"]
# On the machine's clock, their cores really at once: they judge nothing by time. The hammers' guest may
# take one exception after the other without an instruction in between, and there would be no time at all.
REAL = {"smp", "hammer", "hammer_smp", "moved", "neighbour", "races"}


# Those that run on the board with a GICv3 as well, and what their folder is called then.
GICV3 = ["direct", "irq", "registers", "smp", "vcpu", "vcpu_smp"]
OTHER = "-gicv3"


def boot(folder, *arguments):
    """The console of the system's machine, which has to end by itself, and well."""
    name = folder.removesuffix(OTHER)
    gic = ",gic-version=3" if folder.endswith(OTHER) else ""
    line = ["qemu-system-aarch64", "-machine", f"virt,virtualization=on{gic}", "-cpu", "cortex-a53"]
    line += ["-smp", CORES.get(name, "1"), "-m", "size=2G", "-nographic"]
    line += ["-serial", "mon:stdio", "-device"]
    line += [f"loader,file={BUILD}/target/{folder}/loader.img,addr=0x70000000,cpu-num=0"]
    return run_machine([*line, *arguments, *([] if name in REAL else VIRTUAL)])


def check_system(system, folder=None):
    console = boot(folder or system)
    passed = re.findall(r"^PASS (.+)$", console, re.M)
    failed = re.findall(r"^FAIL .+$", console, re.M)
    done = re.findall(r"^DONE (\d+) (\d+)$", console, re.M)
    assert not failed, "\n".join(failed) + "\n" + console
    assert done == [(str(len(passed)), "0")] and passed, console
    expected = TARGET / system / "expect.txt"
    for pattern in expected.read_text().splitlines() if expected.exists() else []:
        assert re.search(pattern, console, re.M), f"{pattern}\nis not in\n{console}"


@pytest.mark.parametrize("system", [system for system in SYSTEMS if system not in REAL])
def test_system(system):
    check_system(system)


@pytest.mark.parametrize("system", GICV3)
def test_system_with_a_gicv3(system):
    check_system(system, system + OTHER)


@pytest.mark.soak
@pytest.mark.takes(15)
@pytest.mark.parametrize("system", sorted(REAL))
def test_system_on_cores_that_run_at_once(system):
    """No two runs are the same."""
    for _ in range(amount(1, 10)):
        check_system(system)


def test_a_core_of_another_frequency():
    """QEMU 10's newest counts 1 GHz, with QEMU 7.2's it is the same as on all others."""
    console = boot("direct", "-cpu", "max")
    assert re.search(r"^DONE 7 0$", console, re.M), console


def test_release_is_silent():
    assert boot("start-release") == ""


ZEROED = re.compile(r"^  0x(\w+)\.\.0x(\w+) +\S+ \w+  \S+ +(?:.+zeroed|stack|IPC buffer|page tables)$", re.M)


def test_memory_is_zeroed_whatever_was_there(tmp_path):
    report = (BUILD / "target/start/report.txt").read_text()
    dirt = []
    for start, end in ZEROED.findall(report):
        file = tmp_path / start
        file.write_bytes(b"\xa5" * (int(end, 16) - int(start, 16)))
        dirt += ["-device", f"loader,file={file},addr=0x{start},force-raw=on"]
    assert len(dirt) > 10
    console = boot("start", *dirt)
    assert "PASS stack_is_zero" in console and re.search(r"^DONE \d+ 0$", console, re.M), console
