# SPDX-License-Identifier: BSD-2-Clause
"""The package cache: its list of packages, and the files inside them.

fetch.py fills the cache and writes the list; image.py reads from it. A module, not a program.
"""

import collections
import contextlib
import hashlib
import os
import subprocess
import tarfile

from common import Failure, tool_path

Entry = collections.namedtuple("Entry", "name version sha256 file")


def manifest_path(cache):
    return os.path.join(cache, "packages.list")


def format_manifest(entries):
    return "".join(" ".join(entry) + "\n" for entry in entries).encode()


def read_manifest(cache):
    """The cache's entries; none where there is no list, or none that can be read."""
    try:
        with open(manifest_path(cache), encoding="utf-8") as file:
            lines = [line.split() for line in file]
    except FileNotFoundError:
        return []
    if not all(len(line) == len(Entry._fields) for line in lines):
        return []
    return [Entry(*line) for line in lines]


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def is_complete(cache, wanted):
    """Whether the cache has a list, the list has `wanted`, and every file of it is whole."""
    entries = read_manifest(cache)
    if not entries or not set(wanted) <= {entry.name for entry in entries}:
        return False
    with contextlib.suppress(FileNotFoundError):
        return all(sha256(os.path.join(cache, entry.file)) == entry.sha256 for entry in entries)
    return False


def is_package(path):
    """Whether a file is a .deb, by what it begins with (deb(5))."""
    with open(path, "rb") as file:
        return file.read(21) == b"!<arch>\ndebian-binary"


def members(package_file):
    """Each regular file of a .deb, as its path and a function that returns its contents.

    The function works until the next file is asked for: a package is read as a stream.
    """
    command = [tool_path("dpkg-deb", "dpkg"), "--fsys-tarfile", package_file]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        try:
            with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                for member in archive:
                    if member.isfile():
                        yield member.name.removeprefix("./"), archive.extractfile(member).read
            process.stdout.read()  # the archive's padding: let dpkg-deb end by itself
        except tarfile.TarError as error:
            raise Failure(f"{package_file}: not a Debian package ({error})") from None
    if process.returncode != 0:
        raise Failure(f"{package_file}: dpkg-deb cannot read it")
