# SPDX-License-Identifier: BSD-2-Clause
"""The ext2 file system in a disk image, reached with debugfs: no mount, no privileges.

A Volume is one file system at an offset in a file. debugfs says what went wrong in words on its
standard error, and its exit status says nothing; so any such word is a failure here. disk.py is
the only caller.
"""

import collections
import fcntl
import json
import os
import re
import stat
import struct
import tempfile

from common import Failure, run_tool, tool_path

Entry = collections.namedtuple("Entry", "name mode size")

# Of a partition: in MBR, in GPT, and there of an arm64 root file system.
LINUX_TYPES = ("83", "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "B921B045-1DF0-41C3-AF44-4C6F280D3FAE")
SUPERBLOCK = 1024
MAGIC = b"\x53\xef"
MAGIC_OFFSET = SUPERBLOCK + 0x38
LISTED = re.compile(r"^/\d+/([0-7]+)/\d+/\d+/(.*)/(\d*)/$")
# What debugfs says when there is no room, in the image and around it.
IMAGE_FULL = ("Could not allocate", "No free space")
HOST_FULL = "No space left"
# QEMU locks single bytes of an image from here on (its docs/devel, "image locking").
QEMU_LOCK_START = 100
QEMU_LOCK_LENGTH = 200


def has_ext(image, offset):
    with open(image, "rb") as file:
        file.seek(offset + MAGIC_OFFSET)
        return file.read(2) == MAGIC


def partition_offset(image):
    """Where the image's first Linux partition begins, in bytes; 0 if the image is a bare one."""
    table = run_tool([tool_path("sfdisk", "fdisk"), "-J", image], capture_output=True)
    if table.returncode == 0:
        described = json.loads(table.stdout)["partitiontable"]
        sector = described.get("sectorsize", 512)
        for partition in described.get("partitions", []):
            if partition["type"].upper() in LINUX_TYPES:
                return partition["start"] * sector
    if has_ext(image, 0):
        return 0
    raise Failure(f"{image}: not a disk image with a Linux partition")


def open_volume(image):
    """The Volume in a disk image; refuses what is none."""
    if "?" in os.path.abspath(image):
        raise Failure(f"{image}: the file system tools cannot open a path with a question mark")
    if not os.path.isfile(image):
        raise Failure(f"{image}: {'not a file' if os.path.exists(image) else 'no such file'}")
    offset = partition_offset(image)
    if not has_ext(image, offset):
        raise Failure(f"{image}: its partition has no ext2, ext3 or ext4 file system")
    return Volume(image, offset)


def is_in_use(image):
    """Whether a running QEMU has the image open for writing."""
    flock = struct.Struct("hhqqi4x")
    request = flock.pack(fcntl.F_WRLCK, os.SEEK_SET, QEMU_LOCK_START, QEMU_LOCK_LENGTH, 0)
    with open(image, "rb+") as file:
        answer = fcntl.fcntl(file, fcntl.F_OFD_GETLK, request)
    return flock.unpack(answer)[0] != fcntl.F_UNLCK


def quoted(text):
    """An argument in a debugfs command."""
    if "\n" in text:
        raise Failure(f"{text!r}: a name with a line break in it is not supported")
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


class Volume:
    def __init__(self, image, offset):
        self.image = image
        self.offset = offset
        self.listings = {}

    def device(self):
        """The file system as e2fsprogs address it."""
        return f"{os.path.abspath(self.image)}?offset={self.offset}"

    def run(self, commands, write=False):
        """Run debugfs commands; returns what they print, or raises Failure with the first error."""
        with tempfile.NamedTemporaryFile("w", errors="surrogateescape") as script:
            script.write("\n".join(commands) + "\n")
            script.flush()
            mode = ["-w"] if write else []
            done = run_tool(
                [tool_path("debugfs", "e2fsprogs"), *mode, "-f", script.name, self.device()],
                capture_output=True,
            )
        errors = [line for line in done.stderr.splitlines() if line.strip()][1:]  # after its name
        if any(HOST_FULL in line for line in errors):
            raise Failure("no space left on the host's own disk")
        if any(words in line for words in IMAGE_FULL for line in errors):
            raise Failure("the files do not fit")
        if errors:
            raise Failure(errors[0].strip())
        return done.stdout

    def list(self, path):
        """What a directory holds, as a dictionary from name to Entry; None if there is none."""
        if path not in self.listings:
            try:
                shown = self.run([f"ls -p {quoted(path)}"])
            except Failure:
                self.listings[path] = None
                return None
            found = [LISTED.match(line) for line in shown.splitlines()]
            entries = [Entry(m[2], int(m[1], 8), int(m[3] or 0)) for m in found if m]
            self.listings[path] = {
                entry.name: entry for entry in entries if entry.name not in (".", "..")
            }
        return self.listings[path]

    def find(self, path):
        """The Entry of a path (absolute, normalised), or None."""
        if path == "/":
            return Entry("/", stat.S_IFDIR | 0o755, 0)
        folder, name = os.path.split(path)
        return (self.list(folder) or {}).get(name)

    def check(self):
        """What e2fsck finds wrong, without repairing it; empty if nothing is."""
        checked = run_tool(
            [tool_path("e2fsck", "e2fsprogs"), "-fn", self.device()], capture_output=True
        )
        return "" if checked.returncode == 0 else checked.stdout + checked.stderr
