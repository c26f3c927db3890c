# SPDX-License-Identifier: BSD-2-Clause
"""A guest's console: QEMU on a pseudo-terminal, driven by what it prints.

Used by run.py (standard input that is no terminal), demo.py and the system tests.
"""

import re
import sys

import pexpect

# The prompt of the guest's shell, or of its login. Behind it busybox may ask the terminal for its cursor,
# and the guest's kernel may say something.
PROMPT = re.compile(
    rb"(?:^|\n|\r)[^\r\n]{0,60}(?:[#$]|login:|[Pp]assword:) (?:\x1b\[6n)?(?:\[ *\d+\.\d+\] [^\n]*\r?\n)*$"
)
# What asks a terminal for an answer: its cursor's place, its kind. There is none to give it.
QUERY = re.compile(rb"\x1b\[(?:6n|5n|0?c|>0?c)")
UNFINISHED_QUERY = re.compile(rb"\x1b(?:\[(?:>?[056]?)?)?$")
WIDTH = 400  # columns: long commands are echoed on one line


class ConsoleError(Exception):
    """What was expected did not come."""


class Console:
    """One run of a machine. Every wait is bounded by the time that is left for all of it."""

    def __init__(self, command, timeout=120, log=None, cwd=None):
        self.child = pexpect.spawn(
            command[0], command[1:], timeout=timeout, dimensions=(50, WIDTH), cwd=cwd
        )
        self.child.delaybeforesend = None
        self.child.setecho(False)
        if log is not None:
            self.child.logfile_read = log

    def expect(self, pattern, timeout=-1, what=None):
        """Waits for a pattern (bytes, regular expression or compiled), which `what` says in words; returns
        what came before."""
        text = getattr(pattern, "pattern", pattern)
        what = what or f"'{text.decode(errors='replace') if isinstance(text, bytes) else text}'"
        try:
            self.child.expect(pattern, timeout=timeout)
        except pexpect.TIMEOUT:
            seconds = self.child.timeout if timeout == -1 else timeout
            raise ConsoleError(f"{what} did not come within {seconds:g} s; the last output:\n{self.tail()}")
        except pexpect.EOF:
            raise ConsoleError(f"the machine ended before {what} came; the last output:\n{self.tail()}")
        return self.child.before

    def tail(self):
        """The last of what was printed and not yet consumed, as text."""
        return (self.child.before or b"")[-2000:].decode(errors="replace")

    def prompt(self, timeout=-1):
        """Waits for the shell's prompt; returns the text before it."""
        text = self.expect(PROMPT, timeout, "the guest's prompt")
        return text.replace(b"\r", b"").decode(errors="replace")

    def prompt_or_end(self):
        """Waits for the prompt; False if the machine ended instead."""
        try:
            self.prompt()
            return True
        except ConsoleError:
            if self.child.flag_eof:
                return False
            raise

    def send(self, line):
        self.child.send(line + "\n")

    def run(self, line, timeout=-1):
        """Types a command, waits for the next prompt, returns what the command printed."""
        self.send(line)
        text = self.prompt(timeout)
        return text.split("\n", 1)[1] if "\n" in text else ""

    def wait_end(self, timeout=-1):
        """Waits until QEMU ends; returns its exit status."""
        try:
            self.child.expect(pexpect.EOF, timeout=timeout)
        except pexpect.TIMEOUT:
            raise ConsoleError(f"the machine does not end; the last output:\n{self.tail()}")
        self.child.close()
        return self.child.exitstatus if self.child.exitstatus is not None else 128

    def kill(self):
        self.child.close(force=True)


class Echo:
    """A log for Console that shows everything on standard output as it comes, but for queries."""

    def __init__(self, file):
        self.file = file
        self.held = b""  # perhaps the beginning of one

    def write(self, data):
        data = QUERY.sub(b"", self.held + data)
        unfinished = UNFINISHED_QUERY.search(data)
        end = unfinished.start() if unfinished else len(data)
        self.held = data[end:]
        self.file.write(data[:end])

    def flush(self):
        self.file.flush()


def echo_to_stdout():
    return Echo(sys.stdout.buffer)
