"""A way to the emulator that counts what goes over it, and can be slow."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Wire:
    """A way to the port `target`; `latency` is what it adds to a round trip, in seconds."""

    target: int
    latency: float = 0.0
    port: int = 0
    connections: int = 0
    bytes: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Wire]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=1000)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
        for task in self.tasks:
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, away = await asyncio.open_connection("127.0.0.1", self.target)
        for pair in ((reader, away), (there, writer)):
            task = asyncio.create_task(self._pass_on(*pair))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                self.bytes += len(data)
                if self.latency:
                    await asyncio.sleep(self.latency / 2)
                writer.write(data)
                await writer.drain()
        writer.close()
