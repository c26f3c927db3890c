# SPDX-License-Identifier: BSD-2-Clause
"""A bootable disk from a root file system, a directory or a tar file of one: `disk.py create --root`.

GPT; partition 1 is the root, ext4; partition 15, as on Debian's own disk images, the EFI system
partition with GRUB, if the root has a kernel. What firmware finds there is EFI/BOOT/BOOTAA64.EFI,
Debian's GRUB, whose short grub.cfg goes on with the root's own, or starts the root's newest kernel.

mke2fs writes the whole root in one go. Owners, modes, device nodes, links and extended attributes are
those of the tree; a tar file is unpacked under fakeroot, where an ordinary user's chown and mknod are
on record. Extended attributes (the capabilities of ping, say) are not, and go into the image behind
the rest. disk.py calls create().
"""

import contextlib
import os
import re
import shlex
import stat
import subprocess
import sys
import tarfile
import tempfile
import uuid

import extfs
import fetch
import packages
from common import Failure, replacing, run_tool, tool_path

MEBIBYTE = 1 << 20
SECTOR = 512
BLOCK = 4096
EFI_SIZE = 64 * MEBIBYTE  # FAT32 wants 33 MiB and more
GPT_BACKUP = MEBIBYTE  # the table's copy at the end
SMALLEST = 64 * MEBIBYTE
LARGEST = 16 << 40  # of ext4 with blocks of 4 KiB as old tools know it
TYPE_ROOT = "B921B045-1DF0-41C3-AF44-4C6F280D3FAE"  # Linux root, arm64 (Discoverable Partitions)
TYPE_EFI = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
GRUB_PACKAGES = ("grub-efi-arm64-bin", "grub-efi-arm64-unsigned")  # of Debian 12; of later ones
GRUB_PATH = "usr/lib/grub/arm64-efi/monolithic/grubaa64.efi"
# GRUB and kernels of any age read a file system without these.
FEATURES = "^metadata_csum_seed,^orphan_file"
ATTRIBUTE = "SCHILY.xattr."  # before an extended attribute's name in a tar file
KERNEL_NAME = re.compile(r"vmlinu[xz]-.+")
COMPRESSION = {b"\x1f\x8b": "--gzip", b"\xfd7zXZ\x00": "--xz", b"\x28\xb5\x2f\xfd": "--zstd", b"BZh": "--bzip2"}
GRUB_CONFIGURATION = """# Written by guest/disk.py. The root's own configuration goes first, as soon as there is one.
search --no-floppy --fs-uuid --set=root {uuid}
if [ -f /boot/grub/grub.cfg ]; then
    set prefix=($root)/boot/grub
    configfile /boot/grub/grub.cfg
fi
set timeout=2
menuentry "{title}" {{
    linux {kernel} root=UUID={uuid} rw
{initrd}}}
"""


def say(text):
    print(f"  DISK     {text}", flush=True)


def megabytes(size):
    return f"{(size + MEBIBYTE - 1) >> 20} MiB"


# --- What goes in -------------------------------------------------------------------------------


class Census:
    """How many files a tree has, and the room they need; refuses what could not be read."""

    def __init__(self, root):
        self.root = root
        self.files = 0
        self.size = 0
        self.linked = set()
        self.add(root, os.lstat(root))
        for folder, folders, files in os.walk(root, onerror=self.refuse):
            for name in folders + files:
                path = os.path.join(folder, name)
                self.add(path, os.lstat(path))

    @staticmethod
    def refuse(error):
        raise error

    def add(self, path, found):
        self.files += 1
        if stat.S_ISDIR(found.st_mode):
            self.size += BLOCK
            return
        if not stat.S_ISREG(found.st_mode) or (found.st_dev, found.st_ino) in self.linked:
            return
        if found.st_nlink > 1:
            self.linked.add((found.st_dev, found.st_ino))
        # Here, since mke2fs says it without a name.
        with open(path, "rb"):
            pass
        # Holes stay holes; a compressing file system on the host is no reason to take less.
        self.size += max(min(found.st_size, found.st_blocks * 512), 0) + BLOCK

    def inodes(self, size):
        """As many as mke2fs would make, and a quarter more than there are files."""
        return max(size // 16384, self.files + self.files // 4 + 1024)

    def room(self):
        """Of a file system for it: inodes of 256 bytes, the journal, and what describes blocks."""
        return self.size + self.size // 32 + self.inodes(self.size) * 256 + 48 * MEBIBYTE


def kernels(root):
    """The newest kernel in a tree's /boot with its initrd, as paths in it; None for what is missing."""
    boot = os.path.join(root, "boot")
    names = os.listdir(boot) if os.path.isdir(boot) else []

    def age(name):
        return [int(word) if word.isdigit() else 0 for word in re.split(r"(\d+)", name)]

    found = sorted(filter(KERNEL_NAME.fullmatch, names), key=age)
    if not found:
        return None, None
    version = found[-1].partition("-")[2]
    initrds = [name for name in (f"initrd.img-{version}", f"initramfs-{version}.img") if name in names]
    # The links that Debian keeps on the newest kernel outlive the names of today.
    linked = all(os.path.islink(os.path.join(root, name)) for name in ("vmlinuz", "initrd.img"))
    if linked and initrds:
        return "/vmlinuz", "/initrd.img"
    return f"/boot/{found[-1]}", f"/boot/{initrds[0]}" if initrds else None


# --- Running tools --------------------------------------------------------------------------------


def fakeroot(shared):
    """The words that have a command run under fakeroot, its record in the file `shared`."""
    if "FAKEROOTKEY" in os.environ:
        return []  # who called us runs in one, and it cannot be nested
    record = ["-i", shared] if os.path.exists(shared) else []
    return [tool_path("fakeroot", "fakeroot"), *record, "-s", shared, "--"]


def run(command, what, watched=None):
    """Run a command; while it runs, a terminal is shown how much is in the file `watched` by now."""
    # fakeroot is not to try what an ordinary user may not, when root calls it either.
    environment = dict(os.environ, LC_ALL="C", FAKEROOTDONTTRYCHOWN="1", MTOOLS_SKIP_CHECK="1")
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, env=environment
        )
        try:
            while wait(process) is None:
                if watched and sys.stdout.isatty():
                    done = os.stat(watched).st_blocks * 512
                    print(f"\r           {megabytes(done)}", end="", flush=True)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
            if watched and sys.stdout.isatty():
                print("\r\x1b[K", end="", flush=True)
        said.seek(0)
        lines = [line.strip() for line in said.read().splitlines() if line.strip()]
    if process.returncode != 0:
        raise Failure(reason(what, lines))


def wait(process):
    try:
        return process.wait(0.5)
    except subprocess.TimeoutExpired:
        return None


def reason(what, lines):
    text = "\n".join(lines)
    if "Could not allocate" in text or "No free space" in text:
        return "the files do not fit; give a larger --size"
    if "No space left" in text:
        return "no space left on the host's own disk"
    said = [line for line in lines if not line.startswith("mke2fs ")]
    return f"{what}: {said[0] if said else 'failed without a word'}"


# --- The root -------------------------------------------------------------------------------------


def compression(path):
    with open(path, "rb") as file:
        start = file.read(6)
    return [option for magic, option in COMPRESSION.items() if start.startswith(magic)]


def unpack(archive, folder, record):
    """A tar file into a directory, under fakeroot; refuses what is no root file system."""
    say(f"unpacking {archive}")
    command = [tool_path("tar", "tar"), "--extract", "--file", archive, *compression(archive)]
    command += ["--directory", folder, "--numeric-owner", "--same-owner", "--preserve-permissions"]
    command += ["--delay-directory-restore", "--warning=no-timestamp"]
    run([*fakeroot(record), *command], archive)
    # What nobody may read has its mode on record, and is read all the same.
    for inside, _, files in os.walk(folder):
        for path in (os.path.join(inside, name) for name in files):
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode) and not mode & stat.S_IRUSR:
                os.chmod(path, stat.S_IMODE(mode) | stat.S_IRUSR)


def attributes(archive):
    """The extended attributes in a tar file: (path, name, value) for each."""
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(open(archive, "rb"))
        if compression(archive) == ["--zstd"]:
            command = [tool_path("zstd", "zstd"), "-dcq", archive]
            stream = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE)).stdout
        with tarfile.open(fileobj=stream, mode="r|*") as members:
            return [
                ("/" + os.path.normpath(member.name), key[len(ATTRIBUTE) :], value)
                for member in members
                for key, value in member.pax_headers.items()
                if key.startswith(ATTRIBUTE)
            ]


def set_attributes(image, start, found):
    """Give files of the image's root the extended attributes that their tar file had."""
    with tempfile.TemporaryDirectory() as scratch:
        commands = []
        for number, (path, name, value) in enumerate(found):
            local = os.path.join(scratch, str(number))
            with open(local, "wb") as file:
                file.write(value.encode("utf-8", "surrogateescape"))
            commands.append(f"ea_set -f {local} {extfs.quoted(path)} {extfs.quoted(name)}")
        extfs.Volume(image, start).run(commands, write=True)


def as_root(root, record):
    """The words under which a tree's files have the owners that they are to have in the image."""
    if os.path.exists(record):
        return fakeroot(record)
    if os.geteuid() == 0:
        return []
    # What belongs to who calls this belongs to root; what belongs to others is theirs.
    user = ["find", root, "-user", str(os.geteuid()), "-exec", "chown", "-h", "0:0", "{}", "+"]
    words = [tool_path("fakeroot", "fakeroot"), "-u", "--"]
    script = f'{shlex.join(user)} && exec "$@"'
    return [*words, "sh", "-c", script, "sh"]


def format_root(image, census, place, names, prefix):
    """ext4 with the tree in it, `place` being (start, size) in bytes, `names` (uuid, label)."""
    say(f"writing {census.files} files, {megabytes(census.size)}")
    command = [tool_path("mke2fs", "e2fsprogs"), "-q", "-F", "-t", "ext4", "-O", FEATURES]
    command += ["-b", str(BLOCK), "-N", str(census.inodes(place[1])), "-m", "1", "-U", names[0]]
    command += ["-L", names[1], "-d", census.root]
    command += ["-E", f"offset={place[0]},root_owner=0:0,assume_storage_prezeroed=1"]
    run([*prefix, *command, image, f"{place[1] >> 10}k"], "mke2fs", image)
    # Of the tree's own directory mke2fs takes nothing.
    extfs.Volume(image, place[0]).run(["sif / mode 040755"], write=True)


# --- The disk around it ---------------------------------------------------------------------------


def write_table(image, efi, root):
    """`efi` and `root` are (start, size) in bytes; there may be no EFI system partition."""
    lines = ["label: gpt"]
    lines += [f"1: start={root[0] // SECTOR}, size={root[1] // SECTOR}, type={TYPE_ROOT}, name=root"]
    if efi:
        lines += [f"15: start={efi[0] // SECTOR}, size={efi[1] // SECTOR}, type={TYPE_EFI}, name=efi"]
    done = run_tool(
        [tool_path("sfdisk", "fdisk"), "-q", image], input="\n".join(lines) + "\n", capture_output=True
    )
    if done.returncode != 0:
        raise Failure(f"sfdisk: {done.stderr.strip()}")


def read_grub(cache):
    for package in GRUB_PACKAGES:
        folder = os.path.join(cache, package)
        fetch.provide(folder, [package])
        for entry in packages.read_manifest(folder):
            for path, read in packages.members(os.path.join(folder, entry.file)):
                if path == GRUB_PATH:
                    return read()
    raise Failure(f"no {GRUB_PATH} in Debian's packages {' and '.join(GRUB_PACKAGES)}")


def format_efi(image, place, grub, configuration):
    """The EFI system partition: GRUB where firmware looks, and its configuration where GRUB does."""
    # Clusters of a sector: mkfs.fat would choose by the size of the whole image, and with larger ones this
    # has fewer than a FAT32 may (65,525).
    command = [tool_path("mkfs.fat", "dosfstools"), "-F", "32", "-s", "1", "-n", "EFI"]
    run([*command, f"--offset={place[0] // SECTOR}", image, str(place[1] >> 10)], "mkfs.fat")
    device = f"{image}@@{place[0]}"
    run([tool_path("mmd", "mtools"), "-i", device, "::EFI", "::EFI/BOOT", "::EFI/debian"], "mmd")
    files = {"EFI/BOOT/BOOTAA64.EFI": grub, "EFI/debian/grub.cfg": configuration.encode()}
    with tempfile.TemporaryDirectory() as scratch:
        for path, data in files.items():
            local = os.path.join(scratch, "file")
            with open(local, "wb") as file:
                file.write(data)
            run([tool_path("mcopy", "mtools"), "-o", "-i", device, local, f"::{path}"], "mcopy")


def grub_configuration(identity, kernel, initrd):
    line = f"    initrd {initrd}\n" if initrd else ""
    return GRUB_CONFIGURATION.format(uuid=identity, title=kernel, kernel=kernel, initrd=line)


def places(size, with_efi, image):
    """Where the EFI system partition, or None, and the root are: (start, size) in bytes."""
    start = MEBIBYTE
    efi = (start, EFI_SIZE) if with_efi else None
    start += EFI_SIZE if with_efi else 0
    left = (size - start - GPT_BACKUP) // MEBIBYTE * MEBIBYTE
    if left < SMALLEST - 2 * MEBIBYTE:
        raise Failure(f"{image}: too small a disk: --size {(start + SMALLEST) >> 20}M at the least")
    return efi, (start, left)


def build(image, options, root, record):
    """Fill the file `image` from the tree `root`, whose owners are in fakeroot's record if there is one."""
    census = Census(root)
    kernel, initrd = kernels(root)
    if options.efi == "grub" and kernel is None:
        raise Failure(f"{options.root}: no kernel (boot/vmlinuz-...) in it for GRUB to start; or --efi none")
    with_efi = kernel is not None and options.efi != "none"
    least = census.room() + (EFI_SIZE if with_efi else 0) + 2 * MEBIBYTE
    # Room to work in, unless a size was asked for.
    size = options.size or max(least + least // 2, 256 * MEBIBYTE) // MEBIBYTE * MEBIBYTE
    if size < least:
        raise Failure(f"{options.image}: the files do not fit; --size {(least >> 20) + 1}M at the least")
    grub = read_grub(options.cache) if with_efi else None
    efi, place = places(size, with_efi, options.image)
    identity = str(uuid.uuid4())
    os.truncate(image, size)
    write_table(image, efi, place)
    format_root(image, census, place, (identity, options.label), as_root(root, record))
    if record:
        set_attributes(image, place[0], attributes(options.root))
    if efi:
        say(f"GRUB, which starts {kernel}")
        format_efi(image, efi, grub, grub_configuration(identity, kernel, initrd))
    say(f"{options.image}: {megabytes(size)}; root=/dev/vda1, UUID={identity}, LABEL={options.label}")


def create(options):
    """Make options.image from options.root; also of interest: size (0: fitting), efi, label, cache."""
    if not os.path.exists(options.root):
        raise Failure(f"{options.root}: no such file or directory")
    with replacing(options.image) as temporary:
        if os.path.isdir(options.root):
            build(temporary, options, os.path.abspath(options.root), "")
            return
        # Beside the image, where there is to be room for as much anyway.
        folder = os.path.dirname(os.path.abspath(options.image))
        with tempfile.TemporaryDirectory(prefix=".root.", dir=folder) as scratch:
            root, record = os.path.join(scratch, "root"), os.path.join(scratch, "fakeroot")
            os.mkdir(root, 0o755)
            unpack(os.path.abspath(options.root), root, record)
            build(temporary, options, root, record)
