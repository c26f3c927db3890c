# SPDX-License-Identifier: BSD-2-Clause
"""Xen from Debian's package, fetched as the guest's are (guest/fetch.py) and kept beside them."""

import os
import re
import sys
import tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../guest"))

import fetch  # noqa: E402
import packages  # noqa: E402
from common import Failure, write_file  # noqa: E402
from kernel import decode_kernel  # noqa: E402

# Each release of Debian has another version.
PACKAGE = re.compile(r"^xen-hypervisor-(\d+(?:\.\d+)*)-arm64$", re.M)
PATH = re.compile(r"boot/xen-[\d.]+-arm64(\.gz)?")


def choose(names):
    """The package with the highest version among the lines `names`, or None."""
    found = [(tuple(map(int, match[1].split("."))), match[0]) for match in PACKAGE.finditer(names)]
    return max(found)[1] if found else None


def fetch_into(cache):
    with tempfile.TemporaryDirectory(prefix="fetch.", suffix=".tmp", dir=cache) as work:
        apt = fetch.PrivateApt(os.path.join(work, "apt"))
        updated = apt.update()
        names = apt.run("apt-cache", "pkgnames", "xen-hypervisor-", capture_output=True).stdout
        name = choose(names)
        fields = apt.show(name) if name else None
        if fields is None:
            raise Failure(
                "the machine's apt sources have no xen-hypervisor package for arm64"
                if updated
                else "apt-get could not read the archive's index"
            )
        entry = fetch.fetch_package(apt, fields, cache, work)
    write_file(packages.manifest_path(cache), packages.format_manifest([entry]))


def cached(cache):
    entries = packages.read_manifest(cache)
    return entries[0] if entries and packages.is_complete(cache, [entries[0].name]) else None


def provide(cache, path):
    """Makes Xen's image at `path`; returns the package's name and version. Raises Failure."""
    os.makedirs(cache, exist_ok=True)
    with fetch.locked(cache):
        if cached(cache) is None:
            fetch_into(cache)
        entry = cached(cache)
    file = os.path.join(cache, entry.file)
    for name, read in packages.members(file):
        if PATH.fullmatch(name):
            write_file(str(path), decode_kernel(read(), name))
            return f"{entry.name} {entry.version}"
    raise Failure(f"{file}: no Xen in there")
