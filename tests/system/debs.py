# SPDX-License-Identifier: BSD-2-Clause
"""Packages of Debian, made for tests: one as an archive has it, and in a cache as guest/fetch.py leaves it."""

import hashlib
import shutil
import subprocess


def control(name, version, architecture="arm64", depends=""):
    text = f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: x\n"
    return text + (f"Depends: {depends}\n" if depends else "") + "Description: x\n"


def make_package(deb, files, fields):
    """From {path: bytes} and what control() says; returns the sum of it that an archive's index has."""
    tree = deb.with_suffix(".tree")
    for path, data in [*files.items(), ("DEBIAN/control", fields.encode())]:
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(data)
    deb.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["dpkg-deb", "-b", "--root-owner-group", tree, deb], check=True, capture_output=True)
    shutil.rmtree(tree)
    return hashlib.sha256(deb.read_bytes()).hexdigest()


def cache_package(cache, name, files, architecture="arm64"):
    digest = make_package(cache / name / "it.deb", files, control(name, "2", architecture))
    (cache / name / "packages.list").write_text(f"{name} 2 {digest} it.deb\n")
