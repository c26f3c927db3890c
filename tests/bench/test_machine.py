# SPDX-License-Identifier: BSD-2-Clause
"""Peers: how they are named, how QEMU is started with them, what belongs to the guest."""

from pathlib import Path

import pytest

import xen
from bench import Bench, choose, provide_xen
from bench_counts import UPPER_HALF
from machine import BEHIND, IOMMU, NVME, PCI, BenchError, Peer, Setup, file_disk, parse_peer, parse_peers

SETUP = Setup(
    qemu="qemu",
    cpu="cortex-a53",
    load_address="0x70000000",
    folder=Path("out"),
    kernel=Path("g/Image"),
    initrd=Path("g/initrd.gz"),
    bootargs="console=ttyAMA0 nokaslr",
)

REPORT = """
# Memory

  physical address                   size  of                       what
  0x0070000000..0x0070077000      476 KiB  (kernel)                 text and data
  0x0070078000..0x007007e000       24 KiB  vmm                      program, stored

# Virtual machine linux

  map      0x0040000000    512 MiB -> 0x0040000000  rwx
"""


@pytest.mark.parametrize(
    "text, peer",
    [
        ("sel4=../sdk/loader.img", Peer("sel4", "loader", Path("../sdk/loader.img"))),
        ("bao=kernel:bao.bin", Peer("bao", "kernel", Path("bao.bin"))),
        ("xen=xen:/x/xen", Peer("xen", "xen", Path("/x/xen"))),
        ("a.b-1=c:d", Peer("a.b-1", "loader", Path("c:d"))),
    ],
)
def test_named_peer(text, peer):
    assert parse_peer(text) == peer


@pytest.mark.parametrize("text", ["loader.img", "=loader.img", "name=", "two words=x", "-x=y", "a/b=c"])
def test_badly_named_peer(text):
    with pytest.raises(BenchError, match="expected NAME=loader.img"):
        parse_peer(text)


def test_list_of_peers():
    assert parse_peers("") == []
    assert [peer.path.name for peer in parse_peers("a=x.img 'b=with space.img'")] == [
        "x.img",
        "with space.img",
    ]


def test_peer_that_is_not_there(tmp_path):
    with pytest.raises(BenchError, match=f"peer a: there is no {tmp_path}/x"):
        Peer("a", "loader", tmp_path / "x").check()
    with pytest.raises(BenchError, match="there is no"):
        Peer("a", "loader", tmp_path).check()
    Peer("bare", "bare").check()


def line(kind):
    return " ".join(Peer("p", kind, Path("p.img")).command(SETUP, "DISK"))


def test_machines_differ_in_virtualisation_only():
    bare, loader = line("bare"), line("loader")
    assert "virtualization" not in bare and "-m 512M" in bare
    assert "-kernel g/Image -initrd g/initrd.gz -append console=ttyAMA0 nokaslr" in bare
    assert "-machine virt,highmem=off,secure=off,virtualization=on -m 2G" in loader
    assert "loader,file=p.img,addr=0x70000000,cpu-num=0" in loader and "Image" not in loader
    devices = bare[bare.index("-drive") :]
    assert "virtio-blk-device" in devices
    assert "if=none,id=disk,DISK" in devices and all(
        line(kind).endswith(devices) for kind in ("loader", "kernel", "xen")
    )


@pytest.mark.parametrize(
    "devices, disk",
    [
        (PCI, "virtio-blk-pci,drive=disk"),
        (IOMMU, f"virtio-blk-pci,drive=disk,addr=1,{BEHIND}"),
        (NVME, "nvme,drive=disk"),
    ],
)
def test_functions_are_where_the_descriptions_have_them(devices, disk):
    words = " ".join(Peer("p", "loader", Path("p.img")).command(SETUP, "DISK", devices))
    assert f"-device {disk}" in words and "addr=1" in words and "virtio-blk-device" not in words
    assert (",iommu=smmuv3" in words) == (devices == IOMMU)


def test_xen_gives_its_guest_the_same_with_its_own_console():
    words = line("xen")
    assert "guest-loader,addr=0x49000000,kernel=g/Image,bootargs=console=hvc0 nokaslr" in words
    assert "initrd=g/initrd.gz" in words and "dom0_mem=512M" in words


def test_everything_is_the_guests_on_bare_qemu():
    assert list(Peer("bare", "bare").classes())[-1] == "class=guest-kernel"


def test_report_beside_the_image_tells_classes(tmp_path):
    (tmp_path / "report.txt").write_text(REPORT)
    classes = list(Peer("p", "loader", tmp_path / "loader.img").classes())
    assert classes[:2] == ["class=kernel:p0x70000000+0x77000", "class=programs:p0x70078000+0x6000"]
    assert classes[-1] == "class=guest-user:p0x40000000+0x20000000"


@pytest.mark.parametrize("report", [None, "# Report of some other tool\n\n0x1000 kernel\n"])
def test_without_such_a_report_addresses_tell(tmp_path, report):
    if report is not None:
        (tmp_path / "report.txt").write_text(report)
    classes = list(Peer("p", "loader", tmp_path / "loader.img").classes())
    assert f"class=guest-kernel:{UPPER_HALF}" in classes
    assert classes[-1] == "class=guest-kernel:v0x40000000+0x20000000:p0x40000000+0x20000000"


def test_a_kernels_start_is_nobodys_guest():
    assert list(Peer("p", "kernel", Path("k")).classes())[-1] == f"class=guest-kernel:{UPPER_HALF}"


def test_disk_is_made_once_and_is_whole(tmp_path):
    setup = Setup(qemu="q", cpu="c", load_address="0", folder=tmp_path)
    file_disk(setup)
    size = setup.disk.stat().st_size
    setup.disk.write_bytes(b"short")
    assert "format=raw" in file_disk(setup) and setup.disk.stat().st_size == size == 64 << 20


PEERS = [Peer("bare", "bare"), Peer("sluice", "loader", Path("s")), Peer("xen", "xen")]


@pytest.mark.parametrize(
    "words, parts, names",
    [
        ("", ["counts", "times", "smp", "pci", "iommu", "nvme", "network"], ["bare", "sluice", "xen"]),
        ("sluice", ["counts", "times", "smp", "pci", "iommu", "nvme", "network"], ["sluice"]),
        ("network times", ["times", "network"], ["bare", "sluice", "xen"]),
        ("xen bare counts", ["counts"], ["bare", "xen"]),
    ],
)
def test_choice_of_parts_and_peers(words, parts, names):
    chosen_parts, chosen_peers = choose(words.split(), PEERS)
    assert chosen_parts == parts and [peer.name for peer in chosen_peers] == names


def test_choice_of_what_there_is_not():
    parts = "counts, times, smp, pci, iommu, nvme, network"
    with pytest.raises(BenchError, match=f"BENCH='disk': the parts are {parts}; the peers bare, sluice, xen"):
        choose(["bare", "disk"], PEERS)


def test_highest_version_of_xen():
    names = ["4.9-arm64", "4.17-arm64-dbg", "4.17-arm64", "common"]
    assert xen.choose("".join(f"xen-hypervisor-{name}\n" for name in names)) == "xen-hypervisor-4.17-arm64"
    assert xen.choose("xen-hypervisor-common\nxen-hypervisor-4.17-amd64\n") is None


def test_xen_that_cannot_be_fetched_is_no_failure(tmp_path, capsys):
    (tmp_path / "cache").write_text("no folder")
    bench = Bench(SETUP, Path("count.so"), True, 1)
    assert provide_xen(bench, PEERS, tmp_path / "cache") == PEERS[:2]
    assert bench.results.missing["xen"].startswith("not fetched: ") and not bench.failed
    assert capsys.readouterr().err.startswith("bench: without Xen: ")


def test_xen_of_the_users_own_is_not_fetched(tmp_path):
    own = [Peer("xen", "xen", tmp_path / "xen")]
    assert provide_xen(Bench(SETUP, Path("count.so"), True, 1), own, Path("/nowhere")) == own


@pytest.mark.parametrize("board, gic", [("qemu_virt_aarch64", ""), ("qemu_virt_aarch64_gicv3", ",gic-version=3")])
def test_board_of_an_image(tmp_path, board, gic):
    report = f"# Image for board {board}, configuration release\n\n"
    report += "  0x0070000000..0x0070080000      512 KiB  (kernel)                 text and data\n"
    (tmp_path / "report.txt").write_text(report)
    line = Peer("p", "loader", tmp_path / "loader.img").machine(SETUP)
    assert line[1] == f"virt,highmem=off,secure=off,virtualization=on{gic}"
