#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Turn an arm64 Linux kernel as distributions ship it into the raw Image that a VMM loads.

    kernel.py INPUT OUTPUT [--initrd FILE]

The file's own header says what it is (Linux, Documentation/arm64/booting.rst; for compressed EFI
images, the header of drivers/firmware/efi/libstub/zboot-header.S): a raw Image, an Image
compressed with gzip, xz or zstd, or an EFI program that carries one. With --initrd it is said if that
initramfs has modules, and none for this kernel. image.py imports decode_kernel() and kernel_version().
"""

import argparse
import lzma
import re
import struct
import subprocess
import sys
import zlib

from common import Failure, run_main, tool_path, write_file

IMAGE_MAGIC = b"ARM\x64"
IMAGE_MAGIC_OFFSET = 56
# What the kernel says first when it boots: in it as a string.
VERSION = re.compile(rb"Linux version (\S{1,100}) \(")
MODULES_FOLDER = re.compile(rb"lib/modules/([^/\0]{1,100})/")
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


def kernel_version(image):
    """What `uname -r` says with this Image; None if it does not tell."""
    found = VERSION.search(image)
    return found[1].decode("ascii", "replace") if found else None


def module_versions(initrd):
    """For which kernels an initramfs (bytes) has modules, as far as it can be read."""
    for magic, decompress in STREAM_MAGICS.items():
        if initrd.startswith(magic):
            try:
                initrd = decompress(initrd)
            except (zlib.error, lzma.LZMAError, EOFError):
                return set()
    return {found.decode("ascii", "replace") for found in MODULES_FOLDER.findall(initrd)}


def check_modules(image, initrd_path):
    """Say it if an initramfs has modules, but not this kernel's: its devices would have no drivers."""
    version = kernel_version(image)
    with open(initrd_path, "rb") as file:
        there = module_versions(file.read())
    if version and there and version not in there:
        print(
            f"guest/kernel.py: warning: {initrd_path} has modules of {', '.join(sorted(there))}, and the kernel "
            f"is {version}: there will be no drivers but its own. MODULES= names a directory with its modules; "
            "KERNEL= takes Debian's kernel packages, which have them",
            file=sys.stderr,
        )


def main():
    parser = argparse.ArgumentParser(description="Turn an arm64 kernel file into a raw Image.")
    parser.add_argument("input", metavar="INPUT")
    parser.add_argument("output", metavar="OUTPUT")
    parser.add_argument("--initrd", metavar="FILE", help="the initramfs that goes with it")
    arguments = parser.parse_args()
    with open(arguments.input, "rb") as file:
        data = file.read()
    image = decode_kernel(data, arguments.input)
    if arguments.initrd:
        check_modules(image, arguments.initrd)
    write_file(arguments.output, image)


if __name__ == "__main__":
    run_main("guest/kernel.py", main)
