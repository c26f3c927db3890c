#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Seeds that other tests have already: seeds.py sdf|vmconf|image FOLDER. Descriptions, good and bad, for
the reader; with the board, an overlay and a kernel's header for vmconf (vmconf_fuzz.c: struct head).
"""

import struct
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
BOOTARGS = 0x800000
sys.path[:0] = [str(TESTS / "sdf"), str(TESTS / "vmconf")]

import test_ram  # noqa: E402
import test_smmu  # noqa: E402
from test_warnings import WARNED  # noqa: E402


# Overlays with labels of their own, and what else stands in one.
OVERLAYS = {
    "labels": """
        &{/} {
            first: first { #clock-cells = <1>; inner: inner { deep = <&first 1 &inner &gic>; }; };
            second { clocks = <&first 2>; users = <&pl061_9030000 &second_label>; };
            second_label: third { phandle = <0x7777>; };
        };""",
    "chosen": """
        &chosen { bootargs = "quiet"; stdout-path = "/pl011@9000000"; };
        &sluice { restart = "always"; watchdog = <30>; console = "pl011"; };""",
}
# What the board's tree may be like besides: (what stands there, what stands there instead).
BOARDS = {
    "extended": ("interrupts = <0 50 4>;", "interrupts-extended = <&gic 0 50 4>;"),
    "extended-two": ("interrupts = <0 50 4>;", "interrupts-extended = <&gic 0 50 4 &gic 1 3 4 &gic 0 51 1>;"),
    "extended-cut": ("interrupts = <0 50 4>;", "interrupts-extended = <&gic 0 50>;"),
    "extended-nobody": ("interrupts = <0 50 4>;", "interrupts-extended = <0x9999 0 50>;"),
    "cells": ("interrupts = <0 50 4>;", "interrupts = <0 50>;"),
    "far": ("interrupts = <0 50 4>;", "interrupts = <0 5000 4>;"),
    "kind": ("interrupts = <0 50 4>;", "interrupts = <7 50 4>;"),
    "flags": ("interrupts = <0 50 4>;", "interrupts = <0 50 9>;"),
    "parent": ("interrupts = <0 50 4>;", "interrupts = <0 50 4>; interrupt-parent = <&clocks>;"),
    "orphan": ("interrupt-parent", "no-parent"),
    "virt": ('"test,board"', '"test,board", "linux,dummy-virt"'),
    "gic": ("#interrupt-cells = <3>", "#interrupt-cells = <4>"),
}
# The same of its PCI host bridge.
LINE = "<0x0 0 0 1 &gic 0 0 0 3 4>, "
BRIDGES = {
    "buses-cut": ("bus-range = <0 14>", "bus-range = <0>"),
    "buses-backwards": ("bus-range = <0 14>", "bus-range = <3 2>"),
    "buses-none": ("bus-range = <0 14>;", ""),
    "mask-cut": ("interrupt-map-mask = <0x1800 0 0 7>", "interrupt-map-mask = <0x1800 0 7>"),
    "mask-function": ("interrupt-map-mask = <0x1800 0 0 7>", "interrupt-map-mask = <0x1f00 0 0 7>"),
    "mask-none": ("interrupt-map-mask = <0x1800 0 0 7>;", ""),
    "line-cut": (LINE, "<0x0 0 0 1 &gic 0 0 0 3>, "),
    "line-nobody": (LINE, "<0x0 0 0 1 0x999 0 0 0 3 4>, "),
    "line-edge": (LINE, "<0x0 0 0 1 &gic 0 0 0 3 1>, "),
    "line-private": (LINE, "<0x0 0 0 1 &gic 0 0 1 3 4>, "),
    "line-elsewhere": (LINE, "<0x0 0 0 1 &{/pl061@9030000} 3 4>, "),
    "windows-none": ("ranges = <0x1000000 0x0 0x0", "no-ranges = <0x1000000 0x0 0x0"),
    "windows-moved": ("<0x2000000 0x0 0x10000000 0x0", "<0x2000000 0x0 0x20000000 0x0"),
    "msi-none": ("msi-map = <0 &v2m 0 0x10000>;", ""),
    "msi-cut": ("msi-map = <0 &v2m 0 0x10000>;", "msi-map = <0>;"),
    "msi-parent": ("msi-map = <0 &v2m 0 0x10000>;", "msi-parent = <&v2m>;"),
    "msi-elsewhere": ("msi-map = <0 &v2m 0 0x10000>;", "msi-parent = <&gic>;"),
    "msi-said": ("msi-controller;", "msi-controller; arm,msi-base-spi = <80>; arm,msi-num-spis = <64>;"),
    "msi-wrong": ("msi-controller;", "msi-controller; arm,msi-base-spi = <1000>; arm,msi-num-spis = <64>;"),
    "incoherent": ("0x10000>;\n\t\tdma-coherent;", "0x10000>;"),
}


def tree(source, *flags, text=None):
    """The blob of a file, or of text."""
    command = ["dtc", "-q", "-f", *flags, "-I", "dts", "-O", "dtb", "-o", "-", source]
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True).stdout


def kernel(magic=0x644D5241, image_size=0x1000000, flags=0xA):
    return struct.pack("<IIQQQQQQII", 0, 0, 0, image_size, flags, 0, 0, 0, magic, 0)


def systems(folder):
    return sorted(path for kind in ("good", "bad") for path in (TESTS / folder / kind).glob("*.system"))


def sdf():
    for path in systems("sdf"):
        yield f"{path.parent.name}-{path.stem}", path.read_bytes()
    for name, (elements, _) in WARNED.items():
        yield f"warned-{name}", "<system>{}</system>".format("".join(elements)).encode()


def pack(board, system, header=kernel(), overlay=b"", bootargs=False):
    sizes = (len(board) | (BOOTARGS if bootargs else 0), len(system))
    return b"".join(size.to_bytes(3, "little") for size in sizes) + header + board + system + overlay


def overlays(system):
    """Of each of its guests."""
    folder = system.with_suffix("")
    return sorted(folder.glob("*.dtso")) if folder.is_dir() else sorted([*system.parent.glob(system.stem + ".dtso")])


def smmus(source):
    """Boards with SMMUs, well described and not, and what is said and refused there."""

    def board(streams=test_smmu.MAP, events=test_smmu.EVENTS):
        changes = ((test_smmu.NODE, events), (test_smmu.MSI_MAP, f"{test_smmu.MSI_MAP} {streams}"))
        text = source
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        return tree("-", text=text.encode())

    system = test_smmu.GOOD.read_text(encoding="utf-8")
    for i, streams in enumerate([streams for streams, _ in test_smmu.STREAMS + test_smmu.MALFORMED]):
        yield f"smmu-streams-{i}", pack(board(streams), system.encode())
    for i, events in enumerate(test_smmu.UNNAMED):
        yield f"smmu-events-{i}", pack(board(events=events), system.encode())
    for name, ((old, new), _) in test_smmu.REFUSALS.items():
        yield f"smmu-{name.replace(' ', '-')}", pack(board(), system.replace(old, new).encode())
    for i, text in enumerate(test_smmu.SAID):
        blob = tree("-", "-@", text=f"/dts-v1/; /plugin/; &sluice {{ {text} }};".encode())
        yield f"smmu-said-{i}", pack(board(), system.encode(), overlay=blob)
        yield f"smmu-said-{i}-outside", pack(board(test_smmu.OUTSIDE), system.encode(), overlay=blob)
    system = test_smmu.GOOD.read_text(encoding="utf-8")
    for name, places in test_ram.SEEDS.items():
        yield f"smmu-ram-{name}", pack(board(), test_ram.change(system, places).encode())
    for old, new in test_smmu.DEVICE_CHANGES:
        system = system.replace(old, new)
    yield "smmu-device", pack(board(), system.encode())
    yield "smmu-nobody", pack(board(), test_smmu.without_owner().encode())
    blob = tree("-", "-@", text=f"/dts-v1/; /plugin/; &sluice {{ {test_smmu.WHOLE_SAID} }};".encode())
    yield "smmu-whole", pack(board(), test_smmu.WHOLE.read_bytes(), overlay=blob)
    yield "smmu-whole-owned", pack(board(), test_smmu.whole_with_owner().encode(), overlay=blob)
    for name in ("everything", "pci_functions", "pci_whole"):
        yield f"smmu-{name}", pack(board(), (TESTS / f"vmconf/good/{name}.system").read_bytes())


def vmconf():
    board = tree(TESTS / "vmconf/board.dts")
    for path in systems("vmconf"):
        name = f"{path.parent.name}-{path.stem}"
        yield name, pack(board, path.read_bytes(), bootargs=path.parent.name == "good")
        for overlay in overlays(path):
            yield f"{name}-{overlay.stem}", pack(board, path.read_bytes(), overlay=tree(overlay, "-@"))
    source = (TESTS / "vmconf/board.dts").read_text(encoding="utf-8")
    everything = (TESTS / "vmconf/good/everything.system").read_bytes()
    for name, text in OVERLAYS.items():
        blob = tree("-", "-@", text=f"/dts-v1/; /plugin/; {text}".encode())
        yield f"overlay-{name}", pack(board, everything, overlay=blob)
    for name, (old, new) in BOARDS.items():
        assert old in source, old
        blob = tree("-", text=source.replace(old, new).encode())
        yield f"board-{name}", pack(blob, everything)
    for name, (old, new) in BRIDGES.items():
        assert old in source, old
        blob = tree("-", text=source.replace(old, new).encode())
        for system in ("functions", "no_bars", "whole"):
            text = (TESTS / f"vmconf/good/pci_{system}.system").read_bytes()
            yield f"bridge-{name}-{system}", pack(blob, text)
    yield from smmus(source)
    for name, header in {
        "old": kernel(image_size=0),
        "small": kernel(image_size=1),
        "huge": kernel(image_size=1 << 50),
        "big-endian": kernel(flags=1),
        "elf": b"\x7fELF".ljust(64, b"\0"),
        "nothing": bytes(64),
    }.items():
        yield f"kernel-{name}", pack(board, everything, header)


def image():
    """struct head, PDs, symbols, mappings, names: one that is right, and what is nearly so."""

    def pack_image(pds, symbols, mappings, names, more=(0, 0, 0)):
        head = struct.pack("<BBBBIII", len(pds), len(symbols), len(mappings), 30, *more)
        parts = [head, *(struct.pack("<BBH", *pd) for pd in pds)]
        parts += [struct.pack("<HBB", *symbol) for symbol in symbols]
        parts += [struct.pack("<IIBBBB", *mapping) for mapping in mappings]
        return b"".join([*parts, names])

    pds = [(0, 2, 0x104), (2, 1, 0x300), (0, 3, 0x10)]
    symbols = [(0x100, 8, 0), (0x200, 4, 4), (0x300, 1, 4)]
    pages, blocks, giants = 0x00, 0x15, 0x2A
    mappings = [(1, 3, pages, 20, 7, 0), (2, 4, blocks, 17, 8, 0), (3, 1, giants, 1, 3, 0)]
    names = b"one\0two\0"
    yield "good", pack_image(pds, symbols, mappings, names)
    yield "symbols-beyond", pack_image(pds, symbols, mappings, names, (1, 0, 0))
    yield "names-beyond", pack_image(pds, symbols, mappings, names, (0, 1, 0))
    yield "symbols-unaligned", pack_image(pds, symbols, mappings, names, (0, 0, 4))
    yield "name-beyond", pack_image(pds, [(0x100, 8, 200)] * 3, mappings, names)
    yield "name-at-end", pack_image(pds, [(0x100, 8, len(names)), *symbols[1:]], mappings, names)
    yield "unsorted", pack_image(pds, symbols[::-1], mappings, names)
    yield "groups", pack_image(pds, symbols, [(5, 5, pages, 50, 7, 0), (0x105, 6, pages, 40, 7, 0)], names)
    yield "overlap", pack_image(pds, symbols, mappings + mappings[:1], names)
    yield "overlap-block", pack_image(pds, symbols, [mappings[1], (1025, 0, pages, 1, 1, 0)], names)


def main():
    kind, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, contents in {"sdf": sdf, "vmconf": vmconf, "image": image}[kind]():
        (folder / name).write_bytes(contents)


if __name__ == "__main__":
    main()
