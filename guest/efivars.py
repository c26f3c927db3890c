# SPDX-License-Identifier: BSD-2-Clause
"""Whether the variables that EDK2 keeps in a bank of flash came through a crash, and how to mend them.

EDK2 has three blocks: the store, a working block and a spare one (UEFI PI, volume 3: firmware volumes and
variable services; EDK2's FaultTolerantWriteDxe). When it makes room it writes the store by way of the spare
block, and finishes at its next start what a crash interrupted; but not if the store's header is torn: then
its flash driver erases all three before that. And a variable of more than 256 bytes makes Debian 12's EDK2
erase the store and write it again with nothing kept elsewhere. So whoever starts a machine first asks
check(), with a copy of the last whole store. firmware.py does; no program by itself.
"""

import struct
import uuid

BLOCK = 256 << 10
SIZE = 3 * BLOCK
ERASED = b"\xff"
VOLUME_GUID = uuid.UUID("fff12b8d-7696-4c8b-a985-2747075b4f50").bytes_le
STORE_GUIDS = (
    uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792").bytes_le,  # with authentication
    uuid.UUID("ddcf3616-3275-4164-98b6-fe85707ffe7d").bytes_le,
)
WORKING_GUID = uuid.UUID("9e58292b-7c68-497d-a0ce-6500fd9f1b95").bytes_le
VOLUME = struct.Struct("<16x16sQ4sIHHHxB")  # GUID, length, signature, attributes, header's length, sum, -, revision
STORE = struct.Struct("<16sIBB6x")  # GUID, size, format, state
FORMATTED, HEALTHY = 0x5A, 0xFE
WORKING = struct.Struct("<16sIB3xQ")  # GUID, sum, state, size of the queue behind it
WORKING_VALID = 0xFE
WRITE = struct.Struct("<B3x16s4xQQ")  # state, who, how many records, private bytes of each
RECORD = struct.Struct("<B7xQQQq")  # state, block, offset, length, from the spare block to the target
# States lose a bit with each step.
COMPLETE = 4  # of a write, and of a record's target
SPARE_COMPLETE = 2

# What check() finds.
FOREIGN = "foreign"  # nothing that EDK2 wrote
WHOLE = "whole"
PENDING = "pending"  # EDK2 finishes a write at its next start
FROM_SPARE = "spare"  # torn; the spare block has the store
TORN = "torn"


def has_headers(block):
    """Whether a block begins with headers that EDK2's flash driver takes."""
    guid, length, signature, _, header, _, _, revision = VOLUME.unpack_from(block)
    if (guid, length, signature, revision) != (VOLUME_GUID, SIZE, b"_FVH", 2):
        return False
    if sum(struct.unpack_from(f"<{header // 2}H", block)) & 0xFFFF:
        return False
    guid, size, form, state = STORE.unpack_from(block, header)
    return guid in STORE_GUIDS and size == BLOCK - header and (form, state) == (FORMATTED, HEALTHY)


def has_working_header(block):
    guid, _, state, size = WORKING.unpack_from(block)
    return (guid, state, size) == (WORKING_GUID, WORKING_VALID, BLOCK - WORKING.size)


def last_record(block):
    """The record of the write that is not complete, as RECORD has it; of none that is there it is erased."""
    at = WORKING.size
    while at + WRITE.size + RECORD.size <= BLOCK:
        state, _, count, private = WRITE.unpack_from(block, at)
        if state & COMPLETE:
            return RECORD.unpack_from(block, at + WRITE.size)
        at += WRITE.size + count * (RECORD.size + private)
    return None


def spare_is_ahead(data):
    """Whether the spare block has all of the store, and the store perhaps not yet."""
    if not has_working_header(data[BLOCK : 2 * BLOCK]) or not has_headers(data[2 * BLOCK :]):
        return False
    record = last_record(data[BLOCK : 2 * BLOCK])
    if record is None:
        return False
    state, block, offset, length, distance = record
    is_store = (block, distance) == (0, -2 * BLOCK) and offset + length <= BLOCK
    return is_store and not state & SPARE_COMPLETE and bool(state & COMPLETE)


def end_of(block):
    return len(block.rstrip(ERASED))


def is_cut_off(block, kept):
    """Whether a store is the beginning of another: between times it only grows, and bits are cleared in what
    is there. Where EDK2 made room the rest differs, too."""
    end = end_of(block)
    now, before = (int.from_bytes(one[:end], "little") for one in (block, kept))
    return end < end_of(kept) and now & ~before == 0


def check(data, kept=None):
    """What has become of the three blocks `data`, those of an earlier time being `kept`, which was whole."""
    if spare_is_ahead(data):
        return PENDING if has_headers(data) else FROM_SPARE
    if has_headers(data):
        return TORN if kept and is_cut_off(data[:BLOCK], kept[:BLOCK]) else WHOLE
    return TORN if kept or has_working_header(data[BLOCK : 2 * BLOCK]) else FOREIGN


def from_spare(data):
    """The blocks with the store in its place; EDK2 does the rest, as it would have."""
    return data[2 * BLOCK :] + data[BLOCK:]
