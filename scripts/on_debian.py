#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
# README: hosts
"""Runs a command in a fresh clone of HEAD on a minimal Debian of its own: base system, git, make.

    on_debian.py [--root DIR] RELEASE COMMAND...

RELEASE is bookworm or trixie, or `other`: the one that this machine does not have. The system is
made by mmdebstrap from the machine's own apt sources, with their keys and proxies, and unpacked anew for every
command; --root keeps it, with the clone, in DIR, and the next command goes on there. What was
downloaded stays in CACHE_DIR (.cache), and is fetched where it is missing.

Needs root: the command runs in name spaces of its own for mounts and processes, which end with it.
"""

import argparse
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "guest"))

import sources  # noqa: E402
from common import Failure, run_main, run_tool, tool_path  # noqa: E402

RELEASES = ("bookworm", "trixie")
SUITES = ("", "-updates", "-security")
INCLUDED = "git,make,ca-certificates"
CLONE = "root/sluice"
# How the machine's apt reaches archives; what else it is told is its own affair.
APT_OPTIONS = re.compile(r'Acquire::(?:https?|Check-[^"]+|Retries|ForceIPv[46])\b.* ".*";')
KEPT_VARIABLES = {"TERM", "LANG", "http_proxy", "https_proxy", "no_proxy"}
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "net/tun")


def apt_sources(release):
    """The machine's entries for Debian, with this release in place of theirs."""
    entries = sources.debian_entries(tool_path("apt-config", "apt"))
    for entry in entries:
        found = [sources.SUITE_SUFFIX.search(suite) for suite in entry.suites()]
        kept = {match.group(0) if match else "" for match in found} & set(SUITES)
        entry.fields["suites"] = " ".join(release + suffix for suffix in SUITES if suffix in kept)
    return [entry for entry in entries if entry.words("suites")]


def apt_options():
    shown = run_tool([tool_path("apt-config", "apt"), "dump"], capture_output=True).stdout
    return [line for line in shown.splitlines() if APT_OPTIONS.fullmatch(line)]


def make_archive(release, path):
    """The base system as a tar file; where it is there, nothing is done."""
    if path.exists():
        return
    print(f"  ROOT    {path}", flush=True)
    entries = sources.source_file(apt_sources(release))
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        source = Path(folder, "debian.sources")
        source.write_text(entries, encoding="utf-8")
        command = [tool_path("mmdebstrap", "mmdebstrap"), "--quiet", "--variant=minbase"]
        command += ["--mode=root", f"--include={INCLUDED}"]
        command += [f"--aptopt={option.rstrip(';')}" for option in apt_options()]
        command += [release, f"{folder}/root.tar", str(source)]
        if run_tool(command).returncode != 0:
            raise Failure(f"mmdebstrap could not make a Debian {release}; its own message is above")
        os.rename(f"{folder}/root.tar", path)


def unpack(archive, root, release):
    """The base system, with what it needs to reach the archive again, and the clone."""
    run_checked("tar", "-C", root, "--numeric-owner", "-xpf", archive)
    for name in ("resolv.conf", "hosts"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(f"/etc/{name}", root / "etc" / name)
    for entry in apt_sources(release):
        for key in filter(os.path.isabs, entry.words("signed-by")):
            target = Path(f"{root}{key}")
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(key, target)
    # A crash of the machine may ruin it: it is not worth waiting for the disk.
    (root / "etc/dpkg/dpkg.cfg.d/unsafe-io").write_text("force-unsafe-io\n", encoding="utf-8")
    run_checked("git", "clone", "-q", ROOT, root / CLONE)


def run_checked(*command):
    if subprocess.run([str(word) for word in command], check=False).returncode != 0:
        raise Failure(f"{command[0]} failed; its own message is above")


def mount(root, place, *options):
    target = root / place
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.mkdir() if os.path.isdir(options[-1]) or "-t" in options else target.touch()
    run_checked("mount", *options, target)


def mount_all(root, cache, release):
    """What a program expects of a running system, and the caches; seen by this process alone."""
    mount(root, ".", "--bind", str(root))  # pivot_root wants a mount point
    mount(root, "proc", "-t", "proc", "proc")
    mount(root, "sys", "-t", "sysfs", "-o", "ro", "sysfs")
    mount(root, "tmp", "-t", "tmpfs", "tmpfs")
    mount(root, "dev", "-t", "tmpfs", "-o", "mode=755", "tmpfs")
    mount(root, "dev/shm", "-t", "tmpfs", "tmpfs")
    mount(root, "dev/pts", "-t", "devpts", "-o", "newinstance,ptmxmode=666,mode=620,gid=5", "devpts")
    os.symlink("pts/ptmx", root / "dev/ptmx")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", root / "dev" / name)
    os.symlink("/proc/self/fd", root / "dev/fd")
    for name in DEVICES:
        if os.path.exists(f"/dev/{name}"):
            mount(root, f"dev/{name}", "--bind", f"/dev/{name}")
    for place, folder in (("var/cache/apt/archives", "packages"), (f"{CLONE}/.cache", "guest")):
        kept = cache / f"{release}-{folder}"
        kept.mkdir(exist_ok=True)
        mount(root, place, "--bind", kept)


def run_inside(arguments):
    """Within the name spaces: returns the command's status."""
    root = Path(arguments.root)
    mount_all(root, Path(arguments.cache), arguments.release)
    variables = {key: value for key, value in os.environ.items() if key in KEPT_VARIABLES}
    variables |= {"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    # Not chroot, which name spaces made within would leave.
    script = f'cd "$0" && pivot_root . . && umount -l . && cd /{CLONE} && exec "$@"'
    command = ["sh", "-c", script, str(root), *arguments.command]
    return subprocess.run(command, env=variables, check=False).returncode


def run_outside(arguments, root, cache):
    command = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
    command += [__file__, "--inside", "--root", str(root), "--cache", str(cache), arguments.release]
    return subprocess.run(command + arguments.command, check=False).returncode


def choose_release(name):
    if name == "other":
        here = sources.os_release().get("VERSION_CODENAME")
        name = RELEASES[0] if here == RELEASES[1] else RELEASES[1]
    if name not in RELEASES:
        raise Failure(f"'{name}' is no release: {', '.join(RELEASES)} or other")
    return name


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--root", help="a directory that keeps the system")
    parser.add_argument("--cache", default=os.environ.get("CACHE_DIR", ROOT / ".cache"))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("release")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if arguments.inside:
        return run_inside(arguments)
    arguments.release = choose_release(arguments.release)
    if not arguments.command:
        raise Failure("the command is missing")
    if os.geteuid() != 0:
        raise Failure("needs root: a Debian is made, and mounted into")
    cache = Path(arguments.cache).resolve() / "roots"
    cache.mkdir(parents=True, exist_ok=True)
    archive = cache / f"{arguments.release}.tar"
    with contextlib.ExitStack() as stack:
        with open(cache / ".lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            make_archive(arguments.release, archive)
        if arguments.root:
            root = Path(arguments.root).resolve()
            root.mkdir(parents=True, exist_ok=True)
        else:
            root = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=cache)))
        root.chmod(0o755)
        if not (root / CLONE).exists():
            unpack(archive, root, arguments.release)
        return run_outside(arguments, root, cache)


if __name__ == "__main__":
    run_main("on_debian", main)
