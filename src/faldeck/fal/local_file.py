"""A file of this machine on its way up: what is said of it, and its bytes from any place, as often as needed."""

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from faldeck.fal.lifecycle import OPEN, Access, lifecycle_header
from faldeck.fal.media_type import HEAD_BYTES, media_type

CHUNK_BYTES = 2**18
"""So much of a file is in memory at once, for each of its parts that is being sent."""


class LocalFile:
    """A file as it was when it was opened here. Raises OSError where it cannot be read."""

    def __init__(
        self,
        path: Path,
        *,
        content_type: str | None = None,
        name: str | None = None,
        lifecycle: int | None = None,
        access: Access = OPEN,
    ) -> None:
        self._path = path
        self._wish = lifecycle_header(lifecycle, access)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        self.size = path.stat().st_size
        self.name = _ascii(name or path.name)
        self.content_type = content_type or media_type(head, name or path.name)

    @property
    def headers(self) -> dict[str, str]:
        """Type and life, the latter under both names that services know (protocol §5.2)."""
        names = ("X-Fal-Object-Lifecycle", "X-Fal-Object-Lifecycle-Preference")
        return {"Content-Type": self.content_type, **({} if self._wish is None else dict.fromkeys(names, self._wish))}

    async def chunks(self, start: int, length: int, tell: Callable[[int], None]) -> AsyncIterator[bytes]:
        """So many bytes from `start` on; `tell` is called with how many of them have been taken.

        Raises OSError where the file has become shorter.
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
    """A file name that a header can carry; the service only decorates its URL with it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "_", plain)[-100:] or "file"
