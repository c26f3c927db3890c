# SPDX-License-Identifier: BSD-2-Clause
# README: several guests
"""Two guests with two CPUs each on the same two cores: each gets its half, and one starts anew while the other
works with its device on both of its CPUs."""

import re

import pytest

from bench_counts import Counts, plugin
from conftest import BUILD, LIMIT
from guest_load import LoadServer
from owners import classes, share, spans
from shared_console import SharedConsole

SYSTEM, TWO = "two-smp-guests", ["storage", "network"]
PLUGIN, INITRD = BUILD / "host/count.so", BUILD / "bench/guest/initrd.gz"
END, CPU = 0, 1  # marks of bench/guest/bench.h
SHARE = 0.40
BOARDS = {"gicv2": "qemu_virt_aarch64", "gicv3": "qemu_virt_aarch64_gicv3"}
TROUBLE = "I/O error|NETDEV WATCHDOG|stall|lockup|hung task"

# On both CPUs each, and not without end, so that a neighbour gets somewhere: the disk's first MiB again and again.
READS = """for cpu in 0 1; do (while sleep 0.3; do
taskset $((1 << cpu)) dd if=/dev/vda bs=64k count=16 iflag=direct 2>/dev/null | md5sum; done >> /tmp/sums.$cpu) & done"""
# What the server gives begins with the sum of the rest.
FETCHES = """for cpu in 0 1; do (n=0; while sleep 0.3; do n=$((n + 1))
wget -q -O /tmp/given.$cpu http://{0}/network/$cpu-$n && [ "$(tail -c +33 /tmp/given.$cpu | md5sum | head -c 32)" = \
"$(head -c 32 /tmp/given.$cpu)" ] && echo right || echo wrong; done >> /tmp/sums.$cpu) & done"""


def start_reads(shared, _):
    shared.run("storage", READS)


def start_fetches(shared, server):
    shared.run("network", "ifconfig eth0 10.0.2.15")
    shared.run("network", FETCHES.format(server.address))


START = {"storage": start_reads, "network": start_fetches}


def check_load(shared, name):
    """The load goes on, all that it got was the same, and the guest had no trouble with it."""
    count = "cat /tmp/sums.* | wc -l"
    before = int(re.search(r"^(\d+)\s*$", shared.run(name, count), re.M)[1])
    shared.run(name, f"while [ $({count}) -lt {before + 4} ]; do sleep 0.1; done", LIMIT)
    kinds = shared.run(name, "cat /tmp/sums.* | sort | uniq -c")
    assert len(re.findall(r"^ +\d+ \w+", kinds, re.M)) == 1 and "wrong" not in kinds, kinds
    assert not re.search(TROUBLE, shared.run(name, "dmesg")), shared.run(name, "dmesg")


def start_anew(shared, name, starts):
    shared.show(name)
    shared.press("r")
    shared.says(f"restarting {TWO.index(name) + 1} {name}")
    shared.console.expect(rb"up in")
    shared.console.prompt()
    assert shared.run(name, "nproc").strip() == "2"
    assert f"{starts} start" in shared.states()[name]


@pytest.mark.soak(only=True)
@pytest.mark.takes(300)
@pytest.mark.parametrize("board", BOARDS)
def test_one_starts_anew_while_the_other_works(machine, disk, board):
    shared = SharedConsole(machine(SYSTEM, "smp-release", f"BOARD={BOARDS[board]}", f"DISK={disk}"), TWO)
    shared.boot()
    with LoadServer() as server:
        for name in TWO:
            assert shared.run(name, "nproc").strip() == "2"
            START[name](shared, server)
        for i in range(5):
            for name, other in (TWO[::-1], TWO):
                start_anew(shared, name, i + 2)
                check_load(shared, other)
                START[name](shared, server)
        check_load(shared, "network")
    assert shared.states()


@pytest.mark.soak(only=True)
@pytest.mark.takes(120)
@pytest.mark.parametrize("board", BOARDS)
def test_each_gets_its_half(machine, disk, tmp_path, board):
    """On the clock of executed instructions."""
    out = tmp_path / "counts"

    def counted(image):
        return ["-icount", "shift=0,sleep=off", *plugin(PLUGIN, out, classes(TWO, image))]

    variables = [f"BOARD={BOARDS[board]}", f"INITRD={INITRD}", f"DISK={disk}"]
    console = machine(SYSTEM, "smp-release", *variables, qemu_args=counted)
    shared = SharedConsole(console, TWO)
    shared.boot()
    shared.run("network", "for i in 1 2; do (while :; do :; done) & done")
    shared.run("storage", "(while :; do :; done) & bench cpu 20")
    console.child.send("\x01x")
    console.wait_end()
    (span,) = spans(Counts(out), CPU, END)
    assert all(share(span, name) >= SHARE for name in TWO), span
