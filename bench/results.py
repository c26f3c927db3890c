# SPDX-License-Identifier: BSD-2-Clause
"""What a run leaves behind: a JSON file with every figure, what it was computed from, and the
versions of all that was measured and measured with."""

import json
import re
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone

from figures import BY_KEY
from machine import BenchError

FORMAT = 1


@dataclass
class Results:
    """All of one run."""

    date: str = ""
    quick: bool = False
    versions: dict = field(default_factory=dict)
    peers: list = field(default_factory=list)
    missing: dict = field(default_factory=dict)  # peer: why it is not there
    figures: dict = field(default_factory=dict)  # key: {peer: value}
    measurements: dict = field(default_factory=dict)  # part: {peer: what the guest said}

    def add(self, peer, values):
        for key, value in values.items():
            self.figures.setdefault(key, {})[peer] = value


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def save(results, path):
    text = json.dumps({"format": FORMAT, **asdict(results)}, indent=1)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.rename(path)


def is_figures(value):
    """{key: {peer: number or null}}, the keys being those of figures.py or a later one's."""
    return isinstance(value, dict) and all(
        isinstance(values, dict)
        and all(number is None or type(number) in (int, float) for number in values.values())
        for values in value.values()
    )


def load(path):
    try:
        with open(path, encoding="utf-8") as file:
            read = json.load(file)
    except OSError as problem:
        raise BenchError(f"{path}: {problem.strerror}") from None
    except ValueError as problem:
        raise BenchError(f"{path}: not the results of a run: {problem}") from None
    if not isinstance(read, dict) or read.pop("format", None) != FORMAT:
        raise BenchError(f"{path}: not the results of a run, or of another version's")
    fields = Results.__dataclass_fields__
    for name, kind in (("figures", dict), ("peers", list), ("versions", dict), ("missing", dict)):
        if not isinstance(read.get(name), kind):
            raise BenchError(f"{path}: damaged: no {name}")
    if not is_figures(read["figures"]):
        raise BenchError(f"{path}: damaged: figures are not numbers")
    read["figures"] = {key: values for key, values in read["figures"].items() if key in BY_KEY}
    return Results(**{key: value for key, value in read.items() if key in fields})


def first_line(*command):
    """What a program says of itself; "unknown" if it cannot be asked."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return (done.stdout.splitlines() or ["unknown"])[0]


def kernel_version(image):
    """The text that Linux prints first."""
    found = re.search(rb"Linux version (\S+) [^\n]*?(#\d[^\n\0]*)", image.read_bytes())
    return b" ".join(found.groups()).decode(errors="replace") if found else "unknown"


def versions(qemu, kernel, compilers):
    """Of what every run has; peers add their own."""
    found = {
        "sluice": first_line("git", "describe", "--always", "--dirty"),
        "qemu": first_line(qemu, "--version"),
        "guest kernel": kernel_version(kernel),
    }
    found.update({name: first_line(program, "--version") for name, program in compilers.items()})
    return found
