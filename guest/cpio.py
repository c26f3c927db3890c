# SPDX-License-Identifier: BSD-2-Clause
"""Write an initramfs: a cpio archive in the "newc" form (Linux, early-userspace/buffer-format.rst).

The same files give the same bytes: entries sorted by path, owned by root, without times. Device
nodes are not needed, since the kernel mounts devtmpfs. image.py calls archive().
"""

import os
import stat

MAGIC = b"070701"


class Tree:
    """The files of an archive: path (relative, no leading slash) to mode and contents."""

    def __init__(self):
        self.entries = {}

    def add_directory(self, path, mode=0o755):
        if not path:
            return
        self.add_directory(os.path.dirname(path))
        if path not in self.entries or not stat.S_ISDIR(self.entries[path][0]):
            self.entries[path] = (stat.S_IFDIR | mode, b"")

    def add_file(self, path, data, mode=0o644):
        self.add_directory(os.path.dirname(path))
        self.entries[path] = (stat.S_IFREG | mode, data)

    def add_link(self, path, target):
        self.add_directory(os.path.dirname(path))
        self.entries[path] = (stat.S_IFLNK | 0o777, target.encode())

    def add_host_tree(self, root):
        """Add what is below a directory of the host; of the modes only "executable" counts."""
        for folder, folders, files in os.walk(root):
            inside = os.path.relpath(folder, root)
            inside = "" if inside == "." else inside
            self.add_directory(inside)
            for name in files + folders:
                path = os.path.join(folder, name)
                if name in files or os.path.islink(path):
                    self.add_host_file(os.path.join(inside, name), path)

    def add_host_file(self, path, source):
        if os.path.islink(source):
            self.add_link(path, os.readlink(source))
            return
        with open(source, "rb") as file:
            executable = os.fstat(file.fileno()).st_mode & 0o100
            self.add_file(path, file.read(), 0o755 if executable else 0o644)


def record(inode, path, mode, data):
    """One entry: header, name and data, the latter two padded to four bytes."""
    name = os.fsencode(path) + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    # ino, mode, uid, gid, nlink, mtime, size, device major and minor, the same of a node, name, sum
    fields = (inode, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name), 0)
    header = MAGIC + b"".join(b"%08X" % field for field in fields)
    return padded(header + name) + padded(data)


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def archive(tree):
    """The archive of a Tree, as bytes. Sorted, a directory comes before what is in it."""
    records = [
        record(number, path, *tree.entries[path])
        for number, path in enumerate(sorted(tree.entries), start=1)
    ]
    return b"".join(records) + record(0, "TRAILER!!!", 0, b"")
