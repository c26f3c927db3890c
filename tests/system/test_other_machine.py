# SPDX-License-Identifier: BSD-2-Clause
"""A machine that is not what the image says: one line tells what was expected and what was found."""

import os
import re
import shutil
import subprocess

import pexpect
import pytest

from conftest import BUILD, LIMIT, ROOT, evidence_now

QEMU = "-cpu cortex-a53 -nographic -serial mon:stdio"


@pytest.fixture
def image():
    return BUILD / "target/start/loader.img"


def check(image, words, machine="virt,virtualization=on", memory="2G"):
    line = f"-machine {machine} -m {memory} {QEMU} -device loader,file={image},addr=0x70000000,cpu-num=0"
    command = ["qemu-system-aarch64", *line.split()]
    with open(evidence_now().machine(command, ROOT), "wb") as log:
        child = pexpect.spawn(command[0], command[1:], timeout=LIMIT)
        child.logfile_read = log
        try:
            child.expect_exact("sluice: panic: " + words)
        finally:
            child.close(force=True)


def test_memory(image):
    report = (image.parent / "report.txt").read_text()
    end = int(re.search(r"^machine-ram-end: (0x\w+)$", report, re.M)[1], 16)
    check(image, f"RAM: expected up to {end:x}, found less", memory="770M")


def test_exception_level(image):
    check(image, "exception level: expected 2, found 1", machine="virt")


def test_another_gic():
    """Neither reads what is not there: of a GICv2, registers at a GICv3's addresses."""
    words = "interrupt controller: expected GICv{} at 8000000, found another"
    check(BUILD / "target/start/loader.img", words.format(2), machine="virt,virtualization=on,gic-version=3")
    check(BUILD / "target/irq-gicv3/loader.img", words.format(3))


def test_interrupts_of_the_gic(image, tmp_path):
    """intids in the board's file is compared with the GIC's own word."""
    sdk = tmp_path / "sdk"
    shutil.copytree(BUILD / "sdk", sdk)
    conf = sdk / "board/qemu_virt_aarch64/debug/elf/board.conf"
    conf.write_text(conf.read_text().replace("intids = 288", "intids = 320"))
    other = tmp_path / "loader.img"
    command = [sdk / "bin/microkit", "tests/target/start/start.system", "-o", other, "-r", tmp_path / "report.txt"]
    command += ["--board", "qemu_virt_aarch64", "--config", "debug"]
    command += ["--search-path", image.parent, "tests/target/start"]
    subprocess.run(command, env=dict(os.environ, MICROKIT_SDK=str(sdk)), check=True, capture_output=True)
    check(other, "interrupt controller: expected 320 interrupts, found 288")
