#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Prints what guests' devices reach by DMA, and where in the machine's memory that is.

    dma_map.py DMA.TXT [REPORT.JSON]

DMA.TXT is vmconf's (tool/vmconf/dma_map.h), REPORT.JSON the image tool's, which knows where regions are.
"""

import json
import sys

DIGITS = 12  # of an address, "0x" among them


def span(start, size):
    return f"{start:#0{DIGITS}x}..{start + size:#0{DIGITS}x}"


def what(kind, size, region, places):
    if kind == "doorbell":
        return "the doorbell of its vectors"
    place = f", which is at {span(places[region], size)}" if region in places else ""
    return f"RAM, region {region}{place}"


def lines(text, places):
    """The map as lines; each device once, before what it reaches."""
    before = None
    for line in text.splitlines():
        guest, device, smmu, *rest = line.split("\t")
        if smmu == "-":
            yield f"{guest}: {device} reaches all of the machine's memory: no SMMU confines it"
            continue
        stream, kind, start, size, region = rest
        if before != (guest, device):
            yield f"{guest}: {device}, StreamID {stream} of {smmu}, reaches"
        before = guest, device
        yield f"    {span(int(start, 0), int(size, 0))}  {what(kind, int(size, 0), region, places)}"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    places = {}
    if len(sys.argv) == 3:
        with open(sys.argv[2], encoding="utf-8") as file:
            places = {region["name"]: region["address"] for region in json.load(file)["memory_regions"]}
    with open(sys.argv[1], encoding="utf-8") as file:
        found = list(lines(file.read(), places))
    print("\n".join(found) if found else "no guest has a device that masters DMA")


if __name__ == "__main__":
    main()
