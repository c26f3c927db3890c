#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""`make fuzz-keep`: of what fuzzers found, the few inputs that reach lines which the seeds in the
tree do not become seeds: tests/fuzz/corpus/NAME/<hash>. The largest gain goes first."""

import argparse
import hashlib
from pathlib import Path

from fuzzers import parse


def reached(fuzzer, inputs):
    found = fuzzer.run(inputs)
    return {(file, line) for file, lines in found.items() for line, count in lines.items() if count}


def choose(fuzzer, inputs):
    """Inputs that together reach what all of them do and the seeds do not."""
    have = reached(fuzzer, fuzzer.seeds)
    gains = {path: reached(fuzzer, [path]) - have for path in inputs}
    chosen = []
    while gains:
        best = max(gains, key=lambda path: (len(gains[path]), -path.stat().st_size))
        new = gains.pop(best)
        if not new:
            break
        chosen.append(best)
        gains = {path: lines - new for path, lines in gains.items() if lines - new}
    return chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--found", required=True, type=Path, help="has NAME-corpus")
    parser.add_argument("fuzzers", nargs="+", type=parse)
    arguments = parser.parse_args()
    for fuzzer in arguments.fuzzers:
        folder = arguments.found / f"{fuzzer.name}-corpus"
        inputs = sorted(folder.iterdir(), key=lambda path: path.stat().st_size)
        chosen = choose(fuzzer, inputs)
        fuzzer.kept.mkdir(parents=True, exist_ok=True)
        for path in chosen:
            bytes_ = path.read_bytes()
            (fuzzer.kept / hashlib.sha256(bytes_).hexdigest()[:12]).write_bytes(bytes_)
        print(f"{fuzzer.name}: {len(chosen)} of {len(inputs)} kept")


if __name__ == "__main__":
    main()
