#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""A session at the guest's console, by itself: disk, network, power-off. Exits 0 if all worked.

usage: demo.py QEMU-COMMAND...   Needs no network outside: it talks to QEMU's own gateway.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from console import Console, ConsoleError, echo_to_stdout  # noqa: E402

GATEWAY = "10.0.2.2"

# What is typed, and what must be in the answer.
SESSION = [
    ("uname -m; nproc", "aarch64"),
    ("cat /proc/interrupts", "virtio"),
    ("mount /dev/vda1 /mnt/", ""),
    ("ls /mnt/", ""),
    ("echo written by the demo > /mnt/demo.txt; cat /mnt/demo.txt", "written by the demo"),
    ("umount /mnt/", ""),
    ("ifconfig eth0 up ; udhcpc eth0", "lease of 10.0.2.15 obtained"),
    (f"ping -c 3 {GATEWAY}", "3 packets received"),
    ("cat /etc/resolv.conf", "nameserver"),
]


def play(console):
    console.prompt()
    for line, answer in SESSION:
        text = console.run(line)
        if answer not in text:
            raise ConsoleError(f"'{line}' did not answer '{answer}'")
    console.send("poweroff")
    status = console.wait_end()
    if status != 0:
        raise ConsoleError(f"QEMU ended with status {status}")


def main():
    console = Console(sys.argv[1:], timeout=300, log=echo_to_stdout())
    try:
        play(console)
    except ConsoleError as error:
        sys.stderr.write(f"\ndemo: failed: {error}\n")
        return 1
    finally:
        console.kill()
    print("\ndemo: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
