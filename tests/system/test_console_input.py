# SPDX-License-Identifier: BSD-2-Clause
"""What goes into a guest at the console: pasting, breaks, the terminal's size; and what the console
does before there is a driver for it. two-guests: storage has a virtual PL011, network a virtio
console."""

import fcntl
import hashlib
import os
import random
import re
import struct
import termios
import threading
import time

import pytest

from conftest import amount, make_disk
from shared_console import SharedConsole

NAMES = ["storage", "network"]
PASTE = amount(40_000, 300_000)  # more than all buffers on the way have together
KEYS = {0x01, 0x1D}  # QEMU's and the multiplexer's, which are not for the guest
SYSRQ = 0x0F  # Ctrl-O, on a virtio console


pytestmark = pytest.mark.xdist_group("console input")


@pytest.fixture(scope="module")
def shared(module_machine, tmp_path_factory):
    """Both guests at their prompts, for all tests that leave them there."""
    disk = make_disk(tmp_path_factory.mktemp("disk") / "disk.img")
    shared = SharedConsole(module_machine("two-guests", "debug", f"DISK={disk}"), NAMES)
    shared.boot()
    return shared


def lines(count):
    """Text of lines with 70 characters."""
    chance = random.Random(count)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789 +-*/"
    return "".join("".join(chance.choices(letters, k=69)) + "\n" for _ in range(count // 70)).encode()


def noise(count):
    chance = random.Random(count)
    return bytes(chance.choices([byte for byte in range(256) if byte not in KEYS | {SYSRQ}], k=count))


def paste(shared, data):
    """Types all of it at once, while someone else reads what is shown."""

    def write():
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(shared.console.child.fileno(), rest) :]

    threading.Thread(target=write, daemon=True).start()


def paste_text(shared, name, count):
    """As a user does: into cat, with echo, and Ctrl-d."""
    data = lines(count)
    shared.show(name)
    shared.console.send("cat > /tmp/pasted; echo all re''ad")
    shared.console.expect(rb"re''ad\r*\n")
    paste(shared, data + b"\x04")
    shared.console.expect(rb"\nall read\r*\n")
    shared.console.prompt()
    assert hashlib.md5(data).hexdigest() in shared.run(name, "md5sum /tmp/pasted")


def paste_raw(shared, name, count, first=""):
    """Any bytes; the guest does `first` before it reads. Returns what that printed."""
    data = noise(count)
    shared.show(name)
    shared.console.send(f"stty raw -echo; echo re''ady; {first} head -c {count} > /tmp/pasted; stty sane; echo al''l")
    shared.console.expect(rb"\nready\r*\n")
    paste(shared, data)
    printed = shared.console.expect(rb"all\r*\n")
    shared.console.prompt()
    assert hashlib.md5(data).hexdigest() in shared.run(name, "md5sum /tmp/pasted")
    return printed


def waits_for_its_reader(shared):
    """What a guest's program does not read stays in the UART, and Linux' buffers do not overflow."""
    assert " crtscts" in shared.run("storage", "stty -a")
    received = "sed -n 's/.* rx:\\([0-9]*\\).*/\\1/p' /proc/tty/driver/ttyAMA"
    wait = f'a=; b=$({received}); s=$b; until [ "$a" = "$b" ]; do a=$b; sleep 3; b=$({received}); done;'
    printed = paste_raw(shared, "storage", 12_000, wait + "echo took $((b - s)).;")
    assert 1000 < int(re.search(rb"took (\d+)\.", printed).group(1)) < 10_000


def waits_for_the_terminal(shared):
    """What nobody reads of a guest's output waits, back to the guest, and all of it comes then."""
    shared.show("network")
    shared.console.send("i=0; while [ $i -lt 2500 ]; do i=$((i + 1)); printf '%075d\\n' $i; done")
    terminal = shared.console.child.fileno()
    full, before = 0, -1
    while full == 0 or full != before:
        time.sleep(2)
        full, before = struct.unpack("i", fcntl.ioctl(terminal, termios.FIONREAD, bytes(4)))[0], full
    text = shared.console.prompt()
    assert re.findall(r"^\d{75}$", text, re.M) == [f"{number:075}" for number in range(1, 2501)]


@pytest.mark.takes(60)
@pytest.mark.soak
def test_paste(shared):
    paste_raw(shared, "network", PASTE)
    paste_text(shared, "network", PASTE // 10)
    paste_text(shared, "storage", PASTE // 3)


def test_flow_control(shared):
    waits_for_its_reader(shared)
    waits_for_the_terminal(shared)


def breaks(shared):
    """Linux' SysRq: a break on a UART, Ctrl-o where there are no breaks."""
    shared.show("storage")
    shared.press("b")
    shared.says("break")
    shared.console.child.send("h")
    shared.console.expect(rb"sysrq: HELP")
    shared.console.child.send("\x01bh")  # QEMU's own key: a break on the machine's line
    shared.console.expect(rb"sysrq: HELP")
    shared.shown = None  # there was no prompt behind these
    assert "still here" in shared.run("storage", "echo still he''re")
    shared.show("network")
    shared.press("b")
    shared.says("break")
    shared.shown = None
    assert "still here" in shared.run("network", "echo still he''re")
    shared.console.child.send("\x0fh")
    shared.console.expect(rb"sysrq: HELP")
    shared.shown = None


def terminal_size(shared, rows, columns):
    shared.show("network")
    shared.press("w")
    shared.console.expect(rb"\x1b\[9999;9999H\x1b\[6n")
    shared.console.child.send(f"\x1b[{rows};{columns}R")
    shared.says(f"the terminal has {columns} columns and {rows} rows")
    shared.shown = None  # the prompt that is shown again is none that waits
    assert f"{rows} {columns}" in shared.run("network", "stty size")


def test_break_and_size(shared):
    breaks(shared)
    terminal_size(shared, 50, 132)
    terminal_size(shared, 24, 80)


@pytest.mark.parametrize(
    "arguments", ["earlycon", "earlycon=pl011,0x9000000 console=ttyAMA0,115200n8r"]
)
def test_earlycon(machine, disk, arguments):
    """What Linux prints is seen before it has a driver."""
    console = machine("two-guests", "debug", f"DISK={disk}", "VM=storage", f"BOOTARGS=hostname=storage {arguments}")
    console.expect(rb"Booting Linux on physical CPU")
    console.expect(rb"bootconsole \[pl11\] enabled")
    early = console.expect(rb"bootconsole \[pl11\] disabled")
    # Of those that Linux 6.1 prints there and 6.12, too.
    assert b"Kernel command line: hostname=storage " in early and b"Booting Linux" not in early
    # Without console= Linux' own terminal, which nobody sees, ends the early console, and the driver
    # prints all of it once more.
    is_named = "console=" in arguments
    assert (b"console [ttyAMA0] enabled" in early) == is_named
    late = console.expect(rb"Freeing unused kernel" if is_named else rb"up in")
    assert late.count(b"Booting Linux") == (0 if is_named else 1)
    if is_named:
        return
    console.prompt()
    assert "ttyAMA0" in console.run("cat /sys/class/tty/console/active")
    assert " crtscts" in console.run("stty -a")
