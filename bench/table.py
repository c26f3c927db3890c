# SPDX-License-Identifier: BSD-2-Clause
"""The table of a run: a row for each figure, a column for each peer, ratios to bare QEMU below."""

from figures import BARE, FIGURES, HEADINGS, PARTS

MET, MISSED = "+", "!"
LEGEND = f"{MET} aim met, {MISSED} aim missed, x: ratio to bare QEMU; above 1 is worse, for speeds, too"


def cell(figure, peer, values):
    """Value, ratio to bare QEMU where there is one, and a mark for the aim."""
    value, bare = values.get(peer), values.get(BARE)
    words = [figure.text(value)]
    ratio = figure.ratio(value, bare)
    if peer != BARE and ratio is not None:
        words.append(f"x{ratio:.3f}" if figure.part == "times" else f"x{ratio:.2f}")
    aim = figure.aim(peer, value, bare)
    words.append(" " if aim is None else MET if aim[1] else MISSED)
    return " ".join(words)


def aim_text(figure):
    texts = [f"<={figure.text(aim)}".replace(".0", "") for aim in figure.aims.values()]
    if figure.aim_ratio is not None:
        texts.append(f"x{figure.aim_ratio:.2f}")
    return ", ".join(dict.fromkeys(texts))


def rows_of(results):
    """Lists of words, or a heading as a text."""
    for part in PARTS:
        figures = [figure for figure in FIGURES if figure.part == part and figure.key in results.figures]
        if figures:
            yield HEADINGS[part]
        for figure in figures:
            values = results.figures[figure.key]
            title = f"  {figure.title}" + (f", {figure.unit}" if figure.unit else "")
            cells = [cell(figure, peer, values) for peer in results.peers]
            yield [title, aim_text(figure), *cells]


def render(results):
    """The table as text."""
    rows = list(rows_of(results))
    heading = ["", "aim", *(f"{peer}  " for peer in results.peers)]
    lists = [heading, *(row for row in rows if isinstance(row, list))]
    widths = [max(len(row[i]) for row in lists) for i in range(len(heading))]
    lines = []
    for row in [heading, *rows]:
        if isinstance(row, str):
            lines.append(row)
            continue
        words = [row[0].ljust(widths[0])]
        words += [word.rjust(width) for word, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(words).rstrip())
    lines.append(LEGEND)
    lines += [f"{peer}: {reason}" for peer, reason in results.missing.items()]
    return "\n".join(lines) + "\n"
