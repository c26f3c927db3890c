# SPDX-License-Identifier: BSD-2-Clause
"""Linux kernel modules: what one needs, and the files by which modprobe finds it.

A Debian kernel package has no modules.dep, since depmod makes that on the machine where it is
installed. The same facts stand in each module's .modinfo section. image.py calls this; it is no
program by itself.
"""

import collections
import lzma
import os
import re
import struct
import zlib

from common import Failure
from kernel import gunzip, unxz, unzstd

# A module of the package. `path` is relative to the modules' directory, uncompressed.
Module = collections.namedtuple("Module", "name path source depends aliases")

ELF64_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
ELF64_SECTION = struct.Struct("<IIQQQQIIQQ")
PACKED = {".ko": None, ".ko.xz": unxz, ".ko.gz": gunzip, ".ko.zst": unzstd}


def module_name(path):
    """A module's name by its file: the directory and suffixes gone, as the kernel spells it."""
    return re.sub(r"\.ko(\.\w+)?$", "", os.path.basename(path)).replace("-", "_")


def unpack(path, data):
    """A module's bytes, decompressed as its file name says."""
    decompress = PACKED[re.search(r"\.ko(\.\w+)?$", path).group(0)]
    try:
        return decompress(data) if decompress else data
    except (zlib.error, lzma.LZMAError, EOFError) as error:
        raise Failure(f"{path}: damaged: {error}") from None


def section(data, wanted):
    """The contents of an ELF64 file's section; empty if there is none."""
    fields = ELF64_HEADER.unpack_from(data)
    table, entry_size, count, names_index = fields[6], fields[11], fields[12], fields[13]
    sections = [ELF64_SECTION.unpack_from(data, table + i * entry_size) for i in range(count)]
    names = sections[names_index][4]
    for name, _, _, _, offset, size, *_ in sections:
        if data[names + name : data.index(b"\0", names + name)] == wanted:
            return data[offset : offset + size]
    return b""


def read_module(path, source, data):
    """Describe one module from its .modinfo section: NUL-terminated strings `key=value`."""
    try:
        strings = section(data, b".modinfo").decode("utf-8", "replace").split("\0")
    except (struct.error, ValueError, IndexError):
        raise Failure(f"{source}: not a kernel module") from None
    pairs = [text.split("=", 1) for text in strings if "=" in text]
    depends = [name for key, value in pairs if key == "depends" for name in value.split(",")]
    aliases = [value for key, value in pairs if key == "alias"]
    path = re.sub(r"\.ko\.\w+$", ".ko", path)
    return Module(
        module_name(path), path, source, [module_name(name) for name in depends if name], aliases
    )


def load_order(name, modules):
    """A module and all that it needs, each after what it needs itself."""
    order = []

    def visit(current, path):
        if current in path:
            raise Failure(f"kernel modules depend on each other in a circle: {current}")
        if current not in modules:
            raise Failure(f"kernel module {path[-1]} needs {current}, which the package lacks")
        for needed in modules[current].depends:
            visit(needed, path + [current])
        if current not in order:
            order.append(current)

    visit(name, [])
    return order


def select(wanted, modules, builtin):
    """The wanted modules and all they need, sorted; what is built into the kernel is left out."""
    chosen = set()
    for name in wanted:
        if name in modules:
            chosen |= set(load_order(name, modules))
        elif name not in builtin:
            raise Failure(f"the kernel package has no module {name}, nor is it built in")
    return sorted(chosen)


def dependency_file(chosen, modules):
    """modules.dep: for each module its needs, what is to be loaded first standing last."""
    lines = []
    for name in chosen:
        needs = reversed(load_order(name, modules)[:-1])
        lines.append(f"{modules[name].path}: {' '.join(modules[need].path for need in needs)}")
    return "".join(line.rstrip() + "\n" for line in lines)


def alias_file(chosen, modules):
    """modules.alias: which module drives a device, by the device's own name (modalias)."""
    lines = [f"alias {alias} {name}\n" for name in chosen for alias in modules[name].aliases]
    return "".join(lines)
