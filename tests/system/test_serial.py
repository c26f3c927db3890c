# SPDX-License-Identifier: BSD-2-Clause
"""The console multiplexer as its user sees it, with native clients (tests/system/serial): 1 talker
plays a guest, 2 other is a program, and the third writes nonsense into its region all the time."""

import re
import shutil

import pytest

from conftest import ROOT

KEY = b"\x1d"  # Ctrl-]
PASTE = 100_000


class Mux:
    """The console, as far as these tests use it."""

    def __init__(self, console):
        self.console = console
        self.see(rb"Ctrl-\] \? helps\]")
        self.see(rb"begun\s+> ")

    def see(self, pattern):
        return self.console.expect(pattern)

    def type(self, text):
        self.console.child.send(text)

    def command(self, key):
        self.type(KEY + key)

    def own(self, pattern):
        """A line of the multiplexer's own."""
        self.see(rb"\[sluice: " + pattern + rb"\]\x1b\[0m\r+\n")
        return self.console.child.match

    def select(self, digit, name):
        self.command(digit)
        self.own(digit + rb" " + name)


@pytest.fixture
def mux(machine):
    return Mux(machine("tests/system/serial"))


def checksum(data):
    value = 0
    for byte in data:
        value = ((value << 1 | value >> 31) ^ byte) & 0xFFFFFFFF
    return value


def test_keys(mux):
    mux.type(b"size\r")
    mux.see(rb"size 0x0\s+> ")
    mux.command(b"?")
    mux.own(rb"Ctrl-\] Ctrl-\]  the key itself")
    mux.see(rb"> ")  # the prompt is shown again
    mux.command(b"x")
    mux.own(rb"no command; Ctrl-\] \? helps")
    mux.command(b"7")
    mux.own(rb"there is no 7")
    mux.command(b"b")
    mux.own(rb"break")
    mux.see(rb"<break>")
    mux.type(b"log a line\r")
    mux.command(b"0")
    mux.own(rb"0 messages")
    mux.see(rb"configuration, line 5: there are escape, poweroff and show\s")
    mux.see(rb"1 talker: a line\r")
    mux.type(b"ab")
    mux.own(rb"nobody reads here; Ctrl-\] and a digit select who does")
    mux.command(b"r")
    mux.own(rb"select a guest first: Ctrl-\] and its digit")


def test_switching(mux):
    mux.select(b"2", b"other")
    mux.see(rb"begun\s+> ")
    mux.type(b"hello\r")
    mux.see(rb"hello\s+what\?\s+> ")
    mux.select(b"1", b"talker")
    mux.see(rb"begun\s+> ")
    # The line that was begun and the one before are shown again.
    mux.type(b"half")
    mux.see(rb"half")
    mux.select(b"2", b"other")
    mux.see(rb"hello\s+what\?\s+> ")
    mux.select(b"1", b"talker")
    mux.see(rb"begun\s+> half")


def test_states(mux):
    mux.command(b"l")
    mux.own(rb"\*1 talker +running for \d+ s, 1 MiB, 1 start")
    mux.own(rb" 2 other +program for \d+ s, 1 MiB, 1 start")
    mux.own(rb" 3 [^\n]*")
    mux.command(b"s")
    mux.own(rb"stopping 1 talker")
    mux.own(rb"1 talker is stopped; Ctrl-\] g starts it")
    mux.type(b"x")
    mux.own(rb"1 does not run; Ctrl-\] g starts it")
    mux.command(b"l")
    mux.own(rb"\*1 talker +stopped for \d+ s, [^\n]*")
    mux.own(rb" 3 [^\n]*")
    mux.command(b"g")
    mux.own(rb"starting 1 talker")
    mux.see(rb"begun\s+> ")
    mux.command(b"r")
    mux.own(rb"restarting 1 talker")
    mux.see(rb"begun\s+> ")
    mux.command(b"l")
    mux.own(rb"\*1 talker +running for \d+ s, 1 MiB, 3 starts")
    mux.own(rb" 3 [^\n]*")
    mux.select(b"2", b"other")
    mux.command(b"r")
    mux.own(rb"2 is no guest")


def test_scrollback(mux):
    """A megabyte while another is shown: the last of it is there, and a line says what is not."""
    mux.type(b"print 1000000\r")
    mux.select(b"0", b"messages")
    mux.see(rb"1 talker: printed\s")
    mux.select(b"1", b"talker")
    dropped = int(mux.own(rb"(\d+) bytes were dropped").group(1))
    text = mux.see(rb"printed\s+> ").replace(b"\r\r", b"\r")
    numbers = [int(number) for number in re.findall(rb"talker (\d{8})\r\n", text)]
    # Whole lines, in order, and every byte accounted for.
    assert numbers == list(range(numbers[0], 1_000_000 // 17 + 1))
    printed = len(b"begun\r\n> print 1000000\r\n") + 17 * numbers[0]
    assert dropped <= printed < dropped + 100
    assert len(text) > 60_000


def test_everything_shown_is_seen(mux):
    mux.type(b"print 1000000\r")
    text = mux.see(rb"printed\s+> ").replace(b"\r\r", b"\r")
    numbers = [int(number) for number in re.findall(rb"talker (\d{8})\r\n", text)]
    assert numbers == list(range(1_000_000 // 17 + 1))


def test_paste(mux):
    data = bytes(32 + i * 7 % 90 for i in range(PASTE))
    assert KEY not in data
    mux.type(b"sum %d\r" % PASTE)
    mux.see(rb"go\s")
    mux.type(data)
    mux.see(rb"sum %d %08x\s" % (PASTE, checksum(data)))


def test_stuck_client(mux):
    """One that does not read: the key works, behind whatever was typed."""
    mux.type(b"deaf\r")
    mux.see(rb"deaf\s+deaf\s")
    mux.type(b"x" * 30_000)
    mux.select(b"2", b"other")
    mux.type(b"size\r")
    mux.see(rb"size 0x0\s+> ")


def test_pasted_away(mux):
    """Even when more was typed than anyone keeps."""
    mux.type(b"deaf\r")
    mux.see(rb"deaf\s+deaf\s")
    mux.type(b"x" * PASTE)
    mux.own(rb"1 takes no input: \d+ bytes were dropped")
    mux.select(b"2", b"other")
    mux.type(b"size\r")
    mux.see(rb"size 0x0\s+> ")


def test_size(mux):
    mux.command(b"w")
    mux.see(rb"\x1b7\x1b\[9999;9999H\x1b\[6n\x1b8")
    mux.type(b"\x1b[50;132R")
    mux.own(rb"the terminal has 132 columns and 50 rows")
    mux.type(b"size\r")
    mux.see(rb"size 132x50\s+> ")
    mux.command(b"w")
    mux.own(rb"the terminal does not tell its size")


def test_terminal_break(mux):
    mux.type(b"\x01b")  # QEMU's own key for a break
    mux.see(rb"<break>")


def test_all(mux):
    mux.type(b"print 2000\r")
    mux.see(rb"printed\s+> ")
    mux.command(b"a")
    mux.own(rb"all")
    mux.see(rb"1 talker\|\x1b\[0m > ")  # a prompt is no line, and shown
    mux.select(b"1", b"talker")
    mux.type(b"print 40\r" + KEY + b"a")
    mux.see(rb"1 talker\|\x1b\[0m printed\x1b\[0m\r")


def test_watchdog(mux):
    mux.type(b"watch\r")
    mux.see(rb"expired\s+> ")


def test_power_off(mux):
    mux.type(b"off\r")
    mux.own(rb"1 talker is off; Ctrl-\] g starts it")
    mux.own(rb"every guest is off: the machine goes off")
    assert mux.console.wait_end() == 0


def test_other_cores(machine, tmp_path):
    """Everyone on a core of his own, and the one that scribbles never waits for anyone."""
    folder = tmp_path / "serial"
    shutil.copytree(ROOT / "tests/system/serial", folder)
    description = (folder / "serial.system").read_text()
    for name, core in (("serial_driver", 1), ("other", 1), ("talker", 2), ("scribbler", 3)):
        description = description.replace(f'domain name="{name}"', f'domain name="{name}" cpu="{core}"')
    (folder / "serial.system").write_text(description)
    mux = Mux(machine(folder, "smp-debug"))
    mux.type(b"print 100000\r")
    numbers = re.findall(rb"talker (\d{8})\r", mux.see(rb"printed\s+> "))
    assert [int(number) for number in numbers] == list(range(100_000 // 17 + 1))
    mux.type(b"print 1000000000\r")  # never ends
    mux.see(rb"talker 00000100")
    mux.select(b"2", b"other")
    mux.command(b"l")
    mux.own(rb"\*2 other +program [^\n]* 1 start")
    data = bytes(32 + i * 7 % 90 for i in range(10_000))
    mux.type(b"sum %d\r" % len(data) + data)
    mux.see(rb"sum %d %08x\s" % (len(data), checksum(data)))
