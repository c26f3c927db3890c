#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Check that every `file:name` of docs/flows.md exists: the file, and the name as a function
defined in it (C), as a label (assembly), or as a rule or word (anything else)."""

import os
import re
import sys

STEP = re.compile(r"`([\w./-]+\.(?:c|S|h|ld|py|sh)):(\w+)`")


def defines(path, name):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".c"):
        # In this tree a function's name begins a definition in the first column's line, and its
        # body opens in the first column.
        pattern = rf"^[A-Za-z_][^;{{}}()]*\b{name}\([^;{{}}]*\)\s*\n\{{"
        return re.search(pattern, text, re.M) is not None
    if path.endswith(".S"):
        return re.search(rf"^{name}:", text, re.M) is not None
    return re.search(rf"\b{name}\b", text) is not None


def main():
    wrong = 0
    steps = 0
    with open("docs/flows.md", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            for path, name in STEP.findall(line):
                steps += 1
                if not os.path.exists(path):
                    print(f"docs/flows.md:{number}: there is no {path}")
                    wrong += 1
                elif not defines(path, name):
                    print(f"docs/flows.md:{number}: {path} does not define {name}")
                    wrong += 1
    if steps == 0:
        print("docs/flows.md: no steps found")
        wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
