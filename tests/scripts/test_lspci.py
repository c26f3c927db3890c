# SPDX-License-Identifier: BSD-2-Clause
"""What `make lspci` makes of a function's registers: BARs, capabilities, resets, the elements that it proposes."""

import xml.etree.ElementTree as ET

import pytest

import lspci
from conftest import good_make
from pci import Bar, MsiX, Piece, decode, decode_bars, pieces

ALL_ONES = 0xFFFFFFFF


def words(vendor=0x1234, device=0x5678, class_code=0x020000, capabilities=(), header=0, pin=1, bars=()):
    """A function's first 256 bytes. Capabilities are lists of words, one behind the other from 0x40 on."""
    found = [0] * 64
    found[0] = device << 16 | vendor
    found[1] = (1 << 4 if capabilities else 0) << 16
    found[2] = class_code << 8
    found[3] = header << 16
    found[15] = pin << 8
    for i, value in enumerate(bars):
        found[4 + i] = value
    at = 0x40
    found[13] = at if capabilities else 0
    for i, capability in enumerate(capabilities):
        following = at + 4 * len(capability)
        capability = list(capability)
        capability[0] |= (following if i + 1 < len(capabilities) else 0) << 8
        found[at // 4 : at // 4 + len(capability)] = capability
        at = following
    return found


def msix(count, table, pba):
    return [(count - 1) << 16 | 0x11, table, pba]


def function(answers=(), place=0x08, **options):
    return decode(place, words(**options), [*answers, *[0] * (7 - len(answers))])


def bridge(**options):
    usual = {
        "ecam": 0x3F000000,
        "ecam_size": 16 << 20,
        "windows": [lspci.Window(0x10000000, 0x2EFF0000, False), lspci.Window(0x8000000000, 1 << 39, True)],
        "lines": {(slot, pin): 35 + (slot + pin - 1) % 4 for slot in range(4) for pin in range(1, 5)},
        "slot_mask": 3,
    }
    return lspci.Bridge(**{**usual, **options})


def elements(functions, **options):
    """Of the listing: (tag, attributes), and that each is well-formed."""
    text = lspci.Listing(bridge(**options), functions, 80).render()
    lines = [line.strip() for line in text.splitlines()]
    found = [ET.fromstring(line) for line in lines if line.startswith("<") and not line.startswith("<!--")]
    return [(element.tag, element.attrib) for element in found]


@pytest.mark.parametrize(
    "registers, answers, bars",
    [
        ([0], [0], []),
        ([0], [0xFFFFF000], [Bar(0, 0x1000)]),
        ([8], [0xFFFE0008], [Bar(0, 0x20000, prefetchable=True)]),
        ([1], [0xFFFFFFE1], [Bar(0, 0x20, io=True)]),
        ([1], [0x0000FF81], [Bar(0, 0x80, io=True)]),
        ([4, 0], [0xFFFFC004, ALL_ONES], [Bar(0, 0x4000, wide=True)]),
        # Larger than 4 GiB: nothing in the lower half but the kind.
        ([0xC, 0], [0xC, 0xFFFFFFFE], [Bar(0, 1 << 33, wide=True, prefetchable=True)]),
        (
            [0, 4, 0, 0],
            [0xFFFFFF00, 0xFFFFC004, ALL_ONES, 0xFFF00000],
            [Bar(0, 256), Bar(1, 0x4000, wide=True), Bar(3, 1 << 20)],
        ),
        # The last one cannot be the lower half of anything.
        ([0, 0, 0, 0, 0, 4], [0, 0, 0, 0, 0, 0xFFFFC004], [Bar(5, 0x4000, wide=True)]),
    ],
)
def test_bars(registers, answers, bars):
    assert decode_bars(registers, answers) == bars


def test_msix():
    found = function(class_code=0x010802, capabilities=[[0x01, 0], msix(65, 0x2000, 0x3004)])
    assert found.msix == MsiX(65, 0, 0x2000, 4, 0x3000)


@pytest.mark.parametrize("encoded, vectors", [(0, 1), (3, 8), (5, 32)])
def test_msi(encoded, vectors):
    assert function(capabilities=[[encoded << 17 | 0x05, 0, 0, 0]]).msi == vectors


@pytest.mark.parametrize(
    "options, reset, bar",
    [
        ({"capabilities": [[0x10, 1 << 28]]}, "FLR", None),
        ({"capabilities": [[0x10, 0]]}, "", None),
        ({"capabilities": [[0x03000013]]}, "FLR (Advanced Features)", None),
        ({"capabilities": [[0x01000013]]}, "", None),
        ({"class_code": 0x010802}, "NVMe's CC.EN", 0),
        ({"class_code": 0x0C0330}, "xHCI's USBCMD.HCRST", 0),
        ({"class_code": 0x0C0320}, "", None),
        ({"vendor": 0x8086, "device": 0x10D3}, "e1000e's CTRL.RST", 0),
        # PCI_CFG (5) first; the common structure is in BAR 4.
        ({"vendor": 0x1AF4, "capabilities": [[0x05000009, 0], [0x01000009, 4]]}, "virtio's device status", 4),
        ({"vendor": 0x1AF4}, "", None),
        ({"class_code": 0x010802, "capabilities": [[0x10, 1 << 28]]}, "FLR", None),
    ],
)
def test_resets(options, reset, bar):
    found = function(**options)
    assert (found.reset, found.reset_bar) == (reset, bar)


def test_a_list_of_capabilities_without_an_end():
    space = words(capabilities=[[0x01, 0], [0x05, 0]])
    space[0x48 // 4] |= 0x40 << 8
    found = decode(0x08, space, [0] * 7)
    assert found.capabilities == {1: [0x40], 5: [0x48]}


def test_a_capability_at_the_very_end_has_no_table():
    space = words()
    space[1] |= 1 << 20
    space[13] = 0xFC
    space[0xFC // 4] = 0x11
    assert decode(0x08, space, [0] * 7).msix is None


def test_no_capabilities_where_the_status_has_none():
    space = words(capabilities=[[0x05, 0]])
    space[1] = 0
    assert decode(0x08, space, [0] * 7).capabilities == {}


@pytest.mark.parametrize(
    "size, table, pba, expected",
    [
        (0x1000, 0, 0x800, [("", 0, 0x1000, True)]),
        (0x100, 0, 0x80, [("", 0, 0x1000, True)]),
        (0x4000, 0x2000, 0x3000, [("", 0, 0x2000, False), ("_table", 0x2000, 0x2000, True)]),
        (0x4000, 0x3000, 0x3800, [("", 0, 0x3000, False), ("_table", 0x3000, 0x1000, True)]),
        (0x4000, 0, 0x2000, [("", 0, 0x3000, True), ("_rest", 0x3000, 0x1000, False)]),
        (
            0x10000,
            0x8FF0,
            0x4000,
            [("", 0, 0x4000, False), ("_table", 0x4000, 0x6000, True), ("_rest", 0xA000, 0x6000, False)],
        ),
        # The capability lies: no piece reaches out of the BAR.
        (0x1000, 0xFF0, 0x800, [("", 0, 0x1000, True)]),
    ],
)
def test_pieces(size, table, pba, expected):
    found = function(capabilities=[msix(2, table, pba)])
    assert pieces(found, Bar(0, size)) == [Piece(0, *piece) for piece in expected]
    assert pieces(found, Bar(2, size)) == [Piece(2, "", 0, max(size, 0x1000), False)]


def test_elements():
    vectors = msix(65, 0x2000, 0x3000)
    nvme = function([0xFFFFC004, ALL_ONES], class_code=0x010802, bars=[4, 0], capabilities=[vectors])
    assert elements([nvme]) == [
        ("memory_region", {"name": "nvme", "size": "0x1000", "phys_addr": "0x3f008000"}),
        ("memory_region", {"name": "nvme_bar0", "size": "0x2000", "phys_addr": "0x10000000"}),
        ("memory_region", {"name": "nvme_bar0_table", "size": "0x2000", "phys_addr": "0x10002000"}),
        ("map", {"mr": "nvme", "vaddr": "0x23f008000", "perms": "rw", "cached": "false"}),
        ("map", {"mr": "nvme_bar0", "vaddr": "0x210000000", "perms": "rw", "cached": "false"}),
        ("map", {"mr": "nvme_bar0_table", "vaddr": "0x210002000", "perms": "rw", "cached": "false"}),
        ("irq", {"irq": "36", "id": "20"}),
        *(("irq", {"irq": str(80 + i), "id": str(21 + i), "trigger": "edge"}) for i in range(4)),
        ("map", {"mr": "nvme_bar0", "vaddr": "0x10000000", "perms": "rw", "cached": "false"}),
    ]


def regions(*functions, **options):
    found = [one for tag, one in elements(functions, **options) if tag == "memory_region"]
    return {one["name"]: int(one["phys_addr"], 16) for one in found}


def test_addresses_are_aligned_and_apart():
    first = function([0xFFFFFFE1, 0xFFFFFFF0, 0xFFFE0000], bars=[1, 0, 0])
    second = function([0xFFFFC004, ALL_ONES], place=0x10, bars=[4, 0])
    found = regions(first, second)
    assert found["net_bar1"] == 0x10000000 and "net_bar0" not in found
    assert found["net_bar2"] == 0x10020000
    assert found["net2_bar0"] == 0x10040000


def test_what_the_small_window_cannot_hold_goes_to_the_other():
    large = function([0x4, ALL_ONES], bars=[4, 0])
    assert regions(large)["net_bar0"] == 0x8000000000
    windows = [lspci.Window(0x10000000, 0x2EFF0000, False)]
    with pytest.raises(lspci.LspciError, match="no window has room"):
        regions(large, windows=windows)
    narrow = function([0x80000000], bars=[0])
    with pytest.raises(lspci.LspciError, match="no window has room"):
        regions(narrow)


def test_lines():
    """Four slots apart there is one line; each bridge turns the pins by the slot of what is below it."""
    port = function(place=0x18, class_code=0x060400, header=1)
    port.bus_behind = 1
    below = function(place=0x0100)
    other = function(place=0x38)
    listing = lspci.Listing(bridge(), [port, below, other], 80)
    assert [listing.line(one) for one in (port, below, other)] == [38, 38, 38]
    assert "INTID 38, also of 00:03.0, 01:00.0: to one guest" in listing.render()
    below.place = 0x0108
    assert listing.line(below) == 35
    below.place = 0x0200
    assert listing.line(below) is None
    assert listing.line(function(pin=0)) is None


def test_bridges_and_what_is_behind_them_have_no_elements():
    port = function(place=0x18, class_code=0x060400, header=1)
    port.bus_behind = 1
    assert elements([function(class_code=0x060000, place=0), port, function(place=0x0100)]) == []


def test_device_tree():
    entry = [0x1800, 0, 0, 2, 0x8002, 0, 0, 0, 4, 4]
    assert lspci.decode_lines([*entry, 1], 2) == {(3, 2): 36}
    assert lspci.decode_lines(entry[:5] + entry[7:], 0) == {(3, 2): 36}
    io = [0x1000000, 0, 0, 0, 0x3EFF0000, 0, 0x10000]
    small = [0x2000000, 0, 0x10000000, 0, 0x10000000, 0, 0x2EFF0000]
    large = [0x3000000, 0x80, 0, 0x80, 0, 0x80, 0]
    assert lspci.decode_windows(io + small + large) == bridge().windows


def test_what_the_program_prints():
    header = " ".join(f"{word:08x}" for word in words(bars=[4, 0]))
    text = f"sluice: x\npci: function 0008 {header}\npci: answers 0008 ffffc004 ffffffff{' 00000000' * 5}\n"
    (found,) = lspci.parse(text + "pci: end\n")
    assert str(found) == "00:01.0" and found.bars == [Bar(0, 0x4000, wide=True)]
    with pytest.raises(lspci.LspciError, match="did not tell all"):
        lspci.parse(text)


MACHINE = (
    "-device pcie-root-port,id=port1,chassis=1,addr=6 -drive file=null-co://,if=none,format=raw,id=d"
    " -device nvme,drive=d,serial=s,bus=port1 -device qemu-xhci,addr=7 -device edu,addr=8.0,multifunction=on"
    " -device edu,addr=8.1"
)


def test_lspci_on_a_machine():
    text = good_make("-s", "lspci", "SYSTEM=simple", f"QEMU_ARGS={MACHINE}").stdout
    assert "ECAM 0x3f000000, 16 buses" in text
    assert "00:07.0  1b36:000d  USB controller" in text and "01:00.0  1b36:0010  NVMe controller" in text
    assert "0x4000 bytes; MSI-X table at 0x3000, 16 vectors; pending bits at 0x3800" in text
    assert "00:08.1" in text and "00:08.2" not in text
    assert 'name="usb_bar0_table"' in text
