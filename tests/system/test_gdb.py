# SPDX-License-Identifier: BSD-2-Clause
"""make gdb attaches, without a question, and knows the symbols of all that runs."""

import subprocess

import pexpect

from conftest import good_make

# kernel, stock VMM, console multiplexer, and what plays the guest's kernel
SYMBOLS = ("kernel_main", "vm_create", "states_look", "start_of_the_guests_kernel")


def test_symbols_of_kernel_programs_and_guest(machine, disk, tmp_path):
    socket = tmp_path / "gdb"
    stopped = ["-S", "-gdb", f"unix:{socket},server=on,wait=off"]
    guest = machine("two-guests", "debug", f"DISK={disk}", qemu_args=lambda image: stopped)
    while not socket.exists():
        assert guest.child.isalive()
        guest.child.expect([".+", pexpect.TIMEOUT], timeout=0.1)
    (tmp_path / "vmlinux.c").write_text("void start_of_the_guests_kernel(void) {}\n")
    compiler = ["aarch64-linux-gnu-gcc", "-g", "-nostdlib", "-static", "-Wl,-e,start_of_the_guests_kernel"]
    subprocess.run([*compiler, tmp_path / "vmlinux.c", "-o", tmp_path / "vmlinux"], check=True)
    commands = "".join(f"info address {symbol}\n" for symbol in SYMBOLS) + "print sizeof(struct mux)\nquit\n"
    options = [f"GDB_TARGET={socket}", f"GUEST_SYMBOLS={tmp_path}/vmlinux"]
    done = good_make("gdb", "SYSTEM=two-guests", *options, stdin=commands)
    assert "y or n" not in done.stdout + done.stderr
    for symbol in SYMBOLS:
        assert f'Symbol "{symbol}" is' in done.stdout, done.stdout
    assert "$1 = " in done.stdout
