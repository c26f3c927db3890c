#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Start the machine: check it, print QEMU's line, and connect the guest's console.

With a terminal as standard input, the terminal is the console. Otherwise the lines of standard
input are typed one by one as the prompt of the guest comes, the first one's if there are several; at
their end every guest that still runs is powered off. A machine without guests gets its input as it
comes, and runs to the end of that, or for --timeout seconds.
"""

import argparse
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time

import pexpect

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

RAM_START = 0x40000000
OLDEST_QEMU = (6, 0)
ESCAPE = "\x1d"  # Ctrl-], the console multiplexer's
UNITS = {"": 20, "M": 20, "G": 30, "K": 10}


def fail(message):
    sys.stderr.write(f"run: {message}\n")
    sys.exit(1)


def check_qemu(program):
    if shutil.which(program) is None:
        fail(f"{program} is not installed (Debian: qemu-system-arm)")
    text = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"version (\d+)\.(\d+)", text)
    if found is None:
        fail(f"{program} does not say its version")
    version = tuple(int(part) for part in found.groups())
    if version < OLDEST_QEMU:
        fail(f"{program} {version[0]}.{version[1]} is too old: 6.0 or later is needed")


def memory_end(report, image, load_address):
    """The end of the RAM that the image needs: as its report says, or of the image itself."""
    if os.path.exists(report):
        with open(report, encoding="utf-8") as file:
            found = re.search(r"^machine-ram-end: (0x[0-9a-f]+)$", file.read(), re.M)
        if found is not None:
            return int(found.group(1), 16)
    return load_address + os.path.getsize(image) if os.path.exists(image) else 0


def check_memory(mem, end):
    found = re.fullmatch(r"(?:size=)?(\d+)([KMG]?)i?B?", mem)
    if found is None:
        fail(f"MEM={mem} is not a size such as 2G or 1024M")
    size = int(found.group(1)) << UNITS[found.group(2)]
    if RAM_START + size < end:
        need = (end - RAM_START + (1 << 20) - 1) >> 20
        fail(f"MEM={mem} is too little for this image: {need}M at least")


def network(action, *arguments):
    """Has guest/net.py make or remove the tap interface."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../guest/net.py")
    command = [os.path.normpath(script), action, *arguments]
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            fail(f"NET=tap: a tap interface needs root, and there is no sudo; as root, type: {shlex.join(command)}")
        command.insert(0, "sudo")
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        fail(f"cannot bring the tap network {action}: see above")


def run_on_terminal(command, timeout):
    # Ctrl-C is the guest's; QEMU's own escape is Ctrl-a.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("run: Ctrl-a x ends QEMU, Ctrl-a h says what else there is", flush=True)
    try:
        return subprocess.run(command, timeout=timeout, check=False).returncode
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"\nrun: ended after {timeout} s\n")
        return 124


def run_script(command, timeout, guests):
    from console import Console, ConsoleError, echo_to_stdout

    lines = sys.stdin.read().splitlines()
    console = Console(command, timeout=timeout or 120, log=echo_to_stdout())
    try:
        if not console.prompt_or_end():
            return end_early(console, lines)
        for number, line in enumerate(lines, start=1):
            console.send(line)
            if not console.prompt_or_end():
                return end_early(console, lines[number:])
        console.send("poweroff")
        for number in range(2, guests + 1):
            console.child.send(f"{ESCAPE}{number}")
            console.prompt()
            console.send("poweroff")
        return console.wait_end()
    except ConsoleError as error:
        sys.stderr.write(f"\nrun: {error}\n")
        return 1
    finally:
        console.kill()


def end_early(console, rest):
    """The machine is off: with the last line, as it may be, or with lines left that nobody read."""
    status = console.wait_end()
    if rest and status == 0:
        sys.stderr.write(f"\nrun: the machine ended before '{rest[0]}' was typed\n")
        return 1
    return status


def run_without_guests(command, timeout):
    """Nobody prompts: the input goes to the serial port as it comes, and its end or the time is the end."""
    from console import Console, ConsoleError, echo_to_stdout

    console = Console(command, timeout=timeout, log=echo_to_stdout())
    end = time.monotonic() + timeout if timeout else None
    is_open = True
    try:
        while console.child.isalive() and (is_open or end) and (end is None or time.monotonic() < end):
            if is_open and select.select([sys.stdin], [], [], 0)[0]:
                data = os.read(sys.stdin.fileno(), 4096)
                console.child.send(data)
                is_open = bool(data)
            console.child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=0.1)
        if not console.child.isalive():
            return console.wait_end()
        print("\nrun: ended with its " + ("time" if end else "input; TIMEOUT= has it run on"))
        return 0
    except ConsoleError as error:
        sys.stderr.write(f"\nrun: {error}\n")
        return 1
    finally:
        console.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", default="user")
    parser.add_argument("--mem", required=True)
    parser.add_argument("--report", default="")
    parser.add_argument("--timeout", type=int)
    parser.add_argument("--image", default="")
    parser.add_argument("--load-address", type=lambda text: int(text, 0), default=0)
    parser.add_argument("--tap", default="sluice0")
    parser.add_argument("--host-if")
    parser.add_argument("--nat", action="store_true")
    parser.add_argument("--guests", type=int, default=1, help="how many share the console")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    if options.net not in ("user", "tap"):
        fail(f"NET={options.net}: 'user' or 'tap'")
    check_qemu(options.command[0])
    check_memory(options.mem, memory_end(options.report, options.image, options.load_address))
    print(shlex.join(options.command), flush=True)
    # A tap that is there already is the user's, and stays.
    made_tap = options.net == "tap" and not os.path.exists(f"/sys/class/net/{options.tap}")
    if options.nat and not made_tap:
        fail(f"NAT=yes: {options.tap} is up already, and stays as it is; first type: guest/net.py down --name {options.tap}")
    if made_tap:
        extra = ["--host-if", options.host_if] if options.host_if else ["--nat"] if options.nat else []
        network("up", "--name", options.tap, *extra)
    try:
        if sys.stdin.isatty():
            status = run_on_terminal(options.command, options.timeout)
        elif options.guests == 0:
            status = run_without_guests(options.command, options.timeout)
        else:
            status = run_script(options.command, options.timeout, options.guests)
    finally:
        if made_tap:
            network("down", "--name", options.tap)
    sys.exit(status)


if __name__ == "__main__":
    main()
