#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""`make lspci`: what PCI functions a machine has, and the elements that give one to a guest.

    lspci.py describe BOARD.dtb                        the description of the image that looks, on standard output
    lspci.py list BOARD.dtb --msi FIRST -- QEMU...     boots it, and prints the listing

components/pci/lspci.c is the program in the image. docs/pci.md shows a listing and what to do with it.
"""

import re
import subprocess
import sys
from dataclasses import dataclass

from pci import PAGE, decode, pieces

ECAM_VADDR = 0x1000000000
# In the VMM, everything lies at its physical address and this.
VMM_OFFSET = 0x200000000
FIRST_ID = 20  # of <irq>: the first of those that are proposed
MOST_VECTORS = 4  # are proposed: what a driver uses for one or two vCPUs
LINE = re.compile(r"^pci: (function|answers) ([0-9a-f]{4})((?: [0-9a-f]{8})+)\s*$", re.M)
SYSTEM = """<system>
    <memory_region name="ecam" size="{size:#x}" phys_addr="{base:#x}" />
    <protection_domain name="lspci" priority="100" smc="true">
        <program_image path="lspci.elf" />
        <map mr="ecam" vaddr="{vaddr:#x}" perms="rw" cached="false" setvar_vaddr="ecam_vaddr" setvar_size="ecam_size" />
    </protection_domain>
</system>
"""


class LspciError(Exception):
    """One line for who called."""


@dataclass(frozen=True)
class Window:
    """Of memory, in the host bridge's `ranges`."""

    start: int
    size: int
    wide: bool


@dataclass
class Bridge:
    """The board's host bridge, as its device tree has it."""

    ecam: int
    ecam_size: int
    windows: list
    lines: dict  # (slot & mask, pin) to INTID
    slot_mask: int


def fdtget(dtb, *arguments):
    command = ["fdtget", *arguments[:-2], dtb, *arguments[-2:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.split() if done.returncode == 0 else []


def cells(dtb, node, name):
    return [int(word, 16) for word in fdtget(dtb, "-t", "x", node, name)]


def find_bridge(dtb):
    done = subprocess.run(["fdtget", "-l", dtb, "/"], capture_output=True, text=True, check=False)
    for name in done.stdout.split():
        if fdtget(dtb, f"/{name}", "device_type") == ["pci"]:
            return f"/{name}", done.stdout.split()
    raise LspciError(f"{dtb}: the board has no PCI host bridge")


def split(words, size):
    return [words[i : i + size] for i in range(0, len(words) - size + 1, size)]


def decode_windows(words):
    """`ranges`: three cells of PCI address, two of the board's, two of size."""
    return [
        Window(entry[3] << 32 | entry[4], entry[5] << 32 | entry[6], entry[0] >> 24 & 3 == 3)
        for entry in split(words, 7)
        if entry[0] >> 24 & 3 in (2, 3)
    ]


def decode_lines(words, parent_cells):
    """`interrupt-map`: three cells of PCI address, a pin, the GIC, its address, type, number, flags."""
    entries = split(words, 5 + parent_cells + 3)
    return {(entry[0] >> 11 & 31, entry[3]): entry[5 + parent_cells + 1] + 32 for entry in entries}


def read_bridge(dtb):
    node, nodes = find_bridge(dtb)
    reg = cells(dtb, node, "reg")
    table = cells(dtb, node, "interrupt-map")
    parent = table[4] if len(table) > 4 else 0
    controllers = [f"/{name}" for name in nodes if cells(dtb, f"/{name}", "phandle") == [parent]]
    parent_cells = (cells(dtb, controllers[0], "#address-cells") or [0])[0] if controllers else 0
    return Bridge(
        ecam=reg[0] << 32 | reg[1],
        ecam_size=reg[2] << 32 | reg[3],
        windows=decode_windows(cells(dtb, node, "ranges")),
        lines=decode_lines(table, parent_cells),
        slot_mask=(cells(dtb, node, "interrupt-map-mask") or [0])[0] >> 11 & 31,
    )


def parse(text):
    """What the program printed; "pci: end" says that it is all."""
    if not re.search(r"^pci: end\s*$", text, re.M):
        raise LspciError(f"the machine did not tell all of its functions; it said:\n{text.strip()}")
    found = {"function": {}, "answers": {}}
    for kind, place, words in LINE.findall(text):
        found[kind][int(place, 16)] = [int(word, 16) for word in words.split()]
    return [decode(place, words, found["answers"][place]) for place, words in found["function"].items()]


class Listing:
    """Of all functions, with elements for those that can be given to a guest one by one."""

    def __init__(self, bridge, functions, first_vector):
        self.bridge, self.functions = bridge, functions
        self.vector, self.id = first_vector, FIRST_ID
        self.next_address = {window: window.start for window in bridge.windows}
        self.names = {}

    def line(self, function):
        """INTID of its pin, through the bridges above it, each of which turns it by the slot."""
        pin, slot, bus = function.pin, function.slot, function.bus
        while pin and bus:
            above = [one for one in self.functions if one.bridge and one.bus_behind == bus]
            if not above:
                return None
            pin, slot, bus = (pin - 1 + slot) % 4 + 1, above[0].slot, above[0].bus
        return self.bridge.lines.get((slot & self.bridge.slot_mask, pin)) if pin else None

    def name(self, function):
        stem = function.kind()[1]
        self.names[stem] = self.names.get(stem, 0) + 1
        return stem if self.names[stem] == 1 else f"{stem}{self.names[stem]}"

    def place(self, bar):
        """An address for a BAR: in the 32-bit window if it has room, else in the other."""
        size = max(bar.size, PAGE)
        for window, start in sorted(self.next_address.items(), key=lambda item: item[0].wide):
            address = -(-start // size) * size
            if (bar.wide or not window.wide) and address + size <= window.start + window.size:
                self.next_address[window] = address + size
                return address
        raise LspciError(f"no window has room for a BAR of {size:#x} bytes")

    def render(self):
        lines = [f"ECAM {self.bridge.ecam:#x}, {self.bridge.ecam_size >> 20} buses"]
        for window in self.bridge.windows:
            bits = "64-bit" if window.wide else "32-bit"
            lines.append(f"{bits} memory window {window.start:#x}, {window.size:#x} bytes")
        for function in self.functions:
            lines += ["", *self.describe(function)]
            if function.bus == 0 and not function.bridge and function.class_code >> 16 != 6:
                lines += ["", *(f"    {line}" for line in self.elements(function))]
        return "\n".join(lines) + "\n"

    def describe(self, function):
        what = function.kind()[0]
        lines = [f"{function}  {function.vendor:04x}:{function.device:04x}  {what}"]
        if function.bridge:
            lines.append(f"    to bus {function.bus_behind:02x}")
        elif function.bus:
            lines.append("    behind a bridge: with the host bridge as a whole, and not by itself")
        lines += [self.describe_bar(function, bar) for bar in function.bars]
        if function.msi:
            lines.append(f"    MSI: {function.msi} vector{'s' if function.msi > 1 else ''}")
        if function.pin:
            lines.append(f"    INT{'ABCD'[function.pin - 1]}: {self.describe_line(function)}")
        if not function.bridge and function.class_code >> 16 != 6:
            lines.append(f"    reset: {function.reset or 'none that is known: its guest cannot be restarted'}")
        return lines

    def describe_line(self, function):
        intid = self.line(function)
        if intid is None:
            return "not in the board's interrupt-map"
        sharing = [str(one) for one in self.functions if one is not function and self.line(one) == intid]
        return f"INTID {intid}" + (f", also of {', '.join(sharing)}: to one guest" if sharing else "")

    def describe_bar(self, function, bar):
        text = f"    BAR {bar.index}: {bar.text()}, {bar.size:#x} bytes"
        if bar.io:
            return text + ", which guests do not get"
        msix = function.msix
        if msix and msix.table_bar == bar.index:
            text += f"; MSI-X table at {msix.table:#x}, {msix.count} vectors"
        if msix and msix.pba_bar == bar.index:
            text += f"; pending bits at {msix.pba:#x}"
        return text

    def elements(self, function):
        """Regions, maps, interrupts: as docs/decisions/0008-pci-functions-by-name.md has them."""
        name = self.name(function)
        page = self.bridge.ecam + (function.place << 12)
        regions = [(name, page, PAGE, True, False)]
        for bar in [bar for bar in function.bars if not bar.io]:
            address = self.place(bar)
            for piece in pieces(function, bar):
                both = not piece.vmm_only and function.reset_bar == bar.index
                region = (f"{name}_bar{bar.index}{piece.suffix}", address + piece.start, piece.size)
                regions.append((*region, piece.vmm_only or both, not piece.vmm_only))
        yield f"<!-- {name}: {function}, {function.kind()[0]} -->"
        for region, address, size, _, _ in regions:
            yield f'<memory_region name="{region}" size="{size:#x}" phys_addr="{address:#x}" />'
        yield f"<!-- {name}, in the VMM's protection domain -->"
        for region, address, _, vmm, _ in regions:
            if vmm:
                yield f'<map mr="{region}" vaddr="{address + VMM_OFFSET:#x}" perms="rw" cached="false" />'
        yield from self.interrupts(function)
        yield f"<!-- {name}, in the virtual machine -->"
        for region, address, _, _, guest in regions:
            if guest:
                yield f'<map mr="{region}" vaddr="{address:#x}" perms="rw" cached="false" />'

    def interrupts(self, function):
        intid = self.line(function)
        if intid is not None:
            yield f'<irq irq="{intid}" id="{self.take_id()}" />'
        count = function.msix.count if function.msix else function.msi
        for _ in range(min(count, MOST_VECTORS)):
            yield f'<irq irq="{self.vector}" id="{self.take_id()}" trigger="edge" />'
            self.vector += 1

    def take_id(self):
        self.id += 1
        return self.id - 1


def describe(dtb):
    bridge = read_bridge(dtb)
    return SYSTEM.format(size=bridge.ecam_size, base=bridge.ecam, vaddr=ECAM_VADDR)


def show(dtb, first_vector, command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
    if done.returncode != 0:
        raise LspciError(done.stderr.decode(errors="replace").strip())
    text = done.stdout.decode(errors="replace").replace("\r", "")
    return Listing(read_bridge(dtb), parse(text), first_vector).render()


def main():
    arguments = sys.argv[1:]
    try:
        if len(arguments) == 2 and arguments[0] == "describe":
            print(describe(arguments[1]), end="")
            return 0
        if len(arguments) > 5 and arguments[0] == "list" and arguments[4] == "--":
            print(show(arguments[1], int(arguments[3]), arguments[5:]), end="")
            return 0
    except (LspciError, OSError, subprocess.TimeoutExpired) as problem:
        print(f"lspci: {problem}", file=sys.stderr)
        return 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
