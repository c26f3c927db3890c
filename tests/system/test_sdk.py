# SPDX-License-Identifier: BSD-2-Clause
"""The SDK as its users' build files see it: headers, library, linker script, macros, tool."""

import os
import re
import shutil
import subprocess

import pytest

from conftest import BUILD, ROOT

BOARD = BUILD / "sdk/board/qemu_virt_aarch64"
CONFIGS = ["debug", "release", "benchmark", "smp-debug", "smp-release", "smp-benchmark"]
HEADERS = [
    "microkit.h",
    "sel4/sel4.h",
    "sel4/types.h",
    "sel4/absent.h",
    "sel4/assert.h",
    "sel4/debug.h",
    "sel4/ipc.h",
    "sel4/ipc_mrs.h",
    "sel4/vspace.h",
    "sel4/messages.h",
    "sel4/benchmark.h",
    "sel4/benchmark_track_types.h",
    "sel4/benchmark_utilisation_types.h",
    "sel4/faults.h",
    "sel4/functions.h",
    "kernel/gen_config.h",
]
COMPILERS = {
    "gcc": (["aarch64-linux-gnu-gcc"], "c"),
    "clang": (["clang", "-target", "aarch64-none-elf"], "c"),
    "clang++": (["clang", "-target", "aarch64-none-elf"], "c++"),
}
STANDARDS = {"c": ["c11", "gnu11", "c17", "gnu2x"], "c++": ["c++17"]}
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-ffreestanding"]
PROGRAM = """
#include <microkit.h>
void init(void) { microkit_dbg_puts("linked\\n"); }
void notified(microkit_channel ch) { (void)ch; }
"""
SYSTEM = '<system><protection_domain name="p"><program_image path="p.elf"/></protection_domain></system>'


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_headers_stand_alone(compiler, config):
    command, language = COMPILERS[compiler]
    for standard in STANDARDS[language]:
        for header in HEADERS:
            done = subprocess.run(
                [*command, f"-std={standard}", *WARNINGS, f"-I{BOARD / config / 'include'}"]
                + ["-x", language, "-fsyntax-only", "-"],
                input=f"#include <{header}>\n",
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{standard} {header}: {done.stderr}"


@pytest.mark.parametrize("config", CONFIGS)
def test_library_leaves_only_the_entry_points_undefined(config):
    archive = BOARD / config / "lib/libmicrokit.a"
    symbols = subprocess.run(
        ["aarch64-linux-gnu-nm", archive], capture_output=True, text=True, check=True
    ).stdout
    undefined = set(re.findall(r"^ +U (\S+)", symbols, re.M))
    defined = set(re.findall(r"^[0-9a-f]+ [A-TV-Za-z] (\S+)", symbols, re.M))
    script = {"__init_array_start", "__init_array_end", "_text", "_data", "_bss", "_bss_end"}
    assert undefined - defined - script == {"init", "notified"}
    assert not {"printf", "memcpy", "memset"} & (defined | undefined)


def test_macros_can_be_read_as_users_do():
    header = BOARD / "debug/include/kernel/gen_config.h"
    for command in (
        f"grep 'CONFIG_SEL4_ARCH  ' {header} | cut -d' ' -f4",
        f"sed -n 's/.define *CONFIG_SEL4_ARCH  *\\([^ ]*\\).*$/\\1/p' {header}",
    ):
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
        assert done.stdout == "aarch64\n"
    assert "CONFIG_PRINTING" in header.read_text()
    release = (BOARD / "release/include/kernel/gen_config.h").read_text()
    assert "CONFIG_PRINTING" not in release and "CONFIG_ENABLE_SMP_SUPPORT" not in release


def link(tmp_path, linker):
    include, lib = BOARD / "debug/include", BOARD / "debug/lib"
    source, output = tmp_path / "p.c", tmp_path / "p.elf"
    source.write_text(PROGRAM)
    group = ["--start-group", "-lmicrokit", "-Tmicrokit.ld", "--end-group"]
    if linker == "ld.lld":
        compiler = ["clang", "-target", "aarch64-none-elf", "-mstrict-align"]
    else:
        compiler = ["aarch64-linux-gnu-gcc"]
    subprocess.run(
        [*compiler, "-ffreestanding", f"-I{include}", "-c", source, "-o", tmp_path / "p.o"],
        check=True,
    )
    subprocess.run([linker, f"-L{lib}", tmp_path / "p.o", *group, "-o", output], check=True)
    return output


# As SDKs have it that name no notes, nor all that compilers make of constants.
OTHER_SCRIPT = """
ENTRY(_start)
PHDRS { text PT_LOAD FLAGS(5); data PT_LOAD FLAGS(6); }
SECTIONS {
    . = 0x200000;
    .text : { _text = .; *(.text.start) *(.text .text.*) *(.rodata) _text_end = .; } :text
    . = ALIGN(0x1000);
    .data : {
        _data = .; *(.data)
        . = ALIGN(8);
        __init_array_start = .; KEEP(*(SORT_BY_INIT_PRIORITY(.init_array.*))) KEEP(*(.init_array))
        __init_array_end = .;
        _data_end = .;
    } :data
    .bss : { _bss = .; *(.bss) *(COMMON) . = ALIGN(8); _bss_end = .; } :data
}
"""
# Sections of many kinds.
RICH_PROGRAM = """
#include <microkit.h>
__attribute__((section(".config"))) char config[40] = {1};
__attribute__((section(".constants"))) const char constants[40] = {1};
static int counter = 3;
static int zeroed[1000];
const char *const names[] = {"a", "b"};
extern int somewhere __attribute__((weak));
__attribute__((constructor)) static void construct(void) { counter = &somewhere ? 7 : 8; }
void init(void) { microkit_dbg_puts(names[counter & 1]); }
void notified(microkit_channel ch) { zeroed[ch] = config[ch] + constants[ch]; }
"""
COMMAND = re.compile(r"^((?:aarch64-linux-gnu-gcc|clang) (?:.*\\\n)*.*)$", re.M)
COMMANDS = COMMAND.findall((ROOT / "docs/sdk.md").read_text())
LOAD = re.compile(r"^  LOAD +(0x\w+) (0x\w+) 0x\w+ (0x\w+) (0x\w+) ", re.M)


def test_commands_are_found():
    assert [command.split()[0] for command in COMMANDS] == ["aarch64-linux-gnu-gcc", "clang"]


@pytest.mark.parametrize("script", ["own", "other"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[0])
def test_documented_command_gives_segments_on_pages_of_their_own(tmp_path, command, script):
    """With any SDK's linker script: both tools take what comes out."""
    board = tmp_path / "board"
    shutil.copytree(BOARD / "debug", board)
    if script == "other":
        (board / "lib/microkit.ld").write_text(OTHER_SCRIPT)
    (tmp_path / "build/hello").mkdir(parents=True)
    (tmp_path / "build/hello/hello.c").write_text(RICH_PROGRAM)
    environment = dict(os.environ, BOARD_DIR=str(board))
    subprocess.run(["sh", "-euc", command], cwd=tmp_path, env=environment, check=True)
    elf = tmp_path / "build/hello/hello.elf"
    headers = subprocess.run(
        ["aarch64-linux-gnu-readelf", "-lW", elf], capture_output=True, text=True, check=True
    ).stdout
    segments = sorted([int(number, 16) for number in found] for found in LOAD.findall(headers))
    assert "Entry point 0x200000" in headers and len(segments) == 2
    free = 0
    for offset, address, stored, size in segments:
        assert offset % 0x1000 == 0 and address % 0x1000 == 0 and stored <= size
        assert address >= free
        free = address + size + -(address + size) % 0x1000


@pytest.mark.parametrize("linker", ["aarch64-linux-gnu-ld", "ld.lld"])
def test_program_links_and_the_moved_sdk_builds_it(tmp_path, linker):
    elf = link(tmp_path, linker)
    headers = subprocess.run(
        ["aarch64-linux-gnu-readelf", "-lW", elf], capture_output=True, text=True, check=True
    ).stdout
    assert "Entry point 0x200000" in headers and headers.count("LOAD ") == 2
    moved = tmp_path / "moved"
    shutil.copytree(BUILD / "sdk", moved)
    (tmp_path / "p.system").write_text(SYSTEM)
    environment = {key: value for key, value in os.environ.items() if key != "MICROKIT_SDK"}
    subprocess.run(
        [moved / "bin/microkit", "p.system", "--board", "qemu_virt_aarch64", "--config", "debug"],
        cwd=tmp_path,
        env=environment,
        check=True,
    )
    assert (tmp_path / "loader.img").exists() and (tmp_path / "report.txt").exists()
