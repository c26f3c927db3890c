# SPDX-License-Identifier: BSD-2-Clause
"""docs/threads.md has the table of states that the unit test tries cell by cell."""

import subprocess

from conftest import BUILD, ROOT


def test_document_has_the_table():
    table = subprocess.run(
        [BUILD / "unit/kernel_states", "--table"], capture_output=True, text=True, check=True
    ).stdout
    assert table.count("\n") > 15
    assert table in (ROOT / "docs/threads.md").read_text()
