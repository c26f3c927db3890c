# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's ELF file as bench/plugin/entries.c wants to know it, machines with that plugin, and
what it wrote."""

import re
import struct
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT = 900  # seconds; the longest takes thirty on an idle machine

VECTORS = ["synchronous", "interrupt", "fast interrupt", "SError", "interrupt of the idle core"]
SYNCHRONOUS = 0
# What their tables point to says what kind of entry one is.
HANDLERS = re.compile(r"kernel/(trap/|vcpu/exit)")
# What is executed there waits for another core.
WAITING = "kernel/smp/lock.c"
WAITING_FUNCTION = "arch_wait_for_event"
CALLS = ("fast_system_call", "system_call")
NESTED = "kernel_exception"
TABLES = ("arch_vectors", "arch_slow_vectors")

# As tests/system/test_target.py has it: where time is executed instructions, a run is like the next; but some
# want cores that run at once, or have a guest that executes none.
VIRTUAL = ["-icount", "shift=4,sleep=off"]
AT_ONCE = {"smp", "hammer", "hammer_smp", "moved", "neighbour", "races"}

SHF_ALLOC, SHF_EXECINSTR, SHT_PROGBITS = 2, 4, 1


class EntriesError(Exception):
    """No result."""


class Kernel:
    """Its text, functions, tables and lines."""

    def __init__(self, path, cross):
        self.path, self.cross = Path(path), cross
        output = self.tool("nm", "-n", str(path))
        found = re.findall(r"^(\w+) [tTwW] ([^$\s]\S*)$", output, re.M)
        self.functions = {int(address, 16): name for address, name in found}
        self.text, self.pointers = self.read_sections()
        start, size = self.text
        self.frames = self.find_frames(range(start, start + size, 4))

    def tool(self, name, *arguments, stdin=None):
        done = subprocess.run(
            [self.cross + name, *arguments], input=stdin, capture_output=True, text=True, check=True
        )
        return done.stdout

    def read_sections(self):
        """(start, size) of the instructions; all words of the data."""
        blob = self.path.read_bytes()
        (table,) = struct.unpack_from("<Q", blob, 40)
        size, count = struct.unpack_from("<HH", blob, 58)
        text, words = [], set()
        for i in range(count):
            _, kind, flags, address, offset, length = struct.unpack_from("<IIQQQQ", blob, table + i * size)
            if kind != SHT_PROGBITS or not flags & SHF_ALLOC:
                continue
            if flags & SHF_EXECINSTR:
                text.append((address, address + length))
            else:
                contents = blob[offset : offset + length // 8 * 8]
                words.update(word for (word,) in struct.iter_unpack("<Q", contents))
        start, end = min(text)[0], max(end for _, end in text)
        return (start, end - start), words

    def find_frames(self, addresses):
        """By address: (function, file, line) of all that is inlined there, the innermost first."""
        output = self.tool(
            *("addr2line", "-a", "-i", "-f", "-e", str(self.path)),
            stdin="".join(f"{address:#x}\n" for address in addresses),
        )
        frames, lines, at = {}, iter(output.splitlines()), None
        for line in lines:
            if line.startswith("0x"):
                at = int(line, 16)
                frames[at] = []
                continue
            file, _, number = next(lines).split(" ")[0].rpartition(":")
            if number.isdigit() and number != "0":
                frames[at].append((line, self.shorten(file), int(number)))
        return frames

    @staticmethod
    def shorten(file):
        """From the root of the tree on, wherever that was."""
        return file[file.rfind("/kernel/") + 1 :] if "/kernel/" in file else file

    def function(self, address):
        frames = self.frames.get(address)
        return frames[0][0] if frames else self.symbol(address)

    def symbol(self, address):
        below = [start for start in self.functions if start <= address]
        return self.functions[max(below)] if below else hex(address)

    def address(self, name):
        return next((at for at, of in self.functions.items() if of == name), None)

    def extent(self, name):
        start = self.address(name)
        return start, min(at for at in [*self.functions, sum(self.text)] if at > start) - start

    def labels(self):
        """(address, whether it is a system call) of what tables of handlers point to."""
        for address, name in self.functions.items():
            frames = self.frames.get(address)
            is_handler = address in self.pointers and frames and HANDLERS.match(frames[-1][1])
            if is_handler or name in CALLS:
                yield address, name in CALLS

    def waiting(self):
        """Ranges of instructions that wait for another core."""
        ranges = []
        for address, frames in sorted(self.frames.items()):
            function, file, _ = frames[0] if frames else ("", "", 0)
            if file == WAITING or function == WAITING_FUNCTION:
                if ranges and sum(ranges[-1]) == address:
                    ranges[-1] = (ranges[-1][0], ranges[-1][1] + 4)
                else:
                    ranges.append((address, 4))
        return ranges

    def arguments(self):
        """The plugin's."""
        words = [f"text={self.text[0]:#x}+{self.text[1]:#x}"]
        words += [f"vectors={self.address(name):#x}" for name in TABLES if self.address(name)]
        words += [f"{'call' if is_call else 'label'}={at:#x}" for at, is_call in self.labels()]
        words += [f"wait={start:#x}+{size:#x}" for start, size in self.waiting()]
        words.append("nested={:#x}+{:#x}".format(*self.extent(NESTED)))
        return words


@dataclass
class Kind:
    """Entries of a kind: how many, the longest one's instructions, and where those are."""

    entries: int = 0
    longest: int = 0
    waited: int = 0
    where: str = ""  # the system that had the longest
    functions: dict = field(default_factory=dict)

    def add(self, other):
        self.entries += other.entries
        self.waited = max(self.waited, other.waited)
        if other.longest > self.longest:
            self.longest, self.where, self.functions = other.longest, other.where, other.functions


def system_calls():
    """Their names, by number."""
    text = (ROOT / "abi/syscall.h").read_text(encoding="utf-8")
    body = text[text.index("enum abi_syscall {") : text.index("ABI_SYS_COUNT")]
    return re.findall(r"^    ABI_SYS_(\w+),", body, re.M)


class Entries:
    """What the plugin wrote of one machine."""

    def __init__(self, path, kernel, system):
        self.kernel, self.system, self.calls = kernel, system, system_calls()
        self.executed = {}  # by address
        self.kinds = defaultdict(Kind)  # by name
        name, kind = None, None
        with open(path, encoding="utf-8") as file:
            for line in file:
                what, *words = line.split()
                if what == "pc":
                    self.executed[int(words[0], 16)] = int(words[1])
                    continue
                if what == "lost":
                    raise EntriesError(f"{system}: {words[0]} entries are of too many kinds")
                if what == "kind":
                    self.keep(name, kind)
                    name, kind = self.read_kind(words)
                else:
                    function = kernel.function(int(words[0], 16))
                    kind.functions[function] = kind.functions.get(function, 0) + int(words[1])
        self.keep(name, kind)

    def keep(self, name, kind):
        if kind is not None:
            self.kinds[name].add(kind)

    def read_kind(self, words):
        vector, label, number, *counts = words
        entries, longest, waited = map(int, counts)
        return self.name(int(vector), label, number), Kind(entries, longest, waited, self.system)

    def name(self, vector, label, number):
        if vector != SYNCHRONOUS:
            return VECTORS[vector]
        if label == "-":
            return "fault, the short way"
        if number != "-":
            number = int(number)
            known = number < len(self.calls)
            return f"system call {self.calls[number]}" if known else "system call of no number"
        address = int(label, 16)
        function, file, _ = self.kernel.frames[address][-1]
        function = function.partition(".")[0]
        return f"{function} ({file.removeprefix('kernel/')})"


@dataclass(frozen=True)
class System:
    """A system of tests/target: NAME:CORES:IMAGE."""

    name: str
    cores: int
    image: Path

    @staticmethod
    def parse(text):
        name, cores, image = text.split(":", 2)
        return System(name, int(cores), Path(image))

    def base(self):
        """Where its kernel is, which is not the same for images that are moved."""
        report = self.image.with_name("report.txt").read_text(encoding="utf-8")
        return int(re.search(r"^  0x(\w+)\.\..* \(kernel\) +text and data$", report, re.M)[1], 16)

    def command(self, qemu):
        line = [*qemu, "-smp", str(self.cores), "-m", "size=2G", "-nographic", "-serial", "mon:stdio"]
        line += ["-device", f"loader,file={self.image},addr=0x70000000,cpu-num=0"]
        return line + ([] if self.name in AT_ONCE else VIRTUAL)

    def kernel(self, kernels):
        """The one that is this image's."""
        return next(kernel for kernel in kernels if kernel.text[0] & ~0xFFFF == self.base() & ~0xFFFF)

    def read(self, kernels, out):
        """What an earlier run left."""
        return Entries(out, self.kernel(kernels), self.name)

    def run(self, qemu, plugin, kernels, out):
        kernel = self.kernel(kernels)
        argument = ",".join([str(plugin), f"out={out}", *kernel.arguments()])
        done = subprocess.run(
            [*self.command(qemu), "-plugin", argument],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
        if done.returncode != 0 or not Path(out).is_file():
            raise EntriesError(f"{self.name} did not end well:\n{done.stdout[-3000:]}{done.stderr}")
        return self.read(kernels, out)
