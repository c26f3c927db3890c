# SPDX-License-Identifier: BSD-2-Clause
# README: DMA
"""vmconf as a program: good descriptions with the trees, configurations and reports that come out,
bad ones with the exact messages.

good/NAME.system, overlays NAME/VM.dtso, results NAME/VM.tree and NAME/vmconf.txt, messages
NAME/messages.txt; bad/NAME.system, overlay NAME.dtso for the guest "linux", messages NAME.expected.
SLUICE_UPDATE=1 rewrites what is expected: read the difference before believing it.
"""

import os
import pathlib
import shutil
import struct
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
BUILD = ROOT / os.environ.get("BUILD_DIR", "build")
VMCONF = pathlib.Path(os.environ.get("SLUICE_VMCONF", BUILD / "host" / "vmconf"))
UPDATE = os.environ.get("SLUICE_UPDATE") == "1"


def dtc(source, output, *flags):
    command = ["dtc", "-q", *flags, "-I", "dts", "-O", "dtb", "-o", output, source]
    subprocess.run(command, check=True)


RAM = 64  # VM_CONFIG_MAX_RAM


def image(text_offset=0, image_size=0x1000000, flags=0xA):
    fields = (0, 0, text_offset, image_size, flags, 0, 0, 0, 0x644D5241, 0)
    header = struct.pack("<IIQQQQQQII", *fields)
    return header + bytes(0x1000)


@pytest.fixture(scope="session")
def inputs(tmp_path_factory):
    """The board's tree and the guest's images."""
    path = tmp_path_factory.mktemp("inputs")
    dtc(HERE / "board.dts", path / "board.dtb")
    (path / "Image").write_bytes(image())
    (path / "initrd.gz").write_bytes(bytes(0xFF000))
    (path / "firmware.bin").write_bytes(struct.pack("<I", 0x14000400) + bytes(0x1FF0FC))
    (path / "firmware.elf").write_bytes(b"\x7fELF" + bytes(0x1000))
    (path / "firmware.qcow2").write_bytes(b"QFI\xfb" + bytes(0x1000))
    (path / "zeros.bin").write_bytes(bytes(0x1000))
    (path / "short.bin").write_bytes(b"\x01")
    return path


@pytest.fixture
def run(inputs, tmp_path):
    """Runs vmconf on a description, from its folder so that messages have short paths."""

    def run(
        system, *arguments, overlays=(), images=inputs, board=inputs / "board.dtb", intids=("--intids", "288"),
        vectors=("--msi-first", "80", "--msi-count", "64"),
    ):
        overlay_dir = tmp_path / "overlays"
        overlay_dir.mkdir(exist_ok=True)
        for source, vm in overlays:
            dtc(source, overlay_dir / f"{vm}.dtbo", "-@")
        command = [VMCONF, "--board-dtb", board, *intids, *vectors, "--overlay-path", overlay_dir]
        command += ["--search-path", images, *arguments, "-o", tmp_path / "out", system.name]
        done = subprocess.run(
            command, cwd=system.parent, capture_output=True, text=True, timeout=600
        )
        assert done.stdout == ""
        for place in (overlay_dir, images, board.parent):
            done.stderr = done.stderr.replace(f"{place}/", "")
        return done

    run.out = tmp_path / "out"
    return run


def compare(path, text):
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def show_value(value):
    """Strings as strings, everything else as cells or bytes."""
    strings = value[:-1].split(b"\0") if value.endswith(b"\0") else [b""]
    if all(text and all(32 <= byte < 127 for byte in text) for text in strings):
        return ", ".join(f'"{text.decode()}"' for text in strings)
    if len(value) % 4 == 0:
        return "<" + " ".join(f"{cell:#x}" for (cell,) in struct.iter_unpack(">I", value)) + ">"
    return "[" + value.hex(" ") + "]"


def decompile(dtb):
    """As text that does not depend on the version of dtc; whose checks must have nothing to say."""
    done = subprocess.run(
        ["dtc", "-I", "dtb", "-O", "dtb", "-o", os.devnull, dtb], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    blob = dtb.read_bytes()
    at, strings = struct.unpack_from(">II", blob, 8)
    lines, depth = [], 0
    while True:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == 1:  # FDT_BEGIN_NODE
            name = blob[at : blob.index(b"\0", at)].decode()
            lines.append("\t" * depth + (name or "/") + " {")
            at += len(name) // 4 * 4 + 4
            depth += 1
        elif token == 2:  # FDT_END_NODE
            depth -= 1
            lines.append("\t" * depth + "};")
        elif token == 3:  # FDT_PROP
            length, name = struct.unpack_from(">II", blob, at)
            value = blob[at + 8 : at + 8 + length]
            name = blob[strings + name : blob.index(b"\0", strings + name)].decode()
            lines.append("\t" * depth + name + (f" = {show_value(value)};" if length else ";"))
            at += 8 + (length + 3) // 4 * 4
        elif token == 9:  # FDT_END
            return "\n".join(lines) + "\n"


GOOD = sorted(path.stem for path in (HERE / "good").glob("*.system"))
BAD = sorted(path.stem for path in (HERE / "bad").glob("*.system"))


@pytest.mark.parametrize("name", GOOD)
def test_good(run, name, tmp_path):
    expected = HERE / "good" / name
    overlays = [(path, path.stem) for path in sorted(expected.glob("*.dtso"))]
    done = run(HERE / "good" / f"{name}.system", overlays=overlays)
    assert done.returncode == 0, done.stderr
    compare(expected / "messages.txt", done.stderr)
    report = (run.out / "vmconf.txt").read_text().replace(f"{tmp_path}/overlays/", "")
    compare(expected / "vmconf.txt", report)
    for line in (run.out / "vms.txt").read_text().splitlines():
        vm, _, _ = line.split(" ", 2)
        compare(expected / f"{vm}.tree", decompile(run.out / f"{vm}.dtb"))
        assert (run.out / f"{vm}.vm_config").stat().st_size == 8192


@pytest.mark.parametrize("name", BAD)
def test_bad(run, name):
    overlay = HERE / "bad" / f"{name}.dtso"
    overlays = [(overlay, "linux")] if overlay.exists() else []
    done = run(HERE / "bad" / f"{name}.system", overlays=overlays)
    compare(HERE / "bad" / f"{name}.expected", done.stderr)
    assert done.returncode == 1
    assert not run.out.exists() or list(run.out.iterdir()) == []


def everything():
    return HERE / "good" / "everything.system"


def test_configuration(run):
    """Every field of struct vm_config, by its offset in vmm/vm_config.h."""
    overlay = HERE / "good" / "everything" / "linux.dtso"
    run(everything(), overlays=[(overlay, "linux")])
    config = (run.out / "linux.vm_config").read_bytes()
    head = struct.unpack_from("<QII64sIIQQ", config)
    magic, version, size, name, gic, timer, gicd, gicd_size = head
    assert (magic, version, size) == (0x47464E434D564C53, 6, 8192)
    assert name.rstrip(b"\0") == b"linux"
    assert (gic, timer, gicd, gicd_size) == (2, 27, 0x8000000, 0x10000)
    counts = struct.unpack_from("<IIIII", config, 104)
    assert counts == (2, 2, 6, 7, 3)  # vcpus, RAM, interrupts, devices, flags: both
    load = struct.unpack_from("<6Q", config, 128)
    assert load == (0x40000000, 0x1000000, 0x41000000, 0xFF000, 0x41200000, 0x200000)
    assert struct.unpack_from("<IIQIIQ", config, 176) == (0, 0, 0, 3, 0, 1)
    ram = struct.unpack_from("<6Q", config, 176 + 16 * 8)
    assert ram == (0x40000000, 0x8000000, 0x40000000, 0x50000000, 0x1000000, 0)
    irqs = struct.unpack_from("<IHHIHH", config, 176 + 16 * 8 + 24 * RAM)
    assert irqs == (33, 1, 0, 49, 2, 1)
    device = struct.unpack_from("<IIQQQ", config, 176 + 16 * 8 + 24 * RAM + 8 * 62)
    assert device == (2, 33, 0x9000000, 0x1000, 0x130000000)


PCI = 176 + 16 * 8 + 24 * RAM + 8 * 62 + 32 * 64 + 8 + 24 + 24  # struct vm_config_msi, then vm_config_pci


def test_configuration_of_pci_functions(run):
    overlay = HERE / "good" / "pci_functions" / "linux.dtso"
    run(HERE / "good" / "pci_functions.system", overlays=[(overlay, "linux")])
    config = (run.out / "linux.vm_config").read_bytes()
    assert struct.unpack_from("<QQII", config, PCI) == (0x8020000, 0x8020040, 92, 3)
    assert struct.unpack_from("<QQII", config, PCI + 24) == (0x3F000000, 0x100000, 4, 7)
    functions = list(struct.iter_unpack("<24sIIQHHIIHH", config[PCI + 48 :][: 4 * 56]))
    assert [(name.rstrip(b"\0"), *rest) for name, *rest in functions] == [
        (b"disk", 0, 0x1001_1AF4, 0x130000000, 0x08, 0x08, 1, 0, 0, 0),
        (b"two", 0, 0, 0x13000A000, 0x18, 0x18, 12, 0, 0, 0),
        (b"two_1", 0, 0x0000_8086, 0x13000B000, 0x1D, 0x19, 12, 0, 0, 0),
        (b"nvme", 0, 0, 0x130008000, 0x208, 0x10, 0, 0, 0, 0),
    ]
    assert list(struct.iter_unpack("<QQQHBBI", config[PCI + 48 + 12 * 56 :][: 7 * 32])) == [
        (0x10000000, 0x1000, 0x130001000, 0, 1, 0, 0),
        (0x10004000, 0x4000, 0x130004000, 0, 4, 1, 0),
        (0x10100000, 0x100000, 0, 1, 0, 1, 0),
        (0x10001000, 0x1000, 0, 2, 5, 1, 0),
        (0x8000000000, 0x2000, 0, 3, 0, 1, 0),
        (0x8000002000, 0x1000, 0x130009000, 3, 0, 0, 0),
        (0x8000003000, 0x1000, 0, 3, 0, 1, 0),
    ]
    irqs = list(struct.iter_unpack("<IHH", config[176 + 16 * 8 + 24 * RAM :][: 5 * 8]))
    assert irqs == [(36, 2, 0), (37, 3, 0), (92, 4, 1), (94, 5, 1), (93, 6, 1)]


def with_board(tmp_path, *changes):
    """The board's tree, where it says something else."""
    source = (HERE / "board.dts").read_text()
    for old, new in changes:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    (tmp_path / "other.dts").write_text(source)
    dtc(tmp_path / "other.dts", tmp_path / "other.dtb")
    return tmp_path / "other.dtb"


def test_pci_functions_without_coherency(run, tmp_path):
    board = with_board(tmp_path, ("0x10000>;\n\t\tdma-coherent;", "0x10000>;"))
    done = run(HERE / "good" / "pci_functions.system", board=board)
    assert done.returncode == 0
    assert (
        "Warning: PCI function disk (00:01.0) masters DMA, and the board's device tree has no dma-coherent "
        "for its host bridge: it does not see what is in caches, which the guest has to write back on element "
        "'memory_region': pci_functions.system:" in done.stderr
    )
    assert "\tdma-coherent;" not in decompile(run.out / "linux.dtb")


def test_vectors_of_the_tree(run, tmp_path):
    """What the tree says of the MSI frame counts; what nobody says is not guessed."""
    system = HERE / "good" / "pci_functions.system"
    said = ("msi-controller;", "msi-controller; arm,msi-base-spi = <93>; arm,msi-num-spis = <2>;")
    done = run(system, board=with_board(tmp_path, said))
    assert "Error: interrupt 92 belongs to no device of the guest (vectors of PCI functions are 93 to 94)" in done.stderr
    done = run(system, vectors=())
    assert (
        "Error: PCI function 'nvme' has no interrupt: protection domain 'vmm' needs an <irq> with trigger=\"edge\" "
        "for vectors (which, the board's device tree does not say: give --msi-first and --msi-count) on element"
        in done.stderr
    )
    for wrong in ("<0>", "<31>", "<1019>"):
        said = ("msi-controller;", f"msi-controller; arm,msi-base-spi = {wrong}; arm,msi-num-spis = <2>;")
        done = run(system, board=with_board(tmp_path, said))
        assert "/v2m@8020000: property 'arm,msi-base-spi' is malformed\n" in done.stderr


@pytest.mark.parametrize(
    "old, new, name",
    [
        ("bus-range = <0 14>", "bus-range = <0>", "bus-range"),
        ("bus-range = <0 14>", "bus-range = <3 2>", "bus-range"),
        ("bus-range = <0 14>", "bus-range = <0 256>", "bus-range"),
        ("interrupt-map-mask = <0x1800 0 0 7>", "interrupt-map-mask = <0x1800 0 7>", "interrupt-map-mask"),
        ("<0x0 0 0 1 &gic 0 0 0 3 4>, ", "<0x0 0 0 1 &gic 0 0 0 3>, ", "interrupt-map"),
        ("<0x0 0 0 1 &gic 0 0 0 3 4>, ", "<0x0 0 0 1 &v2m 0 0 0 3 4>, ", "interrupt-map"),
        ("<0x0 0 0 1 &gic 0 0 0 3 4>, ", "<0x0 0 0 1 0x999 0 0 0 3 4>, ", "interrupt-map"),
        ("<0x0 0 0 1 &gic 0 0 0 3 4>, ", "<0x0 0 0 1 &gic 0 0 0 988 4>, ", "interrupt-map"),
        ("<0x0 0 0 1 &gic 0 0 0 3 4>, ", "<0x0 0 0 1 &gic 0 0 1 3 4>, ", "interrupt-map"),
    ],
)
def test_malformed_bridges(run, tmp_path, old, new, name):
    done = run(HERE / "good" / "pci_functions.system", board=with_board(tmp_path, (old, new)))
    assert done.returncode == 1
    assert f"vmconf: error: other.dtb: /pcie@10000000: property '{name}' is malformed\n" in done.stderr


def test_windows_that_are_elsewhere_on_the_bus(run, tmp_path):
    """BARs hold addresses of the bus, and would have to differ from the regions'."""
    moved = ("<0x2000000 0x0 0x10000000 0x0", "<0x2000000 0x0 0x20000000 0x0")
    done = run(HERE / "good" / "pci_functions.system", board=with_board(tmp_path, moved))
    assert (
        "Error: region 'disk_bar1' is a BAR of PCI function 'disk', and must lie in a memory window of the host "
        "bridge: 0x10000000..0x3eff0000 (elsewhere on the bus), 0x8000000000..0x10000000000 on element" in done.stderr
    )
    done = run(HERE / "good" / "pci_whole.system", board=with_board(tmp_path, moved))
    assert done.returncode == 0
    tree = decompile(run.out / "linux.dtb")
    assert " 0x2000000 0x0 0x20000000 0x0 0x10000000 0x0 0x1001000 " in tree
    assert " 0x2000000 0x0 0x30000000 0x0 0x20000000 0x0 0x10000 " in tree


def second_bridge():
    """For with_board(): one more, whose ECAM is far above."""
    source = (HERE / "board.dts").read_text()
    old = source[source.index("\tpcie@10000000 {") :]
    new = old.removesuffix("};\n").replace("pcie@10000000", "pcie@50000000").replace("0x0 0x3f000000", "0x40 0x0")
    return old, old.removesuffix("};\n") + new + "};\n"


def test_functions_of_two_bridges(run, tmp_path):
    system = tmp_path / "two.system"
    text = (HERE / "good" / "pci_functions.system").read_text()
    system.write_text(text.replace('phys_addr="0x3f01d000"', 'phys_addr="0x4000010000"'))
    done = run(system, board=with_board(tmp_path, second_bridge()))
    assert done.stderr == (
        "Error: region 'two_1' is a PCI function of /pcie@50000000, and region 'disk' of /pcie@10000000: a guest has "
        "those of one host bridge on element 'memory_region': two.system:16:5\n"
    )
    only = text.replace('phys_addr="0x3f', 'phys_addr="0x4000')
    system.write_text(only)
    done = run(system, board=with_board(tmp_path, second_bridge()))
    assert done.returncode == 0, done.stderr
    assert "\tpcie@4000000000 {" in decompile(run.out / "linux.dtb")


def test_bridge_that_is_not_below_the_root(run, tmp_path):
    """It has functions, but is not passed through whole."""
    source = (HERE / "board.dts").read_text()
    bridge = source[source.index("\tpcie@10000000 {") :].removesuffix("};\n")
    bus = "\tbus { compatible = \"simple-bus\"; #address-cells = <2>; #size-cells = <2>; ranges;\n"
    board = with_board(tmp_path, (bridge, bus + bridge + "\t};\n"))
    assert run(HERE / "good" / "pci_functions.system", board=board).returncode == 0
    done = run(HERE / "good" / "pci_whole.system", board=board)
    assert "(pcie@10000000: a PCI host bridge is passed through only from below the root)" in done.stderr


def console(run, vm):
    """The configuration's struct vm_config_console: kind, intid, ipa, size."""
    config = (run.out / f"{vm}.vm_config").read_bytes()
    at = 176 + 16 * 8 + 24 * RAM + 8 * 62 + 32 * 64 + 8
    return struct.unpack_from("<IIQQ", config, at)


def test_configuration_of_emulated_devices(run):
    overlays = [(HERE / "good" / "two_consoles" / f"{vm}.dtso", vm) for vm in ("linux", "other")]
    run(HERE / "good" / "two_consoles.system", overlays=overlays)
    assert console(run, "linux") == (1, 33, 0x9000000, 0x1000)
    assert console(run, "other") == (2, 32, 0x9001000, 0x1000)
    config = (run.out / "other.vm_config").read_bytes()
    watchdog = struct.unpack_from("<QQI", config, 176 + 16 * 8 + 24 * RAM + 8 * 62 + 32 * 64 + 32)
    assert watchdog == (0x9003000, 0x9002000, 3600)  # refresh, control, seconds
    assert struct.unpack_from("<I", config, 120) == (4,)  # flags: no autostart


def seeds(run):
    """Where the configuration has room for kaslr-seed and rng-seed, and the tree of that guest."""
    config = (run.out / "linux.vm_config").read_bytes()
    return struct.unpack_from("<IIII", config, 4672 + 24 * RAM), (run.out / "linux.dtb").read_bytes()


def test_room_for_seeds(run):
    """Tokens that mean nothing, as long as the properties that the VMM makes of them."""
    run(everything())
    (kaslr, kaslr_name, rng, rng_name), blob = seeds(run)
    (strings,) = struct.unpack_from(">I", blob, 12)
    assert rng == kaslr + 20
    assert blob[kaslr : kaslr + 20 + 44] == struct.pack(">I", 4) * 16
    assert blob[strings + kaslr_name :].startswith(b"kaslr-seed\0")
    assert blob[strings + rng_name :].startswith(b"rng-seed\0")


def test_seeds_of_the_overlay(run, tmp_path):
    """They are the user's: there is no room for others."""
    overlay = tmp_path / "seeds.dtso"
    overlay.write_text("/dts-v1/; /plugin/; &chosen { kaslr-seed = <1 2>; rng-seed = [00 01 02]; };")
    run(everything(), overlays=[(overlay, "linux")])
    room, _ = seeds(run)
    assert room == (0, 0, 0, 0)
    tree = decompile(run.out / "linux.dtb")
    assert "kaslr-seed = <0x1 0x2>;" in tree and "rng-seed = [00 01 02];" in tree


def test_unchanged_outputs_stay(run):
    run(everything())
    before = {path.name: path.stat().st_mtime_ns for path in run.out.iterdir()}
    assert sorted(before) == ["dma.txt", "linux.dtb", "linux.vm_config", "vmconf.txt", "vms.txt"]
    run(everything())
    assert {path.name: path.stat().st_mtime_ns for path in run.out.iterdir()} == before


def test_error_removes_earlier_outputs(run):
    assert run(everything()).returncode == 0
    assert run(HERE / "bad" / "irq_trigger.system").returncode == 1
    assert list(run.out.iterdir()) == []


def test_output_cannot_be_written(run):
    run.out.write_text("in the way")
    done = run(everything())
    assert done.returncode == 1
    assert "vmconf: error: cannot write '" in done.stderr
    assert run.out.read_text() == "in the way"


def test_bootargs_of_the_only_guest(run):
    run(everything(), "--bootargs", "root=/dev/vda1 quiet")
    assert 'bootargs = "root=/dev/vda1 quiet";' in decompile(run.out / "linux.dtb")


def test_bootargs_of_one_of_two_guests(run):
    system = HERE / "good" / "two_guests.system"
    run(system, "--bootargs", "other=root=/dev/vda1", "--bootargs", "linux=quiet")
    assert 'bootargs = "root=/dev/vda1";' in decompile(run.out / "other.dtb")
    assert 'bootargs = "quiet";' in decompile(run.out / "linux.dtb")


def test_bootargs_of_no_guest(run):
    done = run(HERE / "good" / "two_guests.system", "--bootargs", "quiet")
    assert done.returncode == 1
    assert (
        "vmconf: error: --bootargs 'quiet': the description has 2 virtual machines; name the one "
        "that is meant: --bootargs VM=STRING\n" in done.stderr
    )


def test_overlay_of_no_guest(run):
    overlay = HERE / "good" / "everything" / "linux.dtso"
    done = run(everything(), overlays=[(overlay, "linus")])
    assert done.returncode == 0
    assert "warning: linus.dtbo: no virtual machine has this name: not used\n" in done.stderr


def test_damaged_overlays(run, inputs, tmp_path):
    """Each byte of an overlay, damaged: a result or a message, and no crash."""
    overlay = HERE / "bad" / "sluice_value.dtso"
    run(everything(), overlays=[(overlay, "linux")])
    path = tmp_path / "overlays" / "linux.dtbo"
    good = path.read_bytes()
    for at in range(0, len(good), 3):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        assert run(everything()).returncode in (0, 1)


def test_truncated_overlay(run, tmp_path):
    run(everything())
    (tmp_path / "overlays" / "linux.dtbo").write_bytes(b"\xd0\x0d\xfe\xed" + bytes(10))
    done = run(everything())
    assert done.returncode == 1
    assert "vmconf: error: linux.dtbo: not a sound device tree blob\n" in done.stderr


@pytest.mark.parametrize(
    "kernel, message",
    [
        (b"\x1f\x8b\x08" + bytes(100), "it is compressed with gzip; unpack it: gzip -dc < FILE"),
        (b"MZ\0\0zimg" + bytes(100), "it is a compressed EFI image (zboot); unpack the"),
        (b"#!/bin/sh\n", "the magic number at offset 0x38 is missing"),
    ],
    ids=["gzip", "zboot", "script"],
)
def test_kernels_that_are_none(run, inputs, tmp_path, kernel, message):
    images = tmp_path / "images"
    shutil.copytree(inputs, images)
    (images / "Image").write_bytes(kernel)
    done = run(everything(), images=images)
    assert done.returncode == 1
    assert f"Error: 'Image' is not an arm64 Image: {message}" in done.stderr
    assert "on element 'memory_region': everything.system:15:5\n" in done.stderr


def test_device_tree_of_an_earlier_run(run, inputs, tmp_path):
    """The region's file may exist already, from before: it neither counts nor is in the way."""
    images = tmp_path / "images"
    shutil.copytree(inputs, images)
    assert run(everything(), images=images).returncode == 0
    shutil.copy(run.out / "linux.dtb", images)
    assert run(everything(), images=images).returncode == 0


def test_core_that_the_board_lacks(run, tmp_path):
    system = tmp_path / "x.system"
    system.write_text(everything().read_text().replace('cpu="1"', 'cpu="3"'))
    done = run(system, "--cpu-count", "4")
    assert done.returncode == 1
    assert (
        "Error: core 3 is not in the board's device tree, which has 2 on element 'vcpu': x.system:"
        in done.stderr
    )


def test_interrupts_of_a_gic_of_unknown_size(run, tmp_path):
    """Without --intids no SPI is beyond it, unless the board is QEMU's."""
    system = HERE / "bad" / "irq_beyond_gic.system"
    assert run(system, intids=[]).returncode == 0
    board = tmp_path / "virt.dts"
    board.write_text((HERE / "board.dts").read_text().replace('"test,board"', '"test,board", "linux,dummy-virt"'))
    dtc(board, tmp_path / "virt.dtb")
    done = run(system, board=tmp_path / "virt.dtb", intids=[])
    assert done.returncode == 1
    assert done.stderr.startswith("Error: interrupt 288 is beyond the board's interrupt controller")
    assert run(system, board=tmp_path / "virt.dtb", intids=["--intids", "320"]).returncode == 0


def test_boards_of_qemu(run, tmp_path):
    """The trees that QEMU dumps, in the shapes that the Makefile may ask for."""
    qemu = shutil.which("qemu-system-aarch64")
    if qemu is None:
        pytest.skip("no qemu-system-aarch64")
    for machine, status in (
        ("virt,virtualization=on,highmem=off,secure=off", 0),
        ("virt,virtualization=on", 0),
        ("virt,virtualization=on,gic-version=3", 0),
        ("virt", 1),
    ):
        board = tmp_path / "qemu.dtb"
        subprocess.run(
            [qemu, "-machine", f"{machine},dumpdtb={board}", "-cpu", "cortex-a53"]
            + ["-m", "1G", "-smp", "2", "-nodefaults", "-display", "none"],
            check=True,
            capture_output=True,
        )
        done = run(HERE / "good" / "two_guests.system", board=board)
        assert done.returncode == status, done.stderr
        if status == 0:
            decompile(run.out / "linux.dtb")
            run(HERE / "good" / "two_consoles.system", board=board)
            assert "\tpl011@9000000 {" in decompile(run.out / "other.dtb")
            assert console(run, "other") == (1, 33, 0x9000000, 0x1000)
            system = tmp_path / "pci_functions.system"
            ecam = "0x3f" if "highmem=off" in machine else "0x4010"
            system.write_text((HERE / "good" / "pci_functions.system").read_text().replace("0x3f", ecam))
            done = run(system, board=board)
            # Without the high window there is no place for what lies there; a GICv3 has no frame for messages.
            assert done.returncode == ("highmem=off" in machine or "gic-version=3" in machine), done.stderr


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "missing option '--board-dtb'"),
        (["--board-dtb"], "a value is missing after '--board-dtb'"),
        (["--board-dtb", "x"], "missing option '-o'"),
        (["--board-dtb", "x", "-o", "y"], "missing argument 'SYSTEM.system'"),
        (["--frob"], "unknown option '--frob'"),
        (["a.system", "b.system"], "a second system description 'b.system'"),
        (["--cpu-count", "0"], "--cpu-count is not a number of cores: '0'"),
        (["--cpu-count", "-1"], "--cpu-count is not a number of cores: '-1'"),
        (["--cpu-count", " 4"], "--cpu-count is not a number of cores: ' 4'"),
        (["--msi-first", "31"], "--msi-first is not 32 to 1019: '31'"),
        (["--msi-first", "1020"], "--msi-first is not 32 to 1019: '1020'"),
        (["--msi-count", "0"], "--msi-count is not 1 to 988: '0'"),
        (["--msi-count", "989"], "--msi-count is not 1 to 988: '989'"),
        (["--board-dtb", "x", "-o", "y", "--msi-first", "80"], "missing option '--msi-count'"),
        (["--board-dtb", "x", "-o", "y", "--msi-count", "80"], "missing option '--msi-first'"),
        (
            ["--board-dtb", "x", "-o", "y", "--msi-first", "1000", "--msi-count", "21"],
            "--msi-first and --msi-count end above '1020'",
        ),
        (["--intids", "31"], "--intids is not 32 to 1020: '31'"),
        (["--intids", "1021"], "--intids is not 32 to 1020: '1021'"),
        (["--intids", "288x"], "--intids is not 32 to 1020: '288x'"),
        (["--intids", "18446744073709551904"], "--intids is not 32 to 1020: '18446744073709551904'"),
    ],
)
def test_command_line(arguments, message):
    done = subprocess.run([VMCONF, *arguments], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"vmconf: error: {message} (vmconf --help shows how)\n"


def test_vm_that_is_not_there(run):
    done = run(everything(), "--vm", "nobody")
    assert done.returncode == 1
    assert "the description has no virtual machine 'nobody', but: linux" in done.stderr


def test_help():
    done = subprocess.run([VMCONF, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: vmconf --board-dtb BOARD.dtb")


def test_board_missing(run, tmp_path):
    done = run(everything(), board=tmp_path / "none.dtb")
    assert done.returncode == 1
    assert "vmconf: error: cannot open 'none.dtb' (No such file or directory)\n" in done.stderr
