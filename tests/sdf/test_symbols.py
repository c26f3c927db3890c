# SPDX-License-Identifier: BSD-2-Clause
"""Symbols that the microkit tool puts into an image, for reports of faults: whose, which, how many."""

import subprocess

import sdk as parts

# Those of the first line are fixtures.
from test_sdf import build, describe, everything, files, run, sdk
from test_sdf import PD, read_image

FUNCTIONS = """
    .global _start
    .section .text
_start: b _start
    .irp name, {}
    .type \\name, function
\\name: ret
    .size \\name, . - \\name
    .endr
"""


def test_symbols_of_programs_without_a_parent(everything):
    roots = [pd for pd in everything.pds if pd.parent == parts.NONE]
    assert len(roots) == 2
    for pd in roots:
        assert everything.functions(pd) == {"_start": (0x200000, 4)}
    assert len({pd.first_symbol for pd in roots}) == 1 and len(everything.symbols) == 1
    assert [pd.symbol_count for pd in everything.pds if pd not in roots] == [0, 0]


def test_symbols_of_several_programs(build, describe, sdk, tmp_path):
    parts.link(tmp_path, "one.elf", [FUNCTIONS.format("init, notified")], 0x200000)
    parts.link(tmp_path, "two.elf", [FUNCTIONS.format("fault, init")], 0x300000)
    strip = ["aarch64-linux-gnu-strip", "-o", tmp_path / "bare.elf", tmp_path / "one.elf"]
    subprocess.run(strip, check=True)
    image = '<protection_domain name="{}"><program_image path="{}" {}/></protection_domain>'
    system = describe(
        image.format("one", "one.elf", ""),
        image.format("two", "two.elf", ""),
        image.format("bare", "bare.elf", ""),
        image.format("same", "one.elf", ""),
        image.format("from", "bare.elf", 'path_for_symbols="one.elf" '),
    )
    done = build(system)
    assert (done.returncode, done.stderr) == (0, "")
    made = read_image(sdk, tmp_path / "loader.img")
    one = {"_start": (0x200000, 4), "init": (0x200004, 4), "notified": (0x200008, 4)}
    two = {"_start": (0x300000, 4), "fault": (0x300004, 4), "init": (0x300008, 4)}
    assert [made.functions(pd) for pd in made.pds] == [one, two, {}, one, one]
    assert len(made.symbols) == 6
    assert "\nsymbols in it: 0x87 bytes (1 KiB), for reports of faults\n" in (tmp_path / "report.txt").read_text()


def test_no_symbols_without_a_console(build, describe, sdk, tmp_path):
    done = build(describe(PD.format("program.elf", "")), "--config", "release")
    assert (done.returncode, done.stderr) == (0, "")
    made = read_image(sdk, tmp_path / "loader.img")
    assert (made.header.flags, len(made.symbols), len(made.names)) == (0, 0, 0)
    assert [pd.symbol_count for pd in made.pds] == [0]
    assert "symbols" not in (tmp_path / "report.txt").read_text()


def test_most_symbols(build, describe, sdk, tmp_path):
    """63 PDs, each with more symbols than there is room for, and no two the same."""
    names = ", ".join(f"name_{index:03}_" + "n" * 80 for index in range(700))
    program = parts.link(tmp_path, "00.elf", [FUNCTIONS.format(names)], 0x200000).read_bytes()
    for index in range(1, 63):
        (tmp_path / f"{index:02}.elf").write_bytes(program.replace(b"name_", b"na%02d_" % index))
    image = '<protection_domain name="p{0}"><program_image path="{0:02}.elf" /></protection_domain>'
    done = build(describe(*[image.format(i) for i in range(63)]))
    assert done.returncode == 0
    warnings = done.stderr.splitlines()
    assert len(warnings) == 63
    assert warnings[0] == (
        "Warning: './00.elf' has more than 64 KiB of symbols: fault reports lack the last 82"
        " on element 'program_image': test.system:1:38"
    )
    made = read_image(sdk, tmp_path / "loader.img")
    assert {pd.symbol_count for pd in made.pds} == {619}
    assert len(made.symbols) == 63 * 619
    assert "name_617_" + "n" * 80 in made.functions(made.pds[0])
    assert "na62_617_" + "n" * 80 in made.functions(made.pds[62])
