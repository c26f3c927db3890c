#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Sizes: files of at most 400 lines in kernel/ and 600 elsewhere; of the C functions of each top
folder 90 % within 40 lines. check_sizes.py FILE..."""

import re
import sys
from collections import defaultdict

KERNEL_FILE, OTHER_FILE, FUNCTION, SHARE = 400, 600, 40, 0.9
# With the style of this tree, a function's body begins and ends in the first column.
START, END = re.compile(r"^\{"), re.compile(r"^\}")


def function_lengths(lines):
    start = None
    for number, line in enumerate(lines):
        if START.match(line):
            start = number
        elif END.match(line) and start is not None:
            yield start, number - start + 2
            start = None


def main():
    wrong = 0
    lengths = defaultdict(list)
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            lines = file.readlines()
        limit = KERNEL_FILE if path.startswith("kernel/") else OTHER_FILE
        if len(lines) > limit:
            print(f"{path}: {len(lines)} lines, more than {limit}")
            wrong += 1
        if path.endswith(".c"):
            lengths[path.split("/")[0]] += [
                (length, path, start) for start, length in function_lengths(lines)
            ]
    for folder, functions in sorted(lengths.items()):
        long = sorted(entry for entry in functions if entry[0] > FUNCTION)
        if len(long) > (1 - SHARE) * len(functions):
            print(f"{folder}: {len(long)} of {len(functions)} functions are over {FUNCTION} lines")
            for length, path, start in long:
                print(f"    {path}:{start}: {length}")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
