# SPDX-License-Identifier: BSD-2-Clause
"""Guests with more RAM, and higher up, than the machine that the SDK's tree is of: above 4 GiB, and several
GiB of it. (README: memory)"""

import hashlib
import random
import re

import pytest

from conftest import ROOT, amount

GIB = 1 << 30
# The RAM's start, its size: all of it above 4 GiB; and behind the image, past 4 GiB.
ABOVE, THREE = (5 * GIB, GIB // 2), (2 * GIB, 3 * GIB)
SHIFTED = (5 * GIB, 11 * GIB // 2)
# Behind them in the guest, with holes between, and backwards in the machine.
PIECE = 3 << 20
PIECES = [(SHIFTED[0] + GIB // 2 + ((4 * i + 1) << 20), SHIFTED[1] + GIB - (i << 23)) for i in range(40)]
HIGHMEM = "\nqemu_machine := virt,virtualization=on,secure=off$(board_machine_options)\n"


def passthrough_with(folder, start, size):
    """The system passthrough with another guest RAM, on a machine with high memory."""
    text = (ROOT / "systems/passthrough/passthrough.system").read_text()
    text = text.replace('size="0x20000000"', f'size="{size:#x}"')
    text = text.replace('phys_addr="0x40000000"', f'phys_addr="{start:#x}"')
    text = text.replace('vaddr="0x40000000" perms="rwx"', f'vaddr="{start:#x}" perms="rwx"')
    assert text.count(f"{start:#x}") == 2
    (folder / "high.system").write_text(text)
    (folder / "system.mk").write_text((ROOT / "systems/passthrough/system.mk").read_text() + HIGHMEM)
    (folder / "linux.dtso").write_text((ROOT / "systems/passthrough/linux.dtso").read_text())
    return folder / "high.system"


def nvme_above(folder, ipa, start, pieces):
    """bench/nvme behind an SMMU as in systems/pci, on the same machine: the guest has its RAM at `ipa`, the machine at
    `start`; and pieces of it, each with an address for both, of PIECE bytes."""
    text, owned = ((ROOT / system).read_text() for system in ("bench/nvme/nvme.system", "systems/pci/pci-iommu.system"))
    regions = "".join(line for line in owned.splitlines(keepends=True) if "<memory_region name=\"smmu" in line)
    regions = regions.replace('"smmu_tables" size="0x20000"', '"smmu_tables" size="0x80000"')
    owner = owned[owned.index('    <protection_domain name="smmu"') : owned.index('    <protection_domain name="vmm"')]
    more = "".join(
        f'    <memory_region name="piece{i}" size="{PIECE:#x}" phys_addr="{at:#x}" />\n' for i, (_, at) in enumerate(pieces)
    )
    maps = "".join(f'<map mr="piece{i}" vaddr="{at:#x}" perms="rwx" />' for i, (at, _) in enumerate(pieces))
    changes = {
        'phys_addr="0x40000000"': f'phys_addr="{start:#x}"',
        '<vcpu id="0" />': f'<vcpu id="0" />{maps}',
        'vaddr="0x40000000" perms="rwx"': f'vaddr="{ipa:#x}" perms="rwx"',
        'phys_addr="0x3f008000"': 'phys_addr="0x4010008000"',  # its ECAM is up there, too
        "    <!-- PL011 -->\n": more,
        "    <protection_domain": regions + owner.replace('<setvar symbol="region_paddr_0" region_paddr="guest_ram" />', "")
        + "    <protection_domain",
        "</system>": owned[owned.index("    <channel>") :],
    }
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "high.system").write_text(text)
    (folder / "system.mk").write_text((ROOT / "bench/nvme/system.mk").read_text() + HIGHMEM)
    (folder / "linux.dtso").write_text((ROOT / "bench/nvme/linux.dtso").read_text())
    return folder / "high.system"


def check_sums(text):
    """Two, and both the same."""
    sums = re.findall(r"^[0-9a-f]{32}", text, re.M)
    assert len(sums) == 2 and sums[0] == sums[1], text


def ranges_of_ram(guest):
    """The first and last byte of each, as Linux has them."""
    found = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) : System RAM", guest.run("cat /proc/iomem"), re.M)
    return [(int(first, 16), int(last, 16)) for first, last in found]


def check_memory(guest, start, size):
    """All is there, where it should be, and what is written to most of it can be read back."""
    ranges = ranges_of_ram(guest)
    assert ranges[0][0] == start and ranges[-1][1] == start + size - 1
    part = amount(4 << 20, size // 4 * 3)
    guest.run(f"mount -t tmpfs -o size={size} none /mnt")
    check_sums(guest.run(f"head -c {part} /dev/urandom | tee /mnt/much | md5sum; md5sum < /mnt/much"))


@pytest.mark.soak
@pytest.mark.takes(15)
@pytest.mark.parametrize("start, size", amount([ABOVE], [ABOVE, THREE]))
@pytest.mark.parametrize("memory", amount(["6G"], ["6G", "8G"]))
def test_guest(machine, disk, tmp_path, start, size, memory):
    system = passthrough_with(tmp_path, start, size)
    guest = machine(system, "debug", f"MEM={memory}", f"DISK={disk}")
    guest.prompt()
    check_memory(guest, start, size)
    # To and from pages up there, by DMA.
    guest.run("dd if=/mnt/much of=/dev/vda bs=1M count=2 oflag=direct; echo 3 > /proc/sys/vm/drop_caches")
    check_sums(guest.run("dd if=/dev/vda bs=1M count=2 iflag=direct 2>/dev/null | md5sum; head -c 2097152 /mnt/much | md5sum"))
    assert "obtained" in guest.run("ifconfig eth0 up ; udhcpc eth0")
    assert "3 packets received" in guest.run("ping -c 3 10.0.2.2")
    guest.send("poweroff")
    assert guest.wait_end() == 0


@pytest.mark.takes(10)
def test_behind_an_smmu(machine, disk, tmp_path):
    """An NVMe disk reads into RAM that is above 4 GiB for the guest, and elsewhere there in the machine, in 41 ranges."""
    data = random.Random(14).randbytes(8 << 20)
    with open(disk, "r+b") as file:
        file.write(data)
    guest = machine(nvme_above(tmp_path, *SHIFTED, PIECES), "debug", "MEM=6G", f"DISK={disk}")
    guest.prompt()
    expected = [(SHIFTED[0], GIB // 2), *((start, PIECE) for start, _ in PIECES)]
    assert ranges_of_ram(guest) == [(start, start + size - 1) for start, size in expected]
    found = guest.run("dd if=/dev/nvme0n1 bs=1M count=8 iflag=direct 2>/dev/null | md5sum")
    assert hashlib.md5(data).hexdigest() in found
    guest.send("poweroff")
    assert guest.wait_end() == 0


def test_machine_with_less(machine, disk, tmp_path):
    """The kernel says what is missing."""
    system = passthrough_with(tmp_path, *ABOVE)
    variables = ["MEM=6G", f"DISK={disk}"]
    console = machine(system, "debug", *variables, change=lambda line: ["2G" if word == "6G" else word for word in line])
    console.expect(rb"RAM: expected up to 160000000, found less \(QEMU: -m\)")
