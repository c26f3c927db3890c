#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""`make bench`: the same guest on bare QEMU, on Sluice with and without its extensions, on Xen and
on whatever else is named, one after another. Prints a table; keeps results as JSON and as a plot.
docs/performance.md says what the figures are.
"""

import argparse
import os
import shlex
import sys
from pathlib import Path

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../scripts"))

import plot  # noqa: E402
import results as store  # noqa: E402
import smmu_owner  # noqa: E402
import table  # noqa: E402
import xen  # noqa: E402
from bench_counts import plugin  # noqa: E402
from figures import (  # noqa: E402
    COUNTS,
    FUNCTIONS,
    IOMMU,
    NETWORK,
    OTHER_ROUNDS,
    PARTS,
    PROCESSORS,
    ROUNDS,
    SMP,
    TIMES,
    WORK,
    count_figures,
    function_figures,
    name_of_run,
    network_figures,
    smp_figures,
    time_figures,
    times_of,
)
from machine import MMIO, BenchError, Peer, Setup, file_disk, null_disk, parse_peer, parse_peers  # noqa: E402
from server import running  # noqa: E402
from session import TIMEOUT, run  # noqa: E402

# An instruction of the guest's takes it a nanosecond, whatever the host does meanwhile.
ICOUNT = ["-icount", "shift=0"]
GUEST_ADDRESS = "10.0.2.15"


class Bench:
    """One run of all parts on all peers."""

    def __init__(self, setup, counter, quick, timeout):
        self.setup, self.counter, self.quick, self.timeout = setup, counter, quick, timeout
        self.failed = False  # a peer that was there did not get through
        self.images = {}  # by part: peers by name, for machines with PCI functions or several processors
        self.owners = {}  # by peer's name: folder of the images that measure an SMMU's owner
        self.results = store.Results(date=store.now(), quick=quick)

    def amount(self, entry):
        return entry[2] if self.quick else entry[1]

    def play(self, session, part, port=None):
        """Types a part's workloads; returns their results."""
        found = {}
        for entry in WORK[part]:
            if entry[0] == "seed":
                session.shell(f"bench seed {self.amount(entry)}")
                continue
            further = [port] if entry[0].startswith("tcp-") else []
            for i in range(times_of(entry)):
                found[name_of_run(entry[0], i)] = session.work(entry[0], self.amount(entry), *further)
        return found

    def play_work(self, part):
        """A part without network: also the guest's uptime at /init."""
        return lambda session: (session.uptime(), self.play(session, part))

    def play_network(self, port):
        def play(session):
            session.shell(f"ifconfig eth0 {GUEST_ADDRESS} up")
            return self.play(session, NETWORK, port)

        return play

    def run(self, peer, part, disk, arguments, play):
        """One boot. With the plugin, results say what was executed outside of the guest."""
        name = f"{part}-{peer.name}"
        counts = None if part == NETWORK else self.setup.folder / f"{name}.counts"
        devices = part if part in FUNCTIONS else MMIO
        command = peer.command(self.setup, disk, devices) + arguments
        if counts is not None:
            command += plugin(self.counter, counts, peer.classes())
        return run(command, self.setup.folder / f"{name}.log", play, counts, self.timeout)

    def keep(self, part, peer, found):
        kept = {workload: result.as_dict() for workload, result in found.items()}
        self.results.measurements.setdefault(part, {}).setdefault(peer.name, []).append(kept)
        return kept

    def counts(self, peer):
        (_, found), _ = self.run(peer, COUNTS, file_disk(self.setup), [], self.play_work(COUNTS))
        self.results.add(peer.name, count_figures(self.keep(COUNTS, peer, found)))

    def times(self, peer):
        (uptime, found), boot = self.run(peer, TIMES, null_disk(), ICOUNT, self.play_work(TIMES))
        self.results.add(peer.name, time_figures(self.keep(TIMES, peer, found), uptime, boot))

    def of_part(self, peer, part):
        """A peer that has an image for it, or bare QEMU; None: it takes no part."""
        return peer if peer.kind == "bare" else self.images[part].get(peer.name)

    def processors(self, peer):
        peer = self.of_part(peer, SMP)
        if peer is None:
            return
        arguments = [*ICOUNT, "-smp", str(PROCESSORS)]
        (_, found), _ = self.run(peer, SMP, null_disk(), arguments, self.play_work(SMP))
        self.results.add(peer.name, smp_figures(self.keep(SMP, peer, found)))

    def functions(self, peer, part):
        peer = self.of_part(peer, part)
        if peer is None:
            return
        (_, found), boot = self.run(peer, part, null_disk(), ICOUNT, self.play_work(part))
        self.results.add(peer.name, function_figures(part, self.keep(part, peer, found), boot))
        if part == IOMMU and peer.name in self.owners:
            figures = smmu_owner.measure(self.counter, self.owners[peer.name], self.setup.folder, self.timeout)
            self.results.add(peer.name, figures)

    def network(self, peer, port):
        disk = file_disk(self.setup)
        found, _ = self.run(peer, NETWORK, disk, [], self.play_network(port))
        self.keep(NETWORK, peer, found)

    def rounds(self, peer):
        return 1 if self.quick else ROUNDS.get(peer.name, OTHER_ROUNDS)


def attempt(bench, peers, peer, action, *arguments):
    """A peer that fails is left out from then on, and the others go on."""
    try:
        action(peer, *arguments)
    except BenchError as problem:
        say(f"{peer.name}: {problem}")
        bench.results.missing[peer.name] = str(problem).splitlines()[0]
        bench.failed = True
        peers.remove(peer)


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def measure(bench, peers, parts):
    """All parts, peers one after another. Peers that fail are no longer in what comes then."""
    peers = list(peers)
    for part, action in ((COUNTS, bench.counts), (TIMES, bench.times), (SMP, bench.processors)):
        for peer in list(peers) if part in parts else []:
            say(f"{part}: {peer.name}")
            attempt(bench, peers, peer, action)
    for part in [part for part in FUNCTIONS if part in parts]:
        for peer in list(peers):
            say(f"{part}: {peer.name}")
            attempt(bench, peers, peer, bench.functions, part)
    if NETWORK not in parts:
        return
    with running() as port:
        for i in range(max(map(bench.rounds, peers), default=0)):
            for peer in [peer for peer in peers if i < bench.rounds(peer)]:
                say(f"{NETWORK}, round {i + 1}: {peer.name}")
                attempt(bench, peers, peer, bench.network, port)
    for name, rounds in bench.results.measurements.get(NETWORK, {}).items():
        bench.results.add(name, network_figures(rounds))


def provide_xen(bench, peers, cache):
    """Xen is fetched when it is to be measured; where it cannot be, it is left out."""
    chosen = [peer for peer in peers if peer.name == "xen" and peer.path is None]
    for peer in chosen:
        path = bench.setup.folder / "xen"
        try:
            bench.results.versions["xen"] = xen.provide(cache, path)
        except (xen.Failure, OSError) as problem:
            say(f"without Xen: {problem}")
            bench.results.missing["xen"] = f"not fetched: {problem}"
            return [other for other in peers if other is not peer]
        return [Peer("xen", "xen", path) if other is peer else other for other in peers]
    return peers


def choose(words, peers):
    """BENCH: names of parts and of peers; what is not named at all is all of them."""
    names = [peer.name for peer in peers]
    for word in words:
        if word not in names and word not in PARTS:
            raise BenchError(
                f"BENCH='{word}': the parts are {', '.join(PARTS)}; the peers {', '.join(names)}"
            )
    parts = [part for part in PARTS if part in words] or list(PARTS)
    return parts, [peer for peer in peers if peer.name in words] or peers


def by_name(texts):
    return {peer.name: peer for peer in map(parse_peer, texts)}


def run_bench(bench, arguments):
    """All of it; returns the path of the results."""
    peers = [Peer("bare", "bare"), *map(parse_peer, arguments.peer), Peer("xen", "xen")]
    further = parse_peers(arguments.peers)
    names = [peer.name for peer in further]
    # A Xen of the user's is instead of Debian's.
    peers = [peer for peer in peers if peer.name not in names] + further
    parts, peers = choose(arguments.select.split(), peers)
    bench.owners = dict(entry.split("=", 1) for entry in arguments.owner)
    bench.images = {part: by_name(getattr(arguments, part)) for part in (*FUNCTIONS, SMP)}
    for peer in peers:
        peer.check()
    compilers = dict(entry.split("=", 1) for entry in arguments.compiler)
    results, folder = bench.results, bench.setup.folder
    results.versions = store.versions(bench.setup.qemu, bench.setup.kernel, compilers)
    peers = provide_xen(bench, peers, arguments.cache)
    results.peers = [peer.name for peer in peers]
    measure(bench, peers, parts)
    out = folder / f"results-{results.date.replace(':', '')}.json"
    store.save(results, out)
    out.with_suffix(".svg").write_text(plot.render(results), encoding="utf-8")
    return out


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, type=Path, help="where results go")
    parser.add_argument("--plugin", required=True, type=Path, help="bench/plugin, built")
    parser.add_argument("--kernel", required=True, type=Path, help="the guest's")
    parser.add_argument("--initrd", required=True, type=Path, help="the guest's")
    parser.add_argument("--bootargs", required=True, help="the guest's")
    parser.add_argument("--qemu", required=True)
    parser.add_argument("--qemu-args", default="", help="further arguments for QEMU")
    parser.add_argument("--cpu", required=True)
    parser.add_argument("--load-address", required=True)
    parser.add_argument("--peer", action="append", default=[], help="NAME=loader.img, one of Sluice's")
    parser.add_argument("--pci", action="append", default=[], help="the same with systems/pci")
    parser.add_argument("--iommu", action="append", default=[], help="the same with its SMMU")
    parser.add_argument("--owner", action="append", default=[], help="NAME=FOLDER, of images with tests/system/dma")
    parser.add_argument("--nvme", action="append", default=[], help="the same with bench/nvme")
    parser.add_argument("--smp", action="append", default=[], help="the same with systems/smp")
    parser.add_argument("--peers", default="", help="further ones")
    parser.add_argument("--cache", required=True, type=Path, help="for Xen's package")
    parser.add_argument("--compiler", action="append", default=[], help="NAME=PROGRAM, for the record")
    parser.add_argument("--select", default="", help="parts and peers")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument(
        "--timeout", type=int, default=TIMEOUT, help="seconds for each answer of a guest's"
    )
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    setup = Setup(
        qemu=arguments.qemu,
        cpu=arguments.cpu,
        load_address=arguments.load_address,
        folder=arguments.folder,
        kernel=arguments.kernel,
        initrd=arguments.initrd,
        bootargs=arguments.bootargs,
        extra=tuple(shlex.split(arguments.qemu_args)),
    )
    bench = Bench(setup, arguments.plugin, arguments.quick, arguments.timeout)
    try:
        out = run_bench(bench, arguments)
    except (BenchError, OSError) as problem:
        say(problem)
        return 1
    print(table.render(bench.results), end="")
    print(f"results: {out}, plot: {out.with_suffix('.svg')}")
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
