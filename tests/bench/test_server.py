# SPDX-License-Identifier: BSD-2-Clause
"""The host's end of the guest's connections, without a guest."""

import socket
import struct

from server import running


def talk(port, *pieces, finish=True):
    with socket.create_connection(("127.0.0.1", port), timeout=600) as connection:
        for piece in pieces:
            connection.sendall(piece)
        if finish:
            connection.shutdown(socket.SHUT_WR)
        received = 0
        while block := connection.recv(1 << 20):
            received += len(block)
        return received


def test_takes_all_and_says_so():
    with running() as port:
        assert talk(port, b"take\n", bytes(3 << 20)) == 1


def test_gives_what_is_asked_for():
    with running() as port:
        assert talk(port, b"give\n", struct.pack(">I", 3), finish=False) == 3 << 20


def test_others_get_nothing_and_the_server_lives():
    with running() as port:
        assert talk(port, b"GET / HTTP/1.0\r\n") == 0
        assert talk(port, b"give\n", b"\0\0") == 0
        # Gone before it has what it asked for.
        connection = socket.create_connection(("127.0.0.1", port), timeout=600)
        connection.sendall(b"give\n" + struct.pack(">I", 64))
        connection.close()
        assert talk(port, b"take\n") == 1
