"""A service on a raw socket that is not the emulator: a function from a request line to an answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

RawAnswer = bytes | tuple[int, Mapping[str, str], Any]
"""Bytes as they go on the wire, or the status, headers and JSON body of an answer."""


@dataclass
class Scripted:
    """Listens on this machine. It answers as `says` does with the method and path of each request."""

    says: Callable[[str, str], RawAnswer]
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of every request."""
    connections: int = 0

    def count(self, method: str, end: str = "") -> int:
        """How often something was asked for whose path ends so."""
        return sum(one == method and path.partition("?")[0].endswith(end) for one, path in self.asked)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request until the client has gone."""
        self.connections += 1
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                first, *lines = head.split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
                await reader.readexactly(int(headers.get("content-length", 0)))
                method, path, _ = first.split(" ")
                self.asked.append((method, path))
                writer.write(on_the_wire(self.says(method, path)))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def on_the_wire(answer: RawAnswer) -> bytes:
    """An answer as bytes."""
    if isinstance(answer, bytes):
        return answer
    status, headers, body = answer
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = {"content-type": "application/json", "content-length": str(len(content))}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {text}" for name, text in {**kind, **headers}.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


@asynccontextmanager
async def scripted(says: Callable[[str, str], RawAnswer]) -> AsyncIterator[Scripted]:
    """A service as long as a test lasts."""
    service = Scripted(says)
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield service
    finally:
        server.close()
