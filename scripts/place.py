#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Writes a description anew with some of its programs on other cores: cpu attributes, no more.

Usage: place.py SYSTEM.system NAME=CORE...    to standard output

NAME is a protection domain, or a virtual machine: then it is the one around it. vCPUs without a
cpu attribute of their own follow. VM.ID is a virtual machine's vCPU. Rows stay where they are, so
messages about the result fit.
"""

import re
import sys
import xml.parsers.expat


def fail(message):
    sys.stderr.write(f"place: {message}\n")
    sys.exit(1)


def find_programs(data):
    """Name to where the protection domain's start tag begins; virtual machines' names, too, and where
    each of their vCPUs' does."""
    parser = xml.parsers.expat.ParserCreate()
    found = {}
    around = []
    machine = [""]

    def start(tag, attributes):
        if tag == "virtual_machine":
            machine[0] = attributes.get("name", "")
        if tag == "vcpu":
            found[f"{machine[0]}.{attributes.get('id')}"] = parser.CurrentByteIndex
        if tag == "protection_domain":
            around.append(parser.CurrentByteIndex)
        if tag in ("protection_domain", "virtual_machine") and around:
            found[attributes.get("name", "")] = around[-1]

    def end(tag):
        if tag == "protection_domain":
            around.pop()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)
    return found


def put(data, at, core):
    """The start tag at `at`, with this cpu attribute in place of its own."""
    match = re.compile(rb"<(\w+)(?:[^>\"']|\"[^\"]*\"|'[^']*')*>").match(data, at)
    tag = re.sub(rb"\scpu\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", match.group(0))
    tag = tag.replace(match.group(1), match.group(1) + b' cpu="%d"' % core, 1)
    return data[:at] + tag + data[match.end() :]


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    try:
        found = find_programs(data)
    except xml.parsers.expat.ExpatError:
        found = None  # the tools say it better
    cores = {}
    for word in sys.argv[2:] if found is not None else []:
        match = re.fullmatch(r"([^=]+)=(\d+)", word)
        if match is None:
            fail(f"CPUS: '{word}' is not NAME=CORE")
        if match.group(1) not in found:
            fail(f"CPUS: {sys.argv[1]} has no program, guest or vCPU '{match.group(1)}'")
        cores[found[match.group(1)]] = int(match.group(2))
    for at in sorted(cores, reverse=True):
        data = put(data, at, cores[at])
    sys.stdout.buffer.write(data)


main()
