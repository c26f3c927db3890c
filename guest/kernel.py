#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Turn an arm64 Linux kernel as distributions ship it into the raw Image that a VMM loads.

    kernel.py INPUT OUTPUT

The file's own header says what it is (Linux, Documentation/arm64/booting.rst; for compressed EFI
images, the header of drivers/firmware/efi/libstub/zboot-header.S): a raw Image, an Image
compressed with gzip, xz or zstd, or an EFI program that carries one. image.py imports
decode_kernel().
"""

import argparse
import lzma
import struct
import subprocess
import zlib

from common import Failure, run_main, tool_path, write_file

IMAGE_MAGIC = b"ARM\x64"
IMAGE_MAGIC_OFFSET = 56
ZBOOT_HEADER = struct.Struct("<4s4sII8x32s")  # MZ, zimg, payload offset, payload size, compression


def inflated(decompressor, data):
    # A decompressor object, since what follows the end of the stream does not matter; that the end
    # is there at all does.
    result = decompressor.decompress(data)
    if not decompressor.eof:
        raise EOFError("truncated")
    return result


def gunzip(data):
    return inflated(zlib.decompressobj(wbits=31), data)


def unxz(data):
    return inflated(lzma.LZMADecompressor(), data)


def unzstd(data):
    # The kernel's build appends the length, in four bytes that zstd takes for damage.
    for stream in (data, data[:-4]):
        command = [tool_path("zstd", "zstd"), "-dcq"]
        done = subprocess.run(command, input=stream, capture_output=True, check=False)
        if done.returncode == 0:
            return done.stdout
    raise EOFError("zstd cannot decompress it")


DECOMPRESSORS = {b"gzip": gunzip, b"xzkern": unxz, b"xz": unxz, b"zstd": unzstd, b"zstd22": unzstd}
STREAM_MAGICS = {b"\x1f\x8b": gunzip, b"\xfd7zXZ\x00": unxz, b"\x28\xb5\x2f\xfd": unzstd}


def is_image(data):
    return data[IMAGE_MAGIC_OFFSET : IMAGE_MAGIC_OFFSET + 4] == IMAGE_MAGIC


def decompressed(data, name, decompress):
    try:
        result = decompress(data)
    except (zlib.error, lzma.LZMAError, EOFError) as error:
        raise Failure(f"{name}: damaged: {error}") from None
    if not is_image(result):
        raise Failure(f"{name}: what is compressed in it is not an arm64 Linux Image")
    return result


def zboot_payload(data, name):
    """The compressed kernel in an EFI program, and what decompresses it; None if there is none."""
    if len(data) < ZBOOT_HEADER.size:
        return None
    mz, zimg, offset, size, kind = ZBOOT_HEADER.unpack_from(data)
    if mz[:2] != b"MZ" or zimg != b"zimg":
        return None
    kind = kind.split(b"\0")[0]
    if kind not in DECOMPRESSORS:
        raise Failure(f"{name}: compressed in an unknown way ({kind.decode('ascii', 'replace')})")
    if offset > len(data) or size > len(data) - offset:
        raise Failure(f"{name}: truncated")
    return data[offset : offset + size], DECOMPRESSORS[kind]


def decode_kernel(data, name):
    """The raw Image in a kernel file's bytes; `name` is for messages."""
    if is_image(data):
        return data
    payload = zboot_payload(data, name)
    if payload:
        return decompressed(payload[0], name, payload[1])
    for magic, decompress in STREAM_MAGICS.items():
        if data.startswith(magic):
            return decompressed(data, name, decompress)
    raise Failure(f"{name}: not an arm64 Linux kernel (no Image header, not compressed either)")


def main():
    parser = argparse.ArgumentParser(description="Turn an arm64 kernel file into a raw Image.")
    parser.add_argument("input", metavar="INPUT")
    parser.add_argument("output", metavar="OUTPUT")
    arguments = parser.parse_args()
    with open(arguments.input, "rb") as file:
        data = file.read()
    write_file(arguments.output, decode_kernel(data, arguments.input))


if __name__ == "__main__":
    run_main("guest/kernel.py", main)
