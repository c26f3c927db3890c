# SPDX-License-Identifier: BSD-2-Clause
"""What the documents name is there: tests in README's table of what is supported, files, pictures; and the glossary is in order."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
FOLDERS = "docs|guest|scripts|systems|tests|vmm|tool|kernel|boards|components|mk"
FILE = re.compile(rf"(?<![\w/.-])((?:{FOLDERS})/[\w./-]*[\w-]\.(?:md|py|sh|mk|c|h|system|svg))\b")
NO = re.compile(r"^no\b")


def supported():
    """The lines of README's table: subject, what is said, what tests it."""
    text = (ROOT / "README.md").read_text()
    section = text.split("## What is supported\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return rows[2:]


def texts(path):
    """Of a file, or of those in a folder."""
    files = path.iterdir() if path.is_dir() else [path]
    return [file.read_text(errors="replace") for file in files]


@pytest.mark.parametrize("row", supported(), ids=lambda row: row[0])
def test_what_is_supported_is_tested(row):
    subject, said, tests = row
    named = [word for word in re.split(r",\s*", tests) if word]
    assert named or NO.match(said), f"{subject}: nothing is named that tests it"
    for name in named:
        assert (ROOT / name).exists(), f"{subject}: there is no {name}"
    # And one of them says so itself, so that who takes it away sees what is no longer tested.
    says = f"README: {subject}"
    assert not named or any(says in text for name in named for text in texts(ROOT / name)), f"none of {named}: '{says}'"


def test_what_a_test_is_for_is_supported():
    subjects = [row[0] for row in supported()]
    for path in (path for folder in ("tests", "scripts") for path in (ROOT / folder).rglob("*.[pc]*")):
        for line in re.findall(r"^(?:#|/\*) README: (.*?)(?: \*/)?$", path.read_text(errors="replace"), re.M):
            assert line in subjects, f"{path.relative_to(ROOT)}: README's table has no line '{line}'"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named(path):
    for name in FILE.findall(path.read_text()):
        # NAME stands for any.
        assert re.search(r"[A-Z]{4}", Path(name).stem) or (ROOT / name).exists(), f"{path.name} names {name}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_pictures(path):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text()):
        assert "://" in target or (path.parent / target).exists(), f"{path.name} links to {target}"


def sources():
    """All that prints, with strings that are written in pieces in one."""
    folders = ("components", "guest", "kernel", "libmicrokit", "mk", "scripts", "tool", "vmm")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    text = "".join(path.read_text(errors="replace") for path in [ROOT / "Makefile", *files])
    return re.sub(r'" *(?:PRI\w+)? *\n? *f?"', "", text).replace("\\\n", "").replace("\t", " ")


def symptoms():
    """Messages that docs/troubleshooting.md quotes: what stands alone in the first column, or begins it."""
    rows = re.findall(r"^\| `([^`]+)`", (ROOT / "docs/troubleshooting.md").read_text(), re.M)
    return [row for row in rows if " " in row]


@pytest.fixture(scope="module")
def printed():
    return re.sub(r" +", " ", sources())


@pytest.mark.parametrize("message", symptoms())
def test_symptoms_are_messages_of_the_tree(printed, message):
    """Between the dots, which stand for anything."""
    for part in re.split(r"…|<\w+>|Ctrl-\]", message):
        if len(part.strip(" :=;,'[]")) > 3:
            assert part.strip(" :=;,'[]") in printed, part


def test_the_glossary_is_in_order():
    text = (ROOT / "docs/glossary.md").read_text()
    words = [line.split("|")[1].strip(" `.").lower() for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(words) > 40
    assert words == sorted(words), [a for a, b in zip(words, sorted(words)) if a != b][:3]
