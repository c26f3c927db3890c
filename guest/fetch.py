#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Fetch the guest's Debian packages (architecture arm64) into a cache directory.

    fetch.py CACHE_DIR [--refresh] [--package NAME [--suite SUITE]]

The machine's own apt configuration, sources and keys are read, never written: apt works in a
private state directory below CACHE_DIR, with a filtered copy of the sources (sources.py), so that
neither privileges nor `dpkg --add-architecture` are needed. apt checks every file against the
archive's signed index.

Owns CACHE_DIR/*.deb and CACHE_DIR/packages.list, a line a package: name, version, SHA-256, file.
The list is written last: where it exists and its files are whole there is nothing to do, and no
network is needed. Called by guest/files.mk; image.py reads the result. A further package, with the
kernel packages that it names, has a folder of its own in CACHE_DIR: NAME, or NAME_SUITE where it is
to come from another suite of Debian's than the machine has (bookworm-backports). rootdisk.py calls
provide() for GRUB.
"""

import argparse
import contextlib
import fcntl
import glob
import os
import re
import shutil
import tempfile

import packages
import sources
from common import Failure, run_main, run_tool, tool_path, write_file

WANTED = ("busybox-static", "linux-image-arm64")
# The kernel's meta package names the real one; later releases spread that over several.
FOLLOWED = re.compile(r"linux-(image|modules|binary)-\d[^\s(),|:]*")

APT_CONFIGURATION = """
// The machine's own configuration has been read before this file; undo what is not about archives.
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear APT::Periodic;
#clear Acquire::IndexTargets::deb;
APT::Architecture "arm64";
APT::Architectures {{ "arm64"; }};
// The superuser's downloads would otherwise need directories that the user _apt may write.
APT::Sandbox::User "root";
// A source out of reach is to show in the exit status.
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "0";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Acquire::IndexTargets::deb::Packages {{
    MetaKey "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages";
    flatMetaKey "Packages";
    ShortDescription "Packages";
    Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages";
    Optional "false";
}};
Dir::State "{root}/state";
Dir::State::status "{root}/status";
Dir::Cache "{root}/cache";
Dir::Log "{root}/log";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{root}/sources";
"""


class PrivateApt:
    """apt with its state below `root` and with arm64 as its only architecture."""

    def __init__(self, root, suite=None):
        self.root = os.path.abspath(root)
        if '"' in self.root:
            raise Failure(f"{self.root}: apt cannot work in a directory with a quote in its name")
        for folder in ("state/lists/partial", "cache/archives/partial", "log", "sources"):
            os.makedirs(os.path.join(self.root, folder))
        self.write("status", "")
        # Of a suite that apt takes packages from only if told so (backports) the newest is wanted.
        release = f'APT::Default-Release "{suite}";\n' if suite else ""
        self.write("apt.conf", APT_CONFIGURATION.format(root=self.root) + release)
        entries = sources.debian_entries(tool_path("apt-config", "apt"))
        if suite:
            entries = sources.with_suite(entries, suite)
        self.write("sources/debian.sources", sources.source_file(entries))

    def write(self, name, text):
        with open(os.path.join(self.root, name), "w", encoding="utf-8") as file:
            file.write(text)

    def run(self, program, *arguments, **options):
        command = [tool_path(program, "apt"), "-c", os.path.join(self.root, "apt.conf")]
        return run_tool(command + list(arguments), **options)

    def update(self):
        # A source that cannot be reached is no reason to stop as long as another has the packages.
        return self.run("apt-get", "update").returncode == 0

    def show(self, package):
        """The fields of a package's candidate version, or None."""
        shown = self.run(
            "apt-cache", "show", "--no-all-versions", package, capture_output=True
        ).stdout
        stanza = shown.split("\n\n", 1)[0]
        fields = dict(re.findall(r"^(\S+): (.*)$", stanza, re.MULTILINE))
        return fields if {"Package", "Version", "SHA256"} <= fields.keys() else None

    def download(self, fields, folder):
        """Download one package into the new directory `folder`; returns the file's path."""
        os.makedirs(folder)
        name = f"{fields['Package']}={fields['Version']}"
        status = self.run("apt-get", "download", name, cwd=folder).returncode
        files = glob.glob(os.path.join(glob.escape(folder), "*.deb"))
        if status != 0 or len(files) != 1:
            raise Failure(f"apt-get could not download {name}; its own message is above")
        return files[0]


def has_files(name):
    """Whether a package has files that matter: linux-image-arm64 and the like only name others."""
    return not name.startswith("linux-image-") or bool(FOLLOWED.fullmatch(name))


def resolve(apt, wanted, updated):
    """The packages to fetch, as their fields in the archive's index, dependencies included."""
    found = {}
    queue = list(wanted)
    while queue:
        package = queue.pop(0)
        if package in found:
            continue
        fields = apt.show(package)
        if fields is None and not updated:
            raise Failure("apt-get could not read the archive's index; its own message is above")
        if fields is None:
            raise Failure(f"the machine's apt sources have no package {package} for arm64")
        found[package] = fields
        depends = f"{fields.get('Depends', '')}, {fields.get('Pre-Depends', '')}"
        queue += [match.group(0) for match in FOLLOWED.finditer(depends)]
    return [fields for name, fields in found.items() if has_files(name)]


def fetch_package(apt, fields, cache, work):
    """Fetch one package into the directory `work`, then move it to the cache; returns its entry."""
    size = int(fields.get("Size", 0))
    print(f"Fetching {fields['Package']} ({size / 1e6:.1f} MB)", flush=True)
    file = apt.download(fields, os.path.join(work, fields["Package"]))
    entry = packages.Entry(
        fields["Package"], fields["Version"], fields["SHA256"], os.path.basename(file)
    )
    if packages.sha256(file) != entry.sha256:
        raise Failure(f"{entry.file}: differs from what the archive's index says; disk full?")
    os.rename(file, os.path.join(cache, entry.file))
    return entry


def fetch(cache, work, wanted, suite):
    """Fetch everything through the directory `work`, and list it."""
    apt = PrivateApt(os.path.join(work, "apt"), suite)
    print("Reading Debian's package index (architecture arm64)", flush=True)
    updated = apt.update()
    entries = [fetch_package(apt, fields, cache, work) for fields in resolve(apt, wanted, updated)]
    write_file(packages.manifest_path(cache), packages.format_manifest(entries))
    for stale in set(glob.glob(os.path.join(glob.escape(cache), "*.deb"))) - {
        os.path.join(cache, entry.file) for entry in entries
    }:
        os.unlink(stale)


@contextlib.contextmanager
def locked(cache):
    """Hold the cache's lock: two builds may share a cache."""
    with open(os.path.join(cache, ".lock"), "w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Waiting for another fetch into {cache}", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def provide(cache, wanted, refresh=False, suite=None):
    """Have these packages in the directory `cache`, which holds nothing else."""
    os.makedirs(cache, exist_ok=True)
    with locked(cache):
        if not refresh and packages.is_complete(cache, filter(has_files, wanted)):
            return
        # Left over by a run that was killed: the lock says that nobody is using them.
        for stale in glob.glob(os.path.join(glob.escape(cache), "fetch.*.tmp")):
            shutil.rmtree(stale, ignore_errors=True)
        work = tempfile.mkdtemp(prefix="fetch.", suffix=".tmp", dir=cache)
        try:
            fetch(cache, work, wanted, suite)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def package_name(text):
    if not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", text):
        raise argparse.ArgumentTypeError(f"{text}: not a name of Debian's")
    return text


def main():
    parser = argparse.ArgumentParser(description="Fetch the guest's Debian packages.")
    parser.add_argument("cache", metavar="CACHE_DIR", help="directory that keeps the packages")
    parser.add_argument("--refresh", action="store_true", help="fetch what is current now")
    parser.add_argument("--package", metavar="NAME", type=package_name, help="fetch this one instead")
    parser.add_argument("--suite", type=package_name, help="from this suite, bookworm-backports say")
    arguments = parser.parse_args()
    if arguments.suite and not arguments.package:
        parser.error("--suite is for --package")
    cache, wanted = os.path.abspath(arguments.cache), WANTED
    if arguments.package:
        wanted = (arguments.package,)
        cache = os.path.join(cache, "_".join(filter(None, (arguments.package, arguments.suite))))
    provide(cache, wanted, arguments.refresh, arguments.suite)


if __name__ == "__main__":
    run_main("guest/fetch.py", main)
