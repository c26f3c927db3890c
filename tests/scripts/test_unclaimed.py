# SPDX-License-Identifier: BSD-2-Clause
"""scripts/unclaimed.py: devices that QEMU has and no guest gets, as QEMU itself says where they are."""

import subprocess

import pytest

from conftest import ROOT

SCRIPT = ROOT / "scripts/unclaimed.py"
MACHINE = ["qemu-system-aarch64", "-machine", "virt,virtualization=on", "-cpu", "cortex-a53", "-m", "256M"]
DEVICE = ["-device", "virtio-rng-device"]


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    path = tmp_path_factory.mktemp("board") / "board.dtb"
    dump = [*MACHINE[:2], f"virt,virtualization=on,dumpdtb={path}", *MACHINE[3:], "-display", "none"]
    subprocess.run(dump, check=True, capture_output=True)
    return path


def notes(board, tmp_path, *elements):
    (tmp_path / "s.system").write_text("<system>" + "".join(elements) + "</system>")
    line = [*MACHINE, "-nographic", "-serial", "mon:stdio", "-netdev", "tap,id=net,ifname=none", *DEVICE]
    command = [SCRIPT, "--system", tmp_path / "s.system", "--board-dtb", board, "--", *line]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    return done.stderr


def test_what_nobody_gets(board, tmp_path):
    said = notes(board, tmp_path, '<protection_domain><irq irq="78" id="1" /></protection_domain>')
    assert "virtio-rng-device is on virtio-mmio-bus.31 (0xa003e00, interrupt 79), which no guest has" in said
    assert '<memory_region name="transports" size="0x1000" phys_addr="0xa003000" />' in said
    assert '<irq irq="79" id="..." trigger="edge" />' in said
    assert '<map mr="transports" vaddr="0xa003000" perms="rw" cached="false" />' in said


def test_whose_page_it_is_in(board, tmp_path):
    region = '<memory_region name="virtio" size="0x1000" phys_addr="0xa003000" />'
    vm = '<protection_domain><virtual_machine name="linux"><map mr="virtio" vaddr="0xa003000" /></virtual_machine>'
    said = notes(board, tmp_path, region, vm, "</protection_domain>")
    assert "guest 'linux' has the page 0xa003000 already" in said and "<map" not in said
    assert 'name="virtio"' not in said


def test_what_somebody_gets_is_not_mentioned(board, tmp_path):
    assert notes(board, tmp_path, '<protection_domain><irq irq="79" id="1" /></protection_domain>') == ""
