# SPDX-License-Identifier: BSD-2-Clause
"""guest/efivars.py: EDK2's variables after a crash at every step of what EDK2 does to its flash. The flash and
EDK2 are models here, made from the UEFI PI specification and EDK2's FaultTolerantWriteDxe; test_firmware.py
has the real ones."""

import fcntl
import os
import random
import struct
import sys

import pytest

from conftest import ROOT, good, run

sys.path.insert(0, str(ROOT / "guest"))
sys.dont_write_bytecode = True
import efivars
import extfs
from efivars import BLOCK, SIZE

VENDOR = bytes(range(16))
HEADERS = 0x48 + 28  # of volume and store
VOLUME_GUID = bytes.fromhex("8d2bf1ff96768b4ca9852747075b4f50")
STORE_GUID = bytes.fromhex("782cf3aa7b949a43a1802e144ec37792")
WORKING_GUID = bytes.fromhex("2b29589e687c7d49a0ce6500fd9f1b95")
CHUNK = 128  # EDK2 programs that much at once
SECTOR = 512  # and QEMU's host that much


def headers():
    volume = bytearray(struct.pack("<16x16sQ4sIHHHBBIIII", VOLUME_GUID, SIZE, b"_FVH", 0xE36, 0x48, 0, 0, 0, 2, 256, BLOCK, 0, 0))
    total = -sum(struct.unpack("<36H", volume)) & 0xFFFF
    struct.pack_into("<H", volume, 0x32, total)
    return bytes(volume) + struct.pack("<16sIBB6x", STORE_GUID, BLOCK - 0x48, 0x5A, 0xFE)


def variable(name, data, state=0x3F):
    name = (name + "\0").encode("utf-16-le")
    one = struct.pack("<HBxI28xII16s", 0x55AA, state, 7, len(name), len(data), VENDOR) + name + data
    return one + b"\xff" * (-len(one) % 4)


def variables(block):
    """What EDK2 reads in a store: by name."""
    found, at = {}, HEADERS
    while block[at : at + 2] == b"\xaa\x55":
        state, name, data = block[at + 2], *struct.unpack_from("<II", block, at + 36)
        start = at + 60
        if state in (0x3F, 0x3E):
            text = block[start : start + name].decode("utf-16-le").rstrip("\0")
            found[text] = bytes(block[start + name : start + name + data])
        at = (start + name + data + 3) & ~3
    return found


class Flash:
    """Three blocks; `states` are those that a crash could have left."""

    def __init__(self, blocks):
        self.data = bytearray(blocks)
        self.states = [bytes(self.data)]

    def change(self, at, data):
        if self.data[at : at + len(data)] != data:
            self.data[at : at + len(data)] = data
            self.states.append(bytes(self.data))

    def erase(self, block):
        """At once for QEMU; not for the host."""
        for at in range(block * BLOCK, (block + 1) * BLOCK, SECTOR):
            self.change(at, b"\xff" * SECTOR)

    def program(self, at, data):
        end = at + len(data)
        while at < end:
            size = min(CHUNK - at % CHUNK, end - at)
            assert all(new & ~old == 0 for new, old in zip(data[:size], self.data[at : at + size]))
            self.change(at, data[:size])
            at, data = at + size, data[size:]

    def clear(self, at, bit):
        self.change(at, bytes([self.data[at] & ~bit]))

    def rewrite(self, block, data):
        self.erase(block)
        self.program(block * BLOCK, data)


def erased(block):
    """The block, nothing behind what is given of it."""
    return block + b"\xff" * (BLOCK - len(block))


def blocks(*content):
    working = struct.pack("<16sIBBHQ", WORKING_GUID, 0x86C6E75B, 0xFE, 0xFF, 0xFFFF, BLOCK - 32)
    return erased(headers() + b"".join(content)) + erased(working) + erased(b"")


def write_in_place(flash, block):
    """More than 256 bytes of a variable: the whole store."""
    flash.rewrite(0, block)


def write_by_spare(flash, block):
    """FtwWrite of EDK2."""
    queue = BLOCK + 32
    while flash.data[queue] != 0xFF:
        queue += 80
    flash.program(queue, struct.pack("<B3x16s4xQQ", 0xFE, VENDOR, 1, 0))
    flash.clear(queue, 2)
    record = queue + 40
    flash.program(record, struct.pack("<B7xQQQq", 0xFF, 0, HEADERS, BLOCK - HEADERS, -2 * BLOCK))
    flash.rewrite(2, block)
    flash.clear(record, 2)
    flash.rewrite(0, block)
    flash.clear(record, 4)
    flash.clear(queue, 4)
    flash.rewrite(2, erased(b""))


def edk2_starts(data):
    """The variables that it has afterwards."""
    if data[0x28:0x2C] != b"_FVH" or sum(struct.unpack_from("<36H", data)) & 0xFFFF:
        return {}
    if data[0x48:0x58] != STORE_GUID:
        return {}
    queue = BLOCK + 32
    while not data[queue] & 4:
        queue += 80
    record = data[queue + 40]
    if data[queue] != 0xFF and not record & 2:
        data = data[2 * BLOCK :]
    return variables(data)


def mended(data, kept):
    found = efivars.check(data, kept)
    return efivars.from_spare(data) if found == efivars.FROM_SPARE else kept if found == efivars.TORN else data


EARLIER = [variable(f"Earlier{n}", bytes([n]) * n * 9) for n in range(1, 30)]
GONE = variable("Gone", b"x" * 300, state=0x3C)
LATER = variable("Later", b"of the same run")
LARGE = variable("Large", bytes(range(256)) * 4)
KEPT = blocks(*EARLIER[:9], GONE, *EARLIER[9:])
assert len(variables(KEPT)) == len(EARLIER)


def is_there(before, data):
    after = edk2_starts(data)
    return all(after.get(name) == value for name, value in before.items())


@pytest.mark.parametrize("start", [[], [LATER]])
def test_a_store_rewritten_in_place(start):
    """What there was before the run is there at every step."""
    now = blocks(*EARLIER[:9], GONE, *EARLIER[9:], *start)
    flash = Flash(now)
    used = -(-len(now[:BLOCK].rstrip(b"\xff")) // 4) * 4
    write_in_place(flash, erased(now[:used] + LARGE))
    assert len(flash.states) > 60
    before = variables(KEPT)
    lost = [data for data in flash.states if not is_there(before, data)]
    assert len(lost) > 50  # so does a crash without anybody's help
    for data in flash.states:
        assert is_there(before, mended(data, KEPT))
    assert mended(flash.states[-1], KEPT) == flash.states[-1]
    assert "Large" in variables(flash.states[-1])


@pytest.mark.parametrize("writes", [1, 3])
def test_a_store_compacted(writes):
    """Nothing is lost, of the same run either."""
    now = blocks(*EARLIER[:9], GONE, *EARLIER[9:], LATER)
    before = variables(now)
    flash = Flash(now)
    for _ in range(writes):
        write_by_spare(flash, erased(headers() + b"".join(EARLIER) + LATER))
    assert not all(is_there(before, data) for data in flash.states)
    for data in flash.states:
        assert is_there(before, mended(data, KEPT))
        assert is_there(before, mended(data, None))
    done = next(data for data in flash.states if not data[BLOCK + 32 + 40] & 4)
    assert efivars.check(done, KEPT) == efivars.WHOLE
    assert mended(flash.states[-1], KEPT) == flash.states[-1]


def test_what_is_no_damage():
    """A store that grows, one whose variables were deleted or renewed, none at all."""
    flash = Flash(KEPT)
    flash.program(-(-len(KEPT[:BLOCK].rstrip(b"\xff")) // 4) * 4, LATER)
    flash.clear(HEADERS + 2, 1)
    flash.clear(HEADERS + 2, 2)
    for data in flash.states:
        assert efivars.check(data, KEPT) == efivars.WHOLE
    assert efivars.check(b"\xff" * SIZE) == efivars.check(bytes(SIZE)) == efivars.FOREIGN
    assert efivars.check(blocks()) == efivars.WHOLE
    assert efivars.check(b"\xff" * BLOCK + KEPT[BLOCK:]) == efivars.TORN
    # EDK2 erases all three to begin anew: there was something once.
    assert efivars.check(b"\xff" * SIZE, KEPT) == efivars.TORN


def test_bad_values():
    """Anything may be in the blocks."""
    chance = random.Random(13)
    states = Flash(KEPT)
    write_by_spare(states, erased(headers() + LATER))
    for _ in range(2000):
        data = bytearray(chance.choice(states.states[:: len(states.states) // 20]))
        for _ in range(chance.randrange(1, 9)):
            at = chance.choice((0, BLOCK, 2 * BLOCK)) + chance.randrange(160)
            data[at] = chance.choice((0, 0xFF, 0x7F, chance.randrange(256)))
        found = efivars.check(bytes(data), chance.choice((None, KEPT)))
        assert found in (efivars.FOREIGN, efivars.WHOLE, efivars.PENDING, efivars.FROM_SPARE, efivars.TORN)
        if found == efivars.FROM_SPARE:
            assert efivars.has_headers(efivars.from_spare(bytes(data)))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "vars.img"
    provide(path)
    return path


def provide(path):
    return good(run([ROOT / "guest/firmware.py", "variables", path])).stdout


def put(path, data):
    with open(path, "r+b") as file:
        file.write(data)


def test_the_file_is_mended(file):
    kept = file.with_name("vars.img.kept")
    assert not kept.exists()
    put(file, KEPT)
    assert provide(file) == ""
    assert kept.read_bytes() == KEPT
    put(file, b"\xff" * BLOCK)
    text = provide(file)
    assert text == (
        f"  VARS     {file}: torn by a crash in the middle of a write; taken from {kept}: "
        "what was written in the run of the crash is lost\n"
    )
    assert file.read_bytes()[:SIZE] == KEPT and file.stat().st_size == 64 << 20
    assert provide(file) == ""

    flash = Flash(KEPT)
    write_by_spare(flash, erased(headers() + LATER))
    torn = next(data for data in flash.states if efivars.check(data) == efivars.FROM_SPARE)
    put(file, torn)
    assert "taken from the spare block" in provide(file)
    assert file.read_bytes()[:BLOCK] == torn[2 * BLOCK :]
    assert provide(file) == ""
    assert kept.read_bytes() == KEPT  # until EDK2 has finished

    kept.write_bytes(b"\xff" * BLOCK + KEPT[BLOCK:])  # no copy that helps
    put(file, b"\xff" * BLOCK + KEPT[BLOCK:])
    assert "there is no copy" in provide(file)


def test_a_file_in_use_is_left_alone(file):
    put(file, KEPT)
    provide(file)
    put(file, b"\xff" * BLOCK)
    with open(file, "r+b") as held:
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, extfs.QEMU_LOCK_START, 1, 0)
        fcntl.fcntl(held, fcntl.F_OFD_SETLK, lock)
        assert provide(file) == ""
        assert file.read_bytes()[:4] == b"\xff" * 4


def test_a_removed_file_is_a_reset(file):
    put(file, KEPT)
    provide(file)
    file.unlink()
    assert provide(file) == ""
    assert provide(file) == ""
    assert set(file.read_bytes()[:SIZE]) == {0xFF}
