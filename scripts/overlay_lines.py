#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Runs vmconf, and says of an overlay's errors in which line of its source they are.

    overlay_lines.py SOURCE_DIR COMMAND...

vmconf reads compiled overlays, NAME.dtbo; the source is SOURCE_DIR/NAME.dtso. What a message is about -
a node's path and a property, a label - is looked for there, outside of comments.
"""

import os
import re
import subprocess
import sys

MESSAGE = re.compile(r"^(vmconf: \w+: )(?:\S*/)?([^/\s]+)\.dtbo: ((?:(/[\w/,@-]+): )?(.*))$", re.S)
QUOTED = re.compile(r"(?:unknown \w+|label|no PCI function) '([^']+)'")


def without_comments(text):
    """The same with blanks in the place of comments."""
    blank = lambda match: re.sub(r"[^\n]", " ", match[0])  # noqa: E731
    return re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.S)


def word_at(text, word, start):
    found = re.compile(rf"(?<![\w,.+-]){re.escape(word)}(?![\w,.+-])").search(text, start)
    return found.start() if found else None


def line_of(text, path, message):
    """The number of the line that a message is about; None if it cannot be told."""
    text = without_comments(text)
    place = 0
    for node in (path or "").strip("/").split("/"):
        found = word_at(text, node, place) if node else None
        place = found if found is not None else place
    quoted = QUOTED.match(message)
    word = quoted[1] if quoted else message.split(" ", 1)[0]
    found = word_at(text, word, place)
    if found is None and not path:
        return None
    return text.count("\n", 0, place if found is None else found) + 1


def with_line(line, folder):
    match = MESSAGE.match(line)
    source = os.path.join(folder, f"{match[2]}.dtso") if match else None
    if not match or not os.path.isfile(source):
        return line
    with open(source, encoding="utf-8", errors="replace") as file:
        number = line_of(file.read(), match[4], match[5])
    return f"{match[1]}{source}:{f'{number}:' if number else ''} {match[3]}"


def main():
    folder, command = sys.argv[1], sys.argv[2:]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="surrogateescape", check=False)
    for line in done.stderr.splitlines(keepends=True):
        sys.stderr.write(with_line(line, folder))
    # Ended by a signal: as a shell would say it.
    sys.exit(done.returncode if done.returncode >= 0 else 128 - done.returncode)


if __name__ == "__main__":
    main()
