# SPDX-License-Identifier: BSD-2-Clause
# README: VMMs written for Microkit elsewhere (libvmm)
"""Linux under a VMM that knows no system register, as the ecosystem's own VMM library: none of them may
be its affair (contract: they do not trap on seL4)."""

import pytest


@pytest.mark.takes(10)
@pytest.mark.parametrize("extensions", ["no", "yes"])
def test_linux_without_a_table_of_registers(machine, extensions):
    guest = machine("tests/system/libvmm", "debug", f"EXTENSIONS={extensions}")
    assert "unhandled" not in guest.prompt()
    assert "aarch64" in guest.run("uname -m")
