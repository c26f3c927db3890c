#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Firmware for a guest, from Debian's packages, and the file that its variables live in.

    firmware.py get CACHE_DIR efi|u-boot OUTPUT
    firmware.py variables FILE

`get` takes it out of its package, which fetch.py keeps in CACHE_DIR. `variables` makes a file as large
as a bank of QEMU's flash, all erased, unless there is one: what is in it is the user's.
"""

import argparse
import os

import fetch
import packages
from common import Failure, replacing, run_main, write_file

# By name: the package, and the file in it.
FIRMWARE = {
    "efi": ("qemu-efi-aarch64", "usr/share/qemu-efi-aarch64/QEMU_EFI.fd"),
    "u-boot": ("u-boot-qemu", "usr/lib/u-boot/qemu_arm64/u-boot.bin"),
}
BANK_SIZE = 64 << 20  # of QEMU's virt machine; the file must have it
BLOCK_SIZE = 256 << 10
ERASED = 3 * BLOCK_SIZE  # what firmware looks at: EDK2's store has three blocks, U-Boot's one


def read_firmware(cache, name):
    """The firmware's bytes."""
    package, path = FIRMWARE[name]
    folder = os.path.join(os.path.abspath(cache), package)
    fetch.provide(folder, (package,))
    for entry in packages.read_manifest(folder):
        for inside, read in packages.members(os.path.join(folder, entry.file)):
            if inside == path:
                return read()
    raise Failure(f"{package}: there is no {path} in it")


def make_variables(path):
    if os.path.exists(path):
        if os.path.getsize(path) != BANK_SIZE:
            raise Failure(f"{path}: not {BANK_SIZE} bytes, which a bank of the machine's flash has")
        return
    with replacing(path) as temporary:
        with open(temporary, "r+b") as file:
            file.write(b"\xff" * ERASED)
            file.truncate(BANK_SIZE)


def main():
    parser = argparse.ArgumentParser(description="Firmware for a guest.")
    commands = parser.add_subparsers(dest="command", required=True)
    get = commands.add_parser("get", help="take firmware out of its package")
    get.add_argument("cache", metavar="CACHE_DIR")
    get.add_argument("name", choices=sorted(FIRMWARE))
    get.add_argument("output", metavar="OUTPUT")
    variables = commands.add_parser("variables", help="make a file for its variables")
    variables.add_argument("file", metavar="FILE")
    arguments = parser.parse_args()
    if arguments.command == "get":
        write_file(arguments.output, read_firmware(arguments.cache, arguments.name))
    else:
        make_variables(arguments.file)


if __name__ == "__main__":
    run_main("guest/firmware.py", main)
