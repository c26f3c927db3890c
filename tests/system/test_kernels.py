# SPDX-License-Identifier: BSD-2-Clause
# README: guests
"""KERNEL= takes Debian's kernel packages: each of its kinds of kernels boots, with disk and network; by the
contract alone, too."""

import os
import re

import pytest

from conftest import EXTENSIONS, ROOT, good, run

CACHE = os.environ.get("CACHE_DIR", ROOT / ".cache")
# package, suite beside the machine's own, a core that has what it needs
KERNELS = [
    ("linux-image-rt-arm64", None, None),
    ("linux-image-cloud-arm64", None, None),
    ("linux-image-arm64", "bookworm-backports", None),
    ("linux-image-arm64-16k", "bookworm-backports", "cortex-a76"),
]


def fetched(package, suite):
    """The folder with the package, from the archive that the machine's apt uses."""
    option = ["--suite", suite] if suite else []
    good(run([ROOT / "guest/fetch.py", CACHE, "--package", package, *option]))
    return f"{CACHE}/{package}{'_' + suite if suite else ''}"


@pytest.mark.soak(only=True)
@pytest.mark.takes(60)
@pytest.mark.parametrize("extensions", EXTENSIONS)
@pytest.mark.parametrize(("package", "suite", "core"), KERNELS)
def test_kernels_of_debian(machine, disk, package, suite, core, extensions):
    variables = [f"DISK={disk}", f"KERNEL={fetched(package, suite)}", *extensions]
    variables += [f"QEMU_ARGS=-cpu {core}"] if core else []
    guest = machine("passthrough", "debug", *variables)
    guest.prompt()
    flavour = re.search(r"linux-image-((?:rt-)?(?:cloud-)?)arm64(-16k)?", package)
    assert re.fullmatch(rf"\d\S*-{flavour[1]}arm64{flavour[2] or ''}", guest.run("uname -r").strip())
    assert "lost+found" in guest.run("mount /dev/vda1 /mnt/ && ls /mnt/")
    assert "lease of 10.0.2.15 obtained" in guest.run("ifconfig eth0 up ; udhcpc eth0")
    assert "3 packets received" in guest.run("ping -c 3 10.0.2.2")
    guest.send("poweroff")
    assert guest.wait_end() == 0
