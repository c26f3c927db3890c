#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Disk images for guests: a partition table and an ext2 partition, without root or loop devices.

    disk.py create IMAGE --size 64M [FILE|DIR|DIR/.]...
    disk.py create IMAGE --root TREE_OR_TAR [--size 4G] [--efi grub|none]
    disk.py put IMAGE [--to DIR] FILE|DIR|DIR/....
    disk.py get IMAGE PATH... -o DIR
    disk.py ls IMAGE [PATH]
    disk.py check IMAGE

What `put` changes appears at once or not at all: it works on a copy, checks that and renames it
over the image. An image that a running virtual machine uses is not changed. extfs.py does the
reading and writing, rootdisk.py makes disks with a root file system; guest/files.mk calls `create`
for the default disk.
"""

import argparse
import os
import re
import stat
import sys
import tempfile

import extfs
import rootdisk
from common import Failure, replacing, run_main, run_tool, tool_path

MEBIBYTE = 1 << 20
PARTITION_START = MEBIBYTE
SMALLEST = 2 * MEBIBYTE
LARGEST = 2 << 40  # an MBR counts sectors of 512 bytes in 32 bits
CACHE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ".cache")
README = """This is the disk of a Sluice guest. From the host, with the guest powered off:

    guest/disk.py ls   build/disk.img
    guest/disk.py put  build/disk.img FILE...
    guest/disk.py get  build/disk.img /README -o .

In the guest: mount /dev/vda1 /mnt/
"""


def parse_size(text):
    """A size such as 64M, in bytes; the units are powers of 1024."""
    match = re.fullmatch(r"(\d+)([KMGT]?)(?:i?B)?", text, re.IGNORECASE)
    if not match:
        raise argparse.ArgumentTypeError(f"{text}: not a size; write 64M or 2G")
    size = int(match[1]) << {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}[match[2].upper()]
    if not SMALLEST <= size < rootdisk.LARGEST:
        raise argparse.ArgumentTypeError(f"{text}: a disk has 2M at the least and less than 16T")
    return size


# --- Into an image -----------------------------------------------------------------------------


class Copier:
    """Collects the debugfs commands that copy files of the host into a Volume."""

    def __init__(self, volume):
        self.volume = volume
        self.commands = []
        self.made = set()  # directories that the commands make

    def is_directory(self, path):
        entry = self.volume.find(path)
        return path in self.made or (entry is not None and stat.S_ISDIR(entry.mode))

    def make_directory(self, path):
        if self.is_directory(path):
            return
        if self.volume.find(path):
            raise Failure(f"{path}: exists in the image and is not a directory")
        self.make_directory(os.path.dirname(path))
        self.in_folder(path, "mkdir")
        self.made.add(path)

    def in_folder(self, path, command):
        """A command about a name in its own folder: to debugfs's mkdir and rm, "/name" is in the current one."""
        folder, name = os.path.split(path)
        self.commands += [f"cd {extfs.quoted(folder)}", f"{command} {extfs.quoted(f'./{name}')}"]

    def clear(self, path):
        """Remove the file that is about to be replaced."""
        if self.is_directory(path):
            raise Failure(f"{path}: is a directory in the image")
        if self.volume.find(path):
            self.in_folder(path, "rm")

    def add_tree(self, source, folder):
        self.make_directory(folder)
        for name in sorted(os.listdir(source)):
            self.add(os.path.join(source, name), os.path.join(folder, name))

    def add(self, source, path):
        """Copy one file, link or directory of the host to `path` in the image."""
        mode = os.lstat(source).st_mode
        folder, name = os.path.split(path)
        if stat.S_ISDIR(mode):
            self.add_tree(source, path)
            return
        self.clear(path)
        self.commands.append(f"cd {extfs.quoted(folder)}")
        if stat.S_ISLNK(mode):
            target = extfs.quoted(os.readlink(source))
            self.commands.append(f"symlink {extfs.quoted(name)} {target}")
        elif stat.S_ISREG(mode):
            # debugfs would say it without a name, and go on.
            with open(source, "rb"):
                pass
            host_path = extfs.quoted(os.path.abspath(source))
            self.commands.append(f"write {host_path} {extfs.quoted(name)}")
        else:
            raise Failure(f"{source}: neither a file nor a directory nor a symbolic link")

    def add_argument(self, source, folder):
        """Copy what the user named: a directory under its name, or with /. what is in it."""
        if not os.path.lexists(source):
            raise Failure(f"{source}: no such file")
        if os.path.basename(source) in (".", "..") and os.path.isdir(source):
            self.add_tree(source, folder)
        else:
            self.add(source, os.path.join(folder, os.path.basename(os.path.normpath(source))))


def image_path(text):
    """A path in the image, absolute and without dots."""
    return os.path.normpath("/" + text.lstrip("/"))


def copy_in(volume, sources, folder, name):
    """Copy the sources into a volume and check it; `name` is for messages."""
    copier = Copier(volume)
    copier.make_directory(folder)
    for source in sources:
        copier.add_argument(source, folder)
    try:
        volume.run(copier.commands, write=True)
    except Failure as failure:
        raise Failure(f"{name}: {failure}") from None
    problems = volume.check()
    if problems:
        raise Failure(f"{name}: the file system would be damaged:\n{problems}")


def format_image(path, size):
    """Make the file `path` an empty disk image."""
    os.truncate(path, size)
    table = "label: dos\nlabel-id: 0x534c4943\n"
    table += f"start={PARTITION_START // 512}, type=83\n"
    steps = (
        ([tool_path("sfdisk", "fdisk"), "-q", path], table),
        (
            [tool_path("mke2fs", "e2fsprogs"), "-q", "-F", "-t", "ext2", "-m", "0", "-L", "sluice"]
            + ["-E", f"offset={PARTITION_START}", path, f"{(size - PARTITION_START) >> 10}k"],
            "",
        ),
    )
    for command, text in steps:
        done = run_tool(command, input=text, capture_output=True)
        if done.returncode != 0:
            raise Failure(f"{os.path.basename(command[0])} failed: {done.stderr.strip()}")


def create(arguments):
    if os.path.exists(arguments.image) and not arguments.force:
        raise Failure(f"{arguments.image}: exists; --force makes it anew and loses what is in it")
    if arguments.root:
        if arguments.sources:
            raise Failure(f"{arguments.sources[0]}: --root has all that there is on the disk")
        rootdisk.create(arguments)
        return
    if not arguments.size:
        raise Failure("--size is missing, 64M say")
    if arguments.size >= LARGEST:
        raise Failure("--size: without --root a disk has less than 2T")
    with replacing(arguments.image) as temporary, tempfile.TemporaryDirectory() as scratch:
        format_image(temporary, arguments.size)
        sources = arguments.sources
        if not sources:
            sources = [os.path.join(scratch, "README")]
            with open(sources[0], "w", encoding="utf-8") as file:
                file.write(README)
            os.chmod(sources[0], 0o644)
        copy_in(extfs.Volume(temporary, PARTITION_START), sources, "/", arguments.image)


def put(arguments):
    volume = extfs.open_volume(arguments.image)
    if extfs.is_in_use(arguments.image):
        raise Failure(f"{arguments.image}: in use by a running virtual machine; power it off first")
    if volume.check():
        raise Failure(
            f"{arguments.image}: its file system needs a check; mount it in a guest, or type: "
            f"e2fsck -fy '{volume.device()}'"
        )
    image = os.path.realpath(arguments.image)
    mode = stat.S_IMODE(os.stat(image).st_mode)
    with replacing(image) as temporary:
        copied = run_tool(
            [tool_path("cp", "coreutils"), "--sparse=always", "--reflink=auto", image, temporary],
            capture_output=True,
        )
        if copied.returncode != 0:
            reason = copied.stderr.strip().rpartition(": ")[2]
            raise Failure(f"{arguments.image}: no copy could be made to work on: {reason}")
        copy = extfs.Volume(temporary, volume.offset)
        copy_in(copy, arguments.sources, image_path(arguments.to), arguments.image)
    os.chmod(image, mode)


# --- Out of an image ---------------------------------------------------------------------------


def take(volume, path, entry, target):
    """Copy what is at `path` in the image to the path `target` of the host."""
    if stat.S_ISDIR(entry.mode):
        os.makedirs(target, exist_ok=True)
        if os.path.islink(target):
            raise Failure(f"{target}: is a symbolic link; nothing is written through it")
        for name, inner in sorted((volume.list(path) or {}).items()):
            take(volume, os.path.join(path, name), inner, os.path.join(target, name))
    elif stat.S_ISREG(entry.mode):
        # A name of ours in the command: the image's are anybody's.
        with replacing(target) as temporary:
            volume.run([f"dump {extfs.quoted(path)} {extfs.quoted(os.path.abspath(temporary))}"])
            if os.path.getsize(temporary) != entry.size:
                raise Failure(f"{target}: could not be written whole; disk full?")
        os.chmod(target, stat.S_IMODE(entry.mode) & 0o777)
    elif stat.S_ISLNK(entry.mode):
        print(f"skipped the symbolic link {path}", file=sys.stderr)
    else:
        print(f"skipped {path}: not a file", file=sys.stderr)


def get(arguments):
    volume = extfs.open_volume(arguments.image)
    for text in arguments.paths:
        path = image_path(text)
        entry = volume.find(path)
        if entry is None:
            raise Failure(f"{arguments.image}: no file {path} in it")
        os.makedirs(arguments.output, exist_ok=True)
        take(volume, path, entry, os.path.join(arguments.output, os.path.basename(path)))


def show_list(arguments):
    volume = extfs.open_volume(arguments.image)
    path = image_path(arguments.path)
    entry = volume.find(path)
    if entry is None:
        raise Failure(f"{arguments.image}: no file {path} in it")
    entries = [entry]
    if stat.S_ISDIR(entry.mode):
        entries = sorted((volume.list(path) or {}).values())
    for entry in entries:
        print(f"{stat.filemode(entry.mode)} {entry.size:>12} {entry.name}")


def check(arguments):
    problems = extfs.open_volume(arguments.image).check()
    if problems:
        raise Failure(f"{arguments.image}: not clean:\n{problems}")
    print(f"{arguments.image}: clean")


FILES_HELP = "a file, a directory, or DIR/. for what is in a directory"
OPTION_SIZE = ("--size", {"type": parse_size, "default": 0, "help": "of the image: 64M, 2G"})
OPTION_ROOT = ("--root", {"metavar": "TREE_OR_TAR", "help": "a root file system, a directory or a tar file"})
EFI_HELP = "with --root: an EFI system partition with GRUB, or none (grub if there is a kernel)"
OPTION_EFI = ("--efi", {"choices": ("grub", "none"), "help": EFI_HELP})
OPTION_LABEL = ("--label", {"default": "root", "help": "with --root: of its file system"})
OPTION_CACHE = ("--cache", {"default": os.environ.get("CACHE_DIR", CACHE), "help": "where GRUB's package is kept"})
OPTION_FORCE = ("--force", {"action": "store_true", "help": "replace an image that exists"})
OPTION_TO = ("--to", {"metavar": "DIR", "default": "/", "help": "directory in the image"})
OPTION_OUT = ("--output", {"metavar": "DIR", "default": ".", "help": "where to put them"})
MANY_FILES = ("sources", {"metavar": "FILE", "nargs": "*", "help": FILES_HELP})
SOME_FILES = ("sources", {"metavar": "FILE", "nargs": "+", "help": FILES_HELP})
PATHS = ("paths", {"metavar": "PATH", "nargs": "+", "help": "a file or directory in the image"})
ONE_PATH = ("path", {"metavar": "PATH", "nargs": "?", "default": "/"})
# name: (function, what it does, its arguments after the image)
COMMANDS = {
    "create": (
        create,
        "Make an image with one ext2 partition, or with a root file system.",
        [OPTION_SIZE, OPTION_FORCE, OPTION_ROOT, OPTION_EFI, OPTION_LABEL, OPTION_CACHE, MANY_FILES],
    ),
    "put": (put, "Copy files into an image.", [OPTION_TO, SOME_FILES]),
    "get": (get, "Copy files out of an image.", [OPTION_OUT, PATHS]),
    "ls": (show_list, "List a directory of an image.", [ONE_PATH]),
    "check": (check, "Say whether an image's file system is clean.", []),
}


def parse_arguments():
    """The function to call and its arguments.

    One parser a command instead of argparse's own sub-commands: those do not let files stand after
    an option.
    """
    lines = [f"  {name:8}{text}" for name, (_, text, _) in COMMANDS.items()]
    usage = argparse.ArgumentParser(
        description="Make, fill and read disk images for guests.",
        epilog="commands (disk.py COMMAND --help says more):\n" + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    usage.add_argument("command", metavar="COMMAND", choices=COMMANDS)
    name = usage.parse_args(sys.argv[1:2]).command
    function, text, options = COMMANDS[name]
    parser = argparse.ArgumentParser(prog=f"{usage.prog} {name}", description=text)
    parser.add_argument("image", metavar="IMAGE")
    for option, settings in options:
        short = ["-o"] if option == "--output" else []
        parser.add_argument(*short, option, **settings)
    return function, parser.parse_intermixed_args(sys.argv[2:])


def main():
    function, arguments = parse_arguments()
    function(arguments)


if __name__ == "__main__":
    run_main("guest/disk.py", main)
