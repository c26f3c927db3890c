#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Firmware for a guest, from Debian's packages, and the file that its variables live in.

    firmware.py get CACHE_DIR efi|u-boot OUTPUT
    firmware.py variables FILE

`get` takes it out of its package, which fetch.py keeps in CACHE_DIR. `variables` makes a file as large
as a bank of QEMU's flash, all erased, unless there is one: what is in it is the user's. If a crash has torn
EDK2's variables in it, they are mended (efivars.py); FILE.kept is what they were when this was last called
and they were whole.
"""

import argparse
import contextlib
import os

import efivars
import extfs
import fetch
import packages
from common import Failure, replacing, run_main, write_file

# By name: the package, and the file in it.
FIRMWARE = {
    "efi": ("qemu-efi-aarch64", "usr/share/qemu-efi-aarch64/QEMU_EFI.fd"),
    "u-boot": ("u-boot-qemu", "usr/lib/u-boot/qemu_arm64/u-boot.bin"),
}
BANK_SIZE = 64 << 20  # of QEMU's virt machine; the file must have it
KEPT = ".kept"


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


def read_start(path):
    """What firmware looks at in a file; nothing if there is no file."""
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        return file.read(efivars.SIZE)
    return b""


def write_start(path, data):
    with open(path, "r+b") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def mend_variables(path):
    """Killed on the way, it finds the same the next time."""
    if extfs.is_in_use(path):
        return  # QEMU says so
    data, kept = read_start(path), read_start(path + KEPT)
    if len(kept) != efivars.SIZE or efivars.check(kept) != efivars.WHOLE:
        kept = None
    found = efivars.check(data, kept)
    told = f"  VARS     {path}: torn by a crash in the middle of a write; "
    if found == efivars.WHOLE and data != kept:
        write_file(path + KEPT, data)
    elif found == efivars.FROM_SPARE:
        write_start(path, efivars.from_spare(data))
        print(told + "taken from the spare block, which has them all")
    elif found == efivars.TORN and kept:
        write_start(path, kept)
        print(told + f"taken from {path}{KEPT}: what was written in the run of the crash is lost")
    elif found == efivars.TORN:
        print(told + "there is no copy, and the firmware begins anew")


def make_variables(path):
    if os.path.exists(path):
        if os.path.getsize(path) != BANK_SIZE:
            raise Failure(f"{path}: not {BANK_SIZE} bytes, which a bank of the machine's flash has")
        mend_variables(path)
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path + KEPT)
    with replacing(path) as temporary:
        with open(temporary, "r+b") as file:
            file.write(b"\xff" * efivars.SIZE)
            file.truncate(BANK_SIZE)


def main():
    parser = argparse.ArgumentParser(description="Firmware for a guest.")
    commands = parser.add_subparsers(dest="command", required=True)
    get = commands.add_parser("get", help="take firmware out of its package")
    get.add_argument("cache", metavar="CACHE_DIR")
    get.add_argument("name", choices=sorted(FIRMWARE))
    get.add_argument("output", metavar="OUTPUT")
    variables = commands.add_parser("variables", help="make a file for its variables, or mend it")
    variables.add_argument("file", metavar="FILE")
    arguments = parser.parse_args()
    if arguments.command == "get":
        write_file(arguments.output, read_firmware(arguments.cache, arguments.name))
    else:
        make_variables(arguments.file)


if __name__ == "__main__":
    run_main("guest/firmware.py", main)
