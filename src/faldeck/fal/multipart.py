"""Sends one file: a large one in parts, each of which is retried where that may help."""

import asyncio
import itertools
import re
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeAlias, TypedDict, Unpack

from faldeck.fal.errors import Backoff, Busy, InvalidResponse, NotSent, ResponseLost, ServerError
from faldeck.fal.media_type import HEAD_BYTES, media_type
from faldeck.fal.refusals import raise_for_error
from faldeck.fal.responses import HttpResponse, text_of
from faldeck.fal.submit_options import OPEN, Access, lifecycle_header
from faldeck.fal.values import JSON

CHUNK_BYTES = 2**18
"""How much of a file is in memory at once, for each part that is being sent."""


class FileOptions(TypedDict, total=False):
    """The options of an upload."""

    content_type: str | None
    """By default the type that the bytes or the name tell."""
    file_name: str | None
    """By default the name in the path."""
    lifecycle: int | None
    """Seconds; None leaves it to the setting of the account."""
    access: Access


class LocalFile:
    """A file as it was when it was opened here. Raises OSError if it cannot be read."""

    def __init__(self, path: Path, **options: Unpack[FileOptions]) -> None:
        self._path = path
        self._wish = lifecycle_header(options.get("lifecycle"), options.get("access", OPEN))
        name = options.get("file_name") or path.name
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        self.size = path.stat().st_size
        self.name = _ascii(name)
        self.content_type = options.get("content_type") or media_type(head, name)

    @property
    def headers(self) -> dict[str, str]:
        """The media type, and the lifecycle under both names that services know (protocol §5.2)."""
        names = ("X-Fal-Object-Lifecycle", "X-Fal-Object-Lifecycle-Preference")
        return {"Content-Type": self.content_type, **({} if self._wish is None else dict.fromkeys(names, self._wish))}

    async def chunks(self, start: int, length: int, tell: Callable[[int], None]) -> AsyncIterator[bytes]:
        """`length` bytes from `start` on; `tell` is called with the number that has been read.

        Raises OSError if the file has become shorter.
        """
        sent = 0
        tell(sent)
        while sent < length:
            chunk = await asyncio.to_thread(self._read, start + sent, min(CHUNK_BYTES, length - sent))
            if not chunk:
                raise OSError(f"{self._path.name} has become shorter while it was being sent.")
            yield chunk
            sent += len(chunk)
            tell(sent)

    def _read(self, start: int, length: int) -> bytes:
        # Opened for each chunk, so that nothing is left open when an upload is cancelled between two of them.
        with self._path.open("rb") as file:
            file.seek(start)
            return file.read(length)


def _ascii(name: str) -> str:
    """The file name in characters that a header can carry. The service only adds it to its URL."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "_", plain)[-100:] or "file"


Progress: TypeAlias = Callable[[int, int], None]
"""Called with the bytes sent so far and in all. Bytes that must be sent again no longer count."""

_RANDOM = Random()


@dataclass(frozen=True, slots=True)
class PartPolicy:
    """How a file is cut into parts, and how often a part is tried (protocol §5.5)."""

    whole_up_to: int = 90 * 2**20
    """Bytes of the largest file that is sent in one request."""
    part_bytes: int = 10 * 2**20
    parallel: int = 4
    """Parts that are sent at the same time."""
    tries: int = 3
    """For each request with bytes of the file."""
    backoff: Backoff = field(default_factory=lambda: Backoff(first=0.5, cap=8.0, longest=30.0))


DEFAULT_POLICY = PartPolicy()


class FilePart(NamedTuple):
    """A part of the file, or all of it. Its bytes can be read again."""

    number: int
    """From 1."""
    start: int
    length: int
    content: Callable[[], AsyncIterator[bytes]]

    @property
    def headers(self) -> dict[str, str]:
        """The header with the length of the part."""
        return {"Content-Length": str(self.length)}


Send: TypeAlias = Callable[[FilePart], Awaitable[HttpResponse]]
"""Makes the request with a part."""


class FileTransfer:
    """A file, and how much of it has been sent."""

    def __init__(self, file: LocalFile, part_policy: PartPolicy, progress: Progress | None) -> None:
        self.file = file
        self._policy = part_policy
        self._progress = progress
        self._sent: dict[int, int] = {}

    @property
    def is_in_parts(self) -> bool:
        """Whether the file is too large for one request."""
        return self.file.size > self._policy.whole_up_to

    async def whole(self, send: Send) -> HttpResponse:
        """Sends the file as one piece and gives the answer. Raises FalError, and OSError if it cannot be read."""
        piece = self._piece(1, 0, self.file.size)
        return await self.with_retries(lambda: send(piece))

    async def parts(self, send: Send) -> list[JSON]:
        """Sends the file in parts and gives the list of parts that completes the upload. Raises what `whole` raises.

        If all tries of a part have failed, the upload ends and the other parts are stopped.
        """
        pieces = self._pieces()
        tags: dict[int, str] = {}

        async def carry() -> None:
            for piece in pieces:
                tags[piece.number] = _tag(await self.with_retries(lambda piece=piece: send(piece)))  # type: ignore[misc]

        try:
            async with asyncio.TaskGroup() as carriers:
                for _ in range(self._policy.parallel):
                    carriers.create_task(carry())
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None
        return [{"partNumber": number, "etag": tags[number]} for number in sorted(tags)]

    async def with_retries(self, request: Callable[[], Awaitable[HttpResponse]]) -> HttpResponse:
        """The answer to a request that may be repeated. Raises the FalError of the last try."""
        for attempt in itertools.count(1):
            try:
                return raise_for_error(await request())
            except (NotSent, ResponseLost, Busy, ServerError) as error:
                if attempt >= self._policy.tries:
                    raise
                asked = error.retry_after if isinstance(error, Busy) else None
                await asyncio.sleep(self._policy.backoff.delay(attempt, _RANDOM, asked))
        raise AssertionError("counting has no end")

    def _pieces(self) -> Iterator[FilePart]:
        size, step = self.file.size, self._policy.part_bytes
        for number, start in enumerate(range(0, size, step), 1):
            yield self._piece(number, start, min(step, size - start))

    def _piece(self, number: int, start: int, length: int) -> FilePart:
        def tell(sent: int) -> None:
            self._sent[number] = sent
            if self._progress:
                self._progress(sum(self._sent.values()), self.file.size)

        return FilePart(number, start, length, lambda: self.file.chunks(start, length, tell))


def _tag(answer: HttpResponse) -> str:
    """The tag of a part that has arrived: a header of the CDN, or JSON of the other way (protocol §5.3, §5.5).

    It is sent back unchanged, with its quotes.
    """
    if tag := answer.headers.get("etag"):
        return tag
    tag = text_of(answer.object().get("etag"))
    if tag is None:
        raise InvalidResponse(f"{answer.host} took a part of the file without naming it.", status=answer.status)
    return tag
