#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""What a word that is no variable of make's here was perhaps meant to be: misspelled.py WORD MAKEFILE..."""

import difflib
import re
import sys

VARIABLE = re.compile(r"^(?:##\s+(?=[A-Z_0-9]+=)|override )?([A-Z_0-9]+)\s*[?:]?=", re.M)
DESCRIBED = re.compile(r"^##\s+((?:[A-Z_0-9]+= ?)+)", re.M)


def main():
    word, known = sys.argv[1], set()
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        known |= set(VARIABLE.findall(text))
        for names in DESCRIBED.findall(text):
            known |= set(names.replace("=", " ").split())
    near = difflib.get_close_matches(word.upper(), sorted(known), 1, 0.6)
    print(f"did you mean {near[0]}=?" if near else "make help lists what there is")


main()
