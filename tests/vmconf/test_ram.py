# SPDX-License-Identifier: BSD-2-Clause
"""A guest's RAM in pieces: what its VMM and its tree have as ranges, and what an SMMU's owner is told of them."""

import re
import shutil
import struct

import pytest
from test_smmu import GOOD, with_smmu
from test_vmconf import RAM, decompile, inputs, run  # noqa: F401

START, SIZE = 0x40000000, 0x8000000  # what is loaded into; the VMM has all RAM at its addresses in the guest
PHYSICAL = 0x5F000000
MORE = 0x80001000  # a region without an address
FIXED = 0xFFFFFFFF


def backwards(i):
    return f'phys_addr="{PHYSICAL - (i << 13):#x}"'


def change(text, places, where=backwards, is_mapped=True, before="more"):
    """The first guest, with pages more at these places, in this order in the description, each where where() says."""
    changes = {
        '    <memory_region name="ram" ': "".join(
            f'    <memory_region name="page{i}" size="0x1000" {where(i)} />\n' for i in range(len(places))
        ),
        f'            <map mr="{before}" ': "".join(
            f'            <map mr="page{i}" vaddr="{place:#x}" perms="rwx" />\n' for i, place in enumerate(places)
        ),
        '        <map mr="disk" vaddr="0x130000000"': "".join(
            f'        <map mr="page{i}" vaddr="{place:#x}" perms="rw" />\n' for i, place in enumerate(places) if is_mapped
        ),
    }
    for at, more in changes.items():
        assert text.count(at) == 1, at
        text = text.replace(at, more + at)
    return text


def with_pieces(tmp_path, *arguments, **options):
    path = tmp_path / "pieces.system"
    path.write_text(change(GOOD.read_text(), *arguments, **options))
    return path


# For the fuzzer: side by side, with holes, before what is loaded into, over the doorbell, over other RAM.
SEEDS = {
    "pages": [START + SIZE + (i << 12) for i in (3, 1, 0, 2)],
    "holes": [0x30000000 + (i << 13) for i in range(RAM - 2)],
    "many": [0x30000000 + (i << 13) for i in range(RAM)],
    "before": [START - 0x1000, START - 0x2000],
    "doorbell": [0x8020000, 0x8021000],
    "over": [START + 0x1000, MORE],
}


def ranges_of(run):
    """(address, size, the VMM's address) of struct vm_config_ram."""
    config = (run.out / "linux.vm_config").read_bytes()
    count = struct.unpack_from("<I", config, 108)[0]
    table = [struct.unpack_from("<QQQ", config, 176 + 16 * 8 + 24 * i) for i in range(RAM)]
    assert not any(map(any, table[count:]))
    return table[:count]


def memory_of(run):
    tree = decompile(run.out / "linux.dtb")
    found = re.findall(r"memory@\w+ {\s+phandle = <\w+>;\s+device_type = \"memory\";\s+reg = <(\w+) (\w+) (\w+) (\w+)>;", tree)
    return [tuple(int(high, 16) << 32 | int(low, 16) for high, low in (words[:2], words[2:])) for words in found]


def reached(run):
    """(address, physical address or 0, size, symbol) of what the first guest's functions reach, without the doorbell."""
    config = (run.out / "smmu_0.smmu_config").read_bytes()
    first, count = struct.unpack_from("<HH", config, 32 + 32 * 32 + 26)
    at = 32 + 32 * 32 + 16 * 32 + 32 * first
    found = list(struct.iter_unpack("<QQQII", config[at : at + 32 * count]))
    assert [entry[:3] for entry in found if entry[4]] == [(0x8020000, 0x8020000, 0x1000)]
    assert found == sorted(found)
    return [entry[:4] for entry in found if not entry[4]]


def good(done):
    assert done.returncode == 0, done.stderr


def test_scattered_in_the_machine(run, tmp_path):
    """Hundreds of pages, backwards in the machine and in no order in the description: one range for the guest."""
    count = 500
    places = [START + SIZE + (i << 12) for i in range(count)]
    mixed = [places[i * 7 % count] for i in range(count)]
    good(run(with_pieces(tmp_path, mixed), board=with_smmu(tmp_path)))
    size = SIZE + (count << 12)
    assert ranges_of(run) == [(START, size, START), (MORE, 0x3000, 0)]
    assert memory_of(run) == [(START, size), (MORE, 0x3000)]
    physical = {place: PHYSICAL - (i << 13) for i, place in enumerate(mixed)}
    pages = [(place, physical[place], 0x1000, FIXED) for place in places]
    assert reached(run) == [(START, 0, SIZE, 0), *pages, (MORE, 0, 0x3000, 31)]


def test_side_by_side_everywhere(run, tmp_path):
    places = [START + SIZE + (i << 12) for i in range(100)]
    good(run(with_pieces(tmp_path, places, lambda i: f'phys_addr="{PHYSICAL + (i << 12):#x}"'), board=with_smmu(tmp_path)))
    assert reached(run) == [(START, 0, SIZE, 0), (START + SIZE, PHYSICAL, 100 << 12, FIXED), (MORE, 0, 0x3000, 31)]
    assert "page0, and what is behind it\n" in (run.out / "vmconf.txt").read_text()


def test_holes(run, tmp_path):
    """As many ranges as there may be, the first not the lowest; one more is refused."""
    places = [0x30000000 + (i << 13) for i in range(RAM - 2)]
    good(run(with_pieces(tmp_path, places[::-1]), board=with_smmu(tmp_path)))
    holes = [(place, 0x1000, place) for place in places]
    assert ranges_of(run) == [(START, SIZE, START), *holes, (MORE, 0x3000, 0)]
    assert memory_of(run) == [(start, size) for start, size, _ in ranges_of(run)]
    done = run(with_pieces(tmp_path, [*places, 0x39000000]), board=with_smmu(tmp_path))
    text = (tmp_path / "pieces.system").read_text()
    line = text[: text.index('<map mr="more"')].count("\n") + 1
    assert done.stderr == (
        "Error: the guest's RAM is in more than 64 ranges: what is side by side in the guest, and in its VMM, is one on "
        f"element 'map': pieces.system:{line}:13\n"
    )


def test_room_for_a_large_tree(run, inputs, tmp_path):
    """A region without a size has as much as the tree takes; one with a size has that, whatever was there before."""
    places = [0x30000000 + (i << 13) for i in range(RAM - 2)]
    system = with_pieces(tmp_path, places)
    good(run(system, board=with_smmu(tmp_path)))
    size = (run.out / "linux.dtb").stat().st_size
    assert size > 0x1000
    system.write_text(system.read_text().replace('name="dtb" ', 'name="dtb" size="0x1000" '))
    images = shutil.copytree(inputs, tmp_path / "images")
    for _ in range(2):
        done = run(system, images=images, board=with_smmu(tmp_path))
        assert f"Error: the guest's device tree has {size} bytes, but region 'dtb' only 0x1000 on element" in done.stderr
        (images / "linux.dtb").write_bytes(bytes(0x800))


def test_what_the_vmm_does_not_have(run, tmp_path):
    """It is a range of its own."""
    good(run(with_pieces(tmp_path, [START + SIZE, START + SIZE + 0x1000], is_mapped=False), board=with_smmu(tmp_path)))
    assert ranges_of(run) == [(START, SIZE, START), (START + SIZE, 0x2000, 0), (MORE, 0x3000, 0)]


@pytest.mark.parametrize("before", ["ram", "more"])
def test_before_what_is_loaded_into(run, tmp_path, before):
    """The VMM's symbol says where the first range begins, wherever the description has it."""
    good(run(with_pieces(tmp_path, [START - 0x1000], before=before), board=with_smmu(tmp_path)))
    assert ranges_of(run) == [(START, SIZE, START), (START - 0x1000, 0x1000, START - 0x1000), (MORE, 0x3000, 0)]


@pytest.mark.parametrize("count", [30, 31])
def test_where_the_image_tool_puts_them(run, tmp_path, count):
    """The owner is told of as many regions as it has symbols for."""
    places = [START + SIZE + (i << 12) for i in range(count)]
    system = with_pieces(tmp_path, places, where=lambda i: "")
    setvars = "".join(
        f'        <setvar symbol="region_paddr_{i + 1}" region_paddr="page{i}" />\n' for i in range(min(count, 30))
    )
    at = '        <setvar symbol="region_paddr_31"'
    system.write_text(system.read_text().replace(at, setvars + at))
    done = run(system, board=with_smmu(tmp_path))
    if count == 30:
        good(done)
        assert [symbol for *_, symbol in reached(run)] == list(range(32))
    else:
        assert done.stderr == (
            "Error: protection domain 'owner' owns /smmu@9050000, and can be told where 32 regions are: region 'page30', RAM "
            "of 'linux', needs a phys_addr on element 'memory_region': pieces.system:35:5\n"
        )
