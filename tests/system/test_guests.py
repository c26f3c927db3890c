# SPDX-License-Identifier: BSD-2-Clause
"""Several guests at one console: switching, life and death of one beside the other."""

import hashlib
import http.server
import re
import threading

import pytest

from shared_console import SharedConsole

PAIR = ["left", "right"]
TWO = ["storage", "network"]
FOUR = ["north", "east", "south", "west"]


@pytest.fixture
def guests(machine, disk):
    """guests(system, names, config, *make variables): both at their prompts."""

    def start(system, names, config="debug", *variables):
        shared = SharedConsole(machine(system, config, f"DISK={disk}", *variables), names)
        shared.boot()
        return shared

    return start


@pytest.fixture
def pair(guests, tmp_path):
    """Two guests with a disk and a network card each: pair(config, *make variables)."""
    second = tmp_path / "second.img"
    second.write_bytes(bytes(range(256)) * (32 << 12))

    def start(config, *variables):
        return guests("tests/system/pair/pair.system", PAIR, config, f"DISK2={second}", *variables)

    return start


@pytest.fixture
def web_server():
    """A web server on this machine with one page of a megabyte: its port, the page's MD5."""
    page = bytes(range(251)) * 4178

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, hashlib.md5(page).hexdigest()
        server.shutdown()


def uptime(shared, name):
    return float(shared.run(name, "cut -d ' ' -f 1 /proc/uptime"))


@pytest.mark.parametrize("config, extensions", [("debug", "yes"), ("release", "no")])
def test_session(guests, config, extensions):
    shared = guests("two-guests", TWO, config, f"EXTENSIONS={extensions}")
    assert "storage" in shared.run("storage", "hostname; mount /dev/vda1 /mnt && ls -d /mnt")
    assert "obtained" in shared.run("network", "ifconfig eth0 up ; udhcpc eth0")
    assert "ttyAMA0" in shared.run("storage", "cat /sys/class/tty/console/active")
    assert "hvc0" in shared.run("network", "cat /sys/class/tty/console/active")
    states = shared.states()
    assert all(re.match(r"running for .*192 MiB, 1 start", state) for state in states.values()), states

    # Stopped, started, and a new life that begins with its clock at zero.
    old = uptime(shared, "network")
    shared.press("s")
    shared.says("2 network is stopped")
    assert shared.states()["network"].startswith("stopped")
    shared.press("g")
    shared.console.expect(rb"up in")
    shared.console.prompt()
    assert uptime(shared, "network") < old + 30
    assert "2 starts" in shared.states()["network"]
    assert "obtained" in shared.run("network", "ifconfig eth0 up ; udhcpc eth0")
    shared.run("network", "begin=$(cut -d. -f1 /proc/uptime); sleep 3")
    assert int(shared.run("network", "echo $(($(cut -d. -f1 /proc/uptime) - begin))").split()[0]) >= 2

    # One is lost; the other does not notice, and the lost one comes back by command.
    shared.run("storage", "echo before > /tmp/life; echo written > /mnt/a")
    shared.show("network")
    shared.console.send("killall watchdog; echo c > /proc/sysrq-trigger")
    shared.console.expect(rb"end Kernel panic")
    assert "before" in shared.run("storage", "cat /tmp/life")
    shared.select("network")
    shared.console.expect(rb"end Kernel panic")
    shared.press("r")
    shared.console.expect(rb"up in")
    shared.console.prompt()
    assert "before" in shared.run("storage", "cat /tmp/life; umount /mnt")
    assert shared.power_off() == 0


def test_watchdog_restarts_a_guest_that_is_lost(guests):
    shared = guests("two-guests", TWO)
    shared.run("storage", "echo before > /tmp/life")
    shared.show("network")
    shared.console.send("echo c > /proc/sysrq-trigger")
    shared.console.expect(rb"end Kernel panic")
    shared.console.expect(rb"up in")
    shared.console.prompt()
    assert "2 starts" in shared.states()["network"]
    assert "before" in shared.run("storage", "cat /tmp/life")
    shared.press("0")
    shared.console.expect(rb"2 network: the guest's watchdog has expired")


LINES = 16384  # of some 64 bytes: a megabyte
DOTS = "." * 54
PRINTER = f"i=0; while [ $i -lt {LINES} ]; do printf '%s %06d {DOTS}\\n' $1 $i; i=$((i+1)); done; echo done-$1"
EVENT = re.compile(
    rb"(?P<tag>\w+) (?P<number>\d{6}) \.{54}\r+\n|\[sluice: (?P<dropped>\d+) bytes were dropped\]"
    rb"|\[sluice: \d (?P<shown>\w+)\]|done-(?P<done>\w+)\r+\n"
)


def test_switching_while_both_print_a_megabyte(pair):
    """What is shown is whole and in order; what a scrollback could not hold is counted."""
    shared = pair("release")
    for name in PAIR:
        shared.run(name, f"cat > /tmp/p <<'END'\n{PRINTER}\nEND")
    for name in PAIR:
        shared.run(name, f"(usleep 500000; sh /tmp/p {name}) &")
    shown, switches = PAIR[1], 0
    lines = {name: [] for name in PAIR}
    dropped = dict.fromkeys(PAIR, 0)
    left = set(PAIR)
    while left:
        shared.console.expect(EVENT)
        event = {key: value.decode() for key, value in shared.console.child.match.groupdict().items() if value}
        if "shown" in event:
            shown = event["shown"]
        elif "dropped" in event:
            dropped[shown] += int(event["dropped"])
        elif "done" in event:
            left.discard(event["done"])
        else:
            assert event["tag"] == shown
            lines[shown].append(int(event["number"]))
        if left and ("done" in event or len(lines[shown]) % 1500 == 0 and "number" in event):
            switches += 1
            other = next(iter(left)) if shown not in left else next(n for n in PAIR if n != shown)
            shared.press(str(1 + PAIR.index(other)))
    assert switches > 4
    for name in PAIR:
        size = len(f"{name} 000000 {DOTS}\r\n")
        missing = (LINES - len(set(lines[name]))) * size
        assert abs(missing - dropped[name]) <= 2 * size * (switches + 1), (name, missing, dropped)
        fresh = [number for i, number in enumerate(lines[name]) if number > max(lines[name][:i], default=-1)]
        assert fresh == sorted(set(lines[name]))  # what comes again is context, right before it


@pytest.mark.parametrize("name", TWO)
def test_paste(guests, name):
    """A hundred kilobytes, as fast as the terminal takes them, arrive whole: PL011 and virtio."""
    shared = guests("two-guests", TWO, "release")
    text = "".join(f"{i:07d} {'pasted text '[i % 12:]}\n" for i in range(6000))[:100000]
    shared.run(name, "stty raw -echo")
    shared.console.send(f"echo ready; head -c {len(text)} | md5sum; stty sane")
    shared.console.expect(rb"ready")
    shared.console.child.send(text)
    shared.console.expect(hashlib.md5(text.encode()).hexdigest().encode())
    shared.console.prompt()


LOAD = """
good=$(wget -q -O - http://10.0.2.2:{port}/ | md5sum)
disk=$(dd if=/dev/vda bs=64k count=32 iflag=direct 2>/dev/null | md5sum)
while [ ! -e /tmp/stop ]; do
    [ "$(dd if=/dev/vda bs=64k count=32 iflag=direct 2>/dev/null | md5sum)" = "$disk" ] || echo disk-bad
    [ "$(wget -q -O - http://10.0.2.2:{port}/ | md5sum)" = "$good" ] || echo net-bad
    echo round >> /tmp/rounds
done
echo "rounds: $(wc -l < /tmp/rounds), all of $good"
"""


def test_fifty_restarts_beside_a_load(pair, web_server):
    port, digest = web_server
    shared = pair("release")
    assert "obtained" in shared.run("left", "ifconfig eth0 up ; udhcpc eth0")
    shared.run("left", "cat > /tmp/load <<'END'" + LOAD.format(port=port) + "END")
    shared.run("left", "sh /tmp/load > /tmp/result 2>&1 &")
    shared.select("right")
    for count in range(2, 52):
        shared.press("r")
        if count % 10 == 0:  # a whole life, with a load of its own, which the restart cuts off
            shared.console.expect(rb"up in")
            shared.console.prompt()
            shared.run("right", "ifconfig eth0 up; udhcpc eth0; dd if=/dev/vda of=/dev/null bs=64k &")
        while f"{count} starts" not in shared.states()["right"]:
            pass
    shared.console.expect(rb"up in")
    shared.console.prompt()
    shared.run("left", "touch /tmp/stop")
    result = shared.run("left", "wait; cat /tmp/result")
    assert "bad" not in result and digest in result
    assert int(re.search(r"rounds: (\d+)", result).group(1)) > 5
    assert "1 start" in shared.states()["left"]
    assert shared.power_off() == 0


def test_four(guests):
    shared = guests("many-guests", FOUR)
    for name in FOUR:
        assert name in shared.run(name, "hostname")
    shared.press("a")
    shared.says("all")
    shared.select("south")
    assert shared.power_off() == 0
