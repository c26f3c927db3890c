# SPDX-License-Identifier: BSD-2-Clause
"""The host's end of the guest's TCP connections (bench/guest/net.c).

A connection begins with a line: "take", then the server reads to the end and answers a byte; or
"give", then four bytes say how many MiB the guest wants. It listens on the loopback only, which is
where QEMU's user network lets the guest's 10.0.2.2 end.
"""

import socketserver
import struct
import threading

MEBIBYTE = 1 << 20
LARGEST = 4096  # MiB


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        wish = self.rfile.readline(16)
        if wish == b"take\n":
            buffer = bytearray(MEBIBYTE)
            while self.rfile.readinto1(buffer):
                pass
            self.wfile.write(b"k")
        elif wish == b"give\n":
            words = self.rfile.read(4)
            count = struct.unpack(">I", words)[0] if len(words) == 4 else 0
            block = bytes(MEBIBYTE)
            for _ in range(min(count, LARGEST)):
                self.wfile.write(block)

    def finish(self):
        # The guest may have ended early: that shows at its end.
        try:
            super().finish()
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """A connection that breaks is the guest's to report."""


class running:
    """with running() as port: ..."""

    def __enter__(self):
        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server.server_address[1]

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
