# SPDX-License-Identifier: BSD-2-Clause
"""What the tests share: the build directory, make, and machines with a guest's console.

Tests run in several processes at once (pytest-xdist) on one build directory. make() has it for itself
while it runs; an image is built once a session, and machines boot copies. Who is alone with what takes
long is said with @pytest.mark.takes(seconds), and starts early.
"""

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from evidence import Evidence

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "bench")]

from console import Console  # noqa: E402

# As make was given it: flags have it in them, and another spelling would compile everything anew.
BUILD_DIR = os.environ.get("SLUICE_BUILD_DIR", "build")
BUILD = (ROOT / BUILD_DIR).resolve()
# Seconds for anything that a machine or a command does. It ends what hangs, and judges nothing: a busy
# machine may need many times what an idle one does.
LIMIT = 600 * float(os.environ.get("SLUICE_PATIENCE", "1"))
# `make soak`: more of what takes long, again and again until this time.
SOAK_UNTIL = float(os.environ.get("SLUICE_SOAK_UNTIL", "0"))
SESSION = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)
# Variables of make that are about the machine and not about its image.
OF_THE_MACHINE = ("DISK=", "DISK2=", "EFI_VARS=", "MAC=", "FORWARD=", "NET=", "TAP=", "QEMU_ARGS=", "TIMEOUT=")

evidence_of = {}  # by node id, while the test runs
current = []  # the node id of the test that runs
held = []  # the file whose lock says that the build directory is this session's


def pytest_configure(config):
    config.addinivalue_line("markers", "takes(seconds): on an idle machine; what takes longest starts first")
    soak = "soak(only=False): make soak runs it, too, and with more of amount(); or it alone"
    config.addinivalue_line("markers", soak)
    if not hasattr(config, "workerinput"):  # the one process that is not a worker
        begin_session()


def begin_session():
    """Has the build directory for this run of the tests; what others left of theirs goes."""
    BUILD.mkdir(parents=True, exist_ok=True)
    held.append(open(BUILD / "tests.session", "w", encoding="utf-8"))
    try:
        fcntl.flock(held[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pytest.exit(f"another run of the tests has {BUILD}", returncode=2)
    for folder in ("failures", "images"):
        shutil.rmtree(BUILD / folder, ignore_errors=True)


# What else make is told: "by the contract alone", too, which takes as long again.
EXTENSIONS = [
    pytest.param((), id="extensions"),
    pytest.param(("EXTENSIONS=no",), id="contract", marks=pytest.mark.soak(only=True)),
]


def amount(few, many):
    """Of what a test repeats: few for every change, many for `make soak`."""
    return many if SOAK_UNTIL else few


def pytest_runtest_setup():
    if SOAK_UNTIL and time.time() > SOAK_UNTIL:
        pytest.skip("SOAK_MINUTES are over")


def for_soak_only(item):
    mark = item.get_closest_marker("soak")
    return mark is not None and mark.kwargs.get("only", False)


def pytest_collection_modifyitems(config, items):
    if not SOAK_UNTIL:
        left_out = [item for item in items if for_soak_only(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not for_soak_only(item)]

    def seconds(item):
        mark = item.get_closest_marker("takes")
        return mark.args[0] if mark else 0

    items.sort(key=seconds, reverse=True)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    evidence_of[item.nodeid] = Evidence(BUILD, item.nodeid)
    current.append(item.nodeid)
    yield
    current.pop()
    evidence_of.pop(item.nodeid).close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.failed:
        evidence_of[item.nodeid].fail(report)


def evidence_now():
    """Of the test that runs."""
    return evidence_of[current[-1]]


@pytest.fixture
def evidence():
    return evidence_now()


@contextlib.contextmanager
def alone(folder="tests"):
    """No other process of this session builds meanwhile, or writes to that folder of the build directory."""
    with open(BUILD / f"{folder.replace('/', '-')}.lock", "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def clean_environment(**changes):
    """Without what the make that started the tests tells the makes below it."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    clean.pop("MFLAGS", None)
    clean.update(changes)
    return clean


def run(command, *, stdin="", env=None, timeout=LIMIT, cwd=ROOT):
    """Runs a command to its end; what it printed is kept if the test fails."""
    output = "[did not end]\n"
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            env=env,
            timeout=timeout,
            check=False,
        )
        output = f"{done.stdout}{done.stderr}[ended with {done.returncode}]\n"
        return done
    except subprocess.TimeoutExpired as expired:
        output = f"{expired.stdout}{expired.stderr}{output}"
        raise
    finally:
        if current:
            evidence_now().ran(command, output)


def make(*arguments, stdin="", env=None, timeout=LIMIT, writes="tests"):
    """Runs make in the checkout with the tests' build directory unless the arguments name one. It is
    alone with that directory, or with the one folder of it that it `writes` to, as a goal does that has
    nothing left to build there; with None it writes nothing that another reads."""
    command = ["make", "--no-print-directory"]
    elsewhere = any(str(argument).startswith("BUILD_DIR=") for argument in arguments)
    if not elsewhere:
        command.append(f"BUILD_DIR={BUILD_DIR}")
    with contextlib.nullcontext() if elsewhere or writes is None else alone(writes):
        return run(
            [*command, *arguments], stdin=stdin, env=clean_environment(**(env or {})), timeout=timeout
        )


def good(done):
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done


def good_make(*arguments, **options):
    return good(make(*arguments, **options))


class Image:
    """What is booted, and its report; both stay as they are while others build."""

    def __init__(self, system, config, variables):
        self.arguments = [f"SYSTEM={system}", f"CONFIG={config}"]
        self.arguments += [one for one in variables if not one.startswith(OF_THE_MACHINE)]
        key = hashlib.sha256("\0".join(self.arguments).encode()).hexdigest()[:16]
        self.folder = BUILD / "images" / key
        self.loader, self.report = self.folder / "loader.img", self.folder / "report.txt"

    def provide(self):
        """Builds it, if nobody has in this session."""
        stamp = self.folder / SESSION
        if stamp.exists():
            return
        with alone():
            if stamp.exists():
                return
            command = ["make", "--no-print-directory", f"BUILD_DIR={BUILD_DIR}", "image", *self.arguments]
            good(run(command, env=clean_environment()))
            self.folder.mkdir(parents=True, exist_ok=True)
            # make puts another file where it was: a link is as good as a copy.
            self.loader.unlink(missing_ok=True)
            os.link(BUILD / "loader.img", self.loader)
            for report in (self.report, self.folder / "report.json"):
                shutil.copy(BUILD / report.name, report)
            stamp.touch()

    def line(self, *variables):
        """QEMU's command."""
        text = good_make("-s", "qemu-line", *self.arguments, *variables, writes=None).stdout
        line = text.strip().splitlines()[-1].replace(f"file={BUILD_DIR}/loader.img", f"file={self.loader}")
        assert str(self.loader) in line
        # Whether the user's own are there, and what is on them, is not the tests' affair.
        others = line.replace(str(self.loader), "")
        assert f"file={BUILD_DIR}/" not in others, f"files of the user's, without DISK=, DISK2= or EFI_VARS=: {line}"
        return shlex.split(line)


def image(system="passthrough", config="debug", *variables):
    found = Image(system, config, variables)
    found.provide()
    return found


@pytest.fixture(scope="session")
def build_dir():
    return BUILD


def make_disk(path):
    good(run([ROOT / "guest/disk.py", "create", path, "--size", "32M"]))
    return path


@pytest.fixture
def disk(tmp_path):
    """A fresh disk image of the test's own."""
    return make_disk(tmp_path / "disk.img")


class Machine:
    """Starts machines, and ends those that still run: machine(system, config, *make variables)."""

    def __init__(self, evidence):
        self.evidence = evidence
        self.consoles = []

    def __call__(
        self, system="passthrough", config="debug", *variables, prefix=(), qemu_args=None, change=lambda line: line
    ):
        """`qemu_args`, called with the image, gives QEMU further arguments; `change` makes another line of its."""
        made = image(system, config, *variables)
        of_the_machine = [one for one in variables if one.startswith(OF_THE_MACHINE)]
        line = [*prefix, *made.line(*of_the_machine), *(qemu_args(made) if qemu_args else [])]
        return self.start(change(line))

    def start(self, line):
        log = open(self.evidence.machine(line, ROOT), "wb")
        console = Console(line, timeout=LIMIT, log=log, cwd=str(ROOT))
        self.consoles.append(console)
        return console

    def close(self):
        for console in self.consoles:
            console.kill()


@pytest.fixture
def machine(evidence):
    started = Machine(evidence)
    yield started
    started.close()


@pytest.fixture(scope="module")
def module_machine(request):
    """Machines for all tests of a module that do not disturb each other; they are one xdist_group."""
    failed = request.session.testsfailed
    evidence = Evidence(BUILD, request.node.nodeid)
    started = Machine(evidence)
    yield started
    started.close()
    evidence.failed = request.session.testsfailed > failed
    evidence.close()


def run_machine(line):
    """Runs a machine that ends by itself, and well; returns what its console showed."""
    evidence = evidence_now()
    path = evidence.machine(line, ROOT)
    with open(path, "wb") as log:
        done = subprocess.run(
            line, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.PIPE, timeout=LIMIT, check=False
        )
    console = path.read_bytes().decode(errors="replace").replace("\r", "")
    assert done.returncode == 0, console + done.stderr.decode(errors="replace")
    return console
