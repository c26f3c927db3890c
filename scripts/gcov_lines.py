# SPDX-License-Identifier: BSD-2-Clause
"""Which lines were executed, as gcov says of objects that were compiled with --coverage."""

import json
import subprocess
from collections import defaultdict
from pathlib import Path


def forget(folder):
    """What was counted below `folder` until now."""
    for path in Path(folder).rglob("*.gcda"):
        path.unlink()


def read(folder, gcov="gcov"):
    """{file: {line: how often}} of all objects below `folder`, also of those that never ran."""
    notes = sorted(str(path.resolve()) for path in Path(folder).rglob("*.gcno"))
    files = defaultdict(lambda: defaultdict(int))
    if not notes:
        return files
    done = subprocess.run(
        [gcov, "--json-format", "--stdout", *notes], capture_output=True, text=True, check=True
    )
    # One document for each object, one a line.
    for text in done.stdout.splitlines():
        for file in json.loads(text)["files"] if text.startswith("{") else []:
            for line in file["lines"]:
                files[file["file"]][line["line_number"]] += line["count"]
    return files


def percent(lines):
    return 100 * sum(count > 0 for count in lines.values()) / len(lines) if lines else 0


def ranges(numbers):
    """[1, 2, 3, 7] as "1-3, 7"."""
    parts = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)
