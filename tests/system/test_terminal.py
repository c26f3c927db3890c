# SPDX-License-Identifier: BSD-2-Clause
"""make run at a terminal: the terminal is the guest's console, and Ctrl-a x leaves."""

import pexpect
import pytest

from conftest import BUILD_DIR, LIMIT, ROOT, alone, clean_environment, evidence_now


@pytest.fixture
def terminal():
    """make run, of which nobody changes the image meanwhile."""
    words = ["--no-print-directory", f"BUILD_DIR={BUILD_DIR}", "SYSTEM=simple", "run"]
    log = evidence_now().machine(["make", *words], ROOT)
    with alone(), open(log, "wb") as file:
        make = pexpect.spawn("make", words, cwd=str(ROOT), env=clean_environment(), timeout=LIMIT)
        make.logfile_read = file
        yield make
        make.close(force=True)


def test_leaving_with_the_escape_key(terminal):
    terminal.expect("Ctrl-a x ends QEMU")
    terminal.expect("sluice:~# ")
    terminal.send("\x01x")
    terminal.expect("QEMU: Terminated")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_the_interrupt_key_is_the_guests(terminal):
    terminal.expect("sluice:~# ")
    terminal.send("sh -c 'echo; echo started; exec sleep 1000'\n")
    terminal.expect("[\r\n]started[\r\n]")
    terminal.send("\x03")
    terminal.expect("sluice:~# ")
    terminal.send("poweroff\n")
    terminal.expect("powered off")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
