# SPDX-License-Identifier: BSD-2-Clause
"""guest/disk.py by itself: what it makes is looked at with the file system's own tools."""

import fcntl
import hashlib
import json
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

DISK = Path(__file__).resolve().parents[2] / "guest" / "disk.py"
OFFSET = 1 << 20


def disk(*arguments, cwd=None):
    command = [DISK, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def good(*arguments, **options):
    done = disk(*arguments, **options)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def failure(*arguments, **options):
    """The one line with which a command fails."""
    done = disk(*arguments, **options)
    assert done.returncode != 0
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr.strip()


def debugfs(image, command, write=False):
    mode = ["-w"] if write else []
    done = subprocess.run(
        ["debugfs", *mode, "-R", command, f"{image}?offset={OFFSET}"],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ, PATH=f"{os.environ['PATH']}:/usr/sbin:/sbin"),
    )
    return done.stdout


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "disk.img"
    good("create", path, "--size", "8M")
    return path


@pytest.fixture
def tree(tmp_path):
    """A directory with what makes copying hard: quotes, spaces, modes, links, empty files."""
    root = tmp_path / "tree"
    (root / "sub dir" / "deep").mkdir(parents=True)
    (root / 'a "quoted" name').write_bytes(b"quoted\n")
    (root / "sub dir" / "ünï").write_bytes(b"utf-8\n")
    (root / "sub dir" / "deep" / "empty").write_bytes(b"")
    (root / "-r").write_bytes(b"like an option\n")
    (root / "program").write_bytes(os.urandom(300_000))
    (root / "program").chmod(0o755)
    (root / "link").symlink_to("sub dir/ünï")
    return root


def test_default_disk_has_a_partition_and_a_readme(image):
    table = json.loads(
        subprocess.run(
            ["/usr/sbin/sfdisk", "-J", image], capture_output=True, text=True, check=True
        ).stdout
    )["partitiontable"]
    assert table["label"] == "dos"
    (partition,) = table["partitions"]
    assert (partition["start"], partition["type"]) == (2048, "83")
    assert image.stat().st_size == 8 << 20
    assert partition["start"] + partition["size"] == (8 << 20) // 512
    assert "README" in good("ls", image)
    assert "Sluice" in debugfs(image, "cat /README")
    assert "clean" in good("check", image)
    features = debugfs(image, "stats")
    assert "has_journal" not in features  # ext2


def test_files_come_back_as_they_went_in(image, tree, tmp_path):
    good("put", image, tree)
    out = tmp_path / "out"
    done = disk("get", image, "/tree", "-o", out)
    assert done.returncode == 0
    assert done.stderr == "skipped the symbolic link /tree/link\n"
    for path in (path for path in tree.rglob("*") if not path.is_symlink()):
        copy = out / "tree" / path.relative_to(tree)
        if path.is_file():
            assert copy.read_bytes() == path.read_bytes()
            assert copy.stat().st_mode == path.stat().st_mode
        else:
            assert copy.is_dir()
    assert 'Fast link dest: "sub dir/ünï"' in debugfs(image, "stat /tree/link")
    assert "clean" in good("check", image)


def test_create_with_files_belonging_to_root(tree, tmp_path):
    image = tmp_path / "filled.img"
    good("create", image, "--size", "8M", f"{tree}/.", DISK)
    listed = [line.split(maxsplit=2)[2] for line in good("ls", image).splitlines()]
    assert listed == sorted(["lost+found", "disk.py", *(path.name for path in tree.iterdir())])
    for line in debugfs(image, "ls -p /").splitlines():
        if line:
            assert line.split("/")[3:5] == ["0", "0"]


def test_folders_and_replaced_files_are_where_they_belong(image, tmp_path):
    """At the top, too, behind others that went elsewhere; and whatever they are called."""
    root = tmp_path / "root"
    for name in ("a", "b/c", "d", "<2>"):
        (root / name).mkdir(parents=True)
        (root / name / "file").write_text(name)
    (root / "b" / "<12>").write_text("no number")
    (root / "README").write_text("new\n")
    for _ in range(2):
        good("put", image, f"{root}/.")
        for name in ("a", "b/c", "d", "<2>"):
            assert debugfs(image, f'cat "/{name}/file"') == name
        assert debugfs(image, 'cat "/b/<12>"') == "no number"
        assert debugfs(image, "cat /README") == "new\n"
        assert len(good("ls", image).splitlines()) == 6
        assert "clean" in good("check", image)


def test_put_replaces_and_makes_directories(image, tmp_path):
    file = tmp_path / "README"
    file.write_text("mine\n")
    good("put", image, file)
    good("put", image, "--to", "/a/b c", file)
    good("put", image, file, "--to", "a/b c")
    assert debugfs(image, "cat /README") == "mine\n"
    assert debugfs(image, 'cat "/a/b c/README"') == "mine\n"
    assert "clean" in good("check", image)


def test_many_files_are_few_runs_of_debugfs(image, tmp_path):
    """Each looks at what is there, a directory at a time."""
    for number in range(200):
        (tmp_path / f"many/{number % 4}").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"many/{number % 4}/{number}").write_text("x")
    counter = tmp_path / "bin/debugfs"
    counter.parent.mkdir()
    counter.write_text(f'#!/bin/sh\necho >> {tmp_path}/count\nPATH=/sbin:/usr/sbin exec debugfs "$@"\n')
    counter.chmod(0o755)
    environment = dict(os.environ, PATH=f"{counter.parent}:{os.environ['PATH']}")
    command = [DISK, "put", image, tmp_path / "many"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert len((tmp_path / "count").read_text().splitlines()) < 20
    assert len(good("ls", image, "/many/3").splitlines()) == 50


def test_an_image_without_a_table_is_read(tmp_path):
    image = tmp_path / "bare.img"
    image.touch()
    os.truncate(image, 4 << 20)
    subprocess.run(["/usr/sbin/mke2fs", "-q", "-t", "ext4", image], check=True)
    good("put", image, DISK)
    assert "disk.py" in good("ls", image)


def test_what_does_not_fit_changes_nothing(image, tmp_path):
    big = tmp_path / "big"
    big.write_bytes(os.urandom(9 << 20))
    before = digest(image)
    assert failure("put", image, big) == f"guest/disk.py: {image}: the files do not fit"
    assert digest(image) == before
    new = tmp_path / "new.img"
    assert failure("create", new, "--size", "4M", big).endswith("the files do not fit")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big", "disk.img"]


def test_a_running_machine_keeps_its_image(image):
    # The lock that QEMU holds on an image which it writes: see its manual, "image locking".
    with open(image, "rb") as file:
        lock = struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, 101, 1, 0)
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, lock)
        assert "in use by a running virtual machine" in failure("put", image, DISK)
        assert "README" in good("ls", image)
    good("put", image, DISK)


def test_a_damaged_file_system_is_said_and_not_written(image):
    debugfs(image, "clri /README", write=True)
    before = digest(image)
    assert disk("check", image).returncode == 1
    assert "its file system needs a check" in failure("put", image, DISK)
    assert digest(image) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["put", "disk.img", "nowhere"], "nowhere: no such file"),
        (["put", "disk.img", "/dev/null"], "/dev/null: neither a file nor a directory"),
        (["put", "disk.img", "file", "--to", "/README"], "is not a directory"),
        (["put", "none.img", "file"], "none.img: no such file"),
        (["put", "file", "file"], "file: not a disk image with a Linux partition"),
        (["get", "disk.img", "/nowhere"], "disk.img: no file /nowhere in it"),
        (["ls", "disk.img", "/nowhere"], "disk.img: no file /nowhere in it"),
        (["ls", "."], ".: not a file"),
        (["create", "disk.img", "--size", "4M"], "disk.img: exists; --force"),
        (["create", "none/none.img", "--size", "4M", "nowhere"], "nowhere: no such file"),
    ],
)
def test_bad_input_is_one_line(image, arguments, message):
    (image.parent / "file").write_text("a file\n")
    before = digest(image)
    assert message in failure(*arguments, cwd=image.parent)
    assert digest(image) == before
    assert not list(image.parent.rglob("none.img"))


@pytest.mark.parametrize("size", ["", "64", "64X", "-1M", "1M", "3T", "1e3"])
def test_bad_sizes(tmp_path, size):
    done = disk("create", tmp_path / "disk.img", "--size", size)
    assert done.returncode != 0
    assert "--size" in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_ordinary_user_can(tmp_path):
    prefix, folder = [], tmp_path
    if os.geteuid() == 0:
        prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        prefix += ["env", "PATH=/usr/bin:/bin"]
        # pytest's directories, and perhaps this checkout, are closed to other users.
        folder = Path(subprocess.check_output([*prefix, "mktemp", "-d"], text=True).strip())
    try:
        for script in DISK.parent.glob("*.py"):
            shutil.copy(script, folder)
        image = folder / "disk.img"
        for arguments in (
            ("create", image, "--size", "4M"),
            ("put", image, folder / "disk.py"),
            ("get", image, "/disk.py", "-o", folder / "out"),
        ):
            command = [*prefix, folder / "disk.py", *arguments]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, "")
        assert (folder / "out" / "disk.py").read_bytes() == DISK.read_bytes()
    finally:
        if folder != tmp_path:
            shutil.rmtree(folder)
