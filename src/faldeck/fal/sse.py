"""Server-sent events without I/O: takes bytes and gives lines, takes a line and gives an event or None.

Lines and events that are longer than the limits are dropped, so that a line of any length needs little memory.
"""

from typing import NamedTuple

MAX_LINE_BYTES = 4 * 2**20
MAX_EVENT_BYTES = 8 * 2**20


class Event(NamedTuple):
    """One dispatched event."""

    data: str
    name: str = "message"


class Lines:
    """Splits a byte stream at CR, LF and CRLF only."""

    def __init__(self, max_bytes: int = MAX_LINE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._rest = bytearray()
        self._is_overlong = False
        self._ended_with_cr = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes, without their ends and without lines that are too long."""
        if self._ended_with_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._ended_with_cr = False
        if not chunk:
            return []
        self._ended_with_cr = chunk.endswith(b"\r")
        *ends, rest = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        lines = [line for end in ends if (line := self._finish(end)) is not None]
        self._keep(rest)
        return lines

    def _finish(self, end: bytes) -> bytes | None:
        self._keep(end)
        line = None if self._is_overlong else bytes(self._rest)
        self._rest.clear()
        self._is_overlong = False
        return line

    def _keep(self, part: bytes) -> None:
        if self._is_overlong or len(self._rest) + len(part) > self._max_bytes:
            self._is_overlong = True
            self._rest.clear()
        else:
            self._rest += part


class Decoder:
    """Makes events from lines. Comments and unknown fields are ignored, as the standard says."""

    def __init__(self, max_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._reset()

    def _reset(self) -> None:
        self._data: list[str] = []
        self._bytes = 0
        self._name = ""

    def feed(self, line: bytes) -> Event | None:
        """The event that `line` (without its end) completes, or None."""
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._bytes += len(value) + 1
            if self._bytes <= self._max_bytes:
                self._data.append(value.decode("utf-8", "replace"))
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        return None

    def _dispatch(self) -> Event | None:
        is_whole = self._data and self._bytes <= self._max_bytes
        event = Event("\n".join(self._data), self._name or "message") if is_whole else None
        self._reset()
        return event
