#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Says which virtio-mmio devices of a machine no guest gets, and which elements would give them to one.

    unclaimed.py --system FILE --board-dtb DTB -- QEMU...

QEMU is asked which transport each device is on, without starting the machine. Notes only: exits 0.
"""

import argparse
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

PAGE = 0x1000
SPI = 32  # the first INTID of those that a device tree counts from 0
TRANSPORT = re.compile(r"^  dev: virtio-mmio, .*\n((?:    .*\n)+)", re.M)
EDGES = (1, 2)  # of the third cell of `interrupts`


def quiet(line):
    """The line of a machine that only answers questions, and needs no network that is not there yet."""
    words = [re.sub(r"^tap,id=(\w+),.*", r"user,id=\1", word) for word in line]
    for option, values in (("-nographic", 0), ("-serial", 1)):
        while option in words:
            at = words.index(option)
            del words[at : at + 1 + values]
    return [*words, "-S", "-display", "none", "-serial", "null", "-monitor", "stdio"]


def transports(line):
    """The transports that have a device: (address, bus, device)."""
    done = subprocess.run(quiet(line), input="info qtree\nquit\n", capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return []  # what is wrong with the line is said when it is run
    found = []
    for block in TRANSPORT.findall(done.stdout.replace("\r", "")):
        address = re.search(r"mmio ([0-9a-f]{16})/", block)
        device = re.search(r"bus: (virtio-mmio-bus\.\d+)\n +type \S+\n +dev: ([^,]+)", block)
        if address and device:
            found.append((int(address[1], 16), device[1], device[2]))
    return found


def interrupt(dtb, address):
    """INTID and trigger of a transport, as the board's tree says."""
    command = ["fdtget", "-t", "x", dtb, f"/virtio_mmio@{address:x}", "interrupts"]
    words = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    cells = [int(word, 16) for word in words]
    return (cells[1] + SPI, "edge" if cells[2] in EDGES else "level") if len(cells) == 3 else (None, None)


def elements(root, address, intid, trigger):
    """What gives the transport to a guest, as lines."""
    page = address & -PAGE
    names = {
        region.get("name")
        for region in root.iter("memory_region")
        if region.get("phys_addr") and int(region.get("phys_addr").replace("_", ""), 0) == page
    }
    mapped = [vm.get("name") for vm in root.iter("virtual_machine") if names & {m.get("mr") for m in vm.iter("map")}]
    lines = [f'for its VMM:   <irq irq="{intid}" id="..." trigger="{trigger}" />']
    if mapped:
        return lines + [f"guest '{mapped[0]}' has the page 0x{page:x} already, and so is the one that can have it"]
    name = next(iter(sorted(names)), "transports")
    if not names:
        lines = [f'<memory_region name="{name}" size="0x1000" phys_addr="0x{page:x}" />', *lines]
    return lines + [f'for the guest: <map mr="{name}" vaddr="0x{page:x}" perms="rw" cached="false" />']


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--system", required=True)
    parser.add_argument("--board-dtb", required=True)
    parser.add_argument("line", nargs="+")
    arguments = parser.parse_args()
    root = ElementTree.parse(arguments.system).getroot()
    declared = {int(irq.get("irq"), 0) for irq in root.iter("irq") if (irq.get("irq") or "").isdigit()}
    for address, bus, device in transports(arguments.line):
        intid, trigger = interrupt(arguments.board_dtb, address)
        if intid is not None and intid not in declared:
            sys.stderr.write(
                f"run: note: {device} is on {bus} (0x{address:x}, interrupt {intid}), which no guest has. To pass it:\n"
                + "".join(f"run:     {line}\n" for line in elements(root, address, intid, trigger))
            )


if __name__ == "__main__":
    main()
