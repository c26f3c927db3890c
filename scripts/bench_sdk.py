#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Run bench/sdk on the given QEMU command and print its results as a table."""

import re
import subprocess
import sys

# Executed instructions on seL4 16 with Microkit 2.3.0, release, for what was measured there too.
SEL4 = {
    "call an active server and back, empty": 2490,
    "call a passive server and back, empty": 726,
    "notification there and back": 2240,
}


def main():
    done = subprocess.run(
        sys.argv[1:], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
    )
    results = re.findall(r"^BENCH (\d+) (.+?)\r?$", done.stdout, re.M)
    if done.returncode != 0 or not results:
        sys.stderr.write(f"bench-sdk: the machine did not finish:\n{done.stdout}{done.stderr}")
        return 1
    width = max(len(name) for _, name in results)
    print(f"{'executed instructions':{width}}  {'Sluice':>7}  {'seL4':>7}")
    for count, name in results:
        print(f"{name:{width}}  {count:>7}  {SEL4.get(name, '-'):>7}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
