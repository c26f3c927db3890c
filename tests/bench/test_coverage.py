# SPDX-License-Identifier: BSD-2-Clause
"""What `make coverage` makes of counts: tables in a document, and reasons that stay in it."""

import kernel_coverage as tool

SOURCE = """\
/* function_in_a_comment() */
#include "other.h"

static int helper(int value)
{
    if (value > 0) {
        return call(value);
    }
    return 0;
}

void entry(struct cpu *cpu,
           int value)
{
    helper(value);
}
"""


def write(tmp_path, text=SOURCE):
    path = tmp_path / "source.c"
    path.write_text(text)
    return str(path)


def test_functions_are_found(tmp_path):
    assert tool.function_starts(write(tmp_path)) == [(4, "helper"), (12, "entry")]


def test_labels_are_the_functions_of_assembly(tmp_path):
    path = tmp_path / "source.S"
    path.write_text("    nop\nfirst:\n    ret\n1:  b 1b\nsecond:\n    ret\n")
    assert tool.function_starts(str(path)) == [(2, "first"), (5, "second")]


class Kernel:
    """Two instructions: one was executed, in a function that is inlined into another."""

    def __init__(self, file):
        # The last is where a function ends, which does not count.
        self.frames = {0x1000: [("helper", file, 6), ("entry", file, 15)], 0x1004: [("helper", file, 9)], 0x1008: [("helper", file, 10)]}


def test_either_is_enough(tmp_path):
    file = write(tmp_path)
    coverage = tool.Coverage([file])
    coverage.add_host({file: {4: 1, 6: 0, 7: 0, 9: 1, 10: 1, 12: 0, 15: 0, 16: 0}})
    coverage.add_target(Kernel(file), {0x1000})
    assert coverage.reached(file) == {6, 9, 15}
    assert coverage.missed() == {f"{file}: helper": [7]}


def test_lines_of_files_that_the_host_has_not(tmp_path):
    file = write(tmp_path)
    coverage = tool.Coverage([file])
    coverage.add_target(Kernel(file), {0x1000})
    assert coverage.lines[file] == {6, 9, 15}
    assert coverage.missed() == {f"{file}: helper": [9]}


def test_reasons_stay(tmp_path):
    file = write(tmp_path)
    document = tmp_path / "coverage.md"
    document.write_text(f"head\n{tool.MARK}\n\n| `{file}: helper` | 9 | for no reason |\n")
    coverage = tool.Coverage([file])
    coverage.add_host({file: {6: 0, 15: 0}})
    assert tool.write(document, coverage) == [f"{file}: entry: 15"]
    text = document.read_text()
    assert text.startswith(f"head\n{tool.MARK}\n")
    assert f"| `{file}: helper` | 1 | for no reason |" in text
    assert f"| `{file}: entry` | 1 |  |" in text
