# SPDX-License-Identifier: BSD-2-Clause
"""Functions that master DMA wherever they are told to (tests/system/dma), behind an SMMU: nothing but their own
guest's RAM is reached, what they try is counted and said, and a flood of it costs others nothing.

What was reached is seen where it is known what was there: in the neighbour's RAM, which has no zeros, and in the
SMMU's tables, as the functions would reach their own guest's RAM no longer. The addresses of both are told to the
guest that attacks. Elsewhere it is seen by what would not go on: the kernel, all programs and guests, the console."""

import shutil

import pytest

import smmu_owner
from bench_counts import Report
from conftest import BUILD, ROOT
from owners import share
from smmu_owner import NAMES, counted
from smmu_stages import stages

PLUGIN = BUILD / "host/count.so"
REFUSED = r"DMA refused: (?:read|writ)ing 0x[0-9a-f]+ is not this guest's RAM \(\d+ so far"
FUNCTIONS = 3
OWN_RAM = 0x40000000


# Of master's RAM and of neighbour's, their seventh MiB: 4 KiB each, in turns in the machine and in no order.
PAGES, PAGES_START, PHYSICAL = 256, OWN_RAM + 0x600000, 0x50000000


def pages_of(guest):
    """Regions, and maps into the guest or its VMM."""
    places = [(PHYSICAL + ((i * 77 % PAGES) << 13) + (guest == "neighbour") * 0x1000) for i in range(PAGES)]
    yield "".join(f'<memory_region name="{guest}{i}" size="0x1000" phys_addr="{at:#x}" />' for i, at in enumerate(places))
    for perms in ("rw", "rwx"):
        maps = (f'<map mr="{guest}{i}" vaddr="{PAGES_START + (i << 12):#x}" perms="{perms}" />' for i in range(PAGES))
        yield "".join(maps)


def scattered(folder):
    """The description with RAM of two guests in such pages; their last MiB is a region again."""
    folder = shutil.copytree(ROOT / "tests/system/dma", folder)
    system = folder / "dma.system"
    text = system.read_text()
    for guest in ("neighbour", "master"):
        regions, own, guests = pages_of(guest)
        whole = f'<memory_region name="ram_{guest}" size="0x800000" page_size="0x200000" />'
        part = whole.replace("0x800000", "0x600000")
        last = f'<memory_region name="last_{guest}" size="0x100000" />'
        maps = [f'<map mr="ram_{guest}" vaddr="0x40000000" perms="{rest}' for rest in ('rw" ', 'rwx"')]
        changes = {whole: part + last + regions}
        for at, pages, perms in zip(maps, (own, guests), ("rw", "rwx")):
            changes[at] = f'{pages}<map mr="last_{guest}" vaddr="0x40700000" perms="{perms}" />{at}'
        for old, new in changes.items():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
    setvar = '<setvar symbol="region_paddr_1" region_paddr="ram_flood" />'
    text = text.replace(setvar, setvar + '<setvar symbol="region_paddr_2" region_paddr="last_master" />')
    system.write_text(text)
    return folder


class Dma(smmu_owner.Dma):
    def __init__(self, machine, config, out, system="tests/system/dma", variables=(), is_counted=True):
        self.out = out
        self.hostile_faults = 0

        def arguments(image):
            self.report = Report(image.report)
            return counted(PLUGIN, out, image) if is_counted else []

        super().__init__(machine(system, config, "IOMMU=yes", *variables, qemu_args=arguments))

    def own_ram(self):
        self.ask("master", "probe", r"own RAM is reached\s")

    def aim(self):
        (tables,) = [start for start, _, owner, _ in self.report.memory if owner == "smmu_tables"]
        neighbour = self.report.guests[NAMES.index("neighbour")][0][2]
        assert neighbour != OWN_RAM  # as the master's functions say it
        self.ask("master", f"aim {neighbour:016x} {tables:016x}", r"aimed\s")

    def messages(self):
        self.press("0")
        self.says("0 messages")
        self.shown = None


def check_nothing_else(dma, line, timeout=-1):
    dma.own_ram()
    dma.aim()
    dma.ask("master", line, r"nothing was reached\s", timeout)
    dma.own_ram()
    dma.work()
    faults = dma.faults()
    assert faults["master"] >= FUNCTIONS and faults["neighbour"] == faults["flood"] == 0
    dma.messages()
    dma.hostile_faults = faults["master"]
    for slot in range(1, FUNCTIONS + 1):
        dma.console.expect(rf"2 master: edu{slot} \(00:0{slot}\.0\): {REFUSED}".encode())


def check_pages(dma):
    dma.ask("master", "pages", r"(?:all pages are|pages are not) reached\s")
    assert dma.console.child.after.startswith(b"all")


@pytest.mark.takes(20)
def test_hostile_masters(machine, tmp_path):
    """Some hundred addresses; then a flood of faults beside a guest that works, and the flood's guest anew."""
    dma = Dma(machine, "release", tmp_path / "counts", scattered(tmp_path / "dma"))
    dma.work()
    check_pages(dma)
    dma.work()
    check_nothing_else(dma, "random")
    for _ in range(2):
        before = dma.faults()["flood"]
        dma.ask("flood", "flood", r"flooding\s")
        dma.work()
        assert dma.faults()["flood"] > before
        dma.restart_flood(last=b"")
    dma.own_ram()
    dma.work()
    dma.restart_flood()
    dma.work()
    start, (alone, _, _, *flooded, _, _), (_, hostile, *_, restart) = dma.windows(dma.out)
    # What docs/smmu.md says that the owner executes; `make bench` has it as figures.
    assert start["smmu"] < 150_000  # tables with 512 single pages, and four functions attached
    assert restart["smmu"] < 2_500  # a function detached, and attached
    assert hostile["smmu"] / dma.hostile_faults < 200  # QEMU makes up to sixteen of a transfer
    assert share(alone, "neighbour") > 0.98
    for window in flooded:
        assert window["neighbour"] < 1.01 * alone["neighbour"]
        assert window["smmu"] + window["vmm_flood"] < 0.03 * sum(window.values()), window


@pytest.mark.soak(only=True)
@pytest.mark.parametrize("stage", stages())
def test_ten_thousand_addresses(machine, tmp_path, stage):
    dma = Dma(machine, "debug", tmp_path / "counts", scattered(tmp_path / "dma"), [f"QEMU_ARGS={stage}"])
    for _ in range(4):
        check_nothing_else(dma, "many", timeout=1200)


@pytest.mark.takes(60)
@pytest.mark.soak(only=True)
def test_by_the_contract_alone(machine, tmp_path):
    """On the wall clock: a guest that sleeps takes all the instructions of its time there."""
    dma = Dma(machine, "release", None, scattered(tmp_path / "dma"), ["EXTENSIONS=no"], is_counted=False)
    check_pages(dma)
    check_nothing_else(dma, "random")
    for _ in range(2):
        dma.ask("flood", "flood", r"flooding\s")
        dma.work()
        dma.restart_flood(last=b"")
    dma.own_ram()
    dma.work()
