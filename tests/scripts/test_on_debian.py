# SPDX-License-Identifier: BSD-2-Clause
"""scripts/on_debian.py as far as nothing is fetched; .ci/run has it make the other Debian."""

import subprocess
import sys

import pytest

from conftest import ROOT

sys.dont_write_bytecode = True
import on_debian

SOURCES = """\
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian
Suites: bookworm-proposed-updates
Components: main

Types: deb
URIs: http://vendor.example/tools
Suites: stable
Components: main
"""


def test_sources_of_another_release(monkeypatch):
    entries = list(on_debian.sources.parse_stanzas(SOURCES))
    monkeypatch.setattr(on_debian.sources, "machine_sources", lambda _: entries)
    text = on_debian.sources.source_file(on_debian.apt_sources("trixie"))
    assert text == (
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie trixie-updates\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
        "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: trixie-security\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )


def test_apt_options_are_those_for_archives():
    kept = [
        'Acquire::http::Proxy "http://proxy.example:3142";',
        'Acquire::https::Timeout "30";',
        'Acquire::Check-Valid-Until "false";',
    ]
    other = [
        'Acquire "";',
        'Acquire::Languages "none";',
        'Acquire::IndexTargets::deb::DEP-11 "";',
        'APT::Install-Recommends "1";',
    ]
    assert [line for line in kept + other if on_debian.APT_OPTIONS.fullmatch(line)] == kept


@pytest.mark.parametrize("here, other", [("bookworm", "trixie"), ("trixie", "bookworm"), (None, "trixie")])
def test_the_other_release(monkeypatch, here, other):
    monkeypatch.setattr(on_debian.sources, "os_release", lambda: {"VERSION_CODENAME": here})
    assert on_debian.choose_release("other") == other


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["potato", "true"], "on_debian: 'potato' is no release: bookworm, trixie or other"),
        (["trixie"], "on_debian: the command is missing"),
    ],
)
def test_what_cannot_be(arguments, message):
    done = subprocess.run(
        [ROOT / "scripts/on_debian.py", *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, message + "\n")
