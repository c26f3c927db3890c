#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Run bench/sdk on the given QEMU command, counting instructions, and print what things cost.

An operation is measured in rounds, from its mark to the next MARK_END (bench/sdk/bench.h); what
stands here is the round in the middle when they are sorted.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

from bench_counts import ERET, WFI, Counts, Names, Report, Symbols, plugin, profile

END = 0  # MARK_END
TIMEOUT = 600  # seconds; two are enough
FUNCTIONS = 12  # lines of a profile

# From the first `start` to the first `end` in a round that begins with `mark`.
Operation = namedtuple("Operation", "name mark start end sel4")
# The last column: executed instructions on seL4 16 with Microkit 2.3.0, release, where measured.
OPERATIONS = [
    Operation("call an active server and back, empty", 1, 1, END, 2490),
    Operation("call an active server and back, 4 words", 2, 2, END, None),
    Operation("call a passive server and back, empty", 3, 3, END, 726),
    Operation("call a passive server and back, 4 words", 4, 4, END, None),
    Operation("notify a higher priority, until it runs", 5, 5, END, None),
    Operation("notification there and back", 6, 6, END, 2240),
    Operation("interrupt of the idle core, until notified()", 7, WFI, END, None),
    Operation("fault of a child, until fault()", 8, ERET, END, None),
    Operation("its answer, until the child runs", 8, 8, ERET, None),
]
# The same with the other end on another core (bench/sdk/cores.system), and what it is to cost at most.
ACROSS = [
    (Operation("call a server on another core and back, empty", 1, 1, END, None), 1430),
    (Operation("call a server on another core and back, 4 words", 2, 2, END, None), 1470),
    (Operation("notification to another core and back", 6, 6, END, None), 1590),
]


class BenchError(Exception):
    """No result."""


def rounds(counts):
    """Lists of (mark, counts), each from a measurement's mark to MARK_END."""
    events = []
    for mark, values in counts.marks:
        if mark == END:
            if events:
                yield [*events, (END, values)]
            events = []
        elif events or mark not in (WFI, ERET):
            events.append((mark, values))


def measure(operation, counts):
    """Instructions of the middle round, by class. Rounds that something came between are left out."""
    results = []
    for events in rounds(counts):
        if events[0][0] != operation.mark:
            continue
        marks = [mark for mark, _ in events]
        if operation.start in marks and operation.end in marks:
            start = events[marks.index(operation.start)][1]
            end = events[marks.index(operation.end)][1]
            results.append([b - a for a, b in zip(start, end)])
    if not results:
        raise BenchError(f"no round of '{operation.name}'")
    return sorted(results, key=sum)[len(results) // 2]


def run(arguments, classes):
    """The counts of one run; their file is this run's alone: another may measure the same image meanwhile."""
    with tempfile.TemporaryDirectory(prefix="bench-sdk-") as folder:
        out = Path(folder) / "counts.txt"
        counted = plugin(arguments.plugin, out, classes, (WFI, ERET), arguments.profile)
        return finished(arguments.qemu + counted, out)


def finished(command, out):
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if done.returncode != 0:
        raise BenchError(f"the machine did not finish:\n{done.stdout}{done.stderr}")
    counts = Counts(out)
    if counts.total is None:
        raise BenchError(f"{out} ends early")
    return counts


def print_across(counts):
    """Fails where one costs more than its limit."""
    width = max(len(operation.name) for operation, _ in ACROSS)
    print(f"{'executed instructions':{width}}  {'Sluice':>7}  {'kernel':>7}  {'limit':>7}")
    above = []
    for operation, limit in ACROSS:
        result = measure(operation, counts)
        kernel = result[counts.index("kernel")]
        print(f"{operation.name:{width}}  {sum(result):>7}  {kernel:>7}  {limit:>7}")
        above += [operation.name] if sum(result) > limit else []
    if above:
        raise BenchError("above the limit: " + "; ".join(above))


def print_operations(counts):
    width = max(len(operation.name) for operation in OPERATIONS)
    print(f"{'executed instructions':{width}}  {'Sluice':>7}  {'kernel':>7}  {'seL4':>7}")
    for operation in OPERATIONS:
        result = measure(operation, counts)
        kernel = result[counts.index("kernel")]
        print(f"{operation.name:{width}}  {sum(result):>7}  {kernel:>7}  {operation.sel4 or '-':>7}")


def print_memory(report, nm, kernel):
    """All there is: nothing is allocated while the system runs."""
    symbols = subprocess.run([nm, "-S", kernel], capture_output=True, text=True, check=True).stdout
    sized = [line.split() for line in symbols.splitlines()]
    sizes = {words[3]: int(words[1], 16) for words in sized if len(words) == 4}
    starts = {name: address for address, name in Symbols(nm, kernel, "dDrRbBtTA").functions}
    data = starts["kernel_end"] - starts["kernel_data"]
    stacks = sizes["cpu_stacks"] + sizes["boot_stack"]
    rows = [
        ("kernel: text and constants", starts["kernel_data"] - starts["kernel_text"]),
        ("kernel: data, all cores' and programs' objects", data - stacks),
        ("kernel: stacks of all cores", stacks),
        ("image header and records", report.size("image header")),
        ("pool of page tables", report.size("page tables")),
        ("programs: text and data", report.size("program, stored") + report.size("program, zeroed")),
        ("programs: stacks", report.size("stack")),
        ("programs: IPC buffers", report.size("IPC buffer")),
        ("regions", sum(report.size(what) for what in report.kinds() if what.startswith("region"))),
    ]
    rows.append(("together", sum(size for _, size in rows)))
    width = max(len(what) for what, _ in rows)
    print(f"\n{'memory of this system, in bytes':{width}}")
    for what, size in rows:
        print(f"{what:{width}}  {size:>9}")


def print_profile(counts, names):
    by_mark = profile(counts, names)
    for mark in sorted({operation.mark for operation in OPERATIONS}):
        title = "; ".join(operation.name for operation in OPERATIONS if operation.mark == mark)
        count = sum(1 for number, _ in counts.marks if number == mark)
        print(f"\n{title}: instructions a round")
        functions = sorted(by_mark[mark].items(), key=lambda item: (-item[1], item[0]))
        for function, instructions in functions[:FUNCTIONS]:
            print(f"{instructions / count:9.1f}  {function}")
        rest = sum(instructions for _, instructions in functions[FUNCTIONS:])
        print(f"{rest / count:9.1f}  (others)")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugin", required=True, help="bench/plugin, built")
    parser.add_argument("--report", required=True, help="the image's report")
    parser.add_argument("--kernel", required=True, help="the kernel's ELF file")
    parser.add_argument("--nm", required=True)
    parser.add_argument("--cores", action="store_true", help="the system is bench/sdk/cores.system")
    parser.add_argument("--profile", action="store_true", help="functions, too")
    parser.add_argument("qemu", nargs="+")
    arguments = parser.parse_args()
    report = Report(arguments.report)
    try:
        counts = run(arguments, report.classes())
        if arguments.profile:
            print_profile(counts, Names(report, arguments.kernel, arguments.nm))
        (print_across if arguments.cores else print_operations)(counts)
    except (BenchError, OSError, subprocess.TimeoutExpired) as problem:
        print(f"bench-sdk: {problem}", file=sys.stderr)
        return 1
    if not arguments.cores:
        print_memory(report, arguments.nm, arguments.kernel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
