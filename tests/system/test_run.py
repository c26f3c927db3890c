# SPDX-License-Identifier: BSD-2-Clause
# README: other SDKs
"""make's own surface: run, demo, image, variables, the original command shape, bad input."""

import shutil
import subprocess

import pytest

from conftest import BUILD, BUILD_DIR, ROOT, amount, good_make, make


def test_run_types_standard_input(disk):
    done = good_make("run", f"DISK={disk}", "TIMEOUT=600", stdin="echo one two | wc -w\ntrue\n")
    assert "\n2\n" in done.stdout.replace("\r", "")
    assert "-machine virt,virtualization=on,highmem=off,secure=off -cpu cortex-a53" in done.stdout
    assert f"file={BUILD_DIR}/loader.img,addr=0x70000000,cpu-num=0" in done.stdout
    assert "powered off" in done.stdout


def test_demo(disk):
    """By the contract alone; the documents have it with extensions, and test_docs.py runs it."""
    done = good_make("demo", f"DISK={disk}", "EXTENSIONS=no")
    assert "demo: passed" in done.stdout


def test_second_image_is_immediate():
    good_make("image")
    done = good_make("image")
    assert "CC" not in done.stdout and "FETCH" not in done.stdout


def test_dts_shows_the_guests_tree():
    text = good_make("-s", "dts").stdout
    assert "virtio_mmio@a003e00" in text and "pl011@9000000" in text and "v2m" not in text


def test_original_command_shape(tmp_path):
    """Word for word, but for the directories; the SDK is given as another's would be."""
    sdk = tmp_path / "sdk"
    shutil.copytree(BUILD / "sdk", sdk)
    build = tmp_path / "build"
    done = good_make(
        "-B",
        f"BUILD_DIR={build}",
        f"SEL4CP_SDK={sdk}",
        "SYSTEM=passthrough.system",
        "CONFIG=debug",
        "BOARD=qemu_arm_virt_hyp",
        "run",
        "TIMEOUT=600",
        stdin="uname -m\n",
    )
    assert "aarch64" in done.stdout
    assert not (build / "sdk").exists()
    assert not (build / "kernel.elf").exists()
    assert not (build / "host" / "microkit").exists()
    assert "Get:" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "version, message",
    [("2.1.0", "version 2.1.0 is too old: 2.2 or later is needed"), (None, "not a Microkit SDK")],
)
def test_unusable_sdk(tmp_path, version, message):
    (tmp_path / "bin").mkdir()
    if version is not None:
        (tmp_path / "bin" / "microkit").write_text("#!/bin/sh\n")
        (tmp_path / "bin" / "microkit").chmod(0o755)
        (tmp_path / "VERSION").write_text(version + "\n")
    done = make("image", f"MICROKIT_SDK={tmp_path}")
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1 and message in lines[0]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["KERNEL=/nonexistent/Image"], "/nonexistent/Image"),
        (["INITRD=/nonexistent/initrd"], "/nonexistent/initrd"),
        (["DISK=/nonexistent/disk.img"], "/nonexistent/disk.img"),
        (["KERNEL=README.md"], "README.md"),
        (["MEM=512M"], "MEM=512M is too little"),
        (["MEM=lots"], "MEM=lots"),
        (["SYSTEM=simpel"], "SYSTEM=simpel: there is no systems/simpel/simpel.system; systems/ has firmware "),
        (["CONFIG=nosuch"], "nosuch"),
        (["BOARD=nosuch"], "nosuch"),
        (["NET=carrier-pigeon"], "NET=carrier-pigeon"),
        (["QEMU=qemu-system-nosuch"], "qemu-system-nosuch is not installed"),
        (["SYSTM=simple"], "SYSTM=: no such variable; did you mean SYSTEM=?"),
        (["BUILD_DIR=/tmp/a b"], "make cannot work in a directory with a space"),
        (["FORWARD=2222:22"], "not of the form tcp:2222:22"),
        (["FORWARD=tcp:2222:22", "NET=tap"], "this is for NET=user"),
        (["NAT=yes"], "NAT=yes is for NET=tap"),
        (["MODULES=/tmp"], "of which kernel? KERNEL= names it"),
        (["MODULES=/nonexistent"], "/nonexistent"),
        (["QEMU_ARGS=-machine gic-version=3"], "this image is for a GICv2; BOARD= has"),
        (["QEMU_ARGS=-M virtualization=off"], "virtualization=off: the kernel runs at EL2"),
        (["QEMU_ARGS=-smp 2"], "-smp 2: CONFIG=debug is for 1"),
        (["QEMU_ARGS=-m 512M"], "MEM=512M is too little"),
        (["QEMU_ARGS=-cpu nosuch"], "nosuch"),
        (["MAC=zz"], "MAC=zz"),
    ],
)
def test_bad_variable(arguments, message):
    done = make("run", "TIMEOUT=600", *arguments)
    assert done.returncode != 0
    assert message in done.stderr, done.stderr
    assert "powered off" not in done.stdout


def test_what_is_built_is_what_there_is(tmp_path):
    """A prefilled file, a program that somebody brings, system.mk: what is edited is taken."""
    folder = tmp_path / "two-guests"
    shutil.copytree(ROOT / "systems/two-guests", folder)
    image = BUILD / "two-guests-debug/loader.img"
    arguments = ("image", f"SYSTEM={folder}/two-guests.system")
    good_make(*arguments)
    assert b"show = network-here" not in image.read_bytes()
    with open(folder / "console.conf", "a", encoding="utf-8") as file:
        file.write("# show = network-here\n")
    good_make(*arguments)
    assert b"show = network-here" in image.read_bytes()
    shutil.copy(BUILD / "vmm-debug.elf", folder / "vmm_storage.elf")
    assert "MICROKIT" in good_make(*arguments).stdout
    before = image.stat().st_mtime_ns
    good_make(*arguments)
    assert image.stat().st_mtime_ns == before
    with open(folder / "vmm_storage.elf", "ab") as file:
        file.write(b"another")
    assert "MICROKIT" in good_make(*arguments).stdout
    with open(folder / "system.mk", "a", encoding="utf-8") as file:
        file.write("# edited\n")
    assert "MICROKIT" in good_make(*arguments).stdout
    (folder / "vmm_storage.elf").rename(folder / "vmm_storgae.elf")
    done = make(*arguments)
    assert done.returncode != 0 and "did you mean 'vmm_storgae.elf'?" in done.stderr


def test_overlay_errors_name_the_source(tmp_path):
    folder = tmp_path / "simple"
    shutil.copytree(ROOT / "systems/simple", folder)
    overlay = folder / "linux.dtso"
    line = overlay.read_text().count("\n") + 1
    with open(overlay, "a", encoding="utf-8") as file:
        file.write("&sluice { restrat = \"never\"; };\n")
    done = make("image", f"SYSTEM={folder}/simple.system")
    assert done.returncode != 0
    assert f"{overlay}:{line}: /sluice: unknown property 'restrat'" in done.stderr
    # The stock one has the same name and older files: nothing of another folder's is taken for it.
    good_make("image", "SYSTEM=simple")


def test_old_qemu(tmp_path):
    fake = tmp_path / "qemu"
    fake.write_text("#!/bin/sh\necho QEMU emulator version 5.2.0\n")
    fake.chmod(0o755)
    done = make("run", f"QEMU={fake}")
    assert done.returncode != 0 and "too old" in done.stderr


def test_device_page_in_two_guests(tmp_path):
    text = (ROOT / "systems/passthrough/passthrough.system").read_text()
    start = text.index("    <protection_domain")
    end = text.index("</system>")
    second = text[start:end].replace('name="vmm"', 'name="vmm2"').replace("linux", "second")
    for old, new in (("33", "35"), ("34", "38"), ("78", "36"), ("79", "37")):
        second = second.replace(f'irq="{old}"', f'irq="{new}"')
    folder = tmp_path / "two"
    folder.mkdir()
    (folder / "two.system").write_text(text[:end] + second + "</system>\n")
    done = make("image", f"SYSTEM={folder / 'two.system'}")
    assert done.returncode != 0
    assert "two.system:" in done.stderr and "mapped" in done.stderr
    assert not (BUILD / "two-debug" / "loader.img").exists()


@pytest.mark.soak
@pytest.mark.parametrize("size", amount(["24m"], ["24m", "90m"]))
def test_full_disk_leaves_nothing_behind(tmp_path, size):
    """The build directory is a file system too small for the guest's kernel, or for the image."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", small], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("cannot mount a small file system here")
    try:
        goal = amount(small / "guest/Image", "image")
        done = make(goal, f"BUILD_DIR={small}", f"MICROKIT_SDK={BUILD}/sdk")
        assert done.returncode != 0
        assert "no space left" in done.stderr.lower()
        assert not list(small.rglob("loader.img")) and not list(small.rglob("Image"))
    finally:
        subprocess.run(["umount", small], check=True)
