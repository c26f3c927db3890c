#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""`make fuzz-coverage`: what each fuzzer's seeds reach, held against the table of docs/fuzzing.md.

The table has a row for each file that a fuzzer is there for: `| fuzzer | file | least % | why not
all |`. A file without a row, a row without a file, less than the least: each is a failure.
"""

import re
import sys

from fuzzers import ROOT, gcov_lines, parse

TABLE = ROOT / "docs/fuzzing.md"
ROW = re.compile(r"^\| (\w+) \| (\S+\.[ch]) \| (\d+) \|", re.M)


def least():
    return {(name, file): int(number) for name, file, number in ROW.findall(TABLE.read_text())}


def main():
    fuzzers = [parse(text) for text in sys.argv[1:]]
    wanted = least()
    problems = []
    for fuzzer in fuzzers:
        for file, lines in fuzzer.run(fuzzer.seeds).items():
            reached = gcov_lines.percent(lines)
            missed = gcov_lines.ranges(line for line, count in lines.items() if count == 0)
            print(f"{fuzzer.name:<14}{file:<40}{reached:5.1f} %  {missed}")
            if (fuzzer.name, file) not in wanted:
                problems.append(f"{fuzzer.name}, {file}: no row in {TABLE.relative_to(ROOT)}")
            elif reached < wanted.pop((fuzzer.name, file)):
                problems.append(f"{fuzzer.name}, {file}: {reached:.1f} % is less than the table says")
    names = {fuzzer.name for fuzzer in fuzzers}
    problems += [f"{name}, {file}: a row of nothing" for name, file in wanted if name in names]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
