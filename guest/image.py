#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Make the guest's kernel and initramfs from the Debian packages in a cache directory.

    image.py CACHE_DIR OUTPUT_DIR [--module NAME]... [--overlay DIR]...

Writes OUTPUT_DIR/Image, the raw kernel, and OUTPUT_DIR/initrd.gz: busybox, the kernel modules
below with all that they need, the files of guest/rootfs, and over them those of each overlay. The
same input gives the same bytes. Needs no privileges. Called by guest/files.mk after fetch.py.
"""

import argparse
import gzip
import os
import re

import cpio
import modules
import packages
from common import Failure, run_main, write_file
from kernel import decode_kernel

ROOTFS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rootfs")
DIRECTORIES = "bin dev etc mnt proc root run sbin sys tmp usr/bin usr/sbin var"
# The devices that Sluice's guests meet, the file systems of their disks, and a checksum that ext4
# asks for by a name which the modules' dependencies do not show.
MODULES = """
    virtio_mmio virtio_pci virtio_blk virtio_net virtio_console virtio_rng nvme
    e1000e xhci_pci usb_storage sd_mod ext4 crc32c_generic sbsa_gwdt efivarfs
""".split()

KERNEL_PATH = re.compile(r"boot/vmlinuz-[^/]+")
MODULES_PATH = re.compile(r"(?:usr/)?lib/modules/([^/]+)/(.+)")
BUSYBOX_PATH = re.compile(r"(?:usr/)?bin/busybox")


class KernelPackages:
    """What the packages with the kernel and its modules hold."""

    def __init__(self, files):
        self.files = files
        self.kernel = None  # the kernel as packed, and the path it has in the package
        self.kernel_path = None
        self.modules = {}  # name to modules.Module
        self.builtin = set()
        self.version = None
        for file in files:
            for path, read in packages.members(file):
                self.index(path, read)
        if self.kernel is None or not self.modules:
            raise Failure(f"{', '.join(files)}: no kernel, or no modules, in there")

    def index(self, path, read):
        """Note a file if it is the kernel, a module, or the list of built-in modules."""
        if KERNEL_PATH.fullmatch(path):
            self.kernel_path, self.kernel = path, read()
        match = MODULES_PATH.fullmatch(path)
        if not match:
            return
        self.version, inside = match.groups()
        if inside == "modules.builtin":
            lines = read().decode().splitlines()
            self.builtin = {modules.module_name(line) for line in lines}
        elif re.search(r"\.ko(\.\w+)?$", inside):
            module = modules.read_module(inside, path, modules.unpack(path, read()))
            self.modules[module.name] = module

    def read_modules(self, names):
        """The contents of modules by name: a second pass, as all of them are too many to keep."""
        sources = {self.modules[name].source: name for name in names}
        return {
            sources[path]: modules.unpack(path, read())
            for file in self.files
            for path, read in packages.members(file)
            if path in sources
        }


def add_modules(tree, kernel, wanted):
    """Put the wanted modules and what modprobe reads into the tree."""
    chosen = modules.select(wanted, kernel.modules, kernel.builtin)
    folder = f"lib/modules/{kernel.version}"
    for name, data in kernel.read_modules(chosen).items():
        tree.add_file(f"{folder}/{kernel.modules[name].path}", data)
    tree.add_file(f"{folder}/modules.dep", modules.dependency_file(chosen, kernel.modules).encode())
    tree.add_file(f"{folder}/modules.alias", modules.alias_file(chosen, kernel.modules).encode())
    for name in ("modules.symbols", "modules.builtin"):
        tree.add_file(f"{folder}/{name}", b"")


def read_busybox(file):
    for path, read in packages.members(file):
        if BUSYBOX_PATH.fullmatch(path):
            return read()
    raise Failure(f"{file}: no busybox in there")


def make_initrd(kernel, busybox, wanted, overlays):
    """The compressed initramfs, as bytes."""
    tree = cpio.Tree()
    for folder in DIRECTORIES.split():
        tree.add_directory(folder)
    tree.add_file("bin/busybox", read_busybox(busybox), 0o755)
    add_modules(tree, kernel, wanted)
    for root in [ROOTFS, *overlays]:
        tree.add_host_tree(root)
    return gzip.compress(cpio.archive(tree), compresslevel=6, mtime=0)


def cached_files(cache):
    """The kernel's package files and busybox's."""
    entries = packages.read_manifest(cache)
    kernel = [os.path.join(cache, entry.file) for entry in entries if "linux" in entry.name]
    busybox = [os.path.join(cache, entry.file) for entry in entries if "busybox" in entry.name]
    if not kernel or not busybox:
        raise Failure(f"{cache}: the packages are not there; run guest/fetch.py {cache}")
    return kernel, busybox[0]


def main():
    parser = argparse.ArgumentParser(description="Make the guest's kernel and initramfs.")
    parser.add_argument("cache", metavar="CACHE_DIR", help="directory filled by fetch.py")
    parser.add_argument("output", metavar="OUTPUT_DIR")
    parser.add_argument("--module", action="append", default=[], help="a further kernel module")
    parser.add_argument("--overlay", action="append", default=[], help="directory laid over /")
    arguments = parser.parse_args()
    for overlay in arguments.overlay:
        if not os.path.isdir(overlay):
            raise Failure(f"{overlay}: not a directory")
    kernel_files, busybox = cached_files(arguments.cache)
    kernel = KernelPackages(kernel_files)
    image = decode_kernel(kernel.kernel, kernel.kernel_path)
    wanted = MODULES + [modules.module_name(name) for name in arguments.module]
    initrd = make_initrd(kernel, busybox, wanted, arguments.overlay)
    write_file(os.path.join(arguments.output, "Image"), image)
    write_file(os.path.join(arguments.output, "initrd.gz"), initrd)


if __name__ == "__main__":
    run_main("guest/image.py", main)
