"""A service that is not our emulator: a queue in a few lines of raw sockets, whose files answer with any bytes."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from faldeck.config.settings import Profile

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR, not much of a picture"


def http(body: bytes = PNG, *head: str, status: str = "200 OK", kind: str = "image/png") -> bytes:
    """An answer as it goes over the wire, with its true length unless `head` names one."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *head, "Connection: close"]
    if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in head):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RawService:
    """Accepts every request, and has completed it at once with `result`, where `{url}` stands for its own address."""

    def __init__(self, result: object, files: Mapping[str, Sequence[bytes]] | None = None, **accepted: object) -> None:
        """`files` maps a path to the answers it gives in turn, the last again and again.

        `accepted` is what a submit is answered with beside the request id.
        """
        self._result = result
        self._accepted = accepted
        self._files = {path: list(answers) for path, answers in (files or {}).items()}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        self._lock = threading.Lock()
        self._count = 0
        self.requests: list[tuple[str, str]] = []
        """Method and path of every request."""
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    @property
    def fetched(self) -> list[str]:
        """The paths of the files that were asked for."""
        return [path for method, path in self.requests if method == "GET" and not path.startswith("/queue/")]

    @property
    def submits(self) -> int:
        """How often something was submitted."""
        return sum(method == "POST" for method, _ in self.requests)

    def profile(self, name: str = "lab") -> Profile:
        """A profile of this service, which has a queue alone."""
        return Profile(name=name, queue_url=f"{self.url}/queue")

    @contextmanager
    def serving(self) -> Iterator[RawService]:
        """As long as a test lasts."""
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            for held in self._held:
                held.close()
            thread.join()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        try:
            head, _, _ = self._read(line).partition(b"\r\n\r\n")
            if not head:
                return
            method, path, _ = head.split(b"\r\n")[0].decode("latin-1").split(" ")
            with self._lock:
                self.requests.append((method, path))
                answer = self._said(method, path)
            if answer is None:
                self._held.append(line)  # Says nothing at all.
                return
            line.sendall(answer)
            line.close()
        except OSError:
            line.close()

    def _said(self, method: str, path: str) -> bytes | None:
        if path in self._files:
            answers = self._files[path]
            said = answers.pop(0) if len(answers) > 1 else answers[0]
            return said if said else None
        if method == "POST":
            self._count += 1
            return _json({"request_id": f"request-{self._count}", **self._accepted}, self.url)
        if path.partition("?")[0].endswith("/stream"):
            return http(b"", status="405 Method Not Allowed")
        if path.partition("?")[0].endswith("/status"):
            return _json({"status": "COMPLETED"})
        if "/requests/" in path:
            return _json(self._result, self.url)
        return http(b"", status="404 Not Found")

    @staticmethod
    def _read(line: socket.socket) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            if not (chunk := line.recv(65_536)):
                return b""
            received += chunk
        head, _, body = received.partition(b"\r\n\r\n")
        lengths = [int(one.split(b":")[1]) for one in head.split(b"\r\n") if one.lower().startswith(b"content-length:")]
        while len(body) < sum(lengths):
            body += line.recv(65_536)
        return head + b"\r\n\r\n" + body


class Witness:
    """A host that must stay silent: it counts who knocks."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.knocks = 0
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    @contextmanager
    def listening(self) -> Iterator[Witness]:
        """As long as a test lasts."""
        thread = threading.Thread(target=self._count, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            thread.join()

    def _count(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            self.knocks += 1
            line.sendall(http())
            line.close()


def _json(body: Any, url: str = "") -> bytes:
    return http(json.dumps(body).replace("{url}", url).encode(), kind="application/json")
