# SPDX-License-Identifier: BSD-2-Clause
"""The host's end of a load for disk and network (guest_load.sh), at QEMU's user network."""

import hashlib
import random
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SCRIPT = Path(__file__).with_name("guest_load.sh").read_bytes()
SIZE = 256 << 10
SUM_SIZE = 32
HOST = "10.0.2.2"


def given(path):
    """A quarter of a MiB that differs from path to path; begins with the sum of what follows."""
    data = random.Random(path).randbytes(SIZE - SUM_SIZE)
    return hashlib.md5(data).hexdigest().encode() + data


class Handler(BaseHTTPRequestHandler):
    """GET /load.sh, GET and POST /GUEST/ROUND"""

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/load.sh":
            self.answer(SCRIPT)
            return
        self.answer(given(self.path))
        self.server.count(self.path.split("/")[1])

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(hashlib.md5(body).hexdigest().encode())

    def log_message(self, *_):
        """Nothing: the guest says what went wrong."""


class LoadServer(ThreadingHTTPServer):
    """with LoadServer() as server: listens on the loopback; how often each guest was given something
    can be waited for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.served = Counter()
        self.changed = threading.Condition()
        self.address = f"{HOST}:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """A guest that is restarted leaves its connections where they are."""

    def count(self, name):
        with self.changed:
            self.served[name] += 1
            self.changed.notify_all()

    def wait_for_more(self, name, count, timeout):
        """Until a guest was given something `count` times from now on; False if it was not."""
        with self.changed:
            aim = self.served[name] + count
            return self.changed.wait_for(lambda: self.served[name] >= aim, timeout)

    def start_line(self, target):
        """For the guest's shell: the load, in the background."""
        return (
            f"ifconfig eth0 10.0.2.15 && wget -q -O /tmp/load.sh http://{self.address}/load.sh && "
            f"sh /tmp/load.sh {target} {self.address} &"
        )
