# SPDX-License-Identifier: BSD-2-Clause
"""vmconf on a board with an SMMU: what its owner is told, and what is refused there.

smmu/two_guests.system is what is right; each refusal changes something of it. SLUICE_UPDATE=1 rewrites
smmu/two_guests/.
"""

import struct
import subprocess

import pytest
from test_vmconf import HERE, PCI, ROOT, compare, decompile, inputs, run, with_board  # noqa: F401

GOOD = HERE / "smmu" / "two_guests.system"
NODE = 'compatible = "arm,mmu-500";'
EVENTS = """
    compatible = "arm,smmu-v3"; dma-coherent;
    interrupt-names = "eventq", "priq", "cmdq-sync", "gerror";
    interrupts = <0 74 1>, <0 75 1>, <0 76 1>, <0 77 1>;
"""
MSI_MAP = "msi-map = <0 &v2m 0 0x10000>;"
MAP = "iommu-map = <0 &smmu 0x100 0x10000>;"
OUTSIDE = "iommu-map = <0x10 &smmu 0 0x10000>;"  # the disk


def with_smmu(tmp_path, streams=MAP, events=EVENTS):
    return with_board(tmp_path, (NODE, events), (MSI_MAP, f"{MSI_MAP} {streams}"))


def variant(tmp_path, *changes):
    """The description, with something changed."""
    text = GOOD.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / "other.system"
    path.write_text(text)
    return path


def names(text):
    return text.rstrip(b"\0").decode()


def test_two_guests(run, tmp_path):
    done = run(GOOD, board=with_smmu(tmp_path))
    assert done.returncode == 0, done.stderr
    compare(GOOD.with_suffix("") / "messages.txt", done.stderr)
    compare(GOOD.with_suffix("") / "vmconf.txt", (run.out / "vmconf.txt").read_text())
    compare(GOOD.with_suffix("") / "dma.txt", (run.out / "dma.txt").read_text())
    assert (run.out / "smmus.txt").read_text() == "smmu_0.smmu_config smmu.elf\n"
    for vm in ("linux", "other"):
        tree = decompile(run.out / f"{vm}.dtb")
        assert "iommu" not in tree and "smmu" not in tree


def dma_map(*arguments):
    command = [ROOT / "scripts" / "dma_map.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_map_of_dma(run, tmp_path):
    """`make dma-map`, with the image tool's report and without; on a board without an SMMU, too."""
    run(GOOD, board=with_smmu(tmp_path))
    (tmp_path / "report.json").write_text('{"memory_regions": [{"name": "more", "address": 1610620928}]}')
    assert dma_map(run.out / "dma.txt", tmp_path / "report.json") == (
        "linux: PCI function disk (00:01.0), StreamID 0x108 of /smmu@9050000, reaches\n"
        "    0x0040000000..0x0048000000  RAM, region ram\n"
        "    0x0080001000..0x0080004000  RAM, region more, which is at 0x0060002000..0x0060005000\n"
        "    0x0008020000..0x0008021000  the doorbell of its vectors\n"
        "other: PCI function net (00:02.0), StreamID 0x110 of /smmu@9050000, reaches\n"
        "    0x0040000000..0x0048000000  RAM, region ram2\n"
    )
    run(HERE / "good" / "pci_two_guests.system")
    assert dma_map(run.out / "dma.txt") == (
        "linux: PCI function disk (00:01.0) reaches all of the machine's memory: no SMMU confines it\n"
        "other: PCI function net (00:05.0) reaches all of the machine's memory: no SMMU confines it\n"
    )
    (run.out / "dma.txt").write_text("")
    assert dma_map(run.out / "dma.txt") == "no guest has a device that masters DMA\n"


def test_configuration_of_the_owner(run, tmp_path):
    """Every field of struct smmu_config, by its offset in components/smmu/smmu_config.h."""
    run(GOOD, board=with_smmu(tmp_path))
    config = (run.out / "smmu_0.smmu_config").read_bytes()
    assert len(config) == 32 + 32 * 32 + 16 * 32 + 1024 * 32
    assert struct.unpack_from("<QIIIIII", config) == (0x55434D4D53564C53, 2, 2, 2, 4, 5, 6)
    streams = [(names(name), *rest) for name, *rest in struct.iter_unpack("<24sIHH", config[32:][: 2 * 32])]
    assert streams == [("disk", 0x108, 0, 0), ("net", 0x110, 1, 0)]
    domains = [(names(name), *rest) for name, *rest in struct.iter_unpack("<24s4H", config[32 + 32 * 32 :][: 2 * 32])]
    assert domains == [("linux", 0, 0, 3, 0), ("other", 61, 3, 1, 0)]
    ranges = list(struct.iter_unpack("<QQQII", config[32 + 32 * 32 + 16 * 32 :][: 4 * 32]))
    assert ranges == [
        (0x8020000, 0x8020000, 0x1000, 0xFFFFFFFF, 1),
        (0x40000000, 0, 0x8000000, 0, 0),
        (0x80001000, 0, 0x3000, 31, 0),
        (0x40000000, 0x50001000, 0x8000000, 0xFFFFFFFF, 0),
    ]


def test_what_vmms_are_told(run, tmp_path):
    run(GOOD, board=with_smmu(tmp_path))
    for vm, stream, channel in (("linux", 0x108, 30), ("other", 0x110, 31)):
        config = (run.out / f"{vm}.vm_config").read_bytes()
        assert struct.unpack_from("<IHH", config, PCI + 48 + 48) == (stream, channel, 1)


STREAMS = [
    ("iommu-map = <0 &smmu 0 0x10000>;", (0x8, 0x10)),
    ("iommu-map = <0 &smmu 0 9>, <0x10 &smmu 0x7000 1>;", (0x8, 0x7000)),
    ("iommu-map = <0 &smmu 0 0x10000>; iommu-map-mask = <0xffe7>;", (0x0, 0x0)),
    ("iommu-map = <0x10 &smmu 0x5 0x10000>, <0 &smmu 0x40 0x20>;", (0x48, 0x5)),
]


@pytest.mark.parametrize("streams, expected", STREAMS)
def test_streams(run, tmp_path, streams, expected):
    done = run(GOOD, board=with_smmu(tmp_path, streams))
    if len(set(expected)) == 1:
        assert done.stderr == (
            f"Error: PCI functions 'disk' and 'net' have the same StreamID, {expected[0]:#x}, by which /smmu@9050000 "
            "cannot tell them apart on element 'memory_region': two_guests.system:10:5\n"
        )
        return
    config = (run.out / "smmu_0.smmu_config").read_bytes()
    assert tuple(entry[1] for entry in struct.iter_unpack("<24sIHH", config[32:][: 2 * 32])) == expected


MALFORMED = [
    ("iommu-map = <0 &smmu 0>;", "iommu-map"),
    ("iommu-map = <0 0x777 0 0x10000>;", "iommu-map"),
    ("iommu-map = <1 &smmu 0 0xffffffff>;", "iommu-map"),
    ("iommu-map = <0 &smmu 1 0xffffffff>;", "iommu-map"),
    ("iommu-map = <0 &smmu 0 0x10000>; iommu-map-mask = <0 0>;", "iommu-map-mask"),
    ("iommu-map = <0 &smmu 0 0x10000>; iommu-map-mask;", "iommu-map-mask"),
]


@pytest.mark.parametrize("streams, what", MALFORMED)
def test_malformed_maps(run, tmp_path, streams, what):
    done = run(GOOD, board=with_smmu(tmp_path, streams))
    assert done.returncode == 1
    assert f"vmconf: error: other.dtb: /pcie@10000000: property '{what}' is malformed\n" in done.stderr


CHANNEL = """    <channel>
        <end pd="owner" id="0" />
        <end pd="vmm" id="30" pp="true" />
    </channel>
"""
OWNER_MAP = 'mr="smmu" vaddr="0x10000000" perms="rw" cached="false" setvar_vaddr="smmu_vaddr"'
TABLES_MAP = (
    'mr="tables" vaddr="0x20000000" perms="rw" cached="false" setvar_vaddr="smmu_tables_vaddr" '
    'setvar_size="smmu_tables_size"'
)
OWNER = "protection domain 'owner' owns /smmu@9050000"
REGISTERS = "region 'smmu' has the registers of /smmu@9050000: its owner maps it with perms=\"rw\" cached=\"false\" setvar_vaddr=\"smmu_vaddr\""
TABLES = (
    "region 'tables' has the tables of /smmu@9050000: its owner maps it with perms=\"rw\" cached=\"false\" and "
    "setvar_size=\"smmu_tables_size\""
)
SHARED = (
    "region 'tables' has the tables of /smmu@9050000, which say what DMA reaches: it is mapped once, into protection "
    "domain 'owner'"
)
EVENTQ = f"{OWNER}, and needs <irq irq=\"106\" trigger=\"edge\" ... /> for its interrupt \"eventq\""
GERROR = f"{OWNER}, and needs <irq irq=\"109\" trigger=\"edge\" ... /> for its interrupt \"gerror\""
VMM_LINE = '<map mr="ram" vaddr="0x40000000" perms="rw" setvar_vaddr="guest_ram_vaddr" />'
VM_LINE = '<map mr="more" vaddr="0x80001000" perms="rwx" />'
PHYSICAL = '<memory_region name="smmu" size="0x20000" phys_addr="0x9050000" />'
NOBODY = (
    "masters DMA, and nobody owns /smmu@9050000: map its registers (0x9050000) into a protection domain that runs "
    "smmu.elf, or say in the overlay that its DMA may go anywhere: &sluice {{ pci {{ {} {{ dma = \"unconfined\"; }}; }}; }};"
)
REFUSALS = {
    "no channel": (
        (CHANNEL, ""),
        "'linux' has PCI functions behind /smmu@9050000: protection domain 'vmm' needs a channel with its owner, "
        "'owner', by which it may call: <end ... pp=\"true\" />",
    ),
    "no pp": (
        ('id="30" pp="true"', 'id="30"'),
        "'linux' has PCI functions behind /smmu@9050000, and its VMM calls the owner: this end needs pp=\"true\"",
    ),
    "no address": (
        ('<setvar symbol="region_paddr_0" region_paddr="ram" />', ""),
        f"{OWNER}, and is not told where region 'ram' is, RAM of 'linux' without phys_addr: add <setvar "
        "symbol=\"region_paddr_0\" region_paddr=\"ram\" />",
    ),
    "no second address": (
        ("region_paddr_31", "region_paddr_32"),
        f"{OWNER}, and is not told where region 'more' is, RAM of 'linux' without phys_addr: add <setvar "
        "symbol=\"region_paddr_1\" region_paddr=\"more\" />",
    ),
    "small tables": (
        ('name="tables" size="0x100000"', 'name="tables" size="0x3000"'),
        "region 'tables' has 0x3000 bytes, and the SMMU's tables take up to 0x53000: give it size=\"0x53000\"",
    ),
    "no tables": (
        (TABLES_MAP, TABLES_MAP.replace("smmu_tables_vaddr", "elsewhere")),
        f"{OWNER}, and has no memory for its tables: map a region with perms=\"rw\" cached=\"false\" "
        "setvar_vaddr=\"smmu_tables_vaddr\" setvar_size=\"smmu_tables_size\"",
    ),
    "cached tables": ((TABLES_MAP, TABLES_MAP.replace("false", "true")), TABLES),
    "read-only tables": ((TABLES_MAP, TABLES_MAP.replace('"rw"', '"r"')), TABLES),
    "tables without size": ((TABLES_MAP, TABLES_MAP.replace(' setvar_size="smmu_tables_size"', "")), TABLES),
    "tables without address": (
        ('<setvar symbol="smmu_tables_paddr" region_paddr="tables" />', ""),
        f"{OWNER}, and is not told where its tables are: add <setvar symbol=\"smmu_tables_paddr\" "
        "region_paddr=\"tables\" />",
    ),
    "tables with another's address": (
        ('symbol="smmu_tables_paddr" region_paddr="tables"', 'symbol="smmu_tables_paddr" region_paddr="ram"'),
        f"{OWNER}, and is not told where its tables are: add <setvar symbol=\"smmu_tables_paddr\" "
        "region_paddr=\"tables\" />",
    ),
    "tables of registers": (
        ('name="tables" size="0x100000"', 'name="tables" size="0x100000" phys_addr="0x20000000"'),
        "region 'tables' has the tables of /smmu@9050000, and is not in the board's RAM",
    ),
    "tables of a VMM's": ((VMM_LINE, VMM_LINE + '<map mr="tables" vaddr="0x70000000" perms="r" />'), SHARED),
    "tables of a guest's": ((VM_LINE, VM_LINE + '<map mr="tables" vaddr="0x90000000" perms="rw" />'), SHARED),
    "tables twice": (
        (f"<map {TABLES_MAP} />", f'<map {TABLES_MAP} /><map mr="tables" vaddr="0x30000000" perms="r" cached="false" />'),
        SHARED,
    ),
    "two owners": (
        (VMM_LINE, VMM_LINE + '<map mr="smmu" vaddr="0x70000000" perms="rw" cached="false" />'),
        "region 'smmu' has registers of /smmu@9050000, which are mapped into protection domain 'owner' already: an SMMU "
        "has one owner",
    ),
    "a guest's": (
        (VM_LINE, VM_LINE + '<map mr="smmu" vaddr="0x9050000" perms="rw" cached="false" />'),
        "region 'smmu' has registers of /smmu@9050000, which confines DMA: no guest may have them",
    ),
    "half of the registers": (
        (PHYSICAL, PHYSICAL.replace("0x20000", "0x10000")),
        "region 'smmu' is not the registers of /smmu@9050000, which are phys_addr=\"0x9050000\" size=\"0x20000\"",
    ),
    "the other half": (
        (PHYSICAL, PHYSICAL.replace("0x9050000", "0x9060000")),
        "region 'smmu' is not the registers of /smmu@9050000, which are phys_addr=\"0x9050000\" size=\"0x20000\"",
    ),
    "cached registers": ((OWNER_MAP, OWNER_MAP.replace("false", "true")), REGISTERS),
    "read-only registers": ((OWNER_MAP, OWNER_MAP.replace('"rw"', '"r"')), REGISTERS),
    "nameless registers": ((OWNER_MAP, OWNER_MAP.replace("smmu_vaddr", "other")), REGISTERS),
    "no event queue": (('<irq irq="106" id="5" trigger="edge" />', ""), EVENTQ),
    "no errors": (('<irq irq="109" id="6" trigger="edge" />', ""), GERROR),
    "event queue as a level": (('<irq irq="106" id="5" trigger="edge" />', '<irq irq="106" id="5" />'), EVENTQ),
    "RAM over the doorbell": (
        ('vaddr="0x80001000" perms="rwx"', 'vaddr="0x801f000" perms="rwx"'),
        "the map lies over the guest's MSI frame, which the VMM emulates at 0x8020000..0x8021000",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(run, tmp_path, name):
    change, message = REFUSALS[name]
    done = run(variant(tmp_path, change), board=with_smmu(tmp_path))
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if line.startswith(("Error", "vmconf: error"))]
    assert len(errors) == 1 + (name == "a guest's"), done.stderr
    assert errors[0].startswith(f"Error: {message} on element '"), errors[0]
    assert not run.out.exists() or list(run.out.iterdir()) == []


def test_owner_that_is_a_vmm(run, tmp_path):
    lines = GOOD.read_text().splitlines(keepends=True)
    begin = next(i for i, line in enumerate(lines) if 'name="owner"' in line)
    end = next(i for i, line in enumerate(lines) if "</protection_domain>" in line)
    owner = "".join(lines[begin + 2 : end])
    text = "".join(lines[:begin] + lines[end + 1 :])
    text = text[: text.index("    <channel>")] + "</system>\n"
    text = text.replace(VMM_LINE, VMM_LINE + owner)
    system = tmp_path / "other.system"
    system.write_text(text)
    done = run(system, board=with_smmu(tmp_path))
    assert (
        "Error: protection domain 'vmm' has the registers of /smmu@9050000, and a virtual machine: their owner is a "
        "program of its own on element 'map'" in done.stderr
    )


NAMES = 'interrupt-names = "eventq", "priq", "cmdq-sync", "gerror";'
UNNAMED = [
    EVENTS.replace(NAMES, names_of)
    for names_of in ("", 'interrupt-names = "eventq", "gerror";', 'interrupt-names = "a", "b", "c", "d";')
]
COMBINED = """
    compatible = "arm,smmu-v3"; interrupt-names = "combined"; interrupts = <0 74 1>;
"""


@pytest.mark.parametrize("events", UNNAMED)
def test_interrupts_that_the_tree_does_not_name(run, tmp_path, events):
    done = run(GOOD, board=with_smmu(tmp_path, events=events))
    for name in ("eventq", "gerror"):
        assert (
            f'Error: the board\'s device tree has no interrupt "{name}" for /smmu@9050000, by which its owner learns '
            "of faults on element 'map'" in done.stderr
        )


def test_one_interrupt_for_all(run, tmp_path):
    system = variant(tmp_path, ('<irq irq="109" id="6" trigger="edge" />', ""))
    done = run(system, board=with_smmu(tmp_path, events=COMBINED))
    assert done.returncode == 0, done.stderr
    assert struct.unpack_from("<II", (run.out / "smmu_0.smmu_config").read_bytes(), 24) == (5, 5)


def overlay(tmp_path, text):
    path = tmp_path / "linux.dtso"
    path.write_text(f"/dts-v1/;\n/plugin/;\n{text}\n")
    return [(path, "linux")]


def test_functions_outside_of_the_map(run, tmp_path):
    """Refused, unless the user says so; then RAM is 1:1, as on a board without an SMMU."""
    board = with_smmu(tmp_path, OUTSIDE)
    message = (
        "Error: PCI function disk (00:01.0) masters DMA, and no SMMU confines it (iommu-map of /pcie@10000000): take "
        "another slot, or say in the overlay that its DMA may go anywhere: &sluice { pci { disk { dma = "
        "\"unconfined\"; }; }; }; on element 'memory_region': two_guests.system:8:5\n"
    )
    assert message in run(GOOD, board=board).stderr
    said = overlay(tmp_path, '&sluice { pci { disk { dma = "unconfined"; }; }; };')
    done = run(GOOD, board=board, overlays=said)
    assert message not in done.stderr
    assert (
        "Error: PCI function disk (00:01.0) masters DMA with physical addresses, so the guest's RAM must be mapped 1:1: "
        "give region 'ram' phys_addr=\"0x40000000\"" in done.stderr
    )
    system = variant(tmp_path, ('size="0x8000000" page_size="0x200000" />', 'size="0x8000000" phys_addr="0x40000000" />'), (VM_LINE, ""))
    done = run(system, board=board, overlays=said)
    assert done.returncode == 0, done.stderr
    assert "note: guest 'linux': PCI function disk (00:01.0) masters DMA that no SMMU confines" in done.stderr
    assert "note: guest 'other': PCI function net (00:02.0) masters DMA" not in done.stderr
    config = (run.out / "linux.vm_config").read_bytes()
    assert struct.unpack_from("<IHH", config, PCI + 48 + 48) == (0, 0, 0)


def without_owner():
    text = GOOD.read_text()
    begin, end = text.index('    <protection_domain name="owner"'), text.index('    <protection_domain name="vmm"')
    return text[:begin] + text[end : text.index("    <channel>")] + "</system>\n"


def test_smmu_that_nobody_owns(run, tmp_path):
    system = tmp_path / "other.system"
    system.write_text(without_owner())
    done = run(system, board=with_smmu(tmp_path))
    assert "Error: PCI function disk (00:01.0) " + NOBODY.format("disk") in done.stderr
    assert "Error: PCI function net (00:02.0) " + NOBODY.format("net") in done.stderr


def test_devices_that_no_smmu_confines(run, tmp_path):
    """On a board with an SMMU that needs the user's word."""
    system = HERE / "good" / "everything.system"
    said = HERE / "good" / "everything" / "linux.dtso"
    done = run(system, board=with_smmu(tmp_path), overlays=[(said, "linux")])
    refused = [line.split(" masters")[0] for line in done.stderr.splitlines() if "no SMMU confines it" in line]
    assert "Error: /virtio_mmio@a000200" in refused
    assert "Error: /pl011@9000000" not in refused
    assert (
        "no SMMU confines it: take a PCI function instead, or say in the overlay that its DMA may go anywhere: &sluice { "
        "devices { virtio_mmio_a000200 { dma = \"unconfined\"; }; }; }; on element 'map': everything.system:" in done.stderr
    )
    labels = [line.split("devices { ")[1].split(" ")[0] for line in done.stderr.splitlines() if "devices { " in line]
    assert len(labels) == len(refused) > 1
    nodes = " ".join(f'{label} {{ dma = "unconfined"; }};' for label in labels)
    (tmp_path / "linux.dtso").write_text(said.read_text() + f"&sluice {{ devices {{ {nodes} }}; }};")
    done = run(system, board=with_smmu(tmp_path), overlays=[(tmp_path / "linux.dtso", "linux")])
    assert done.returncode == 0, done.stderr


# What may be said, and of what.
SAID = {
    'pci { disk { dma = "unconfined"; }; };': "/sluice/pci/disk: dma = \"unconfined\" is for what no SMMU confines, "
    "and /smmu@9050000 confines it",
    'pci { disk { dma = "yes"; }; };': "/sluice/pci/disk: dma takes \"unconfined\"",
    "pci { disk { dma; }; };": "/sluice/pci/disk: dma takes \"unconfined\"",
    'devices { nothing { dma = "unconfined"; }; };': "/sluice/devices: label 'nothing' is unknown",
    'devices { gic { dma = "yes"; }; };': "/sluice/devices/gic: dma takes \"unconfined\"",
    'devices { gic { smmu = "no"; }; };': "/sluice/devices/gic: unknown property 'smmu'; known: dma",
    "devices { gic { more { }; }; };": "/sluice: unknown node 'more'",
    'devices { dma = "unconfined"; };': "/sluice/devices: unknown property 'dma'; it has a node for each device",
}


@pytest.mark.parametrize("text", SAID)
def test_unconfined_in_overlays(run, tmp_path, text):
    done = run(GOOD, board=with_smmu(tmp_path), overlays=overlay(tmp_path, f"&sluice {{ {text} }};"))
    assert done.stderr == f"vmconf: error: linux.dtbo: {SAID[text]}\n"


def many(tmp_path, guests, functions, regions):
    """So many guests, with so many functions and regions of RAM each, which are side by side in the guest alone."""
    text = GOOD.read_text()
    head = '<memory_region name="gicv" size="0x1000" phys_addr="0x8040000" />'
    owner = text[text.index('    <protection_domain name="owner"') : text.index('    <protection_domain name="vmm"')]
    owner = "".join(line for line in owner.splitlines(keepends=True) if "region_paddr_" not in line)
    head += PHYSICAL + '<memory_region name="tables" size="0x800000" page_size="0x200000" />'
    pds, channels = owner, ""
    for i in range(guests):
        maps = own = ""
        for k in range(functions):
            page = 0x3F008000 + ((i * functions + k) << 12)
            head += f'<memory_region name="f{i}_{k}" size="0x1000" phys_addr="{page:#x}" />'
            own += f'<map mr="f{i}_{k}" vaddr="{0x130000000 + (k << 12):#x}" perms="rw" cached="false" />'
        for k in range(regions):
            head += f'<memory_region name="ram{i}_{k}" size="0x1000" phys_addr="{0x5F000000 - ((i * 128 + k) << 12):#x}" />'
            maps += f'<map mr="ram{i}_{k}" vaddr="{0x40000000 + (k << 12):#x}" perms="rwx" />'
        pds += (
            f'<protection_domain name="v{i}" priority="101"><program_image path="own{i}.elf" />{own}'
            f'<irq irq="{110 + i}" id="0" trigger="edge" /><virtual_machine name="g{i}" priority="100"><vcpu id="0" />{maps}'
            '<map mr="gicv" vaddr="0x8010000" perms="rw" cached="false" /></virtual_machine></protection_domain>'
        )
        channels += f'<channel><end pd="owner" id="{10 + i}" /><end pd="v{i}" id="30" pp="true" /></channel>'
    system = tmp_path / "many.system"
    system.write_text(f"<system>{head}{pds}{channels}</system>")
    return system


@pytest.mark.parametrize(
    "fits, one_more, what",
    [
        ((16, 1, 1), (17, 1, 1), "room for 16 guests, and this is one more on element 'virtual_machine'"),
        ((4, 8, 1), (3, 11, 1), "room for 32 PCI functions, and this is one more on element 'memory_region'"),
        ((16, 1, 63), (16, 1, 64), "room for 1024 ranges of memory that DMA reaches, and this is one more on element 'map'"),
    ],
)
def test_room(run, tmp_path, fits, one_more, what):
    done = run(many(tmp_path, *fits), board=with_smmu(tmp_path))
    assert done.returncode == 0, done.stderr
    done = run(many(tmp_path, *one_more), board=with_smmu(tmp_path))
    assert f"Error: the owner of /smmu@9050000 has {what}" in done.stderr


WHOLE = HERE / "good" / "pci_whole.system"
WHOLE_SAID = 'devices { pcie_10000000 { dma = "unconfined"; }; };'


def whole_with_owner():
    text, owned = WHOLE.read_text(), GOOD.read_text()
    regions = "".join(line + "\n" for line in owned.splitlines() if 'name="smmu"' in line or 'name="tables"' in line)
    owner = owned[owned.index('    <protection_domain name="owner"') : owned.index('    <protection_domain name="vmm"')]
    owner = "".join(line for line in owner.splitlines(keepends=True) if "region_paddr_" not in line)
    at = text.index("    <protection_domain")
    return text[:at] + regions + owner + text[at:]


def test_host_bridge_whole(run, tmp_path):
    """With nobody's SMMU it may be unconfined, as anything; behind one that is owned it reaches nothing."""
    said = overlay(tmp_path, f"&sluice {{ {WHOLE_SAID} }};")
    done = run(WHOLE, board=with_smmu(tmp_path))
    assert "Error: /pcie@10000000 masters DMA, and no SMMU confines it: take a PCI function instead" in done.stderr
    assert run(WHOLE, board=with_smmu(tmp_path), overlays=said).returncode == 0
    (tmp_path / "owned.system").write_text(whole_with_owner())
    done = run(tmp_path / "owned.system", board=with_smmu(tmp_path), overlays=said)
    assert (
        "Error: /pcie@10000000 is behind /smmu@9050000, whose owner has streams for functions that are passed through "
        "one by one, and for no host bridge whole on element 'map': owned.system:" in done.stderr
    )


# A device of the platform's, which has a stream of its own (iommus), in the first guest.
DEVICE_CHANGES = (
    (
        '    <memory_region name="kernel"',
        '    <memory_region name="device" size="0x1000" phys_addr="0xb000000" />\n    <memory_region name="kernel"',
    ),
    ('<irq irq="81" id="1" trigger="edge" />', '<irq irq="81" id="1" trigger="edge" /><irq irq="72" id="7" />'),
    (
        '            <map mr="more" ',
        '            <map mr="device" vaddr="0xb000000" perms="rw" cached="false" />\n            <map mr="more" ',
    ),
)
DEVICE_SAID = '&sluice { devices { dma_b000000 { dma = "unconfined"; }; }; };'


@pytest.mark.parametrize("said", [(), DEVICE_SAID])
def test_device_with_a_stream(run, tmp_path, said):
    """Behind an SMMU that is owned it would reach nothing, whatever the overlay says."""
    done = run(variant(tmp_path, *DEVICE_CHANGES), board=with_smmu(tmp_path), overlays=said and overlay(tmp_path, said))
    assert [line for line in done.stderr.splitlines() if "rror" in line] == [
        "Error: /dma@b000000 is behind /smmu@9050000 (iommus), whose owner has streams for PCI functions alone: it would "
        "reach nothing on element 'map': other.system:42:13"
    ]


def test_device_with_a_stream_of_nobodys(run, tmp_path):
    """It is as any device that no SMMU confines: that is for the user to say."""
    text = without_owner()
    for old, new in DEVICE_CHANGES:
        text = text.replace(old, new)
    (tmp_path / "other.system").write_text(text)
    message = "Error: /dma@b000000 masters DMA, and no SMMU confines it: take a PCI function instead, or say in the overlay"
    done = run(tmp_path / "other.system", board=with_smmu(tmp_path))
    assert message in done.stderr and "(iommus)" not in done.stderr
    done = run(tmp_path / "other.system", board=with_smmu(tmp_path), overlays=overlay(tmp_path, DEVICE_SAID))
    assert message not in done.stderr and "(iommus)" not in done.stderr


def test_board_without_smmu(run, tmp_path):
    """The registers are nothing there, and RAM that is not 1:1 does not do."""
    done = run(GOOD)
    assert "masters DMA with physical addresses" in done.stderr
    assert done.returncode == 1


def test_files_of_an_earlier_run(run, tmp_path):
    assert run(GOOD, board=with_smmu(tmp_path)).returncode == 0
    assert (run.out / "smmus.txt").exists()
    assert run(HERE / "good" / "pci_two_guests.system").returncode == 0
    assert not (run.out / "smmus.txt").exists()
