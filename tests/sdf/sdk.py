# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of the microkit tool run it with: a small SDK, programs, and a reader of images."""

import pathlib
import struct
import subprocess

HERE = pathlib.Path(__file__).parent
CC = "aarch64-linux-gnu-gcc"

LOAD = 0x70000000
RAM = (0x40000000, 0xC0000000)
PAGE = 0x1000
LARGE = 0x200000
STACK_TOP = 0xFFFFFFE000
IPC_BUFFER = 0xFFFFFFF000
NONE = 0xFFFF

CONF = """\
# Comments and blank lines are allowed.

load_address = 0x70000000
reserve_start = 0x40000000 # for 1:1 guests
reserve_size = 0x20000000
cpu_count = {cores}
intids = 288
debug_console = {console}
firmware_call = 0xc2000001 # SiP
firmware_call = 0x84000050 # TRNG_VERSION
"""

KERNEL = """
    .global _start, boot_image
    .section .text
_start: b _start
    .ascii "this is the kernel"
    .section .data
    .type boot_image, object
    .size boot_image, 8
boot_image: .quad 0
    .section .bss
    .skip 0x4000
"""

# The words are in .data, but for word_h; libmicrokit's names in .data and .bss.
PROGRAM = """
    .macro object name, size, value
    .global \\name
    .type \\name, object
    .size \\name, \\size
\\name:
    .if \\value == 0
    .skip \\size
    .else
    .fill \\size / 8, 8, \\value
    .endif
    .endm

    .global _start
    .section .text
_start: b _start
    .section .data
    .irp letter, a, b, c, d, e, f, g
    object word_\\letter, 8, 0x11111111
    .endr
    object microkit_name, 64, 1
    object microkit_irqs, 8, 1
    object microkit_notifications, 8, 1
    object microkit_pps, 8, 1
    object four_bytes, 4, 0
    .section .bss
    .balign 8
    .skip 0x2000
    object word_h, 8, 0
    object microkit_passive, 1, 0
    .skip 0x5000
    .local word_twice
    .type word_twice, object
    .size word_twice, 8
    .balign 8
word_twice: .skip 8
"""

TWICE = """
    .section .bss
    .type word_twice, object
    .size word_twice, 8
    .balign 8
word_twice: .skip 8
"""

SCRIPT = """
ENTRY(_start)
PHDRS { text PT_LOAD FLAGS(5); data PT_LOAD FLAGS(DATA_FLAGS); }
SECTIONS {
    . = BASE;
    .text : { *(.text) } :text
    . = ALIGN(0x1000) + GAP;
    .data : { *(.data) } :data
    .bss : { *(.bss) } :data
    /DISCARD/ : { *(.note*) *(.comment) }
}
"""


def link(folder, name, sources, base, data_flags=6, gap=0):
    """Assembles and links `sources` to folder/name."""
    objects = []
    for index, text in enumerate(sources):
        source = folder / f"{name}.{index}.s"
        source.write_text(text)
        objects.append(folder / f"{name}.{index}.o")
        subprocess.run([CC, "-c", "-o", objects[-1], source], check=True)
    script = folder / f"{name}.ld"
    script.write_text(
        SCRIPT.replace("BASE", hex(base)).replace("DATA_FLAGS", str(data_flags)).replace("GAP", hex(gap))
    )
    command = [CC, "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-Wl,-z,max-page-size=4096"]
    command += ["-Wl,--no-warn-rwx-segments", "-T", script, "-o", folder / name, *objects]
    subprocess.run(command, check=True)
    return folder / name


def make_sdk(sdk):
    """board/qemu_virt_aarch64 with debug and release (one core), and smp-debug (two)."""
    kernel = link(sdk, "kernel.elf", [KERNEL], LOAD)
    for config, cores in (("debug", 1), ("release", 1), ("smp-debug", 2)):
        elf = sdk / "board" / "qemu_virt_aarch64" / config / "elf"
        elf.mkdir(parents=True)
        (elf / "kernel.elf").write_bytes(kernel.read_bytes())
        (elf / "board.conf").write_text(CONF.format(cores=cores, console=int(config != "release")))
        command = ["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", elf / "board.dtb", HERE / "board.dts"]
        subprocess.run(command, check=True)
    return sdk


def patched(data, *patches):
    """`data` with (offset, format, value) packed into it."""
    data = bytearray(data)
    for offset, form, value in patches:
        struct.pack_into(form, data, offset, value)
    return bytes(data)


def unaligned(program, header):
    """The file with a segment's contents at its end, anywhere in a page."""
    offset, _, _, size = struct.unpack_from("<4Q", program, header + 8)
    place = len(program) + 8 - len(program) % 8
    contents = program[offset : offset + size]
    return patched(program, (header + 8, "<Q", place)).ljust(place, b"\0") + contents


def make_files(folder):
    """Programs and contents that the descriptions name."""
    program = link(folder, "program.elf", [PROGRAM, TWICE], 0x200000).read_bytes()
    link(folder, "symbols.elf", [PROGRAM], 0x200000)
    link(folder, "rwx.elf", [PROGRAM], 0x200000, data_flags=7)
    link(folder, "write_only.elf", [PROGRAM], 0x200000, data_flags=2)
    link(folder, "high.elf", [PROGRAM], STACK_TOP - 0x3000)
    segment = 64 + 56  # program header 1
    made = {
        "text.elf": b"#!/bin/sh\necho no program\n",
        "elf32.elf": patched(program, (4, "B", 1)),
        "big_endian.elf": patched(program, (5, "B", 2)),
        "x86.elf": patched(program, (18, "<H", 62)),
        "relocatable.elf": (folder / "program.elf.0.o").read_bytes(),
        "entry_in_data.elf": patched(program, (24, "<Q", struct.unpack_from("<Q", program, segment + 16)[0])),
        "truncated.elf": program[: struct.unpack_from("<Q", program, segment + 8)[0] + 16],
        "only_header.elf": program[:64],
        "file_over_memory.elf": patched(program, (segment + 40, "<Q", 16)),
        "overlap.elf": patched(program, (segment + 16, "<Q", 0x200000), (segment + 24, "<Q", 0x200000)),
        "shared_page.elf": patched(program, (segment + 16, "<Q", 0x200800)),
        "unaligned.elf": unaligned(program, segment),
        "huge_segment.elf": patched(program, (segment + 40, "<Q", 1 << 62)),
        "5000.bin": bytes(range(250)) * 20,
        "empty.bin": b"",
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    (folder / "folder").mkdir()
    return folder


class Record:
    """Fields of a struct of abi/image.h."""

    def __init__(self, names, values):
        self.__dict__.update(zip(names.split(), values))


def unpack(form, names, data, offset):
    return Record(names, struct.unpack_from("<" + form, data, offset))


class Image:
    """loader.img as the kernel sees it: the header, its tables, and memory after boot."""

    HEADER = ("QIIQQQQ", "magic version flags start size tables_start tables_size")
    MACHINE = (
        "9Q8I11Q8Q",
        "ram_start ram_end uart gicd gicc gich gicv gicr gicr_size gic_version cpu_count"
        " maintenance_intid hyp_timer_intid virtual_timer_intid psci_conduit intid_count reserved"
        " its its_commands its_commands_size its_properties its_properties_size its_devices its_devices_size"
        " its_collections its_collections_size its_pending its_pending_size"
        " mpidr0 mpidr1 mpidr2 mpidr3 mpidr4 mpidr5 mpidr6 mpidr7",
    )
    PD_NAMES = (
        "name entry ipc_buffer budget period aspace parent id priority cpu flags first_symbol symbol_count"
    )
    TABLES = (
        ("aspaces", "II", "first count"),
        ("mappings", "QQQII", "ipa paddr size flags reserved"),
        ("pds", "64sQQQQHHBBBBII", PD_NAMES),
        ("vcpus", "64sQQHHBBBB", "name budget period aspace pd id priority cpu reserved"),
        ("irqs", "IHBB", "intid pd channel edge"),
        ("zero", "QQ", "start size"),
        ("copy", "QQQ", "source to size"),
        ("senders", "QIHBB", "table id pd event_bits reserved"),
        ("firmware", "II", "function reserved"),
        ("symbols", "QII", "address size name"),
    )
    PD_SIZE = 64 + 32 + 16 + 62 * 8 + 62 * 4 + 64 * 4

    def __init__(self, data, boot_image):
        self.data = data
        self.header_address = struct.unpack_from("<Q", data, boot_image - LOAD)[0]
        at = self.header_address - LOAD
        self.header = unpack(*self.HEADER, data, at)
        machine = at + struct.calcsize("<" + self.HEADER[0])
        self.machine = unpack(*self.MACHINE, data, machine)
        tables = machine + struct.calcsize("<" + self.MACHINE[0])
        offset, count = struct.unpack_from("<II", data, tables + 8 * len(self.TABLES))
        self.names = data[at + offset : at + offset + count]
        for index, (name, form, names) in enumerate(self.TABLES):
            offset, count = struct.unpack_from("<II", data, tables + 8 * index)
            step = self.PD_SIZE if name == "pds" else struct.calcsize("<" + form)
            assert offset % 8 == 0
            setattr(self, name, [unpack(form, names, data, at + offset + step * i) for i in range(count)])
            if name == "pds":
                self._read_rights(at + offset)

    def _read_rights(self, offset):
        for pd in self.pds:
            at = offset + 64 + 32 + 16
            names = "kind rights peer_id reserved target reserved2"
            pd.name = pd.name.rstrip(b"\0").decode()
            pd.channels = [unpack("BBBBHH", names, self.data, at + 8 * i) for i in range(62)]
            at += 62 * 8
            pd.children = struct.unpack_from("<62H", self.data, at)
            pd.vcpus = struct.unpack_from("<62H", self.data, at + 124)
            caps = struct.unpack_from("<128H", self.data, at + 248)
            pd.cspace = list(zip(caps[::2], caps[1::2]))
            offset += self.PD_SIZE

    def functions(self, pd):
        """Names of a PD's functions, with the address and size of each."""
        found = {}
        for symbol in self.symbols[pd.first_symbol : pd.first_symbol + pd.symbol_count]:
            name = self.names[symbol.name : self.names.index(0, symbol.name)]
            found[name.decode()] = (symbol.address, symbol.size)
        return found

    def pd(self, name):
        return next(pd for pd in self.pds if pd.name == name)

    def maps(self, aspace):
        first = self.aspaces[aspace].first
        return self.mappings[first : first + self.aspaces[aspace].count]

    def physical(self, address, size):
        """Memory after the kernel zeroed and copied; what nobody promised is 0xee."""
        memory = bytearray(b"\xee" * size)
        self._lay(memory, address, LOAD, self.data)
        for range_ in self.zero:
            self._lay(memory, address, range_.start, bytes(range_.size))
        for copy in self.copy:
            source = copy.source - LOAD
            self._lay(memory, address, copy.to, self.data[source : source + copy.size])
        return bytes(memory)

    @staticmethod
    def _lay(memory, address, start, data):
        low = max(address, start)
        high = min(address + len(memory), start + len(data))
        if low < high:
            memory[low - address : high - address] = data[low - start : high - start]

    def virtual(self, aspace, address, size):
        """What a program sees at an address."""
        result = b""
        while size > 0:
            mapping = next(m for m in self.maps(aspace) if m.ipa <= address < m.ipa + m.size)
            part = min(size, mapping.ipa + mapping.size - address)
            result += self.physical(mapping.paddr + address - mapping.ipa, part)
            address += part
            size -= part
        return result


def symbols(path):
    """Names and values of an ELF file's symbols."""
    text = subprocess.run(["aarch64-linux-gnu-nm", path], check=True, capture_output=True, text=True).stdout
    return {line.split()[2]: int(line.split()[0], 16) for line in text.splitlines() if len(line.split()) == 3}
