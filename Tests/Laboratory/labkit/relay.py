"""A TCP relay with a delay: latency, not throughput, however many messages are under way.

    python -m labkit.relay --to 127.0.0.1:5432 --delay-ms 20

prints its own port and relays until it is ended; a round trip through it takes twice the delay
longer.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import deque


class Delayed(asyncio.Protocol):
    """Hands what it receives to `other` a fixed time later, in order, the end included."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.other: asyncio.Transport | None = None
        self.early: deque[bytes | None] = deque()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        asyncio.get_running_loop().call_later(self.seconds, self._pass, data)

    def connection_lost(self, error: Exception | None) -> None:
        asyncio.get_running_loop().call_later(self.seconds, self._pass, None)

    def attach(self, other: asyncio.Transport) -> None:
        """Names the other side, and passes on what has come before there was one."""
        self.other = other
        while self.early:
            self._pass(self.early.popleft())

    def _pass(self, data: bytes | None) -> None:
        if self.other is None:
            self.early.append(data)
        elif data is None:
            self.other.close()
        else:
            self.other.write(data)


class Accepting(Delayed):
    """The client's side, which connects to the server as soon as the client is there."""

    def __init__(self, seconds: float, address: str, port: int) -> None:
        super().__init__(seconds)
        self.server = (address, port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        assert self.transport is not None
        away = Delayed(self.seconds)
        try:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: away, *self.server)
        except OSError:
            self.transport.abort()
            return
        assert away.transport is not None
        away.attach(self.transport)
        self.attach(away.transport)


async def serve(address: str, port: int, seconds: float, listen: str = "127.0.0.1") -> int:
    """Starts a relay on a free port, on the loop that is running; returns the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Accepting(seconds, address, port), listen, 0)
    return int(server.sockets[0].getsockname()[1])


async def _main() -> None:
    parser = argparse.ArgumentParser(prog="relay", description="A TCP relay with a delay.")
    parser.add_argument("--to", required=True, metavar="ADDRESS:PORT")
    parser.add_argument("--delay-ms", type=float, required=True, help="each way")
    options = parser.parse_args()
    address, _, port = options.to.rpartition(":")
    print(await serve(address, int(port), options.delay_ms / 1000), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
