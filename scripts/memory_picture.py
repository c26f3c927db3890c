#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Draws physical memory beside what each guest sees of it, from a report: memory_picture.py REPORT.json > SVG

A row for each piece, in the order of addresses and not to scale; a line from each piece that a guest has to
where it sees it. docs/pictures.md shows one.
"""

import json
import sys
from xml.sax.saxutils import escape

ROW, WIDTH, GAP, TOP = 22, 300, 130, 40
COLOURS = {"kernel": "#d9d9d9", "protection_domain": "#cfe3f7", "device": "#f7dcc4", "region": "#d8edd0"}


def kind_of(piece):
    if piece["kind"] != "memory_region":
        return piece["kind"]
    return "device" if piece["what"] == "device" else "region"


def size_text(size):
    for unit, bits in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size >= 1 << bits:
            return f"{size / (1 << bits):.4g} {unit}"
    return f"{size} B"


def physical(report):
    """Pieces of memory: (address, size, name, kind); neighbours of the same owner are one."""
    pieces = []
    for one in sorted(report["memory"], key=lambda one: one["address"]):
        name, kind = one["of"], kind_of(one)
        last = pieces[-1] if pieces else None
        if last and last[2] == name and last[3] == kind:
            pieces[-1] = (last[0], one["address"] + one["size"] - last[0], name, kind)
        else:
            pieces.append((one["address"], one["size"], name, kind))
    return pieces


def guests(report):
    """Name to what the guest sees: (its address, size, region)."""
    found = {}
    for pd in report["protection_domains"]:
        vm = pd.get("virtual_machine")
        if vm:
            maps = [(one["vaddr"], one["size"], one["memory_region"]) for one in vm["maps"]]
            found[vm["name"]] = sorted(maps)
    return found


class Picture:
    def __init__(self):
        self.parts = []
        self.rows = 0

    def text(self, x, y, text, anchor="start", weight="normal"):
        self.parts.append(f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>')

    def column(self, number, title, pieces):
        """Draws a column; returns where the middle of each piece is, by name."""
        x, middles = 20 + number * (WIDTH + GAP), {}
        self.text(x, TOP - 14, title, weight="bold")
        for row, (address, size, name, kind) in enumerate(pieces):
            y = TOP + row * ROW
            self.parts.append(
                f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{ROW}" fill="{COLOURS[kind]}" stroke="#555"/>'
            )
            self.text(x + 6, y + 15, f"{address:#x}")
            self.text(x + 100, y + 15, name)
            self.text(x + WIDTH - 6, y + 15, size_text(size), anchor="end")
            middles[name] = (x, y + ROW // 2)
        self.rows = max(self.rows, len(pieces))
        return middles

    def line(self, start, end):
        self.parts.append(
            f'<path d="M{start[0]} {start[1]} C{start[0] + GAP / 2} {start[1]} {end[0] - GAP / 2} {end[1]} '
            f'{end[0]} {end[1]}" fill="none" stroke="#888"/>'
        )

    def svg(self, columns):
        width, height = 40 + columns * WIDTH + (columns - 1) * GAP, TOP + self.rows * ROW + 20
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif"'
        return "\n".join([f'{head} font-size="12">', '<rect width="100%" height="100%" fill="white"/>', *self.parts, "</svg>\n"])


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    picture, pieces = Picture(), physical(report)
    kinds = {name: kind for _, _, name, kind in pieces if kind in ("device", "region")}
    views = list(guests(report).items())
    # Guests to both sides of the memory, so that lines do not cross a column.
    order = [*views[: len(views) // 2], (None, None), *views[len(views) // 2 :]]
    middle = order.index((None, None))
    memory = picture.column(middle, "physical memory", pieces)
    for number, (name, maps) in enumerate(order):
        if name is None:
            continue
        seen = picture.column(number, f"guest {name}", [(a, s, region, kinds.get(region, "region")) for a, s, region in maps])
        for region, (x, y) in seen.items():
            if region in memory and number < middle:
                picture.line((x + WIDTH, y), memory[region])
            elif region in memory:
                picture.line((memory[region][0] + WIDTH, memory[region][1]), (x, y))
    sys.stdout.write(picture.svg(len(order)))


if __name__ == "__main__":
    main()
