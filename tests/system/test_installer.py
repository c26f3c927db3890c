# SPDX-License-Identifier: BSD-2-Clause
"""guest/installer.py with an installer, GRUB and an archive made here; docs/tasks.md has the real ones."""

import contextlib
import functools
import gzip
import http.server
import lzma
import os
import threading

import pytest

from conftest import ROOT, good, run
from debs import cache_package
from test_guest_scripts import read_cpio
from test_rootdisk import GRUB, GRUB_FILE

INSTALLER = "usr/lib/debian-installer/images/12/arm64/text/debian-installer/arm64"
PACKAGE = "debian-installer-12-netboot-arm64"
UDEB = "pool/main/a/anna/anna_1.91+x_arm64.udeb"


@pytest.fixture
def cache(tmp_path):
    cache = tmp_path / "cache"
    cache_package(cache, "grub-efi-arm64-bin", {GRUB: GRUB_FILE})
    files = {f"{INSTALLER}/linux": b"MZ kernel", f"{INSTALLER}/initrd.gz": gzip.compress(b"the installer's own")}
    cache_package(cache, PACKAGE, files, "all")
    return cache


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder):
    handler = functools.partial(Silent, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def archive(tmp_path):
    root = tmp_path / "archive/debian"
    index = root / "dists/bookworm/main/debian-installer/binary-arm64/Packages.xz"
    for path in (index, root / UDEB):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
    text = f"Package: a\nFilename: pool/main/a/a/a_1_all.udeb\n\nPackage: anna\nFilename: {UDEB}\n"
    index.write_bytes(lzma.compress(text.encode()))
    return root


def make_disk(tmp_path, cache, *options, apt=""):
    (tmp_path / "apt.conf").write_text(apt)
    command = [ROOT / "guest/installer.py", tmp_path / "disk.img", "--release", "12", "--cache", cache, "--size", "300M"]
    return run([*command, *options], env=dict(os.environ, APT_CONFIG=str(tmp_path / "apt.conf")))


def taken(tmp_path, name):
    good(run([ROOT / "guest/disk.py", "get", tmp_path / "disk.img", f"/boot/{name}", "-o", tmp_path]))
    return tmp_path / name


def preseed(tmp_path):
    """What the installer reads: the archive behind its own."""
    data = taken(tmp_path, "initrd.img-installer").read_bytes()
    own = gzip.compress(b"the installer's own")
    assert gzip.decompress(data[: len(own)]) == b"the installer's own"
    (tmp_path / "added").write_bytes(data[len(own) :])
    return read_cpio(tmp_path / "added")["preseed.cfg"][1].decode()


def test_a_disk_that_installs(tmp_path, cache, archive):
    (tmp_path / "mine.cfg").write_text("d-i mine string yes\n")
    with served(archive.parent) as url:
        good(make_disk(tmp_path, cache, "--mirror", f"{url}/debian/", "--preseed", tmp_path / "mine.cfg"))
    assert taken(tmp_path, "vmlinuz-installer").read_bytes() == b"MZ kernel"
    assert "linux /boot/vmlinuz-installer DEBIAN_FRONTEND=text priority=critical ---\n" in (
        taken(tmp_path, "grub") / "grub.cfg"
    ).read_text()
    lines = preseed(tmp_path).splitlines()
    assert lines[-1] == "d-i mine string yes"
    # Where the guest finds what the host has at 127.0.0.1.
    port = url.rpartition(":")[2]
    assert f"d-i mirror/http/hostname string 10.0.2.2:{port}" in lines
    assert "d-i mirror/http/directory string /debian" in lines
    assert "d-i mirror/http/proxy string " in lines


def test_a_proxy(tmp_path, cache, archive):
    """apt's is the installer's."""
    with served(archive.parent) as url:
        apt = f'Acquire::http::Proxy "{url}/";\n'
        # As a proxy the server is asked for whole URLs, and has them below http:
        (tmp_path / "archive/http:").symlink_to(".")
        (tmp_path / "archive/mirror.invalid").symlink_to(".")
        done = make_disk(tmp_path, cache, "--mirror", "http://mirror.invalid/debian", apt=apt)
    good(done)
    port = url.rpartition(":")[2]
    lines = preseed(tmp_path).splitlines()
    assert f"d-i mirror/http/proxy string http://10.0.2.2:{port}/" in lines
    assert "d-i mirror/http/hostname string mirror.invalid" in lines
    assert "d-i debian-installer/exit/poweroff boolean true" in lines


def test_what_cannot_be_installed(tmp_path, cache, archive):
    (archive / UDEB).unlink()
    with served(archive.parent) as url:
        done = make_disk(tmp_path, cache, "--mirror", f"{url}/debian")
    assert done.returncode == 1
    assert done.stderr == (
        f"guest/installer.py: {url}/debian/{UDEB}: HTTP Error 404: File not found; "
        "the installer's own parts have to be there: --mirror another\n"
    )
    assert not (tmp_path / "disk.img").exists()
    done = make_disk(tmp_path, cache, "--mirror", "file:/debian")
    assert done.stderr == "guest/installer.py: file:/debian: no archive that a guest reaches by http\n"
