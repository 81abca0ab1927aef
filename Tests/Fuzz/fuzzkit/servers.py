"""Servers on loopback whose answers are almost right."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from .mutation import Mutator

TIMEOUT = 2.0


class Server:
    """A socket that a thread of its own answers on until it is closed."""

    def __init__(self, listening: socket.socket, once: Callable[[socket.socket], None]) -> None:
        self.port = int(listening.getsockname()[1])
        self._closed = threading.Event()
        listening.settimeout(0.2)

        def serve() -> None:
            with closing(listening):
                while not self._closed.is_set():
                    with suppress(OSError):
                        once(listening)

        threading.Thread(target=serve, daemon=True).start()

    def close(self) -> None:
        self._closed.set()


def listen(answer: Callable[[socket.socket], None]) -> Server:
    """A TCP server that gives each connection to `answer`."""

    def serve(connection: socket.socket) -> None:
        with closing(connection):
            connection.settimeout(TIMEOUT)
            with suppress(OSError):
                answer(connection)

    def accept(server: socket.socket) -> None:
        connection, _ = server.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()

    return Server(socket.create_server(("127.0.0.1", 0), backlog=64), accept)


def message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


#: What PostgreSQL says first, one way or the other.
FIRST_MESSAGES = [
    message(b"R", (3).to_bytes(4, "big")),
    message(b"R", (10).to_bytes(4, "big") + b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"),
    message(b"R", (5).to_bytes(4, "big") + b"salt"),
    message(
        b"E", b"SFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry for host\0Fauth.c\0L540\0Rauth\0\0"
    ),
    message(b"N", b"SNOTICE\0VNOTICE\0C00000\0Mhello\0\0")
    + message(b"v", (196608).to_bytes(4, "big") + (1).to_bytes(4, "big") + b"_pq_.x\0")
    + message(b"R", (0).to_bytes(4, "big"))
    + message(b"S", b"server_version\00015.20\0")
    + message(b"K", b"\0\0\0\1\0\0\0\2")
    + message(b"Z", b"I"),
]


def postgres(data: bytes) -> Callable[[socket.socket], None]:
    """Refuses TLS and says `data` to the startup message."""

    def answer(connection: socket.socket) -> None:
        asked = connection.recv(4096)
        if asked[4:8] == b"\x04\xd2\x16\x2f":
            connection.sendall(b"N")
            asked = connection.recv(4096)
        if asked:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(4096)

    return answer


class Certificate:
    """A self-signed certificate in a folder, and a server that shows it, or almost."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "server.pem"
        key = folder / "server.key"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
        command += ["-subj", "/CN=db.example.com", "-addext", "subjectAltName=DNS:db.example.com"]
        subprocess.run(
            [*command, "-keyout", str(key), "-out", str(self.file)], check=True, capture_output=True
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.file, key)
        # The certificate is in clear text there.
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2

    def server(self, number: int | None) -> Callable[[socket.socket], None]:
        """Offers TLS; with a number, the server's first flight is changed by it."""

        def answer(connection: socket.socket) -> None:
            connection.recv(8)
            connection.sendall(b"S")
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = self.context.wrap_bio(incoming, outgoing, server_side=True)
            while True:
                try:
                    tls.do_handshake()
                except ssl.SSLWantReadError:
                    pass
                else:
                    connection.sendall(outgoing.read())
                    return
                if flight := outgoing.read():
                    if number is not None:
                        flight = Mutator(number, [flight]).bytes()
                    connection.sendall(flight)
                asked = connection.recv(65536)
                if not asked:
                    return
                incoming.write(asked)

        return answer


def name_server(answer: Callable[[bytes], bytes]) -> Server:
    """A DNS server over UDP."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 0))

    def one(server: socket.socket) -> None:
        question, asker = server.recvfrom(4096)
        server.sendto(answer(question), asker)

    return Server(listening, one)


def dns_name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def dns_answer(question: bytes) -> bytes:
    """An alias that leads to an endpoint of RDS, and its address."""
    end = 12
    while end < len(question) and question[end]:
        end += question[end] + 1
    asked = question[12 : end + 5]
    target = dns_name("db.abc123.eu-west-1.rds.amazonaws.com")

    def record(name: bytes, kind: int, data: bytes) -> bytes:
        return (
            name + kind.to_bytes(2, "big") + b"\0\1\0\0\0\x3c" + len(data).to_bytes(2, "big") + data
        )

    answers = record(b"\xc0\x0c", 5, target) + record(target, 1, b"\x7f\0\0\1")
    return question[:2] + b"\x81\x80\0\1\0\2\0\0\0\0" + asked + answers
