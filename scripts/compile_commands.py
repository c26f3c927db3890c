#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Write compile_commands.json from what make would run: make -Bn V=1 ... | compile_commands.py"""

import json
import os
import shlex
import sys

commands = []
for line in sys.stdin:
    if " -c " not in line or " -o " not in line:
        continue
    try:
        words = shlex.split(line)
    except ValueError:
        continue
    if "-c" in words and words[0].endswith("gcc"):
        source = words[words.index("-c") + 1]
        commands.append({"directory": os.getcwd(), "file": source, "arguments": words})

with open("compile_commands.json", "w", encoding="utf-8") as file:
    json.dump(commands, file, indent=1)
    file.write("\n")
print(f"compile_commands.json: {len(commands)} commands")
