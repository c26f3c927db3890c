# SPDX-License-Identifier: BSD-2-Clause
"""guest/fetch.py, image.py and kernel.py with a small archive made here: no network is needed."""

import gzip
import hashlib
import lzma
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from debs import control, make_package

GUEST = Path(__file__).resolve().parents[2] / "guest"
KERNEL = "linux-image-6.1.0-9-arm64"
VERSION = "6.1.0-9-arm64"
IMAGE = bytes(56) + b"ARM\x64" + os.urandom(5000) + f"Linux version {VERSION} (x) #1".encode()

sys.dont_write_bytecode = True
sys.path.insert(0, str(GUEST))
import sources


def modinfo_elf(**fields):
    """A module as far as modprobe's tables go: an ELF file with a .modinfo section."""
    info = b"".join(f"{key}={value}\0".encode() for key, value in fields.items())
    names = b"\0.modinfo\0.shstrtab\0"
    start = 64
    table = start + len(info) + len(names)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 1, 183, 1, 0, 0, table, 0, 64, 0, 0, 64, 3, 2
    )
    sections = bytes(64)
    sections += struct.pack("<IIQQQQIIQQ", 1, 1, 0, 0, start, len(info), 0, 0, 1, 0)
    sections += struct.pack("<IIQQQQIIQQ", 10, 3, 0, 0, start + len(info), len(names), 0, 0, 1, 0)
    return header + info + names + sections


MODULES = {
    "drivers/virtio/virtio_mmio.ko": {"alias": "of:N*T*Cvirtio,mmio"},
    "drivers/virtio/virtio_pci.ko": {},
    "drivers/block/virtio_blk.ko": {"alias": "virtio:d00000002v*"},
    "drivers/net/virtio_net.ko": {"depends": "net_failover"},
    "drivers/net/net_failover.ko": {"depends": "failover"},
    "fs/efivarfs/efivarfs.ko": {"depends": ""},
    "net/core/failover.ko": {"depends": ""},
    "drivers/char/virtio_console.ko": {},
    "drivers/char/hw_random/virtio-rng.ko": {},
    "drivers/nvme/nvme.ko.xz": {},
    "drivers/net/ethernet/intel/e1000e/e1000e.ko": {},
    "drivers/usb/host/xhci-pci.ko": {},
    "drivers/usb/storage/usb-storage.ko": {},
    "drivers/scsi/sd_mod.ko": {},
    "drivers/watchdog/sbsa_gwdt.ko.xz": {},
    "fs/ext4/ext4.ko": {"depends": "mbcache,jbd2,crc16"},
    "fs/jbd2/jbd2.ko": {"depends": "crc16"},
    "fs/mbcache.ko": {},
    "lib/crc16.ko": {},
    "fs/odd/odd.ko": {"depends": "gone"},
    "fs/other/not-wanted.ko": {},
}


class Archive:
    """An apt archive in a directory, and an apt configuration that knows no other."""

    def __init__(self, root):
        self.root = root
        self.index = root / "debian/dists/bookworm/main/binary-arm64/Packages"
        self.index.parent.mkdir(parents=True)
        (root / "sources").mkdir()
        (root / "sources.list").write_text(
            "deb [arch=amd64] copy:/nowhere/vendor stable main\n"
            f"deb [arch=amd64 trusted=yes allow-insecure=yes] copy:{root}/debian bookworm main\n"
        )
        (root / "apt.conf").write_text(
            f'Dir::Etc::sourcelist "{root}/sources.list";\n'
            f'Dir::Etc::sourceparts "{root}/sources";\n'
        )
        self.add("busybox-static", "1.35", {"bin/busybox": b"a program"})
        self.add_kernel("1-1")

    def add(self, name, version, files, depends=""):
        fields = control(name, version, depends=depends)
        deb = self.root / "debian" / f"{name}_{version}_arm64.deb"
        digest = make_package(deb, files, fields)
        with open(self.index, "a", encoding="utf-8") as file:
            file.write(fields + f"Filename: {deb.name}\nSize: {deb.stat().st_size}\n")
            file.write(f"SHA256: {digest}\n\n")

    def add_kernel(self, version, image=IMAGE):
        base = f"lib/modules/{VERSION}"
        files = {f"boot/vmlinuz-{VERSION}": image}
        files[f"{base}/modules.builtin"] = b"kernel/crypto/crc32c_generic.ko\n"
        for path, fields in MODULES.items():
            data = modinfo_elf(**fields)
            files[f"{base}/kernel/{path}"] = lzma.compress(data) if path.endswith("xz") else data
        self.add(KERNEL, version, files)
        self.add("linux-image-arm64", version, {}, depends=f"{KERNEL} (= {version})")

    def run(self, script, *arguments):
        return subprocess.run(
            [GUEST / script, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            env=dict(os.environ, APT_CONFIG=str(self.root / "apt.conf")),
        )

    def good(self, script, *arguments):
        done = self.run(script, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def failure(self, script, *arguments):
        done = self.run(script, *arguments)
        assert done.returncode == 1
        said = [line for line in done.stderr.splitlines() if line.startswith("guest/")]
        assert len(said) == 1, done.stderr
        return said[0]


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


@pytest.fixture
def cache(archive, tmp_path):
    archive.good("fetch.py", tmp_path / "cache")
    return tmp_path / "cache"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def read_cpio(path):
    """The entries of an initrd: path to (mode, data)."""
    found = {}
    data = gzip.decompress(path.read_bytes())
    offset = 0
    while True:
        assert data[offset : offset + 6] == b"070701"
        fields = [int(data[offset + 6 + i * 8 : offset + 14 + i * 8], 16) for i in range(13)]
        mode, uid, gid, mtime, size, length = (fields[i] for i in (1, 2, 3, 5, 6, 11))
        name = data[offset + 110 : offset + 110 + length - 1].decode()
        if name == "TRAILER!!!":
            return found
        assert (uid, gid, mtime) == (0, 0, 0)
        offset += (110 + length + 3) & ~3
        found[name] = (mode, data[offset : offset + size])
        offset += (size + 3) & ~3


# --- fetch.py ----------------------------------------------------------------------------------

DEBS = [".lock", "busybox-static_1.35_arm64.deb", f"{KERNEL}_1-1_arm64.deb", "packages.list"]


def test_fetch_fills_the_cache_once(archive, tmp_path):
    cache = tmp_path / "cache"
    output = archive.good("fetch.py", cache)
    assert f"Fetching {KERNEL}" in output
    assert names(cache) == DEBS
    # Complete: no archive is needed any more, and nothing is said.
    archive.index.unlink()
    assert archive.good("fetch.py", cache) == ""


def test_fetch_replaces_what_is_damaged(archive, cache):
    deb = cache / DEBS[1]
    good = deb.read_bytes()
    deb.write_bytes(good[:-1])
    archive.good("fetch.py", cache)
    assert deb.read_bytes() == good
    deb.unlink()
    (cache / "packages.list").write_text("half a li")
    archive.good("fetch.py", cache)
    assert names(cache) == DEBS


def test_refresh_takes_the_current_kernel(archive, cache):
    archive.add_kernel("2-1")
    assert archive.good("fetch.py", cache) == ""
    archive.good("fetch.py", cache, "--refresh")
    assert names(cache) == sorted([*DEBS[:2], f"{KERNEL}_2-1_arm64.deb", DEBS[3]])


def test_what_a_killed_fetch_left_goes(archive, tmp_path):
    left = tmp_path / "cache" / "fetch.x.tmp" / "apt"
    left.mkdir(parents=True)
    archive.good("fetch.py", tmp_path / "cache")
    assert names(tmp_path / "cache") == DEBS


def test_a_failed_fetch_is_no_fetch(archive, tmp_path):
    cache = tmp_path / "cache"
    deb = archive.root / "debian" / DEBS[2]
    good = deb.read_bytes()
    deb.write_bytes(good[:-1] + b"x")
    assert "apt-get could not download" in archive.failure("fetch.py", cache)
    assert "packages.list" not in names(cache)
    assert not list(cache.glob("fetch.*"))
    assert "the packages are not there" in archive.failure("image.py", cache, tmp_path / "out")
    deb.write_bytes(good)
    archive.good("fetch.py", cache)
    assert names(cache) == DEBS


def test_a_further_package_has_a_folder_of_its_own(archive, cache):
    archive.add("grub-efi-arm64-bin", "2", {"grub": b"x"})
    archive.good("fetch.py", cache, "--package", "grub-efi-arm64-bin")
    assert names(cache / "grub-efi-arm64-bin") == [".lock", "grub-efi-arm64-bin_2_arm64.deb", "packages.list"]
    assert names(cache) == sorted([*DEBS, "grub-efi-arm64-bin"])
    # What only names kernels is followed, and is none of the files.
    archive.good("fetch.py", cache, "--package", "linux-image-arm64")
    assert names(cache / "linux-image-arm64") == [".lock", DEBS[2], "packages.list"]
    archive.index.unlink()
    assert archive.good("fetch.py", cache, "--package", "linux-image-arm64") == ""


def test_a_package_of_another_suite(archive, tmp_path):
    backports = archive.root / "debian/dists/bookworm-backports/main/binary-arm64"
    backports.mkdir(parents=True)
    text = archive.index.read_text()
    archive.add_kernel("6-6~bpo")
    (backports / "Packages").write_text(archive.index.read_text()[len(text) :])
    archive.index.write_text(text)
    data = (backports / "Packages").read_bytes()
    (backports.parents[1] / "Release").write_text(
        "Suite: stable-backports\nCodename: bookworm-backports\nNotAutomatic: yes\nDate: Thu, 01 Jan 2026 00:00:00 UTC\n"
        f"SHA256:\n {hashlib.sha256(data).hexdigest()} {len(data)} main/binary-arm64/Packages\n"
    )
    options = ["--package", "linux-image-arm64", "--suite", "bookworm-backports"]
    archive.good("fetch.py", tmp_path / "cache", *options)
    folder = tmp_path / "cache/linux-image-arm64_bookworm-backports"
    assert f"{KERNEL}_6-6~bpo_arm64.deb" in names(folder)
    options[3] = "trixie-backports"
    message = "have no archive with the suite trixie-backports"
    assert message in archive.failure("fetch.py", tmp_path / "other", *options)


def test_fetch_without_the_archive_or_the_package(archive, tmp_path):
    text = archive.index.read_text()
    archive.index.write_text(text.replace("busybox-static", "other"))
    message = "the machine's apt sources have no package busybox-static for arm64"
    assert message in archive.failure("fetch.py", tmp_path / "cache")
    archive.index.unlink()
    assert "could not read the archive's index" in archive.failure("fetch.py", tmp_path / "cache")
    (archive.root / "sources.list").write_text("deb https://vendor.invalid/ stable contrib\n")
    assert "name no Debian archive" in archive.failure("fetch.py", tmp_path / "cache")
    assert names(tmp_path / "cache") == [".lock"]


STANZAS = """
Types: deb deb-src
URIs: http://archive.invalid/debian
# between the fields
Suites: trixie trixie-updates experimental
Components: main contrib
Architectures: amd64
Signed-By:
 /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://off.invalid/debian
Suites: trixie
Components: main
"""
LINES = """
# deb http://comment.invalid/debian trixie main
deb cdrom:[Debian GNU/Linux 12]/ bookworm main
deb-src http://archive.invalid/debian bookworm main
deb [ arch=amd64 signed-by=/k.gpg ] http://archive.invalid/debian-security bookworm-security main #
deb [arch=amd64] https://vendor.invalid/chrome/deb/ stable main
deb https://vendor.invalid/flat ./
"""


def test_sources_are_filtered():
    usable = [entry for entry in sources.parse_stanzas(STANZAS) if entry.is_usable()]
    assert [entry.stanza() for entry in usable] == [
        "Types: deb\nURIs: http://archive.invalid/debian\nSuites: trixie trixie-updates\n"
        "Components: main\nSigned-By: \n /usr/share/keyrings/debian-archive-keyring.gpg\n"
    ]
    usable = [entry for entry in sources.parse_lines(LINES) if entry.is_usable()]
    assert [entry.words("uris")[0] for entry in usable if entry.is_debian()] == [
        "http://archive.invalid/debian-security"
    ]
    assert usable[0].stanza() == (
        "Types: deb\nURIs: http://archive.invalid/debian-security\n"
        "Suites: bookworm-security\nComponents: main\nSigned-By: /k.gpg\n"
    )


# --- image.py ----------------------------------------------------------------------------------


def test_image_and_initrd(archive, cache, tmp_path):
    out = tmp_path / "out"
    assert archive.good("image.py", cache, out) == ""
    assert names(out) == ["Image", "initrd.gz"]
    assert (out / "Image").read_bytes() == IMAGE
    files = read_cpio(out / "initrd.gz")
    assert files["bin/busybox"] == (0o100755, b"a program")
    assert files["init"][0] == 0o100755
    assert files["etc/passwd"][0] == 0o100644
    assert files["sbin/reboot"] == (0o120777, b"poweroff")
    folders = [path for path, (mode, _) in files.items() if mode == 0o040755]
    assert {os.path.dirname(path) for path in files} - {""} <= set(folders)
    assert list(files) == sorted(files)


def test_modules_with_what_they_need(archive, cache, tmp_path):
    archive.good("image.py", cache, tmp_path)
    files = read_cpio(tmp_path / "initrd.gz")
    base = f"lib/modules/{VERSION}"
    modules = {path.removeprefix(f"{base}/kernel/") for path in files if path.endswith(".ko")}
    expected = {re.sub(r"\.xz$", "", path) for path in MODULES}
    assert modules == expected - {"fs/odd/odd.ko", "fs/other/not-wanted.ko"}
    assert files[f"{base}/kernel/drivers/nvme/nvme.ko"][1] == modinfo_elf()
    lines = dict(
        line.split(":") for line in files[f"{base}/modules.dep"][1].decode().splitlines()
    )
    assert lines["kernel/drivers/net/virtio_net.ko"].split() == [
        "kernel/drivers/net/net_failover.ko",
        "kernel/net/core/failover.ko",
    ]
    # modprobe loads from the end: what is needed by others stands after them.
    ext4 = lines["kernel/fs/ext4/ext4.ko"].split()
    assert ext4.index("kernel/lib/crc16.ko") > ext4.index("kernel/fs/jbd2/jbd2.ko")
    assert b"alias virtio:d00000002v* virtio_blk\n" in files[f"{base}/modules.alias"][1]


def test_the_same_input_gives_the_same_bytes(archive, cache, tmp_path):
    archive.good("image.py", cache, tmp_path / "a")
    old = os.umask(0o077)
    try:
        archive.good("image.py", cache, tmp_path / "b")
    finally:
        os.umask(old)
    for name in ("Image", "initrd.gz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_overlay_and_further_modules(archive, cache, tmp_path):
    overlay = tmp_path / "overlay"
    (overlay / "etc").mkdir(parents=True)
    (overlay / "etc/hostname").write_text("mine\n")
    (overlay / "run-me").write_text("#!/bin/sh\n")
    (overlay / "run-me").chmod(0o700)
    (overlay / "link").symlink_to("etc")
    options = ["--overlay", overlay, "--module", "not-wanted"]
    archive.good("image.py", *options, cache, tmp_path)
    files = read_cpio(tmp_path / "initrd.gz")
    assert files["etc/hostname"] == (0o100644, b"mine\n")
    assert files["run-me"][0] == 0o100755
    assert files["link"] == (0o120777, b"etc")
    assert f"lib/modules/{VERSION}/kernel/fs/other/not-wanted.ko" in files


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--kernel", "/nowhere.deb"], "/nowhere.deb: no such file"),
        (["--kernel", "/proc/version"], "not an arm64 Linux kernel"),
        (["--module", "nonsense"], "the kernel package has no module nonsense"),
        (["--module", "odd"], "kernel module odd needs gone, which the package lacks"),
        (["--overlay", "/nowhere"], "/nowhere: not a directory"),
    ],
)
def test_image_refuses(archive, cache, tmp_path, options, message):
    assert message in archive.failure("image.py", *options, cache, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def own_package(archive, version, modules, image=None):
    """A kernel package of another version, with some modules, and where it lies."""
    files = {f"lib/modules/{version}/kernel/{path}": modinfo_elf(**MODULES[path]) for path in modules}
    image = image or IMAGE.replace(VERSION.encode(), version.encode())
    archive.add(f"linux-image-{version}", "1", {f"boot/vmlinuz-{version}": gzip.compress(image), **files})
    return archive.root / "debian" / f"linux-image-{version}_1_arm64.deb", image


def test_the_users_kernel_package(archive, cache, tmp_path):
    few = ["drivers/virtio/virtio_mmio.ko", "drivers/net/virtio_net.ko", "drivers/net/net_failover.ko"]
    deb, image = own_package(archive, "9.9-cloud", [*few, "net/core/failover.ko", "fs/other/not-wanted.ko"])
    done = archive.run("image.py", "--kernel", deb, cache, tmp_path)
    assert done.returncode == 0
    assert re.match("guest/image.py: note: kernel 9.9-cloud is without virtio_pci virtio_blk .*ext4", done.stderr)
    assert (tmp_path / "Image").read_bytes() == image
    files = read_cpio(tmp_path / "initrd.gz")
    found = [path for path in files if path.endswith(".ko")]
    assert found == sorted(f"lib/modules/9.9-cloud/kernel/{path}" for path in [*few, "net/core/failover.ko"])
    # What is asked for by name has to be there.
    done = archive.run("image.py", "--kernel", deb, "--module", "nvme", cache, tmp_path / "out")
    assert done.returncode == 1 and "the kernel package has no module nvme" in done.stderr


@pytest.mark.parametrize("inside", ["", "root/lib/modules/"])
def test_the_users_kernel_with_a_directory_of_modules(archive, cache, tmp_path, inside):
    base = tmp_path / "modules" / inside / VERSION
    (base / "kernel/fs").mkdir(parents=True)
    (base / "kernel/fs/ext4.ko").write_bytes(modinfo_elf(alias="fs-ext4"))
    (base / "modules.builtin").write_text("kernel/drivers/virtio_blk.ko\n")
    (base / "build").symlink_to("/nowhere")
    (tmp_path / "vmlinux.gz").write_bytes(gzip.compress(IMAGE))
    folder = tmp_path / "modules/root" if inside else base
    command = ["image.py", "--kernel", tmp_path / "vmlinux.gz", "--modules", folder, cache, tmp_path]
    done = archive.run(*command)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "Image").read_bytes() == IMAGE
    files = read_cpio(tmp_path / "initrd.gz")
    assert [path for path in files if path.endswith(".ko")] == [f"lib/modules/{VERSION}/kernel/fs/ext4.ko"]
    (tmp_path / "vmlinux.gz").write_bytes(gzip.compress(IMAGE.replace(VERSION.encode(), b"7.7")))
    assert f"the kernel is 7.7, and the modules are those of {VERSION}" in archive.failure(*command)


# --- kernel.py ---------------------------------------------------------------------------------


def test_a_kernel_without_its_modules_is_said(archive, cache, tmp_path):
    archive.good("image.py", cache, tmp_path)
    (tmp_path / "other").write_bytes(IMAGE.replace(VERSION.encode(), b"7.7-mine"))
    (tmp_path / "bare").write_bytes(gzip.compress(b"070701 an initramfs without modules"))
    said = []
    for kernel, initrd in (("other", "initrd.gz"), ("Image", "initrd.gz"), ("other", "bare"), ("other", "Image")):
        done = archive.run("kernel.py", tmp_path / kernel, tmp_path / "out", "--initrd", tmp_path / initrd)
        assert done.returncode == 0
        said.append(done.stderr)
    assert f"has modules of {VERSION}, and the kernel is 7.7-mine: there will be no drivers but its own" in said[0]
    assert len(said[0].splitlines()) == 1 and said[1:] == ["", "", ""]


def zboot(payload, kind, size=None):
    """An EFI program with a compressed kernel: the header, padding, the payload."""
    size = len(payload) if size is None else size
    header = struct.pack("<4s4sII8x32s", b"MZ\0\0", b"zimg", 512, size, kind)
    return header.ljust(512, b"\0") + payload


def zstd(data):
    return subprocess.run(["zstd", "-cq"], input=data, capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    "make",
    [
        lambda: IMAGE,
        lambda: gzip.compress(IMAGE),
        lambda: lzma.compress(IMAGE),
        lambda: zstd(IMAGE),
        lambda: zboot(gzip.compress(IMAGE), b"gzip"),
        # The kernel's build appends the length to all but gzip.
        lambda: zboot(lzma.compress(IMAGE) + struct.pack("<I", len(IMAGE)), b"xzkern"),
        lambda: zboot(zstd(IMAGE) + struct.pack("<I", len(IMAGE)), b"zstd22"),
        lambda: zboot(gzip.compress(IMAGE) + b"signature", b"gzip"),
    ],
)
def test_kernel_is_decoded(archive, tmp_path, make):
    (tmp_path / "in").write_bytes(make())
    archive.good("kernel.py", tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == IMAGE


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: b"", "not an arm64 Linux kernel"),
        (lambda: b"\x7fELF" + bytes(100), "not an arm64 Linux kernel"),
        (lambda: gzip.compress(b"text" * 100), "what is compressed in it is not"),
        (lambda: gzip.compress(IMAGE)[:-9], "damaged: truncated"),
        (lambda: lzma.compress(IMAGE)[:-1], "damaged: truncated"),
        (lambda: zstd(IMAGE)[:-1], "damaged"),
        (lambda: zboot(gzip.compress(IMAGE)[:-9], b"gzip"), "damaged: truncated"),
        (lambda: zboot(gzip.compress(IMAGE), b"lzma"), "compressed in an unknown way (lzma)"),
        (lambda: zboot(b"", b"gzip", 4096), "truncated"),
        (lambda: zboot(b"\0" * 64, b"gzip"), "damaged"),
    ],
)
def test_what_is_no_kernel(archive, tmp_path, make, message):
    (tmp_path / "in").write_bytes(make())
    assert message in archive.failure("kernel.py", tmp_path / "in", tmp_path / "out")
    assert names(tmp_path) == ["archive", "in"]
