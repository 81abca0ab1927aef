"""Free ports on loopback."""

from __future__ import annotations

import random
import socket
import threading

from sandboxlib.server import PORTS

_given: set[int] = set()
_lock = threading.Lock()


def is_free(port: int, addresses: tuple[str, ...]) -> bool:
    """Whether nobody listens on the port at any of the addresses."""
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((address, port))
                except OSError:
                    return False
    return True


def free_port(*addresses: str) -> int:
    """A port that is free at the addresses (127.0.0.1 unless told); never the same one twice."""
    with _lock:
        for port in random.sample(PORTS, 500):
            if port not in _given and is_free(port, addresses or ("127.0.0.1",)):
                _given.add(port)
                return port
    raise OSError(f"none of 500 ports tried between {PORTS[0]} and {PORTS[-1]} is free")
