# SPDX-License-Identifier: BSD-2-Clause
"""The microkit tool and the SDK's files about a board: what is wrong with them is said by line."""

import shutil
import subprocess

import pytest

import sdk as parts

# Those of the first line are fixtures.
from test_sdf import describe, files, run, sdk
from test_sdf import BOARD, PD


@pytest.mark.parametrize(
    "name, change, message",
    [
        ("board.conf", b"nonsense\n", "board.conf:1: expected 'key = number' with a key that is known"),
        ("board.conf", b"speed = 9\n", "board.conf:1: expected 'key = number' with a key that is known"),
        ("board.conf", b"cpu_count = 1\n", "board.conf: load_address is missing or no page's"),
        ("board.conf", b"load_address = 0x70000000\n", "board.conf: cpu_count must be 1 to 8"),
        (
            "board.conf",
            b"load_address = 0x70000000\ncpu_count = 1\n",
            "board.conf: intids must be 32 to 1020",
        ),
        (
            "board.conf",
            b"load_address = 0x70000000\ncpu_count = 4\nintids = 288\n",
            "board.dtb: the board has 2 cores, the configuration needs 4",
        ),
        (
            "board.conf",
            b"load_address = 0x20000000\ncpu_count = 1\nintids = 288\n",
            "board.dtb: no RAM at the load address 0x20000000",
        ),
        (
            "board.conf",
            b"load_address = 0x60000000\ncpu_count = 1\nintids = 288\n",
            "kernel.elf' is linked for 0x70000000, not for 0x60000000",
        ),
        (
            "board.conf",
            b"load_address = 0x70000000\nfirmware_call = 0xc4000003\n",
            "board.conf:2: firmware_call 0xc4000003 is PSCI's, of which the kernel allows what may be asked",
        ),
        (
            "board.conf",
            b"firmware_call = 0x95c1ba60\n",
            "board.conf:1: firmware_call 0x95c1ba60 is no function id: bits 16 to 23 of a fast call are zero",
        ),
        (
            "board.conf",
            b"\nfirmware_call = 0x1c4000003\n",
            "board.conf:2: firmware_call 0x1c4000003 is no function id: those have 32 bits",
        ),
        (
            "board.conf",
            b"firmware_call = 0xc4000021\n",
            "board.conf:1: firmware_call 0xc4000021 is SDEI_EVENT_REGISTER, which would run a program's code at EL2",
        ),
        (
            "board.conf",
            b"load_address = 0x70000000\ncpu_count = 1\nintids = 288\nfirmware_call = 0x82000005\n",
            "board.conf:4: firmware_call 0x82000005 is PSCI's cpu_on, of which the kernel allows what may be asked",
        ),
        ("board.conf", None, "board.conf: No such file or directory"),
        ("board.dtb", b"no tree", "board.dtb: not a device tree"),
        ("kernel.elf", b"no kernel", "kernel.elf': not an ELF file"),
        ("kernel.elf", None, "kernel.elf': No such file or directory"),
    ],
)
def test_broken_sdk(run, describe, sdk, files, tmp_path, name, change, message):
    broken = tmp_path / "sdk"
    shutil.copytree(sdk, broken)
    path = broken / "board" / "qemu_virt_aarch64" / "debug" / "elf" / name
    path.unlink()
    if change is not None:
        path.write_bytes(change)
    describe(PD.format("program.elf", ""))
    done = run("test.system", *BOARD, "--search-path", files, env={"MICROKIT_SDK": str(broken)})
    assert done.returncode == 1
    assert done.stderr.startswith("microkit: error: ") and message in done.stderr
    assert not (tmp_path / "loader.img").exists()


def test_image_over_reserved_memory(run, describe, sdk, files, tmp_path):
    """Neither the image nor anything else comes to lie over what the firmware keeps."""
    broken = tmp_path / "sdk"
    shutil.copytree(sdk, broken)
    tree = (parts.HERE / "board.dts").read_text().replace("/memreserve/ 0xbff00000", "/memreserve/ 0x70001000")
    (tmp_path / "board.dts").write_text(tree)
    elf = broken / "board" / "qemu_virt_aarch64" / "debug" / "elf"
    command = ["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", elf / "board.dtb", tmp_path / "board.dts"]
    subprocess.run(command, check=True)
    describe(PD.format("program.elf", ""))
    done = run("test.system", *BOARD, "--search-path", files, env={"MICROKIT_SDK": str(broken)})
    assert done.returncode == 1
    assert done.stderr == (
        "Error: the image, 0x70000000..0x7000b000, lies over memory that the board's device tree reserves "
        "(0x70001000..0x70009000) on element 'system': test.system:1:1\n"
    )
