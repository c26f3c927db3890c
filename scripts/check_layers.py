#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Check every #include "..." of the tree against layers.txt: check_layers.py FILE..."""

import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def read_layers(path):
    layers = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.split("#")[0].strip()
            if line:
                name, _, allowed = line.partition(":")
                layers[name] = allowed.split()
    return layers


def resolve(layers, name, seen=()):
    """Everything that layer `name` may include, "+" followed."""
    result = {name}
    for entry in layers.get(name, []):
        base = entry.rstrip("+")
        result.add(base)
        if entry.endswith("+") and base not in seen:
            result |= resolve(layers, base, (*seen, name))
    return result


def layer_of(layers, path):
    fitting = [name for name in layers if path == name or path.startswith(name + "/")]
    return max(fitting, key=len, default=None)


def main():
    layers = read_layers("layers.txt")
    allowed = {name: resolve(layers, name) for name in layers}
    wrong = 0
    for path in sys.argv[1:]:
        own = layer_of(layers, path)
        if own is None:
            print(f"{path}: no layer in layers.txt")
            wrong += 1
            continue
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                found = INCLUDE.match(line)
                if found is None:
                    continue
                target = found.group(1)
                if not any(target == name or target.startswith(name + "/") for name in allowed[own]):
                    print(f"{path}:{number}: {own} must not include {target}")
                    wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
