# SPDX-License-Identifier: BSD-2-Clause
"""The peers of a benchmark: how QEMU is started with each, and whose instructions are whose.

All have the same guest (kernel, initramfs, boot arguments but for the console's name, 512 MiB of
RAM) and the same machine, but that bare QEMU's is without virtualisation, and smaller by what a
hypervisor has for itself. Disk and network card are on virtio-mmio, or PCI functions.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from bench_counts import UPPER_HALF, Report

MACHINE = "virt,highmem=off,secure=off"
GUEST_MEMORY = "512M"
HOST_MEMORY = "2G"
MAC = "52:54:01:00:00:01"
DISK_BYTES = 64 << 20

# Debian's busybox and the programs of bench/guest are linked to 0x400000; libraries and the vDSO
# are at the end of the lower half.
USER_RANGES = ["v0x400000+0x400000", "v0xaaaa00000000+0x100000000", "v0xffff00000000+0x100000000"]
# Before its MMU is on, a guest runs where its RAM is.
GUEST_RAM = 0x40000000
XEN_GUEST_RAM = 0x60000000  # 1:1 for dom0; Xen's own addresses all begin with 0x2 there
GUEST_RAM_SIZE = 512 << 20

# How the guest's devices are attached: as in systems/passthrough, systems/pci without an SMMU and with one, bench/nvme.
MMIO, PCI, IOMMU, NVME = "mmio", "pci", "iommu", "nvme"
BEHIND = "disable-legacy=on,iommu_platform=on"
NET = ["-netdev", "user,id=net", "-device"]
DEVICES = {
    MMIO: ["-device", "virtio-blk-device,drive=disk", *NET, f"virtio-net-device,netdev=net,mac={MAC}"],
    PCI: ["-device", "virtio-blk-pci,drive=disk,addr=1", *NET, f"virtio-net-pci,netdev=net,mac={MAC},addr=2"],
    IOMMU: [
        *("-device", f"virtio-blk-pci,drive=disk,addr=1,{BEHIND}", *NET),
        f"virtio-net-pci,netdev=net,mac={MAC},addr=2,{BEHIND}",
    ],
    NVME: ["-device", "nvme,drive=disk,serial=bench,addr=1", "-nic", "none"],
}

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*", re.I)


class BenchError(Exception):
    """No result; the text is for the person who typed the command."""


@dataclass(frozen=True)
class Setup:
    """What is the same for all."""

    qemu: str
    cpu: str
    load_address: str
    folder: Path  # for disk, counts and logs
    kernel: Path = None  # the guest's, for peers that do not bring it
    initrd: Path = None
    bootargs: str = ""
    extra: tuple = ()

    @property
    def disk(self):
        return self.folder / "disk.img"


@dataclass(frozen=True)
class Peer:
    """What runs the guest: its name in tables, and its kind: "bare", "loader", "kernel" or "xen"."""

    name: str
    kind: str
    path: Path = None

    def check(self):
        if self.path is not None and not self.path.is_file():
            raise BenchError(f"peer {self.name}: there is no {self.path}")

    def report(self):
        """Of an image of this tree's tool: says where everything lies. Another SDK's does not."""
        path = self.path.with_name("report.txt") if self.kind == "loader" else None
        if path is None or not path.is_file():
            return None
        report = Report(path)
        return report if any(owner == "(kernel)" for _, _, owner, _ in report.memory) else None

    def wants_gicv3(self):
        """An image that this tree's tool made for such a board."""
        report = self.report()
        return report is not None and report.board.endswith("_gicv3")

    def classes(self):
        """The plugin's classes; whatever is not the guest's counts as outside of it."""
        report = self.report()
        if report is not None:
            yield from report.classes()
            return
        yield from (f"class=guest-user:{where}" for where in USER_RANGES)
        if self.kind == "bare":
            yield "class=guest-kernel"
            return
        yield f"class=guest-kernel:{UPPER_HALF}"
        start = {"loader": GUEST_RAM, "xen": XEN_GUEST_RAM}.get(self.kind)
        if start is not None:
            where = f"{start:#x}+{GUEST_RAM_SIZE:#x}"
            yield f"class=guest-kernel:v{where}:p{where}"

    def machine(self, setup, devices=MMIO):
        """QEMU's arguments for memory and what is loaded into it. Bare QEMU never has an SMMU: what one costs is
        measured."""
        if self.kind == "bare":
            return ["-machine", MACHINE, "-m", GUEST_MEMORY, "-kernel", str(setup.kernel)] + [
                *("-initrd", str(setup.initrd), "-append", setup.bootargs)
            ]
        gic = ",gic-version=3" if self.wants_gicv3() else ""
        iommu = ",iommu=smmuv3" if devices == IOMMU else ""
        line = ["-machine", f"{MACHINE},virtualization=on{gic}{iommu}", "-m", HOST_MEMORY]
        if self.kind == "loader":
            return [*line, "-device", f"loader,file={self.path},addr={setup.load_address},cpu-num=0"]
        line += ["-kernel", str(self.path)]
        if self.kind == "kernel":
            return [*line, "-initrd", str(setup.initrd), "-append", setup.bootargs]
        bootargs = re.sub(r"console=\S+", "console=hvc0", setup.bootargs)
        return line + [
            *("-append", "dom0_mem=512M console=dtuart dtuart=/pl011@9000000 bootscrub=0"),
            *("-device", f"guest-loader,addr=0x49000000,kernel={setup.kernel},bootargs={bootargs}"),
            *("-device", f"guest-loader,addr=0x4d000000,initrd={setup.initrd}"),
        ]

    def command(self, setup, disk, devices=MMIO):
        """All of QEMU's line but what a measurement adds; `disk` is the drive's options."""
        return [
            *(setup.qemu, "-cpu", setup.cpu, "-nographic", "-serial", "mon:stdio"),
            *self.machine(setup, devices),
            *("-drive", f"if=none,id=disk,{disk}", *DEVICES[devices]),
            *setup.extra,
        ]


def file_disk(setup):
    """A disk of the host; nothing is written to it."""
    if not setup.disk.exists() or setup.disk.stat().st_size != DISK_BYTES:
        with open(setup.disk, "wb") as file:
            file.truncate(DISK_BYTES)
    return f"file={setup.disk},format=raw"


def null_disk():
    """A disk that answers at once: what the host's disk takes is not part of repeatable times."""
    return f"driver=null-co,read-zeroes=on,size={DISK_BYTES}"


def parse_peer(text):
    """NAME=path/of/loader.img, NAME=kernel:path or NAME=xen:path."""
    name, equals, path = text.partition("=")
    if not equals or not path or not NAME.fullmatch(name):
        raise BenchError(f"peer '{text}': expected NAME=loader.img, NAME=kernel:FILE or NAME=xen:FILE")
    kind, colon, rest = path.partition(":")
    if colon and kind in ("kernel", "xen"):
        return Peer(name, kind, Path(rest))
    return Peer(name, "loader", Path(path))


def parse_peers(text):
    return [parse_peer(word) for word in shlex.split(text)]
