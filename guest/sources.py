# SPDX-License-Identifier: BSD-2-Clause
"""A copy of the machine's apt sources that is good for fetching Debian's arm64 packages.

The machine's entries may be for other architectures only, or other vendors' archives that have no
arm64 packages, or are out of reach: those must not disturb. What stays: entries of Debian itself,
its component main, with the machine's keys and mirrors. fetch.py calls debian_entries(),
as scripts/on_debian.py does.
"""

import contextlib
import glob
import os
import re
import shlex

from common import Failure, run_tool

CODENAMES = {"bullseye", "bookworm", "trixie", "forky", "duke", "sid"}
CODENAMES |= {"oldstable", "stable", "testing", "unstable"}
SUITE_SUFFIX = re.compile(r"(-updates|-security|/updates|-proposed-updates|-backports)$")
# Fields that choose what apt fetches from an archive, not how it trusts and reaches it.
SELECTING_FIELDS = {
    "types",
    "uris",
    "suites",
    "components",
    "enabled",
    "architectures",
    "architectures-add",
    "architectures-remove",
    "arch",
    "arch+",
    "arch-",
    "lang",
    "languages",
    "target",
    "targets",
}


class Source:
    """One entry: a deb822 stanza or a line of the older form, as a dictionary of its fields."""

    def __init__(self, fields):
        self.fields = {name.lower(): value for name, value in fields.items()}

    def words(self, name):
        return self.fields.get(name, "").split()

    def suites(self):
        """The suites that are a Debian release by their name."""
        codenames = CODENAMES | {os_release().get("VERSION_CODENAME")}
        return [name for name in self.words("suites") if SUITE_SUFFIX.sub("", name) in codenames]

    def is_usable(self):
        enabled = self.fields.get("enabled", "yes").strip().lower() not in ("no", "false", "0")
        binary = "deb" in self.words("types") and "main" in self.words("components")
        on_disc = any(uri.startswith("cdrom:") for uri in self.words("uris"))
        return enabled and binary and not on_disc and bool(self.suites())

    def is_debian(self):
        """Whether this is Debian's own archive: by its key, or by a directory's name."""
        if "debian-archive" in self.fields.get("signed-by", ""):
            return True
        return any(re.search(r"/debian(-security)?(/|\.list$|$)", u) for u in self.words("uris"))

    def stanza(self):
        kept = {
            "Types": "deb",
            "URIs": " ".join(self.words("uris")),
            "Suites": " ".join(self.suites()),
            "Components": "main",
        }
        kept |= {
            name.title(): value
            for name, value in self.fields.items()
            if name not in SELECTING_FIELDS and not name.startswith("x-")
        }
        return "".join(f"{name}: {value}\n" for name, value in kept.items())


def os_release():
    """The fields of os-release(5)."""
    with contextlib.suppress(OSError), open("/etc/os-release", encoding="utf-8") as file:
        pairs = (line.strip().partition("=") for line in file)
        return {name: value.strip("\"'") for name, _, value in pairs}
    return {}


def parse_lines(text):
    """Entries of sources.list(5)'s one-line form."""
    form = re.compile(r"\s*(deb|deb-src)\s+(?:\[([^]]*)\]\s*)?(\S+)\s+(\S+)([^#]*)")
    for match in filter(None, map(form.match, text.splitlines())):
        types, options, uri, suite, components = match.groups(default="")
        fields = dict(option.split("=", 1) for option in options.split() if "=" in option)
        fields |= {"types": types, "uris": uri, "suites": suite, "components": components}
        yield Source(fields)


def parse_stanzas(text):
    """Entries of sources.list(5)'s deb822 form; a field may go on in indented lines."""
    lines = [line.rstrip() for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n{2,}", "\n".join(lines)):
        fields = re.findall(r"^([^\s:]+):[ \t]*(.*(?:\n[ \t].*)*)", stanza, re.MULTILINE)
        if fields:
            yield Source(dict(fields))


def parse_file(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    return list(parse_stanzas(text) if path.endswith(".sources") else parse_lines(text))


def machine_sources(apt_config):
    """Every entry of the machine's sources."""
    shown = run_tool(
        [apt_config, "shell", "LIST", "Dir::Etc::sourcelist/f", "PARTS", "Dir::Etc::sourceparts/d"],
        capture_output=True,
    ).stdout
    places = dict(word.split("=", 1) for word in shlex.split(shown))
    folder = glob.escape(places.get("PARTS", "/etc/apt/sources.list.d/"))
    files = [places.get("LIST", "/etc/apt/sources.list")]
    files += sorted(glob.glob(os.path.join(folder, "*.list")))
    files += sorted(glob.glob(os.path.join(folder, "*.sources")))
    return [entry for path in files if os.path.isfile(path) for entry in parse_file(path)]


def debian_entries(apt_config):
    """The entries of the machine that have Debian's packages."""
    usable = [entry for entry in machine_sources(apt_config) if entry.is_usable()]
    # A mirror may have any name: with no entry that is plainly Debian's, all that look like it.
    chosen = [entry for entry in usable if entry.is_debian()] or usable
    if not chosen:
        raise Failure("the machine's apt sources (/etc/apt) name no Debian archive")
    return chosen


def with_suite(entries, suite):
    """The entries with a further suite in each that has the release which the suite belongs to."""
    release = SUITE_SUFFIX.sub("", suite)
    for entry in entries:
        if release in entry.suites() and suite not in entry.suites():
            entry.fields["suites"] += f" {suite}"
    if not any(suite in entry.suites() for entry in entries):
        raise Failure(f"the machine's apt sources (/etc/apt) have no archive with the suite {suite}")
    return entries


def source_file(entries):
    """The text of a .sources file with these entries."""
    return "\n".join(dict.fromkeys(entry.stanza() for entry in entries))
