# SPDX-License-Identifier: BSD-2-Clause
"""The console of several guests, as whoever sits at it uses it."""

import re

ESCAPE = "\x1d"  # Ctrl-]


class SharedConsole:
    """Guests by their digits, in the order of the description."""

    def __init__(self, console, names):
        self.console = console
        self.names = names
        self.shown = names[0]
        self.is_up = False
        self.calls = 0

    def wait_until_up(self):
        """What is typed before the driver has set the PL011 up is lost on QEMU 10, as on hardware."""
        if not self.is_up:
            self.is_up = True
            self.says("console:")

    def press(self, key):
        self.wait_until_up()
        self.console.child.send(ESCAPE + key)

    def says(self, pattern):
        """Waits for a line of the multiplexer's own; returns the match."""
        self.console.expect(rb"\[sluice: +" + pattern.encode() + rb"[^\r\n]*\]")
        return self.console.child.match

    def select(self, name):
        number = self.names.index(name) + 1
        self.press(str(number))
        self.says(f"{number} (?:{name}|client-{number})(?! boots)")  # its VMM may not have started yet
        self.shown = name

    def boot(self):
        """Waits until every guest is at its prompt, the first one's last."""
        self.wait_until_up()
        for name in self.names[1:] + self.names[:1]:
            self.select(name)
            self.console.expect(rb"up in")
            self.console.prompt()

    def show(self, name):
        """Has the guest shown, at a fresh prompt: the replay has older ones."""
        if self.shown == name:
            return
        self.select(name)
        self.calls += 1
        self.console.send(f"echo call-{self.calls}")
        self.console.expect(rb"\ncall-%d\r*\n" % self.calls)
        self.console.prompt()

    def run(self, name, line, timeout=-1):
        """Types a command for a guest, at its prompt; returns what it printed."""
        self.show(name)
        return self.console.run(line, timeout)

    def states(self):
        """Pressing l: name to what is said of it."""
        self.press("l")
        found = {}
        while len(found) < len(self.names):
            text = self.says(r"\*?\d \S+ +").group(0).decode()
            match = re.search(r"\d (\S+) +([^\]]*)\]", text)
            found[match.group(1)] = match.group(2)
        self.shown = None  # the prompt is shown again behind the list: not to be taken for a new one
        return found

    def power_off(self):
        for name in self.names:
            self.show(name)
            self.console.send("poweroff")
        return self.console.wait_end()
