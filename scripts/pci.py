# SPDX-License-Identifier: BSD-2-Clause
"""What a PCI function's configuration space says of it: PCI local bus specification 3.0, PCI Express base
specification 4.0. lspci.py reads it from a machine and prints it; a module, no program.
"""

from dataclasses import dataclass, field

PAGE = 0x1000
NO_DEVICE = 0xFFFF
HEADER_NORMAL, HEADER_BRIDGE = 0, 1
STATUS_CAPABILITIES = 1 << 4
CAP_POWER, CAP_MSI, CAP_VENDOR, CAP_EXPRESS, CAP_MSIX, CAP_ADVANCED = 0x01, 0x05, 0x09, 0x10, 0x11, 0x13
VENDOR_VIRTIO, COMMON_CONFIG = 0x1AF4, 1  # virtio 1.2, section 4.1.4
RESERVED_CLASS = "device"

# Class code's upper two bytes, or all three, to what people call it and a region's name.
CLASSES = {
    0x0100: ("SCSI or block storage", "disk"),
    0x0106: ("SATA controller", "sata"),
    0x0108: ("NVMe controller", "nvme"),
    0x0200: ("Ethernet controller", "net"),
    0x0300: ("VGA controller", "vga"),
    0x0380: ("display controller", "display"),
    0x0403: ("audio device", "audio"),
    0x0500: ("memory", "memory"),
    0x0600: ("host bridge", "host"),
    0x0604: ("PCI bridge", "bridge"),
    0x0780: ("communication controller", "serial"),
    0x0C03: ("USB controller", "usb"),
    0x00FF: ("device without a class", RESERVED_CLASS),
}
NVME, XHCI = 0x010802, 0x0C0330
E1000E = {(0x8086, 0x10D3)}


@dataclass(frozen=True)
class Bar:
    index: int
    size: int
    io: bool = False
    wide: bool = False  # 64 bits
    prefetchable: bool = False

    def text(self):
        if self.io:
            return "I/O"
        bits = "64-bit" if self.wide else "32-bit"
        return f"{bits} memory" + (", prefetchable" if self.prefetchable else "")


@dataclass(frozen=True)
class MsiX:
    """Table and pending bits: each the BAR it is in, and where."""

    count: int
    table_bar: int
    table: int
    pba_bar: int
    pba: int

    def spans(self):
        """(bar, start, end) of both, in bytes."""
        yield self.table_bar, self.table, self.table + 16 * self.count
        yield self.pba_bar, self.pba, self.pba + (self.count + 63) // 64 * 8


@dataclass
class Function:
    place: int  # bus << 8 | device << 3 | function
    vendor: int
    device: int
    class_code: int
    bridge: bool
    bus_behind: int  # of a bridge
    pin: int  # 0: none, 1: INTA
    bars: list
    capabilities: dict = field(default_factory=dict)  # number to its offsets
    msix: MsiX = None
    msi: int = 0  # vectors
    reset: str = ""
    reset_bar: int = None  # what the VMM needs for that

    def __str__(self):
        return f"{self.place >> 8:02x}:{self.place >> 3 & 31:02x}.{self.place & 7}"

    @property
    def bus(self):
        return self.place >> 8

    @property
    def slot(self):
        return self.place >> 3 & 31

    def kind(self):
        """What it is called, and how its regions are."""
        unknown = (f"class {self.class_code:06x}", RESERVED_CLASS)
        return CLASSES.get(self.class_code >> 8, unknown)


class Space:
    """The first 256 bytes, as words."""

    def __init__(self, words):
        if len(words) != 64:
            raise ValueError("not 64 words")
        self.words = words

    def read(self, offset, size):
        """1, 2 or 4 bytes that do not cross a word."""
        return self.words[offset // 4] >> 8 * (offset % 4) & (1 << 8 * size) - 1

    def capabilities(self):
        """Number to offsets, in the order of the list, which may be broken: each place once."""
        found, seen = {}, set()
        at = self.read(0x34, 1) & ~3 if self.read(0x06, 2) & STATUS_CAPABILITIES else 0
        while at >= 0x40 and at not in seen:
            seen.add(at)
            found.setdefault(self.read(at, 1), []).append(at)
            at = self.read(at + 1, 1) & ~3
        return found


def decode_bars(words, answers):
    """From the registers and what they answered to all ones: no BAR, no size."""
    bars, index = [], 0
    while index < len(answers):
        answer = answers[index]
        io, wide = bool(words[index] & 1), words[index] & 7 == 4
        mask = answer & (~3 if io else ~15) & 0xFFFFFFFF
        if io:
            mask |= 0xFFFF0000 if mask else 0  # the upper half need not be there
        elif wide and index + 1 < len(answers):
            mask |= answers[index + 1] << 32
        if mask:
            bars.append(Bar(index, mask & -mask, io, wide, not io and bool(words[index] & 8)))
        index += 2 if wide else 1
    return bars


def decode_msix(space, at):
    table, pba = space.words[at // 4 + 1], space.words[at // 4 + 2]
    count = (space.read(at + 2, 2) & 0x7FF) + 1
    return MsiX(count, table & 7, table & ~7, pba & 7, pba & ~7)


def resets(function, space):
    """How the function can be reset, best first: text, and the BAR that it takes, or None."""
    caps = function.capabilities
    for at in caps.get(CAP_EXPRESS, []):
        if space.words[at // 4 + 1] >> 28 & 1:
            yield "FLR", None
    for at in caps.get(CAP_ADVANCED, []):
        if space.read(at + 3, 1) & 3 == 3:
            yield "FLR (Advanced Features)", None
    if function.vendor == VENDOR_VIRTIO:
        for at in caps.get(CAP_VENDOR, []):
            if space.read(at + 3, 1) == COMMON_CONFIG:
                yield "virtio's device status", space.read(at + 4, 1)
    if function.class_code == NVME:
        yield "NVMe's CC.EN", 0
    if function.class_code == XHCI:
        yield "xHCI's USBCMD.HCRST", 0
    if (function.vendor, function.device) in E1000E:
        yield "e1000e's CTRL.RST", 0


def decode(place, words, answers):
    """A function from its header's words and its BARs' answers to all ones."""
    space = Space(words)
    bridge = space.read(0x0E, 1) & 0x7F == HEADER_BRIDGE
    function = Function(
        place,
        vendor=space.read(0x00, 2),
        device=space.read(0x02, 2),
        class_code=space.words[2] >> 8,
        bridge=bridge,
        bus_behind=space.read(0x19, 1) if bridge else 0,
        pin=space.read(0x3D, 1),
        bars=decode_bars(words[4:], answers[: 2 if bridge else 6]),
        capabilities=space.capabilities(),
    )
    for at in function.capabilities.get(CAP_MSIX, [])[:1]:
        if at <= 0xF4:
            function.msix = decode_msix(space, at)
    for at in function.capabilities.get(CAP_MSI, [])[:1]:
        function.msi = 1 << (space.read(at + 2, 2) >> 1 & 7)
    function.reset, function.reset_bar = next(resets(function, space), ("", None))
    return function


@dataclass(frozen=True)
class Piece:
    """Pages of a BAR. The VMM's are those with what the guest must not write: vectors."""

    bar: int
    suffix: str  # of the region's name, behind _bar0
    start: int
    size: int
    vmm_only: bool


def pieces(function, bar):
    """A BAR in parts, in order: what is before the MSI-X table and the pending bits, those, the rest."""
    size = max(bar.size, PAGE)
    spans = [span for span in (function.msix.spans() if function.msix else []) if span[0] == bar.index]
    if not spans:
        return [Piece(bar.index, "", 0, size, False)]
    start = min(span[1] for span in spans) // PAGE * PAGE
    end = min(-(-max(span[2] for span in spans) // PAGE) * PAGE, size)
    found = [Piece(bar.index, "", 0, start, False)] if start else []
    found.append(Piece(bar.index, "_table" if start else "", start, end - start, True))
    if end < size:
        found.append(Piece(bar.index, "_rest", end, size - end, False))
    return found
