# SPDX-License-Identifier: BSD-2-Clause
"""Executed instructions by owner: the kernel, each program, each guest (bench/plugin/count.c)."""

from bench_counts import Report


def classes(guests, image):
    """The plugin's arguments for an image; guests are named in their order there."""
    report = Report(image.report)
    for start, end, owner, what in report.memory:
        if (owner, what) == ("(kernel)", "text and data"):
            yield f"class=kernel:p{start:#x}+{end - start:#x}"
        elif what.startswith("program, "):
            yield f"class={owner}:p{start:#x}+{end - start:#x}"
    for name, ram in zip(guests, report.guests):
        # The plugin has room for some ranges; of small pieces of RAM nothing is executed.
        yield from (f"class={name}:p{physical:#x}+{size:#x}" for _, size, physical in ram if size >= 0x100000)


def spans(counts, begin, end):
    """By owner, what was executed from each mark `begin` to the next `end`."""
    start, found = None, []
    for number, values in counts.marks:
        if number == begin:
            start = values
        elif number == end and start is not None:
            found.append({name: b - a for name, a, b in zip(counts.classes, start, values)})
            start = None
    return found


def share(span, name):
    """Of all instructions of a span."""
    return span[name] / sum(span.values())
