# SPDX-License-Identifier: BSD-2-Clause
"""make run at a terminal: the terminal is the guest's console, and Ctrl-a x leaves."""

import os

import pexpect

from conftest import BOOT_TIMEOUT, BUILD, ROOT, good_make


def start():
    good_make("image", "SYSTEM=simple")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    environment.pop("MFLAGS", None)
    return pexpect.spawn(
        "make",
        ["--no-print-directory", f"BUILD_DIR={BUILD}", "SYSTEM=simple", "run"],
        cwd=str(ROOT),
        env=environment,
        timeout=BOOT_TIMEOUT,
    )


def test_leaving_with_the_escape_key():
    make = start()
    make.expect("Ctrl-a x ends QEMU")
    make.expect("sluice:~# ")
    make.send("\x01x")
    make.expect("QEMU: Terminated")
    make.expect(pexpect.EOF)
    make.close()
    assert make.exitstatus == 0


def test_the_interrupt_key_is_the_guests():
    make = start()
    make.expect("sluice:~# ")
    make.send("sh -c 'echo; echo started; exec sleep 1000'\n")
    make.expect("[\r\n]started[\r\n]")
    make.send("\x03")
    make.expect("sluice:~# ")
    make.send("poweroff\n")
    make.expect("powered off")
    make.expect(pexpect.EOF)
    make.close()
    assert make.exitstatus == 0
