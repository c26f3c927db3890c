# SPDX-License-Identifier: BSD-2-Clause
"""The plot of a run, as SVG: a group of bars for each figure, a bar for each peer.

Counts are on a logarithmic axis, since they span six powers of ten. What the guest sees is shown as
its ratio to bare QEMU. A dark line across a bar is the aim. Written by hand rather than with
a plotting package, which would be by far the largest thing that a build here needs.
"""

from dataclasses import dataclass
from math import ceil, log10
from xml.sax.saxutils import escape

from figures import BARE, COUNTS, FIGURES, HEADINGS, PARTS

# Okabe and Ito's colours, which those who see fewer of them can tell apart.
COLOURS = ["#8c8c8c", "#0072b2", "#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00"]
INK, FAINT = "#333333", "#d9d9d9"

WIDTH, MARGIN = 1000, 20
LABELS = 330  # of the width
RIGHT = 150  # for the values behind the bars
BAR, GAP = 12, 10
LINE = 26  # of text
RATIO_LIMIT = 3.0  # longer bars are cut, their value says how long they are


@dataclass
class Axis:
    """From a value to a place between the labels and the right margin."""

    low: float
    high: float
    logarithmic: bool

    def x(self, value):
        value = min(max(value, self.low), self.high)
        if self.logarithmic:
            share = log10(value / self.low) / log10(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return LABELS + share * (WIDTH - LABELS - RIGHT)

    def ticks(self):
        if self.logarithmic:
            return [10**i for i in range(round(log10(self.low)), round(log10(self.high)) + 1)]
        return [self.low + i / 2 for i in range(round((self.high - self.low) * 2) + 1)]


class Drawing:
    """SVG elements, from the top down."""

    def __init__(self):
        self.elements = []
        self.y = MARGIN

    def text(self, x, y, words, anchor="start", size=12, weight="normal", fill=INK):
        self.elements.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
            f'font-weight="{weight}" fill="{fill}">{escape(words)}</text>'
        )

    def bar(self, x, y, width, height, fill):
        self.elements.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'
        )

    def line(self, x, y, to, colour, width=1):
        self.elements.append(
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x:.1f}" y2="{to:.1f}" stroke="{colour}" '
            f'stroke-width="{width}"/>'
        )

    def render(self):
        height = self.y + MARGIN
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
            f'width="{WIDTH}" height="{height:.0f}" font-family="sans-serif">\n'
            f'<rect width="{WIDTH}" height="{height:.0f}" fill="white"/>\n'
            + "\n".join(self.elements)
            + "\n</svg>\n"
        )


def short(number):
    for limit, by, unit in ((1e3, 1, ""), (1e6, 1e3, "k"), (1e9, 1e6, "M")):
        if number < limit:
            return f"{number / by:.0f}{unit}"
    return f"{number / 1e9:.0f}G"


def bars_of(figure, results):
    """For each peer with something to show: peer, length, what is written behind the bar, aim."""
    values = results.figures[figure.key]
    for peer in results.peers:
        value = values.get(peer)
        aim = figure.aim(peer, value, values.get(BARE))
        if value is None or (peer == BARE and figure.part == COUNTS):
            continue
        if figure.part == COUNTS:
            yield peer, value, figure.text(value), aim
            continue
        ratio = figure.ratio(value, values.get(BARE))
        if ratio is not None:
            yield peer, ratio, f"x{ratio:.2f}, {figure.text(value)} {figure.unit}", aim


def draw_axis(drawing, axis, top, bottom):
    for tick in axis.ticks():
        drawing.line(axis.x(tick), top, bottom, FAINT)
        drawing.text(
            axis.x(tick), bottom + 14, short(tick) if axis.logarithmic else f"{tick:g}", "middle", 10
        )


def draw_group(drawing, axis, figure, results, colours):
    top = drawing.y
    bars = list(bars_of(figure, results))
    for peer, value, words, aim in bars:
        drawing.bar(LABELS, drawing.y, axis.x(value) - LABELS, BAR - 2, colours[peer])
        end = axis.x(value)
        if aim is not None:
            drawing.line(axis.x(aim[0]), drawing.y - 2, drawing.y + BAR, INK, 2)
            end = max(end, axis.x(aim[0]))
        drawing.text(end + 6, drawing.y + BAR - 3, words, size=10)
        drawing.y += BAR
    drawing.text(LABELS - 10, (top + drawing.y) / 2 + 3, figure.title, "end")
    drawing.y += GAP


def axis_for(part, lengths):
    if part == COUNTS:
        return Axis(1, 10 ** max(2, ceil(log10(max(lengths)))), True)
    return Axis(0, min(RATIO_LIMIT, max(1.5, ceil(max(lengths) * 2) / 2)), False)


def draw_part(drawing, part, results, colours):
    figures = [figure for figure in FIGURES if figure.part == part and figure.key in results.figures]
    figures = [figure for figure in figures if list(bars_of(figure, results))]
    lengths = [bar[1] for figure in figures for bar in bars_of(figure, results) if bar[1] > 0]
    if not lengths:
        return
    words = HEADINGS[part] + ("" if part == COUNTS else "; ratio to bare QEMU, more is worse")
    drawing.y += LINE
    drawing.text(MARGIN, drawing.y, words, size=14, weight="bold")
    drawing.y += GAP
    axis = axis_for(part, lengths)
    bars = sum(len(list(bars_of(figure, results))) for figure in figures)
    draw_axis(drawing, axis, drawing.y, drawing.y + bars * BAR + len(figures) * GAP)
    for figure in figures:
        draw_group(drawing, axis, figure, results, colours)
    drawing.y += LINE


def render(results):
    """The plot as text."""
    drawing = Drawing()
    colours = {peer: COLOURS[i % len(COLOURS)] for i, peer in enumerate(results.peers)}
    drawing.y += 8
    drawing.text(MARGIN, drawing.y, "One Linux guest on several hypervisors", size=18, weight="bold")
    drawing.y += 20
    versions = [results.versions.get(name, "") for name in ("sluice", "qemu")]
    drawing.text(MARGIN, drawing.y, " | ".join([results.date, *versions]), size=10)
    drawing.y += 12
    x = MARGIN
    for peer, colour in colours.items():
        drawing.bar(x, drawing.y, 12, 12, colour)
        drawing.text(x + 17, drawing.y + 10, peer)
        x += 40 + 7 * len(peer)
    drawing.line(x + 6, drawing.y - 1, drawing.y + 13, INK, 2)
    drawing.text(x + 14, drawing.y + 10, "aim")
    drawing.y += 12
    for part in PARTS:
        draw_part(drawing, part, results, colours)
    return drawing.render()
