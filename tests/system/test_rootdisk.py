# SPDX-License-Identifier: BSD-2-Clause
"""guest/disk.py create --root: what it makes of trees and tar files, seen with the file systems' own tools."""

import io
import json
import os
import re
import shutil
import struct
import subprocess
import tarfile
from pathlib import Path

import pytest

from debs import cache_package
from test_disk import DISK, OFFSET, debugfs, disk, failure, good

EFI_SIZE = 64 << 20
GRUB_FILE = b"MZ GRUB" + bytes(5000)
GRUB = "usr/lib/grub/arm64-efi/monolithic/grubaa64.efi"
CAPABILITY = b"\x01\x00\x00\x02\x00\x20\x00\x00" + bytes(12)  # cap_net_raw+ep, as setcap writes it
# path: type, mode, uid, gid, what else
FILES = {
    "bin/su": (tarfile.REGTYPE, 0o4755, 0, 0, b"a program"),
    "bin/hard": (tarfile.LNKTYPE, 0o4755, 0, 0, "bin/su"),
    "bin/ping": (tarfile.REGTYPE, 0o755, 0, 0, b"ping"),
    "etc/shadow": (tarfile.REGTYPE, 0o640, 0, 42, b"secret"),
    "etc/link": (tarfile.SYMTYPE, 0o777, 0, 0, "../bin/su"),
    "dev/ttyAMA0": (tarfile.CHRTYPE, 0o620, 0, 5, (204, 64)),
    "dev/vda": (tarfile.BLKTYPE, 0o660, 0, 6, (254, 0)),
    "run/fifo": (tarfile.FIFOTYPE, 0o600, 7, 8, None),
    "home/me": (tarfile.DIRTYPE, 0o700, 1000, 1000, None),
    "home/me/a \"b\" \u00fc": (tarfile.REGTYPE, 0o600, 1000, 1000, b"mine"),
    "closed": (tarfile.DIRTYPE, 0o000, 3, 4, None),
    "closed/file": (tarfile.REGTYPE, 0o000, 3, 4, b"unreadable"),
    "big": (tarfile.REGTYPE, 0o644, 70000, 70001, os.urandom(3 << 20)),
}


def write_tar(path, files=None):
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w", format=tarfile.PAX_FORMAT) as archive:
        for name, (kind, mode, uid, gid, what) in (files or FILES).items():
            member = tarfile.TarInfo(f"./{name}")
            member.type, member.mode, member.uid, member.gid = kind, mode, uid, gid
            data = what if kind == tarfile.REGTYPE else b""
            member.size = len(data)
            if kind in (tarfile.LNKTYPE, tarfile.SYMTYPE):
                member.linkname = f"./{what}" if kind == tarfile.LNKTYPE else what
            if kind in (tarfile.CHRTYPE, tarfile.BLKTYPE):
                member.devmajor, member.devminor = what
            if name == "bin/ping":
                text = CAPABILITY.decode("utf-8", "surrogateescape")
                member.pax_headers = {"SCHILY.xattr.security.capability": text}
            archive.addfile(member, io.BytesIO(data))
    return path


def described(image, path):
    """Type, mode, uid, gid of a path in the image, and all that debugfs says."""
    text = debugfs(image, f'stat "{path}"'.replace('a "b"', 'a ""b""'))
    fields = re.search(r"Type: (.*?) +Mode: +(\d+).*?User: +(\d+) +Group: +(\d+)", text, re.S)
    return (fields[1], int(fields[2], 8), int(fields[3]), int(fields[4])), text


KINDS = {
    tarfile.REGTYPE: "regular",
    tarfile.LNKTYPE: "regular",
    tarfile.SYMTYPE: "symlink",
    tarfile.CHRTYPE: "character special",
    tarfile.BLKTYPE: "block special",
    tarfile.FIFOTYPE: "FIFO",
    tarfile.DIRTYPE: "directory",
}


def check_files(image, files=None):
    for name, (kind, mode, uid, gid, what) in (files or FILES).items():
        found, text = described(image, f"/{name}")
        assert found == (KINDS[kind], mode, uid, gid), name
        if kind in (tarfile.CHRTYPE, tarfile.BLKTYPE):
            assert f"{what[0]:02}:{what[1]:02}" in text or "%d:%d" % what in text, text
        if name in ("bin/su", "bin/hard"):
            assert "Links: 2" in text


def partitions(image):
    shown = subprocess.run(["/usr/sbin/sfdisk", "-J", image], capture_output=True, text=True, check=True)
    return json.loads(shown.stdout)["partitiontable"]


@pytest.fixture
def user(tmp_path):
    """The words that make a command an ordinary user's, and a folder of that user's with the scripts."""
    if os.geteuid() != 0:
        yield [], tmp_path
        return
    prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "PATH=/usr/bin:/bin"]
    folder = Path(subprocess.check_output([*prefix, "mktemp", "-d"], text=True).strip())
    for script in DISK.parent.glob("*.py"):
        shutil.copy(script, folder)
    yield prefix, folder
    shutil.rmtree(folder)


def by_user(user, *arguments):
    prefix, folder = user
    script = folder / "disk.py" if prefix else DISK
    return subprocess.run(
        [*prefix, script, *arguments], capture_output=True, text=True, check=False, cwd=folder
    )


@pytest.mark.parametrize("name", ["root.tar", "root.tar.gz"])
def test_a_tar_by_an_ordinary_user(user, name):
    _, folder = user
    write_tar(folder / name)
    done = by_user(user, "create", "disk.img", "--root", name, "--label", "mine")
    assert (done.returncode, done.stderr) == (0, "")
    image = folder / "disk.img"
    check_files(image)
    assert debugfs(image, "cat /etc/shadow") == "secret"
    assert debugfs(image, "cat /closed/file") == "unreadable"
    assert "security.capability (20)" in debugfs(image, "stat /bin/ping")
    assert "clean" in good("check", image)
    table = partitions(image)
    assert table["label"] == "gpt"
    (root,) = table["partitions"]
    assert root["start"] == 2048
    # What the disk says of itself is what root= may name.
    named = re.search(r"root=/dev/vda1, UUID=(\S+), LABEL=mine", done.stdout)
    shown = debugfs(image, "stats -h")
    assert f"Filesystem UUID:          {named[1]}" in shown
    assert re.search(r"volume name: +mine$", shown, re.M)
    assert "has_journal" in shown and "metadata_csum_seed" not in shown and "orphan_file" not in shown
    assert described(image, "/")[0] == ("directory", 0o755, 0, 0)
    left = {path.name for path in folder.iterdir()} - {path.name for path in DISK.parent.glob("*.py")}
    assert left == {name, "disk.img"}


def test_a_tree_by_an_ordinary_user_belongs_to_root(user):
    prefix, folder = user
    script = "mkdir -p tree/sub && echo a > tree/sub/file && ln tree/sub/file tree/hard && mkfifo tree/fifo"
    subprocess.run([*prefix, "sh", "-c", f"umask 022; {script}"], check=True, cwd=folder)
    done = by_user(user, "create", "disk.img", "--root", "tree")
    assert (done.returncode, done.stderr) == (0, "")
    for path, kind, mode in (("/sub", "directory", 0o755), ("/sub/file", "regular", 0o644), ("/fifo", "FIFO", 0o644)):
        assert described(folder / "disk.img", path)[0] == (kind, mode, 0, 0)
    # And the tree itself is what it was.
    assert (folder / "tree/sub/file").stat().st_uid == (65534 if prefix else os.getuid())
    assert "Links: 2" in debugfs(folder / "disk.img", "stat /hard")


def test_a_tree_by_root_has_its_owners(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("files of others need root")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/file").write_text("others\n")
    os.chown(tmp_path / "tree/file", 1234, 5678)
    good("create", tmp_path / "disk.img", "--root", tmp_path / "tree")
    assert described(tmp_path / "disk.img", "/file")[0][2:] == (1234, 5678)


def test_ten_thousand_files(tmp_path):
    """The time is not judged here; that it is one run of mke2fs, and not a program a file, is."""
    for folder in range(100):
        (tmp_path / f"tree/{folder}").mkdir(parents=True)
        for number in range(100):
            (tmp_path / f"tree/{folder}/{number}").write_text(f"{folder} {number}\n")
    text = good("create", tmp_path / "disk.img", "--root", tmp_path / "tree")
    assert "writing 10101 files" in text
    assert debugfs(tmp_path / "disk.img", "cat /57/93") == "57 93\n"
    assert "clean" in good("check", tmp_path / "disk.img")


def test_large_sizes(tmp_path):
    (tmp_path / "tree").mkdir()
    with open(tmp_path / "tree/large", "wb") as file:
        file.truncate(5 << 30)
        file.seek((4 << 30) + 5)
        file.write(b"behind four gigabytes")
    image = tmp_path / "disk.img"
    good("create", image, "--root", tmp_path / "tree", "--size", "3T")
    assert image.stat().st_size == 3 << 40
    assert re.search(rf"Size: {5 << 30}$", debugfs(image, "stat /large"), re.M)
    (root,) = partitions(image)["partitions"]
    assert root["size"] * 512 == (3 << 40) - (2 << 20)
    assert image.stat().st_blocks * 512 < 4 << 30


@pytest.fixture
def cache(tmp_path):
    """As on Debian 12, where GRUB is in the first of the packages."""
    cache_package(tmp_path / "cache", "grub-efi-arm64-bin", {GRUB: GRUB_FILE})
    return tmp_path / "cache"


def test_grub_of_later_releases(tmp_path):
    cache_package(tmp_path / "cache", "grub-efi-arm64-bin", {"usr/lib/grub/arm64-efi/linux.mod": GRUB_FILE})
    cache_package(tmp_path / "cache", "grub-efi-arm64-unsigned", {GRUB: GRUB_FILE})
    image = tmp_path / "disk.img"
    root = write_tar(tmp_path / "root.tar", boot_files("6"))
    good("create", image, "--root", root, "--cache", tmp_path / "cache")
    command = ["mtype", "-i", f"{image}@@{OFFSET}", "::EFI/BOOT/BOOTAA64.EFI"]
    assert subprocess.run(command, capture_output=True, check=True).stdout.startswith(b"MZ GRUB")


def boot_files(*versions, links=False):
    files = {}
    for version in versions:
        files[f"boot/vmlinuz-{version}"] = (tarfile.REGTYPE, 0o644, 0, 0, b"MZ")
        files[f"boot/initrd.img-{version}"] = (tarfile.REGTYPE, 0o644, 0, 0, b"cpio")
    if links:
        files["vmlinuz"] = (tarfile.SYMTYPE, 0o777, 0, 0, f"boot/vmlinuz-{versions[-1]}")
        files["initrd.img"] = (tarfile.SYMTYPE, 0o777, 0, 0, f"boot/initrd.img-{versions[-1]}")
    return files


@pytest.mark.parametrize(
    ("files", "kernel", "initrd"),
    [
        (boot_files("6.1.0-9-arm64", "6.1.0-56-arm64"), "/boot/vmlinuz-6.1.0-56-arm64", "/boot/initrd.img-6.1.0-56-arm64"),
        (boot_files("6.1.0-9-arm64", links=True), "/vmlinuz", "/initrd.img"),
        ({"boot/vmlinuz-x": (tarfile.REGTYPE, 0o644, 0, 0, b"MZ")}, "/boot/vmlinuz-x", None),
    ],
)
def test_an_efi_system_partition(tmp_path, cache, files, kernel, initrd):
    image = tmp_path / "disk.img"
    good("create", image, "--root", write_tar(tmp_path / "root.tar", files), "--cache", cache)
    root, efi = partitions(image)["partitions"]
    assert efi["node"].endswith("15") and efi["type"] == "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
    assert (efi["start"], efi["size"] * 512) == (2048, EFI_SIZE)
    assert root["start"] * 512 == OFFSET + EFI_SIZE
    device = ["-i", f"{image}@@{OFFSET}"]
    run = {"capture_output": True, "check": True}
    assert subprocess.run(["mtype", *device, "::EFI/BOOT/BOOTAA64.EFI"], **run).stdout.startswith(b"MZ GRUB")
    text = subprocess.run(["mtype", *device, "::EFI/debian/grub.cfg"], text=True, **run).stdout
    uuid = re.search(r"UUID=(\S+) rw", text)[1]
    assert f"search --no-floppy --fs-uuid --set=root {uuid}\n" in text
    assert f"linux {kernel} root=UUID={uuid} rw\n" in text
    assert (f"initrd {initrd}\n" in text) if initrd else ("initrd " not in text)
    assert "vmlinuz" in good("ls", image, "/boot")
    assert "clean" in good("check", image)
    subprocess.run(["/usr/sbin/fsck.fat", "-n", "-"], input=b"", capture_output=True, check=False)
    with open(tmp_path / "efi", "wb") as file, open(image, "rb") as whole:
        whole.seek(OFFSET)
        file.write(whole.read(EFI_SIZE))
    subprocess.run(["/usr/sbin/fsck.fat", "-n", tmp_path / "efi"], capture_output=True, check=True)


def test_the_efi_system_partition_of_a_large_disk(tmp_path, cache):
    """A FAT32 with as many clusters as one has, which mkfs.fat itself leaves to the size of the disk."""
    image = tmp_path / "disk.img"
    archive = write_tar(tmp_path / "root.tar", boot_files("6"))
    good("create", image, "--root", archive, "--cache", cache, "--size", "600M")
    with open(image, "rb") as file:
        file.seek(OFFSET)
        sector = file.read(512)
    reserved, fats = struct.unpack_from("<HB", sector, 14)
    sectors, fat_sectors = struct.unpack_from("<II", sector, 32)
    assert (sectors - reserved - fats * fat_sectors) // sector[13] >= 65525


def test_no_efi_system_partition_if_not_wanted(tmp_path):
    image = tmp_path / "disk.img"
    good("create", image, "--efi", "none", "--root", write_tar(tmp_path / "root.tar", boot_files("6")))
    assert len(partitions(image)["partitions"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--root", "nowhere"], "nowhere: no such file or directory"),
        (["--root", "text"], "does not look like a tar archive"),
        (["--root", "cut.tar.gz"], "cut.tar.gz: "),
        (["--root", "root.tar", "--size", "8M"], "the files do not fit; --size"),
        (["--root", "root.tar", "--efi", "grub"], "no kernel (boot/vmlinuz-...) in it for GRUB to start"),
        (["--root", "root.tar", "text"], "text: --root has all that there is on the disk"),
        (["text"], "--size is missing"),
    ],
)
def test_bad_roots_are_one_line(tmp_path, arguments, message):
    write_tar(tmp_path / "root.tar")
    (tmp_path / "text").write_text("no tar file\n" * 100)
    whole = write_tar(tmp_path / "root.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    before = sorted(path.name for path in tmp_path.iterdir())
    done = disk("create", "disk.img", *arguments, cwd=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("guest/disk.py: ") and message in line
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_file_that_may_not_be_read(user):
    prefix, folder = user
    subprocess.run([*prefix, "mkdir", folder / "tree"], check=True)
    (folder / "tree/shut").write_text("")
    (folder / "tree/shut").chmod(0)
    done = by_user(user, "create", "disk.img", "--root", "tree")
    assert done.returncode == 1
    assert done.stderr.endswith("tree/shut: permission denied\n")
    assert not (folder / "disk.img").exists()


def test_an_image_that_exists_stays(tmp_path):
    write_tar(tmp_path / "root.tar")
    (tmp_path / "disk.img").write_text("mine")
    assert "exists; --force" in failure("create", "disk.img", "--root", "root.tar", cwd=tmp_path)
    assert (tmp_path / "disk.img").read_text() == "mine"
