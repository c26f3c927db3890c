# SPDX-License-Identifier: BSD-2-Clause
"""System descriptions and the microkit tool: bad ones with the exact messages, good ones with the
image that comes out, hostile programs, and the command line.

bad/NAME.system with NAME.expected. SLUICE_UPDATE=1 rewrites what is expected: read the difference
before believing it.
"""

import os
import pathlib
import random
import resource
import shutil
import subprocess

import pytest

import sdk as parts

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
MICROKIT = pathlib.Path(os.environ.get("SLUICE_MICROKIT", ROOT / "build" / "host" / "microkit"))
UPDATE = os.environ.get("SLUICE_UPDATE") == "1"
BOARD = ["--board", "qemu_virt_aarch64", "--config", "debug"]

PD = '<protection_domain name="a"><program_image path="{}" />{}</protection_domain>'


@pytest.fixture(scope="session")
def sdk(tmp_path_factory):
    return parts.make_sdk(tmp_path_factory.mktemp("sdk"))


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    return parts.make_files(tmp_path_factory.mktemp("files"))


@pytest.fixture
def run(sdk, files, tmp_path):
    """Runs microkit, by default on a description in its own folder, so that paths are short."""

    def run(*arguments, cwd=tmp_path, env=None, program=MICROKIT):
        environment = dict(os.environ, MICROKIT_SDK=str(sdk))
        environment.update(env or {})
        command = [program, *arguments]
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)
        for place, name in ((sdk, "SDK"), (files, "FILES"), (tmp_path, "TMP")):
            done.stderr = done.stderr.replace(str(place), name)
        assert done.returncode in (0, 1), done.stderr
        return done

    return run


@pytest.fixture
def build(run, files, tmp_path):
    """Runs microkit on a description."""

    def build(system, *arguments):
        outputs = ["-o", tmp_path / "loader.img", "-r", tmp_path / "report.txt"]
        return run(system.name, *BOARD, *outputs, *arguments, "--search-path", files, cwd=system.parent)

    return build


@pytest.fixture
def describe(tmp_path):
    def describe(*elements):
        system = tmp_path / "test.system"
        system.write_text("<system>" + "\n".join(elements) + "</system>")
        return system

    return describe


def processor_seconds():
    """Of the commands so far: what they took, whatever else the machine does."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def read_image(sdk, path):
    return parts.Image(path.read_bytes(), parts.symbols(sdk / "kernel.elf")["boot_image"])


# ---- Bad descriptions ----


@pytest.mark.parametrize("name", sorted(path.stem for path in (HERE / "bad").glob("*.system")))
def test_bad(build, tmp_path, name):
    (tmp_path / "loader.img").write_text("of an earlier run")
    (tmp_path / "report.txt").write_text("of an earlier run")
    done = build(HERE / "bad" / f"{name}.system")
    expected = HERE / "bad" / f"{name}.expected"
    if UPDATE:
        expected.write_text(done.stderr)
    assert done.stderr == expected.read_text()
    assert done.returncode == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        "<system>" * 100000,
        "<system>" + "<protection_domain>" * 200,
        '<system><memory_region name="%s" /></system>' % ("n" * 1000000),
        "<system>" + '<memory_region name="r" size="0x1000" />' * 30000 + "</system>",
        "<%s/>" % ("s" * 100000),
        "<system>" + " " * (17 << 20) + "</system>",
        "",
        "\0\1\2",
        "<system><![CDATA[ text ]]></system>",
    ],
    ids=["deep", "deep_pds", "long_attribute", "many", "long_name", "long", "empty", "binary", "cdata"],
)
def test_hostile_description(build, tmp_path, text):
    system = tmp_path / "hostile.system"
    system.write_text(text)
    started = processor_seconds()
    done = build(system)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr) < 10000
    assert processor_seconds() - started < 5


def test_most_that_is_allowed(build, tmp_path):
    """63 PDs nested in one another, the elements many, within reason of time."""
    system = tmp_path / "large.system"
    regions = [f'<memory_region name="r{i}" size="0x1000" />' for i in range(6000)]
    maps = [f'<map mr="r{i}" vaddr="{0x10000000 + i * 0x1000:#x}" />' for i in range(6000)]
    pds = ""
    for i in reversed(range(63)):
        identity = "" if i == 0 else ' id="61"'
        pds = f'<protection_domain name="p{i}"{identity}><program_image path="program.elf" />{pds}'
        pds += "".join(maps) if i == 62 else ""
        pds += "</protection_domain>"
    system.write_text("<system>" + "".join(regions) + pds + "</system>")
    started = processor_seconds()
    done = build(system)
    assert (done.returncode, done.stderr) == (0, "")
    assert processor_seconds() - started < 10


# ---- Good descriptions ----


@pytest.fixture
def everything(build, sdk, tmp_path):
    done = build(HERE / "good" / "everything.system")
    assert (done.returncode, done.stderr) == (0, "")
    return read_image(sdk, tmp_path / "loader.img")


def test_header(everything):
    header, machine = everything.header, everything.machine
    assert header.magic == 0x3147494543554C53
    assert (header.version, header.flags) == (4, 1)
    assert (header.start, header.size) == (parts.LOAD, len(everything.data))
    assert header.tables_start % 0x2000 == 0
    assert (machine.ram_start, machine.uart) == (0x40000000, 0x9001000)
    assert (machine.gicd, machine.gicc, machine.gich, machine.gicv) == (
        0x8000000,
        0x8010000,
        0x8030000,
        0x8040000,
    )
    assert (machine.gic_version, machine.cpu_count, machine.psci_conduit) == (2, 1, 0)
    assert (machine.maintenance_intid, machine.hyp_timer_intid, machine.virtual_timer_intid) == (25, 26, 27)
    assert machine.intid_count == 288
    assert (machine.mpidr0, machine.mpidr1) == (0, 1)
    # file_at is the highest that the description asks for.
    assert machine.ram_end == 0x80004000


def test_firmware_calls(everything):
    assert [call.function for call in everything.firmware] == [0xC2000001, 0x84000050]


def test_kernel(everything):
    assert everything.data[4:22] == b"this is the kernel"
    assert everything.header_address % parts.PAGE == 0


def ranges_of(image):
    """Physical memory that is in use: once each, whoever maps it."""
    used = {(parts.LOAD, parts.LOAD + len(image.data))}
    used.add((image.header.tables_start, image.header.tables_start + image.header.tables_size))
    for mapping in image.mappings:
        if mapping.paddr >= parts.RAM[0] and not parts.LOAD <= mapping.paddr < parts.LOAD + len(image.data):
            used.add((mapping.paddr, mapping.paddr + mapping.size))
    return sorted(used)


def test_nothing_overlaps(everything):
    used = ranges_of(everything)
    for (_, end), (start, _) in zip(used, used[1:]):
        assert end <= start
    assert used[-1][1] == everything.machine.ram_end
    # Only what asked for it lies in the RAM kept for regions with a phys_addr.
    assert [r for r in used if r[0] < 0x60000000] == [(0x40000000, 0x40200000)]
    for range_ in everything.zero:
        assert range_.start % 64 == 0 and range_.size % 64 == 0
        assert not parts.LOAD <= range_.start < parts.LOAD + len(everything.data)
        tables = everything.header.tables_start
        assert range_.start + range_.size <= tables or range_.start >= tables + everything.header.tables_size


def test_address_spaces(everything):
    assert len(everything.aspaces) == 5  # four PDs and a VM
    for aspace in range(5):
        maps = everything.maps(aspace)
        for mapping, following in zip(maps, maps[1:]):
            assert mapping.ipa + mapping.size <= following.ipa
        for mapping in maps:
            assert (mapping.ipa | mapping.paddr | mapping.size) % parts.PAGE == 0


def tables_needed(image):
    """As kernel/mm/pgtable.c takes pages, without blocks of 1 GiB."""
    pages = 0
    for aspace in range(len(image.aspaces)):
        level2, level3 = set(), set()
        for mapping in image.maps(aspace):
            at, left = mapping.ipa, mapping.size
            while left > 0:
                level2.add(at >> 30)
                paddr = mapping.paddr + at - mapping.ipa
                block = (at | paddr) % parts.LARGE == 0 and left >= parts.LARGE
                if not block:
                    level3.add(at >> 21)
                step = parts.LARGE if block else parts.PAGE
                at += step
                left -= step
        pages += 3 + len(level2) + len(level3)
    return pages


def test_pool_is_large_enough(everything):
    assert everything.header.tables_size >= tables_needed(everything) * parts.PAGE


def test_program(everything, files):
    symbols = parts.symbols(files / "program.elf")
    stored = (files / "program.elf").read_bytes()
    for pd in everything.pds:
        assert pd.entry == symbols["_start"] == 0x200000
        text, data = everything.maps(pd.aspace)[:2]
        assert (text.ipa, text.flags, data.flags) == (0x200000, 5, 3)
        assert everything.virtual(pd.aspace, 0x200000, 4) in stored
        name = everything.virtual(pd.aspace, symbols["microkit_name"], 64)
        assert name == pd.name.encode().ljust(64, b"\0")
        rest = symbols["microkit_passive"] + 8
        zeroes = everything.virtual(pd.aspace, rest, symbols["word_twice"] - rest)
        assert set(zeroes) == {0}


def test_stack_and_ipc_buffer(everything):
    for pd in everything.pds:
        maps = everything.maps(pd.aspace)
        stack, ipc_buffer = maps[-2:]
        size = 0x1000 if pd.name == "server" else 0x2000
        assert (stack.ipa, stack.size, stack.flags) == (parts.STACK_TOP - size, size, 3)
        assert (ipc_buffer.ipa, ipc_buffer.size, ipc_buffer.flags) == (parts.IPC_BUFFER, 0x1000, 3)
        assert ipc_buffer.paddr == pd.ipc_buffer
        assert set(everything.virtual(pd.aspace, stack.ipa, size)) == {0}
        assert set(everything.virtual(pd.aspace, parts.IPC_BUFFER, 0x1000)) == {0}


def test_symbols(everything, files):
    symbols = parts.symbols(files / "symbols.elf")

    def word(pd, name):
        value = everything.virtual(everything.pd(pd).aspace, symbols[name], 8)
        return int.from_bytes(value, "little")

    where = {m.ipa: m.paddr for m in everything.maps(everything.pd("parent").aspace)}
    expected = [0x10000000, 0x3000, 5000, 0, None, 7, 0, 3]
    for letter, value in zip("abcdefgh", expected):
        if letter != "e":
            assert word("parent", f"word_{letter}") == value, letter
    assert word("parent", "word_e") not in (0, 0x11111111, *where.values())
    assert word("server", "word_a") == 0x11111111
    assert word("parent", "microkit_irqs") == 1 << 0 | 1 << 61 | 1 << 60
    assert word("parent", "microkit_notifications") == 1 << 3 | 1 << 4
    assert word("parent", "microkit_pps") == 1 << 3
    assert word("server", "microkit_notifications") == 0
    for pd, passive in (("server", 1), ("parent", 0)):
        at = symbols["microkit_passive"]
        assert everything.virtual(everything.pd(pd).aspace, at, 1) == bytes([passive])


def test_regions(everything, files):
    contents = (files / "5000.bin").read_bytes()
    aspace = everything.pd("parent").aspace
    maps = {m.ipa: m for m in everything.maps(aspace)}
    shared = next(m for m in everything.maps(everything.pd("server").aspace) if m.ipa == 0x10000000)
    assert maps[0x10000000].paddr == shared.paddr
    assert (maps[0x10000000].flags, shared.flags) == (1, 3)
    assert maps[0x20000000].paddr % parts.LARGE == 0 and maps[0x20000000].flags == 7
    assert (maps[0x40000000].paddr, maps[0x40000000].size) == (0x40000000, 0x200000)
    assert (maps[0x50000000].paddr, maps[0x50000000].flags) == (0x9000000, 3 | 8)
    assert maps[0x60200000].paddr % parts.LARGE == 0
    assert maps[0x70000000].paddr == 0x80000000
    for ipa, size in ((0x60000000, 0x2000), (0x60200000, 0x200000), (0x70000000, 0x4000)):
        assert everything.virtual(aspace, ipa, size) == contents.ljust(size, b"\0")
    for ipa, size in ((0x10000000, 0x3000), (0x20000000, 0x400000), (0x40000000, 0x200000)):
        assert set(everything.virtual(aspace, ipa, size)) == {0}


def test_rights(everything):
    pds = {pd.name: index for index, pd in enumerate(everything.pds)}
    parent, server = everything.pd("parent"), everything.pd("server")
    assert list(pds) == ["server", "parent", "child", "grandchild"]
    channel = parent.channels[3]
    assert (channel.kind, channel.rights, channel.peer_id, channel.target) == (1, 3, 3, pds["server"])
    channel = server.channels[3]
    assert (channel.kind, channel.rights, channel.peer_id, channel.target) == (1, 0, 3, pds["parent"])
    assert parent.channels[4].target == pds["child"]
    for identity in (0, 60, 61):
        assert parent.channels[identity].kind == 2
        irq = everything.irqs[parent.channels[identity].target]
        assert (irq.pd, irq.channel) == (pds["parent"], identity)
    assert {(irq.intid, irq.edge) for irq in everything.irqs} == {(33, 0), (79, 1), (80, 0)}
    assert sum(channel.kind for channel in parent.channels) == 3 * 2 + 2
    assert parent.children[7] == pds["child"] and set(parent.children) == {pds["child"], parts.NONE}
    assert everything.pd("child").children[7] == pds["grandchild"]
    assert (parent.parent, everything.pd("child").parent) == (parts.NONE, pds["parent"])
    assert parent.cspace[1] == (1, pds["child"])
    assert parent.cspace[2] == (2, pds["child"])
    assert parent.cspace[63] == (3, pds["parent"])


def test_schedule(everything):
    parent, server, child = (everything.pd(name) for name in ("parent", "server", "child"))
    assert (parent.priority, parent.budget, parent.period, parent.flags) == (100, 500, 1000, 0)
    assert (server.priority, server.budget, server.period, server.flags) == (254, 1000, 1000, 1 | 4)
    assert (child.priority, child.flags, child.id) == (99, 2 | 4, 7)
    assert [vcpu.id for vcpu in everything.vcpus] == [0, 8]
    for index, vcpu in enumerate(everything.vcpus):
        assert vcpu.name.rstrip(b"\0") == b"guest"
        assert (vcpu.priority, vcpu.budget, vcpu.period) == (50, 1000, 2000)
        assert (vcpu.aspace, vcpu.pd, vcpu.cpu) == (4, 1, 0)
        assert parent.vcpus[vcpu.id] == index
    assert [(m.ipa, m.paddr, m.flags) for m in everything.maps(4)] == [
        (0x9000000, 0x9000000, 3 | 8),
        (0x40000000, 0x40000000, 7),
    ]


def test_report(everything, tmp_path):
    report = (tmp_path / "report.txt").read_text()
    assert f"machine-ram-end: {everything.machine.ram_end:#x}\n" in report
    assert f"RAM needed: {everything.machine.ram_end - 0x40000000:#x} bytes up to" in report
    for text in (
        "# Protection domain parent\n",
        "# Virtual machine guest of parent\n",
        "priority 100, budget 500 us of 1000 us, cpu 0, no fpu\n",
        "irq      id 61: INTID 79, edge\n",
        "channel  id  3: server, id 3, notifies, calls\n",
        "channel  id  3: parent, id 3, is notified, is called\n",
        "cap      slot  2: sc of child\n",
        "r-x (program)\n",
        "rw- device, not cached\n",
        "region, 5000.bin\n",
    ):
        assert text in report


@pytest.mark.parametrize("name", ["rwx.elf", "symbols.elf"])
def test_programs_that_are_fine(build, describe, name):
    done = build(describe(PD.format(name, "")))
    assert (done.returncode, done.stderr) == (0, "")


def test_same_input_same_image(build, describe, tmp_path):
    system = describe(PD.format("program.elf", ""))
    images = []
    for _ in range(2):
        build(system)
        images.append((tmp_path / "loader.img").read_bytes())
    assert images[0] == images[1]


# ---- Hostile programs ----


def test_mutated_programs(run, files, tmp_path, describe):
    """Whatever is in an ELF file: an image or an error, never a crash."""
    original = (files / "program.elf").read_bytes()
    maps = '<setvar symbol="word_a" region_paddr="r" />'
    system = describe('<memory_region name="r" size="0x1000" />', PD.format("bad.elf", maps))
    generator = random.Random(1)
    interesting = list(range(64 + 2 * 56)) + list(range(len(original) - 1200, len(original)))
    for _ in range(150):
        data = bytearray(original)
        for _ in range(generator.randint(1, 4)):
            data[generator.choice(interesting)] = generator.choice((0, 1, 0x7F, 0x80, 0xFF, generator.randrange(256)))
        if generator.random() < 0.2:
            del data[generator.randrange(len(data)) :]
        (tmp_path / "bad.elf").write_bytes(data)
        done = run(system.name, *BOARD)
        assert done.returncode == 0 or "Error: " in done.stderr


# ---- The command line ----


def test_usage(run):
    for flag in ("-h", "--help"):
        done = run(flag)
        assert done.returncode == 0 and done.stdout.startswith("usage: microkit ")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "the following argument is required: SYSTEM.system"),
        (["test.system"], "the following argument is required: --board"),
        (["test.system", "--board", "b"], "the following argument is required: --config"),
        (["test.system", *BOARD, "--nonsense"], "unrecognized argument: --nonsense"),
        (["test.system", "other.system", *BOARD], "unrecognized argument: other.system"),
        (["test.system", *BOARD, "-o"], "argument -o: expected one argument"),
        (["test.system", *BOARD, "-o", "-r", "x"], "argument -o: expected one argument"),
        (["test.system", *BOARD, "--image-type", "uimage"], "argument --image-type: invalid choice: 'uimage'"),
        (
            ["test.system", "--board", "nothing", "--config", "debug"],
            "argument --board: invalid choice: 'nothing' (choose from qemu_virt_aarch64)",
        ),
        (
            ["test.system", "--board", "qemu_virt_aarch64", "--config", "fast"],
            "argument --config: invalid choice: 'fast' (choose from debug, release, smp-debug)",
        ),
        (["--search-path", "x", "test.system", *BOARD], "the following argument is required: SYSTEM.system"),
    ],
)
def test_argument_errors(run, describe, arguments, message, tmp_path):
    describe(PD.format("program.elf", ""))
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(f"microkit: error: {message}")
    assert [path.name for path in tmp_path.iterdir()] == ["test.system"]


def test_description_missing(run):
    done = run("nothing.system", *BOARD)
    assert done.returncode == 1
    assert done.stderr == "Error: cannot open 'nothing.system': No such file or directory\n"


def test_defaults(run, describe, files, tmp_path):
    shutil.copy(files / "program.elf", tmp_path)  # found in the current directory
    describe(PD.format("program.elf", ""))
    done = run("test.system", *BOARD)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "loader.img").exists() and (tmp_path / "report.txt").exists()


def test_search_paths(run, describe, files, tmp_path):
    """Several, each greedy, tried in order before the current directory."""
    for number in (1, 2):
        (tmp_path / f"{number}").mkdir()
    shutil.copy(files / "program.elf", tmp_path / "2" / "program.elf")
    (tmp_path / "program.elf").write_text("of the current directory")
    describe(PD.format("program.elf", ""))
    for paths in (["--search-path", "1", "2"], ["--search-path", "1", "--search-path", "2"]):
        done = run("test.system", *paths, *BOARD)
        assert (done.returncode, done.stderr) == (0, "")
    shutil.copy(tmp_path / "program.elf", tmp_path / "1" / "program.elf")
    assert "'1/program.elf': not an ELF file" in run("test.system", *BOARD, "--search-path", "1", "2").stderr


def test_flags_of_another_toolchain(run, describe, files):
    describe(PD.format("program.elf", ""))
    flags = ["--capdl-json", "x.json", "--viper-output", "y", "--override-kernel", "z.elf"]
    done = run("test.system", *BOARD, *flags, "--search-path", files)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        f"microkit: warning: {flag} has no effect with this SDK" for flag in flags[::2]
    ]


def test_sdk_around_the_executable(sdk, files, describe, tmp_path):
    (sdk / "bin").mkdir()
    shutil.copy(MICROKIT, sdk / "bin" / "microkit")
    describe(PD.format("program.elf", ""))
    environment = {name: value for name, value in os.environ.items() if name != "MICROKIT_SDK"}
    command = [sdk / "bin" / "microkit", "test.system", *BOARD, "--search-path", files]
    assert subprocess.run(command, cwd=tmp_path, env=environment, check=False).returncode == 0


def test_cores(run, describe, files, sdk, tmp_path):
    pd = '<protection_domain name="a" cpu="1"><program_image path="program.elf" /></protection_domain>'
    describe(pd)
    arguments = ["--board", "qemu_virt_aarch64", "--config", "smp-debug", "--search-path", files]
    assert run("test.system", *arguments).returncode == 0
    image = read_image(sdk, tmp_path / "loader.img")
    assert (image.machine.cpu_count, image.pds[0].cpu) == (2, 1)


def test_elf_image(run, describe, files, tmp_path):
    describe(PD.format("program.elf", ""))
    assert run("test.system", *BOARD, "--search-path", files).returncode == 0
    raw = (tmp_path / "loader.img").read_bytes()
    done = run("test.system", *BOARD, "--search-path", files, "--image-type", "elf", "-o", "loader.elf")
    assert done.returncode == 0
    command = ["aarch64-linux-gnu-readelf", "-lW", tmp_path / "loader.elf"]
    headers = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Entry point 0x70000000" in headers and headers.count("LOAD") == 1
    assert (tmp_path / "loader.elf").read_bytes()[0x1000:] == raw


# ---- Output files ----


def test_device_as_output(run, describe, files):
    """Neither replaced nor, after an error, removed."""
    good = describe(PD.format("program.elf", ""))
    done = run(good.name, *BOARD, "--search-path", files, "-o", "/dev/null", "-r", "/dev/null")
    assert (done.returncode, done.stderr) == (0, "")
    done = run("nothing.system", *BOARD, "-o", "/dev/null", "-r", "/dev/null")
    assert done.returncode == 1
    assert pathlib.Path("/dev/null").is_char_device()


def test_full_disk(run, describe, files, tmp_path):
    describe(PD.format("program.elf", ""))
    done = run("test.system", *BOARD, "--search-path", files, "-o", "/dev/full")
    assert done.returncode == 1
    assert done.stderr == "microkit: error: cannot write '/dev/full': No space left on device\n"
    assert [path.name for path in tmp_path.iterdir()] == ["test.system"]


def test_no_such_output_folder(run, describe, files, tmp_path):
    describe(PD.format("program.elf", ""))
    done = run("test.system", *BOARD, "--search-path", files, "-o", "nowhere/loader.img")
    assert done.returncode == 1
    assert done.stderr == "microkit: error: cannot write 'nowhere/loader.img': No such file or directory\n"
    assert [path.name for path in tmp_path.iterdir()] == ["test.system"]


def test_speed(build, describe, tmp_path, files):
    """A second for 100 MB, says the design; the bound here leaves room for a busy machine."""
    (files / "large.bin").write_bytes(os.urandom(1 << 20) * 100)
    region = '<memory_region name="r" prefill_path="large.bin" />'
    started = processor_seconds()
    done = build(describe(region, PD.format("program.elf", '<map mr="r" vaddr="0x40000000" perms="r" />')))
    taken = processor_seconds() - started
    (files / "large.bin").unlink()
    assert (done.returncode, done.stderr) == (0, "")
    assert taken < 5
