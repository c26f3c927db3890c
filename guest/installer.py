#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A disk on which Debian's installer waits, to install Debian over itself without questions.

    installer.py IMAGE [--release 12] [--mirror URL] [--preseed FILE] [--size 4G] [--cache DIR] [--force]

Firmware boots it; what is installed then boots from the same disk. The installer is that of Debian's
package debian-installer-RELEASE-netboot-arm64, of the host's release if none is named, from the archive
that the machine's apt uses; and from there, through the same proxy, it takes what it installs, or from
`--mirror`. Its own parts (udebs) have to be there, too, which not every mirror has. `--preseed` takes the
place of guest/preseed.cfg, the answers to its questions; those about the archive come in front of them.
"""

import argparse
import contextlib
import gzip
import lzma
import os
import re
import shlex
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import cpio
import fetch
import packages
import sources
from common import Failure, run_main, run_tool, tool_path

FOLDER = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(os.path.dirname(FOLDER), ".cache")
HOST_IN_GUEST = "10.0.2.2"  # what QEMU's user network has for the host's own 127.0.0.1
LOCAL = ("localhost", "127.0.0.1", "::1")
SUITES = {"12": "bookworm", "13": "trixie"}
UDEBS = "dists/{}/main/debian-installer/binary-arm64/Packages.xz"
# The root's own configuration, which GRUB goes on with. What comes behind --- is the installed kernel's, too.
GRUB_CONFIGURATION = """set timeout=0
menuentry "Install Debian" {
    linux /boot/vmlinuz-installer DEBIAN_FRONTEND=text priority=critical ---
    initrd /boot/initrd.img-installer
}
"""


def read_installer(cache, release):
    """The installer's kernel and its initramfs."""
    package = f"debian-installer-{release}-netboot-arm64"
    folder = os.path.join(os.path.abspath(cache), package)
    fetch.provide(folder, (package,))
    found = {}
    for entry in packages.read_manifest(folder):
        for path, read in packages.members(os.path.join(folder, entry.file)):
            name = os.path.basename(path)
            if path.endswith(f"/text/debian-installer/arm64/{name}") and name in ("linux", "initrd.gz"):
                found[name] = read()
    if len(found) != 2:
        raise Failure(f"{package}: there is no text installer in it")
    return found["linux"], found["initrd.gz"]


def as_the_guest_sees_it(url):
    """An address of the host's is another one there."""
    parts = urllib.parse.urlsplit(url)
    if parts.hostname in LOCAL:
        port = f":{parts.port}" if parts.port else ""
        parts = parts._replace(netloc=f"{HOST_IN_GUEST}{port}")
    return parts


def archive(suffix):
    """Where the machine's apt has Debian's suites with this suffix: a URL, or nothing."""
    for entry in sources.debian_entries(tool_path("apt-config", "apt")):
        if any(name.endswith(suffix) if suffix else "-" not in name for name in entry.suites()):
            for url in entry.words("uris"):
                if url.startswith(("http://", "https://")):
                    return url.rstrip("/")
    return ""


def proxy(url):
    """The proxy that the machine's apt uses for such a URL, as one, or nothing."""
    name = f"Acquire::{urllib.parse.urlsplit(url).scheme}::Proxy"
    shown = run_tool([tool_path("apt-config", "apt"), "shell", "PROXY", name], capture_output=True).stdout
    value = dict(word.split("=", 1) for word in shlex.split(shown)).get("PROXY", "")
    return "" if value == "DIRECT" else value


def check_components(mirror, release):
    """The installer's parts can be had: said now, and not in the middle of an installation."""
    if release not in SUITES:
        return
    through = proxy(mirror)
    handler = urllib.request.ProxyHandler({"http": through, "https": through} if through else {})
    opener = urllib.request.build_opener(handler)
    path = UDEBS.format(SUITES[release])
    try:
        with opener.open(f"{mirror}/{path}", timeout=60) as answer:
            found = re.search(rb"^Filename: (\S+_arm64\.udeb)$", lzma.decompress(answer.read()), re.M)
        path = found[1].decode() if found else path
        request = urllib.request.Request(f"{mirror}/{urllib.parse.quote(path)}", method="HEAD")
        with contextlib.closing(opener.open(request, timeout=60)):
            pass
    except (OSError, lzma.LZMAError) as error:
        raise Failure(f"{mirror}/{path}: {error}; the installer's own parts have to be there: --mirror another")


def answers_about_the_archive(mirror):
    main, security = as_the_guest_sees_it(mirror), archive("-security")
    through = proxy(mirror)
    lines = [
        f"d-i mirror/protocol string {main.scheme}",
        f"d-i mirror/{main.scheme}/hostname string {main.netloc}",
        f"d-i mirror/{main.scheme}/directory string {main.path or '/'}",
        f"d-i mirror/{main.scheme}/proxy string {as_the_guest_sees_it(through).geturl() if through else ''}",
        f"d-i apt-setup/services-select multiselect {'security' if security else ''}",
    ]
    if security:
        lines += [
            f"d-i apt-setup/security_host string {as_the_guest_sees_it(security).netloc}",
            f"d-i apt-setup/security_path string {as_the_guest_sees_it(security).path}",
        ]
    return "\n".join(lines) + "\n"


def write_tree(folder, kernel, initrd, answers):
    """A root file system for disk.py: /boot alone."""
    added = cpio.Tree()
    added.add_file("preseed.cfg", answers.encode())
    os.makedirs(os.path.join(folder, "boot/grub"))
    files = {
        "vmlinuz-installer": kernel,
        # Of several archives, one behind the other, the kernel unpacks all.
        "initrd.img-installer": initrd + gzip.compress(cpio.archive(added), mtime=0),
        "grub/grub.cfg": GRUB_CONFIGURATION.encode(),
    }
    for name, data in files.items():
        with open(os.path.join(folder, "boot", name), "wb") as file:
            file.write(data)


def main():
    parser = argparse.ArgumentParser(description="Make a disk that installs Debian onto itself.")
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("--release", default=sources.os_release().get("VERSION_ID", "12"), help="12 or 13")
    parser.add_argument("--mirror", metavar="URL", help="of Debian's archive (that of the machine's apt)")
    parser.add_argument("--preseed", metavar="FILE", default=os.path.join(FOLDER, "preseed.cfg"), help="answers")
    parser.add_argument("--size", default="4G", help="of the disk (4G)")
    parser.add_argument("--cache", metavar="DIR", default=os.environ.get("CACHE_DIR", CACHE), help="of packages")
    parser.add_argument("--force", action="store_true", help="replace an image that exists")
    options = parser.parse_args()
    if not options.release.isdigit():
        parser.error(f"--release {options.release}: a number of Debian's, such as 12")
    mirror = (options.mirror or archive("")).rstrip("/")
    if not mirror.startswith(("http://", "https://")):
        raise Failure(f"{mirror or '/etc/apt'}: no archive that a guest reaches by http")
    with open(options.preseed, encoding="utf-8") as file:
        answers = answers_about_the_archive(mirror) + file.read()
    check_components(mirror, options.release)
    with tempfile.TemporaryDirectory() as folder:
        write_tree(folder, *read_installer(options.cache, options.release), answers)
        command = [os.path.join(FOLDER, "disk.py"), "create", options.image, "--root", folder]
        command += ["--size", options.size, "--cache", options.cache, *(["--force"] if options.force else [])]
        sys.stdout.flush()
        return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    run_main("guest/installer.py", main)
