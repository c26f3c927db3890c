# SPDX-License-Identifier: BSD-2-Clause
"""What one guest writes into any register another one does not see, on every core that QEMU has."""

import re
import subprocess

import pytest

from test_target import boot

def known_cores():
    text = subprocess.run(
        ["qemu-system-aarch64", "-machine", "virt", "-cpu", "help"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return text.split()


# cortex-a53 is test_target.py's. The second line is of QEMU after 7.2.
CORES = ["cortex-a35", "cortex-a57", "cortex-a72", "cortex-a76", "neoverse-n1", "max"]
CORES += ["cortex-a55", "cortex-a710", "neoverse-n2", "neoverse-v1"]


@pytest.mark.parametrize("core", [core for core in CORES if core in known_cores()])
def test_registers(core):
    console = boot("registers", "-cpu", core)
    assert not re.search(r"^FAIL|: FAIL", console, re.M), console
    assert re.search(r"^DONE 7 0$", console, re.M), console
