# SPDX-License-Identifier: BSD-2-Clause
"""scripts/run.py without a terminal, with a program in QEMU's place that plays a guest."""

import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[2] / "scripts/run.py"
GUEST = r"""#!/bin/sh
[ "$1" != --version ] || { echo QEMU emulator version 8.0.0; exit; }
stty -echo
printf 'booting\r\nguest login: '
while read -r line; do
    case $line in
    poweroff) printf 'off\r\n'; exit 0 ;;
    crash) exit 3 ;;
    hang) sleep 1000 ;;
    esac
    printf 'did %s\r\n\033[?2004hguest:~# \033[6n' "$line"
done
"""
# run.py as somebody who is not root, on a machine without sudo.
AS_USER = """
import os, shutil, sys
which = shutil.which
shutil.which = lambda name: None if name == "sudo" else which(name)
os.geteuid = lambda: 1000
sys.path.insert(0, sys.argv.pop(1))
import run
run.main()
"""
PROGRAM = r"""#!/bin/sh
[ "$1" != --version ] || { echo QEMU emulator version 8.0.0; exit; }
stty -echo
printf 'no guest\r\n'
while read -r line; do
    printf 'had %s\r\n' "$line"
    [ "$line" != end ] || exit 0
done
"""


@pytest.fixture
def run(tmp_path):
    def start(program, stdin, *options):
        (tmp_path / "qemu").write_text(program)
        (tmp_path / "qemu").chmod(0o755)
        command = [RUN, "--mem", "2G", *options, "--", tmp_path / "qemu", "-nographic"]
        return subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=600, check=False, errors="replace"
        )

    return start


@pytest.mark.parametrize("stdin", ["root\nuname\n", "root\nuname\npoweroff\n"])
def test_a_script_to_its_end(run, stdin):
    done = run(GUEST, stdin)
    assert (done.returncode, done.stderr) == (0, "")
    assert "did uname" in done.stdout and done.stdout.count("off\n") == 1
    # Nobody is there to tell where the cursor is; what else the guest says to its terminal stays.
    assert "\x1b[6n" not in done.stdout and "\x1b[?2004h" in done.stdout


def test_an_end_before_the_scripts(run):
    done = run(GUEST, "root\npoweroff\nls\n")
    assert done.returncode == 1
    assert done.stderr == "\nrun: the machine ended before 'ls' was typed\n"
    assert run(GUEST, "root\ncrash\nls\n").returncode == 3


@pytest.mark.parametrize(
    ("stdin", "status", "message"), [("", 0, ""), ("ls\n", 1, "\nrun: the machine ended before 'ls' was typed\n")]
)
def test_a_machine_that_asks_for_nothing(run, stdin, status, message):
    """As one that installs something, and then is off."""
    done = run(GUEST.replace("printf 'booting\\r\\nguest login: '", "printf 'at work\\r\\n'; exit 0"), stdin)
    assert (done.returncode, done.stderr) == (status, message)
    assert "at work" in done.stdout


def test_messages_are_sentences(run):
    done = run(GUEST, "root\nhang\n", "--timeout", "2")
    assert done.returncode == 1
    assert "run: the guest's prompt did not come within 2 s; the last output:\n" in done.stderr
    assert "compile" not in done.stderr and "\\x1b" not in done.stderr


def test_a_tap_needs_root(tmp_path):
    """In one line, where there is no sudo either."""
    (tmp_path / "qemu").write_text(GUEST)
    (tmp_path / "qemu").chmod(0o755)
    command = ["/usr/bin/python3", "-B", "-c", AS_USER, str(RUN.parent), "--net", "tap", "--mem", "2G", "--tap", "none0"]
    done = subprocess.run(
        [*command, "--", tmp_path / "qemu"], capture_output=True, text=True, check=False, input=""
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("run: NET=tap: a tap interface needs root, and there is no sudo; as root, type: ")


def test_without_guests(run):
    done = run(PROGRAM, "one\ntwo\n", "--guests", "0", "--timeout", "3")
    assert done.returncode == 0
    assert "no guest" in done.stdout and "had two" in done.stdout and "ended with its time" in done.stdout
    done = run(PROGRAM, "one\nend\n", "--guests", "0", "--timeout", "600")
    assert done.returncode == 0 and "had end" in done.stdout and "run: ended" not in done.stdout
    done = run(PROGRAM, "", "--guests", "0")
    assert done.returncode == 0 and "TIMEOUT= has it run on" in done.stdout
