# SPDX-License-Identifier: BSD-2-Clause
# README: firmware in a guest
"""A guest that starts firmware: EDK2 boots what is on the disk and keeps its variables, U-Boot comes to its
prompt and keeps its own."""

import os
import re
import shutil
import signal
from pathlib import Path

import pexpect
import pytest

from conftest import BUILD, EXTENSIONS, ROOT, amount, good, make, run
from shared_console import SharedConsole

GUID = "5f1c4b8e-0d5f-4c39-9a6e-3f0f2a6c7d11"
FLASH = 0x4000000
BLOCK = 256 << 10
CACHE = os.environ.get("CACHE_DIR", ROOT / ".cache")
OFFSET = 1 << 20  # of the EFI system partition
EXTLINUX = """default linux
label linux
    kernel /boot/vmlinuz-test
    initrd /boot/initrd.img-test
    append console=ttyAMA0 by=extlinux
"""
LOADER_ENTRY = """title Linux
linux /vmlinuz
initrd /initrd
options console=ttyAMA0 by=systemd-boot
"""
GRUB = """set timeout=0
menuentry Linux {
    linux /boot/vmlinuz-test console=ttyAMA0
    initrd /boot/initrd.img-test
}
"""


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """With GRUB, which starts the guest's kernel. Nothing is written to it."""
    path = tmp_path_factory.mktemp("disk")
    boot = path / "root/boot"
    (boot / "grub").mkdir(parents=True)
    for folder in ("bin", "etc", "sbin"):
        (path / "root" / folder).mkdir()
    shutil.copy(BUILD / "guest/Image", boot / "vmlinuz-test")
    shutil.copy(BUILD / "guest/initrd.gz", boot / "initrd.img-test")
    (boot / "grub/grub.cfg").write_text(GRUB)
    good(run([ROOT / "guest/disk.py", "create", "--root", path / "root", path / "disk.img"]))
    return path / "disk.img"


@pytest.fixture
def variables(tmp_path):
    path = tmp_path / "variables.img"
    good(run([ROOT / "guest/firmware.py", "variables", path]))
    return path


def start(machine, disk, variables, *more, **options):
    return machine("firmware", "debug", f"DISK={disk}", f"EFI_VARS={variables}", *more, **options)


def to_shell(guest):
    """From the firmware's first words to the shell of what it boots."""
    guest.expect(rb"UEFI firmware")
    guest.expect(rb"Booting `Linux'")
    guest.expect(rb"efi: EFI v2")
    guest.prompt()
    # Short lines: the shell breaks long ones where it takes the terminal to end.
    guest.run("cd /sys/firmware/efi/efivars; modprobe efivarfs")
    guest.run("mount -t efivarfs efivarfs $PWD; cd $PWD")
    guest.run(f"G={GUID}")


def write_variable(guest, name):
    """Its name in it, for boot services and runtime, non-volatile: the first four bytes. Linux lets nobody write
    it again."""
    guest.run(f"printf '\\007\\0\\0\\0<{name}>' > {name}-$G")


def has_variables(guest, *names):
    return guest.run("tail -qc +5 Kept*-$G; echo").strip() == "".join(f"<{name}>" for name in names)


@pytest.mark.takes(30)
@pytest.mark.parametrize("extensions", EXTENSIONS)
def test_variables_and_time(machine, disk, variables, extensions):
    """A variable that a guest writes is there after its reboot and after its power-off. The clock is the
    machine's."""
    guest = start(machine, disk, variables, *extensions, qemu_args=lambda _: ["-rtc", "base=2031-02-03T04:05:06"])
    to_shell(guest)
    assert guest.run("date +%F").strip() == "2031-02-03"
    write_variable(guest, "Kept")
    guest.send("reboot")
    guest.expect(rb"\[guest\] restarted: firmware 0x0")
    to_shell(guest)
    assert has_variables(guest, "Kept")
    write_variable(guest, "Kept2")
    guest.send("poweroff")
    assert guest.wait_end() == 0
    guest = start(machine, disk, variables, *extensions)
    to_shell(guest)
    assert has_variables(guest, "Kept", "Kept2")
    guest.send("poweroff")
    assert guest.wait_end() == 0


def write_flash(guest, offset, *commands):
    """Past whatever drives it: what each of the two chips is told."""
    for command in commands:
        guest.run(f"devmem {FLASH + offset:#x} 32 {command:#06x}{command:04x}")


@pytest.mark.takes(20)
@pytest.mark.parametrize("extensions", EXTENSIONS)
def test_variables_in_memory(machine, disk, extensions):
    """The flash is one that the VMM emulates. A variable that a guest writes is there after its reboot, though this
    one begins to erase the store, and to write another block, when it reboots."""
    guest = machine("firmware-memory", "debug", f"DISK={disk}", *extensions)
    to_shell(guest)
    assert not has_variables(guest, "Kept")
    write_variable(guest, "Kept")
    write_flash(guest, 0, 0x20, 0x70)  # to be confirmed, and is not
    assert guest.run(f"devmem {FLASH:#x}").strip() == "0x00B000B0"
    write_flash(guest, BLOCK, 0xE8, 7, 0)
    guest.send("reboot")
    guest.expect(rb"\[guest\] restarted: firmware 0x0")
    to_shell(guest)
    assert has_variables(guest, "Kept")
    guest.send("poweroff")
    assert guest.wait_end() == 0


def in_shell(shared, name):
    """From the firmware's start to its variables, as to_shell(). The guest is shown."""
    shared.console.expect(rb"UEFI firmware")
    shared.console.expect(rb"up in")
    shared.console.prompt()
    shared.run(name, "cd /sys/firmware/efi/efivars; modprobe efivarfs")
    shared.run(name, "mount -t efivarfs efivarfs $PWD; cd $PWD")
    shared.run(name, f"G={GUID}")


@pytest.mark.soak(only=True)
@pytest.mark.takes(90)
@pytest.mark.parametrize("extensions", EXTENSIONS)
def test_two_guests(machine, disk, tmp_path, extensions):
    """Each boots its own disk by its own EDK2, and has variables of its own. One is restarted while it writes some,
    for which Debian 12's EDK2 erases the store and writes it anew, again and again: those that it had before are
    there, and the other has noticed nothing."""
    shutil.copy(disk, tmp_path / "second.img")
    disks = [f"DISK={disk}", f"DISK2={tmp_path / 'second.img'}"]
    shared = SharedConsole(machine("two-firmware-guests", "debug", *disks, *extensions), ["left", "right"])
    shared.wait_until_up()
    for name in shared.names:
        shared.select(name)
        in_shell(shared, name)
        assert "obtained" in shared.run(name, "ifconfig eth0 up; udhcpc eth0")
    shared.run("left", r"printf '\007\0\0\0<Kept1>' > Kept1-$G")
    shared.run("right", r"printf '\007\0\0\0<Kept2>' > Kept2-$G")
    for turn in range(amount(2, 5)):
        shared.show("right")
        write = rf"printf '\007\0\0\0%0700d' 1 > Large{turn}x$n-$G"
        shared.console.send(f"for n in $(seq 500); do {write}; echo did-$n; done")
        shared.console.expect(b"did-%d" % (1 + turn))
        shared.press("r")
        in_shell(shared, "right")
        for name, kept in (("right", "<Kept2>"), ("left", "<Kept1>")):
            assert shared.run(name, "tail -qc +5 Kept*-$G; echo").strip() == kept
        assert int(shared.run("right", f"ls | grep -c ^Large{turn}x")) > turn
    assert shared.power_off() == 0


def has_header(variables):
    with open(variables, "rb") as file:
        return file.read(0x2C).endswith(b"_FVH")


@pytest.mark.soak(only=True)
@pytest.mark.takes(90)
def test_killed_while_variables_are_written(machine, disk, variables):
    """Variables of more than 256 bytes, for each of which Debian 12's EDK2 erases the store and writes it again.
    QEMU is killed when the store's header is gone."""
    guest = start(machine, disk, variables)
    to_shell(guest)
    write_variable(guest, "Kept")
    guest.send("poweroff")
    assert guest.wait_end() == 0
    for _ in range(3):
        good(run([ROOT / "guest/firmware.py", "variables", variables]))
        guest = start(machine, disk, variables)
        to_shell(guest)
        assert has_variables(guest, "Kept")
        guest.send("for n in $(seq 250); do printf '\\007\\0\\0\\0%0700d' 1 > Large$n-$G; done; echo written $n")
        # Later releases of EDK2 erase nothing for these.
        while has_header(variables) and guest.child.expect([b"written 250", pexpect.TIMEOUT], timeout=0.002):
            pass
        guest.child.kill(signal.SIGKILL)
        guest.wait_end()
        if has_header(variables):
            continue  # too late: it was written again
        done = good(run([ROOT / "guest/firmware.py", "variables", variables]))
        assert "torn by a crash in the middle of a write; taken from" in done.stdout
    guest = start(machine, disk, variables)
    to_shell(guest)
    assert has_variables(guest, "Kept")
    guest.send("poweroff")
    assert guest.wait_end() == 0


def at_prompt(guest):
    """U-Boot, stopped from booting by itself; returns what it said."""
    said = guest.expect(rb"stop autoboot")
    guest.child.send(" ")
    guest.expect(rb"=> ")
    return said.decode(errors="replace")


def u_boot(guest, command):
    guest.child.send(command + "\r")
    return guest.expect(rb"\r\n=> ").decode(errors="replace")


def test_u_boot(machine, disk, variables):
    """To its prompt, with the disk. A reset in the middle of a program command leaves the flash as it was: the
    VMM ends the command, as the words that the flash still waits for would be the next ones that it is sent."""
    guest = start(machine, disk, variables, "FIRMWARE=u-boot")
    at_prompt(guest)
    assert "vmlinuz-test" in u_boot(guest, "ls virtio 0:1 /boot")
    u_boot(guest, "mw.l 4100000 400040; mw.l 4100000 12345678; mw.l 4100000 ff00ff")
    u_boot(guest, "mw.l 5000000 e800e8; mw.l 5000000 1ff01ff; mw.l 5000000 0")
    guest.child.send("reset\r")
    guest.expect(rb"\[guest\] restarted: firmware 0x0")
    at_prompt(guest)
    assert "04100000: 12345678" in u_boot(guest, "md.l 4100000 1")
    for address in range(0x4000000, 0x4000400, 0x100):
        words = u_boot(guest, f"md.l {address:x} 40").split("\n", 1)[1]
        assert len(re.findall("ffffffff", words)) == 0x40, words
    guest.child.send("poweroff\r")
    assert guest.wait_end() == 0


def test_u_boot_and_flash_in_memory(machine, disk):
    """It finds the emulated flash for what it is, erases and programs it, by the buffer and at odd places, and has
    its environment there after a reset."""
    guest = machine("firmware-memory", "debug", f"DISK={disk}", "FIRMWARE=u-boot")
    at_prompt(guest)
    told = u_boot(guest, "flinfo")
    assert "CFI conformant flash (32 x 16)  Size: 1 MB in 4 Sectors" in told
    assert "Intel Extended command set, Manufacturer ID: 0x89, Device ID: 0x0018" in told
    u_boot(guest, "setenv kept by=u-boot")
    assert "Writing to Flash... done" in u_boot(guest, "saveenv")
    assert "Flash not Erased" not in u_boot(guest, "cp.b 1000 4080001 1801")
    guest.child.send("reset\r")
    guest.expect(rb"\[guest\] restarted: firmware 0x0")
    at_prompt(guest)
    assert "kept=by=u-boot" in u_boot(guest, "printenv kept")
    assert "Total of 6145 byte(s) were the same" in u_boot(guest, "cmp.b 1000 4080001 1801")
    assert "Flash not Erased" in u_boot(guest, "cp.b 1000 4080000 1000")
    u_boot(guest, "erase 4080000 40bffff")
    assert "Flash not Erased" not in u_boot(guest, "cp.b 1000 4080000 1000")
    u_boot(guest, "protect on 4080000 40bffff")
    assert "1 protected sectors will not be erased" in u_boot(guest, "erase 4080000 40bffff")
    assert "Total of 4096 byte(s) were the same" in u_boot(guest, "cmp.b 1000 4080000 1000")
    guest.child.send("poweroff\r")
    assert guest.wait_end() == 0


@pytest.mark.soak(only=True)
@pytest.mark.takes(40)
def test_u_boot_and_extlinux(machine, disk, variables, tmp_path):
    """U-Boot finds what to start on the disk by itself. (If there is an EFI system partition: GRUB.)"""
    own = tmp_path / "disk.img"
    good(run([ROOT / "guest/disk.py", "create", "--root", disk.parent / "root", "--efi", "none", own]))
    (tmp_path / "extlinux").mkdir()
    (tmp_path / "extlinux/extlinux.conf").write_text(EXTLINUX)
    good(run([ROOT / "guest/disk.py", "put", own, tmp_path / "extlinux"]))
    guest = start(machine, own, variables, "FIRMWARE=u-boot")
    guest.expect(rb"Found /extlinux/extlinux.conf")
    guest.prompt()
    assert "by=extlinux" in guest.run("cat /proc/cmdline")
    guest.send("poweroff")
    assert guest.wait_end() == 0


@pytest.mark.soak(only=True)
@pytest.mark.takes(40)
def test_systemd_boot(machine, disk, variables, tmp_path):
    """EDK2 starts it in the place of GRUB, and it starts the kernel as the EFI program that this is."""
    good(run([ROOT / "guest/fetch.py", CACHE, "--package", "systemd-boot-efi"]))
    (package,) = (Path(CACHE) / "systemd-boot-efi").glob("*.deb")
    good(run(["dpkg-deb", "-x", package, tmp_path / "package"]))
    (loader,) = (tmp_path / "package").rglob("systemd-bootaa64.efi")
    (tmp_path / "entry").write_text(LOADER_ENTRY)
    own = tmp_path / "disk.img"
    shutil.copy(disk, own)
    inside = {loader: "EFI/BOOT/BOOTAA64.EFI", BUILD / "guest/Image": "vmlinuz", BUILD / "guest/initrd.gz": "initrd"}
    inside[tmp_path / "entry"] = "loader/entries/linux.conf"
    environment = dict(os.environ, MTOOLS_SKIP_CHECK="1")
    good(run(["mmd", "-i", f"{own}@@{OFFSET}", "::loader", "::loader/entries"], env=environment))
    for file, name in inside.items():
        good(run(["mcopy", "-o", "-i", f"{own}@@{OFFSET}", file, f"::{name}"], env=environment))
    guest = start(machine, own, variables)
    guest.expect(rb"UEFI firmware")
    guest.expect(rb"efi: EFI v2")
    guest.prompt()
    assert "by=systemd-boot" in guest.run("cat /proc/cmdline")
    guest.send("poweroff")
    assert guest.wait_end() == 0


def test_variables_file(tmp_path):
    """Made when there is none; left alone when there is; refused when it is no bank's size."""
    path = tmp_path / "vars.img"
    good(run([ROOT / "guest/firmware.py", "variables", path]))
    assert path.stat().st_size == 64 << 20 and os.stat(path).st_blocks * 512 < 2 << 20
    data = bytearray(path.read_bytes())
    assert set(data[: 3 * BLOCK]) == {0xFF} and set(data[3 * BLOCK :]) == {0}
    with open(path, "r+b") as file:
        file.write(b"mine")
    good(run([ROOT / "guest/firmware.py", "variables", path]))
    assert path.read_bytes()[:5] == b"mine\xff"
    path.write_bytes(bytes(768 << 10))
    done = run([ROOT / "guest/firmware.py", "variables", path])
    assert done.returncode == 1
    assert done.stderr == (
        f"guest/firmware.py: {path}: not 67108864 bytes, which a bank of the machine's flash has\n"
    )


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["FIRMWARE=grub"], "FIRMWARE=grub: there is no such file"),
        (["KERNEL=README.md"], "KERNEL=README.md: the guest of firmware starts firmware, which boots its disk"),
        (["INITRD=README.md"], "INITRD=README.md: the guest of firmware starts firmware, which boots its disk"),
    ],
)
def test_bad_variables_of_make(arguments, words):
    done = make("-n", "image", "SYSTEM=firmware", *arguments, writes=None)
    assert done.returncode != 0
    assert words in done.stderr, done.stderr


def test_variables_in_memory_where_they_are_not(tmp_path):
    """A description of the user's own has one form."""
    shutil.copy(ROOT / "systems/firmware/firmware.system", tmp_path / "own.system")
    shutil.copy(ROOT / "systems/firmware/system.mk", tmp_path)
    done = make("-n", "image", f"SYSTEM={tmp_path}/own.system", "EFI_VARS=memory", writes=None)
    assert done.returncode != 0
    assert "EFI_VARS=memory: the variables of own are in a bank of the machine's flash" in done.stderr


def test_firmware_of_ones_own(tmp_path):
    """Any file, if it can be firmware."""
    elf = tmp_path / "u-boot.elf"
    elf.write_bytes(b"\x7fELF" + bytes(4096))
    done = make("image", "SYSTEM=firmware", f"FIRMWARE={elf}")
    assert done.returncode != 0
    assert re.search(r"firmware.bin' is not firmware: it is an ELF file.*firmware\.system:\d+:\d+", done.stderr)
