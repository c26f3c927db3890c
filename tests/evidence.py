# SPDX-License-Identifier: BSD-2-Clause
"""What is kept of a test that failed: one folder, $(BUILD_DIR)/failures/TEST, whose path is printed.

Machines write there while they run: console-N.log, and qemu-N.sh, which starts the same machine again.
Behind a failure come report.txt with what pytest says, and run-N.txt for each command that the test ran.
The folder of a test that passed is removed.
"""

import re
import shlex
import shutil


class Evidence:
    """Of one test."""

    def __init__(self, build, test):
        self.folder = build / "failures" / re.sub(r"[^\w.-]+", "-", test.removeprefix("tests/"))[:120].strip("-")
        self.failed = False
        self.runs = []  # commands and what they printed
        self.machines = 0

    def path(self, name):
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / name

    def machine(self, command, cwd):
        """For a machine that is to be started: the file for what its console shows."""
        number, self.machines = self.machines, self.machines + 1
        script = self.path(f"qemu-{number}.sh")
        script.write_text(f"#!/bin/sh\ncd {shlex.quote(str(cwd))} && exec {shlex.join(map(str, command))}\n")
        script.chmod(0o755)
        return self.path(f"console-{number}.log")

    def ran(self, command, output):
        self.runs.append(f"$ {shlex.join(map(str, command))}\n{output}")

    def keep(self, file):
        """A file that the failure is about."""
        if file.exists():
            shutil.copy(file, self.path(file.name))

    def fail(self, report):
        """The test has failed: writes all that is known."""
        self.failed = True
        with open(self.path("report.txt"), "a", encoding="utf-8", errors="replace") as file:
            file.write(f"{report.nodeid}, {report.when}\n\n{report.longreprtext}\n")
            for title, text in report.sections:
                file.write(f"\n--- {title}\n{text}\n")
        for number, text in enumerate(self.runs):
            self.path(f"run-{number}.txt").write_text(text, errors="replace")
        report.sections.append(("What is left of it", str(self.folder)))

    def close(self):
        if not self.failed:
            shutil.rmtree(self.folder, ignore_errors=True)
