#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Make the guest's kernel and initramfs from the Debian packages in a cache directory.

    image.py CACHE_DIR OUTPUT_DIR [--kernel FILE]... [--modules DIR] [--module NAME]... [--overlay DIR]...

Writes OUTPUT_DIR/Image, the raw kernel, and OUTPUT_DIR/initrd.gz: busybox, the kernel modules
below with all that they need, the files of guest/rootfs, and over them those of each overlay. The
same input gives the same bytes. Needs no privileges. Called by guest/files.mk after fetch.py, and by
mk/system.mk for a kernel of the user's (`--kernel`: a Debian package, all of them that it takes, or a
kernel's file) and its modules (`--modules`, as `make modules_install` leaves them).
"""

import argparse
import gzip
import os
import re
import sys

import cpio
import modules
import packages
from common import Failure, run_main, write_file
from kernel import decode_kernel, kernel_version

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


def module_tree(folder):
    """Each file of a directory of modules, as packages.members() gives those of a package.

    The directory is lib/modules/VERSION itself, or the root that this is in.
    """
    root = os.path.join(folder, "lib/modules")
    versions = os.listdir(root) if os.path.isdir(root) else []
    if len(versions) > 1:
        raise Failure(f"{folder}: modules of several kernels: {', '.join(sorted(versions))}; name one's directory")
    base = os.path.realpath(os.path.join(root, versions[0]) if versions else folder)
    for inside, folders, files in os.walk(base):
        folders.sort()
        # `source` and `build` are links to where the kernel was built.
        for path in (os.path.join(inside, name) for name in sorted(files)):
            if os.path.islink(path):
                continue
            with open(path, "rb") as file:
                yield f"lib/modules/{os.path.basename(base)}/{os.path.relpath(path, base)}", file.read


class KernelFiles:
    """What packages, a kernel's file and a directory of modules hold of a kernel."""

    def __init__(self, sources):
        self.sources = sources
        self.kernel = None  # the raw Image
        self.modules = {}  # name to modules.Module
        self.builtin = set()
        self.version = None
        for path, read in self.members():
            self.index(path, read)
        if self.kernel is None:
            raise Failure(f"{', '.join(sources)}: no kernel in there")
        if not self.modules:
            raise Failure(f"{', '.join(sources)}: no modules in there")
        runs = kernel_version(self.kernel)
        if runs and runs != self.version:
            raise Failure(f"the kernel is {runs}, and the modules are those of {self.version}")

    def members(self):
        """The files of all sources: their paths, and functions that return the contents."""
        for source in self.sources:
            if os.path.isdir(source):
                yield from module_tree(source)
            elif packages.is_package(source):
                yield from packages.members(source)
            else:
                with open(source, "rb") as file:
                    yield f"boot/vmlinuz-{os.path.basename(source)}", file.read

    def index(self, path, read):
        """Note a file if it is the kernel, a module, or the list of built-in modules."""
        if KERNEL_PATH.fullmatch(path):
            self.kernel = decode_kernel(read(), path)
        match = MODULES_PATH.fullmatch(path)
        if not match:
            return
        version, inside = match.groups()
        if inside == "modules.builtin":
            lines = read().decode().splitlines()
            self.builtin = {modules.module_name(line) for line in lines}
        elif re.search(r"\.ko(\.\w+)?$", inside):
            module = modules.read_module(inside, path, modules.unpack(path, read()))
            self.modules[module.name] = module
            self.version = version

    def has(self, name):
        return name in self.modules or name in self.builtin

    def read_modules(self, names):
        """The contents of modules by name: a second pass, as all of them are too many to keep."""
        sources = {self.modules[name].source: name for name in names}
        return {
            sources[path]: modules.unpack(path, read())
            for path, read in self.members()
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


def own_kernel(arguments):
    """The user's kernel with its modules, and those of MODULES that it has."""
    folders = [arguments.modules] if arguments.modules else []
    for file in [*arguments.kernel, *folders]:
        if not os.path.exists(file):
            raise Failure(f"{file}: no such file or directory")
    kernel = KernelFiles([*arguments.kernel, *folders])
    lacking = [name for name in MODULES if not kernel.has(name)]
    if lacking:
        print(f"guest/image.py: note: kernel {kernel.version} is without {' '.join(lacking)}", file=sys.stderr)
    return kernel, [name for name in MODULES if kernel.has(name)]


def parse_arguments():
    parser = argparse.ArgumentParser(description="Make the guest's kernel and initramfs.")
    parser.add_argument("cache", metavar="CACHE_DIR", help="directory filled by fetch.py")
    parser.add_argument("output", metavar="OUTPUT_DIR")
    parser.add_argument("--kernel", metavar="FILE", action="append", default=[], help="a kernel, or its package")
    parser.add_argument("--modules", metavar="DIR", help="the modules of a --kernel that is no package")
    parser.add_argument("--module", action="append", default=[], help="a further kernel module")
    parser.add_argument("--overlay", action="append", default=[], help="directory laid over /")
    arguments = parser.parse_args()
    if arguments.modules and not arguments.kernel:
        parser.error("--modules is for --kernel")
    return arguments


def main():
    arguments = parse_arguments()
    for overlay in arguments.overlay:
        if not os.path.isdir(overlay):
            raise Failure(f"{overlay}: not a directory")
    kernel_files, busybox = cached_files(arguments.cache)
    if arguments.kernel:
        kernel, wanted = own_kernel(arguments)
    else:
        kernel, wanted = KernelFiles(kernel_files), MODULES
    wanted = wanted + [modules.module_name(name) for name in arguments.module]
    initrd = make_initrd(kernel, busybox, wanted, arguments.overlay)
    write_file(os.path.join(arguments.output, "Image"), kernel.kernel)
    write_file(os.path.join(arguments.output, "initrd.gz"), initrd)


if __name__ == "__main__":
    run_main("guest/image.py", main)
