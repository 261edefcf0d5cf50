"""Services on raw sockets, for answers that the emulator never gives: any bytes, odd addresses, unasked answers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self, TypeAlias

from faldeck.config.settings import Profile

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR, not much of a picture"

RawAnswer: TypeAlias = bytes | tuple[int, Mapping[str, str], Any]
"""The bytes of an answer, or its status, headers and JSON body."""


def http(body: bytes = PNG, *head: str, status: str = "200 OK", kind: str = "image/png") -> bytes:
    """The bytes of an answer after which the connection is closed; with its true length unless `head` names one."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *head, "Connection: close"]
    if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in head):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def on_the_wire(answer: RawAnswer) -> bytes:
    """The bytes of an answer after which the connection stays open."""
    if isinstance(answer, bytes):
        return answer
    status, headers, body = answer
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = {"content-type": "application/json", "content-length": str(len(content))}
    lines = [f"HTTP/1.1 {status} Answer", *(f"{name}: {text}" for name, text in {**kind, **headers}.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


class RawService:
    """Listens on this machine and answers every request with what `says` gives for its method and path.

    Where that is None, the request is never answered.
    """

    def __init__(self, says: Callable[[str, str], RawAnswer | None], *, closes: bool = False) -> None:
        """`closes` ends each connection after one answer."""
        self.says = says
        self.asked: list[tuple[str, str]] = []
        """Method and path of every request."""
        self.connections = 0
        self._closes = closes
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def count(self, method: str, end: str = "") -> int:
        """How many requests had this method and a path with this end."""
        return sum(one == method and path.partition("?")[0].endswith(end) for one, path in self.asked)

    def profile(self, name: str = "lab") -> Profile:
        """A profile with the queue of this service and nothing else."""
        return Profile(name=name, queue_url=f"{self.url}/queue")

    @contextmanager
    def serving(self) -> Iterator[Self]:
        """Serves until the block ends."""
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            for connection in self._open:
                connection.close()
            thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        """Answers the requests of one connection until either side closes it."""
        try:
            while request := _read_request(connection):
                with self._lock:
                    self.asked.append(request)
                    answer = self.says(*request)
                if answer is None:
                    return  # The connection stays open.
                connection.sendall(on_the_wire(answer))
                if self._closes:
                    break
        except OSError:
            pass
        connection.close()


@asynccontextmanager
async def scripted(says: Callable[[str, str], RawAnswer | None]) -> AsyncIterator[RawService]:
    """A `RawService` that serves until the block ends."""
    with RawService(says).serving() as service:
        yield service


class CompletedService(RawService):
    """Accepts every submit and has completed it at once with `result`, in which `{url}` is the service's address."""

    def __init__(self, result: object, files: Mapping[str, Sequence[bytes]] | None = None, **accepted: object) -> None:
        """`files` has for each path the answers in turn, of which the last repeats; an empty one is no answer.

        `accepted` is added to the answer to a submit.
        """
        super().__init__(self._answer, closes=True)
        self._result = result
        self._accepted = accepted
        self._files = {path: list(answers) for path, answers in (files or {}).items()}

    @property
    def fetched(self) -> list[str]:
        """The paths of the files that were requested."""
        return [path for method, path in self.asked if method == "GET" and not path.startswith("/queue/")]

    @property
    def submits(self) -> int:
        """The number of submits."""
        return self.count("POST")

    def _answer(self, method: str, path: str) -> bytes | None:
        if path in self._files:
            answers = self._files[path]
            return (answers.pop(0) if len(answers) > 1 else answers[0]) or None
        if method == "POST":
            return _json({"request_id": f"request-{self.submits}", **self._accepted}, self.url)
        if path.partition("?")[0].endswith("/stream"):
            return http(b"", status="405 Method Not Allowed")
        if path.partition("?")[0].endswith("/status"):
            return _json({"status": "COMPLETED"})
        if "/requests/" in path:
            return _json(self._result, self.url)
        return http(b"", status="404 Not Found")


class SilentHost(RawService):
    """A host that nobody should connect to; `connections` counts those who do."""

    def __init__(self) -> None:
        super().__init__(lambda method, path: http(), closes=True)


def _read_request(connection: socket.socket) -> tuple[str, str] | None:
    """The method and path of the next request, after its body; None where the other side has closed."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (chunk := connection.recv(65_536)):
            return None
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    length = sum(int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        if not (chunk := connection.recv(65_536)):
            return None
        body += chunk
    method, path, _ = lines[0].decode("latin-1").split(" ")
    return method, path


def _json(body: Any, url: str = "") -> bytes:
    return http(json.dumps(body).replace("{url}", url).encode(), kind="application/json")
