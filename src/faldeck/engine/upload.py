"""Uploads local files to where a service can read them. The same bytes are not sent twice."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self
from weakref import WeakValueDictionary

from faldeck.engine import local_files
from faldeck.engine.leases import now_ms
from faldeck.engine.local_files import NoFile
from faldeck.fal import errors
from faldeck.fal.media_type import HEAD_BYTES, media_type
from faldeck.fal.submit_options import OPEN, Access, Stay, lifecycle_header
from faldeck.history import CannotWrite, History
from faldeck.safety import sanitize

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway
    from faldeck.fal.multipart import Progress

FILES_AT_ONCE = 4
"""Files of one profile that are uploaded at once; each may be in parts."""

SPARE_SECONDS = 3_600
"""An upload that expires sooner (seconds) is not used again: a job may wait before its files are read."""

DATA_URI_BYTES = 7 * 2**20
"""The largest file that goes inside a request: base64 makes it a third larger, and apps take 10 MiB (protocol §5.8)."""

REPORT_SECONDS = 0.5
"""How often the progress of an upload is recorded."""

_HASHED_AT_ONCE = 2**22
_SPELLED_IN_DATA = {"audio/wav": "audio/x-wav"}
"""Media types that some apps accept only under another name in a data URI (protocol §5.8)."""


class Uploader:
    """Uploads the files of one profile. The history remembers every upload, for other processes, too."""

    def __init__(self, history: History, gateway: Gateway, profile: str) -> None:
        self._history = history
        self._gateway = gateway
        self._profile = profile
        self._slots = asyncio.Semaphore(FILES_AT_ONCE)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._hashes: dict[_Version, str] = {}

    async def url(
        self, path: Path, *, lifecycle: int | None = None, access: Access = OPEN, progress: Progress | None = None
    ) -> str:
        """Returns a URL at which the service can read the file: of an earlier upload, or of a new one.

        The service is asked for `lifecycle` (seconds) and `access`; None and open leave both to the account's
        settings. Raises NoFile, HistoryError, and FalError: NotSupported if the profile has no storage.
        """
        await asyncio.to_thread(local_files.facts, path)
        version = await asyncio.to_thread(_version, path)
        # Gateways use the name and the type of a file: the same bytes with another name are another upload.
        kind = f"{path.suffix.lower()} {await asyncio.to_thread(_kind, path)}"
        wish = " ".join(filter(None, (lifecycle_header(lifecycle, access), kind)))
        # Files of one size may hold the same bytes, so the second waits until the first is uploaded.
        lock = self._locks.setdefault(f"{version.size} {wish}", asyncio.Lock())
        async with lock, self._hashing(path, version) as hash_task:
            if url := await self._earlier_url(hash_task, wish, version.size, access):
                return url
            begun = now_ms()
            async with self._slots:
                url = await self._gateway.upload(
                    path,
                    file_name=sanitize.file_name(path.name),
                    lifecycle=lifecycle,
                    access=access,
                    progress=progress,
                )
            if await asyncio.to_thread(_version, path) != version:
                raise NoFile(f"{local_files.name(path)} has changed while it was being sent.")
            await self._remember(await hash_task, version.size, wish, url, begun, lifecycle)
            return url

    async def value(self, path: Path, stay: Stay, *, progress: Progress | None = None) -> str:
        """Returns the value for the file in a request: its URL, or a data URI if the profile has no storage.

        Raises as `url` does, and NoFile if the file is too large for a data URI.
        """
        if self._gateway.hosts.rest_url is not None:
            return await self.url(path, lifecycle=stay.lifecycle, access=stay.access, progress=progress)
        size = (await asyncio.to_thread(local_files.facts, path)).size_bytes
        if size > DATA_URI_BYTES:
            raise NoFile(
                f"{local_files.name(path)} is too large: this profile has no storage (rest_url), so a file goes inside"
                f" the request and may have at most {DATA_URI_BYTES >> 20} MB. Give a link instead."
            )
        return await asyncio.to_thread(_data_uri, path)

    @contextlib.asynccontextmanager
    async def _hashing(self, path: Path, version: _Version) -> AsyncIterator[asyncio.Task[str]]:
        """Yields a task that computes the file's SHA-256 meanwhile; it is cancelled at the end of the block."""

        async def find() -> str:
            sha256 = self._hashes[version] = self._hashes.get(version) or await _hash(path)
            return sha256

        finding = asyncio.create_task(find())
        try:
            yield finding
        finally:
            finding.cancel()
            await asyncio.gather(finding, return_exceptions=True)

    async def _earlier_url(self, hash_task: asyncio.Task[str], wish: str, size: int, access: Access) -> str | None:
        """Returns the URL of an earlier upload of the same bytes, if it still exists.

        If no file of that size was uploaded before, the upload need not wait for the hash.
        """
        if not await self._history.read_settled(lambda store: store.uploads.has_any_of(size, self._profile, wish)):
            return None
        sha256, needed_until_ms = await hash_task, now_ms() + SPARE_SECONDS * 1_000
        url = await self._history.read_settled(
            lambda store: store.uploads.url(sha256, self._profile, wish, needed_until_ms)
        )
        if url is None or not access.is_open:
            return url
        try:
            # The account's settings or a person may have deleted the file, so ask for its last byte.
            async with self._gateway.download(url, offset=max(size - 1, 0)) as download:
                return url if download.total in (size, None) else None
        except (errors.ErrorResponse, errors.InvalidResponse, errors.ForeignHost):
            return None

    async def _remember(self, sha256: str, size: int, wish: str, url: str, begun: int, lifecycle: int | None) -> None:
        """Records the upload, started at `begun` (ms since 1970). If the disk refuses, the file may be sent again."""
        ends = None if lifecycle is None else begun + lifecycle * 1_000
        with contextlib.suppress(CannotWrite):
            await self._history.write(
                lambda store: store.uploads.keep(
                    sha256, self._profile, wish, url, size_bytes=size, ends_ms=ends, now_ms=begun
                )
            )


class FileUpload:
    """An upload in progress, with a text for the job's row. Leaving the block cancels it."""

    def __init__(self, uploads: Uploader, path: Path, stay: Stay, answered: Callable[[], None]) -> None:
        """`answered` is called whenever a part of the file has arrived at the service."""
        self._uploads = uploads
        self._path = path
        self._stay = stay
        self._answered = answered
        self.words = f"uploading {local_files.name(path)}"
        """The progress as text: `uploading 43 % of photo.jpg`."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._uploads.value(self._path, self._stay, progress=self._count))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def has_ended(self) -> bool:
        """Waits up to half a second; returns True if the upload is done or has failed."""
        await asyncio.wait((self._task,), timeout=REPORT_SECONDS)
        return self._task.done()

    @property
    def value(self) -> str:
        """The value for the file in the request, after the upload; raises what `Uploader.value` raises."""
        return self._task.result()

    def _count(self, sent: int, total: int) -> None:
        self._answered()
        share = sent * 100 // total if total else 100
        self.words = f"uploading {share} % of {local_files.name(self._path)}"


class _Version(NamedTuple):
    """A file at one moment; changes when the file does."""

    path: str
    size: int
    """Bytes."""
    changed_ns: int


def _version(path: Path) -> _Version:
    state = path.stat()
    return _Version(str(path.absolute()), state.st_size, state.st_mtime_ns)


def _kind(path: Path) -> str:
    """The media type with which a file is uploaded."""
    with path.open("rb") as file:
        return media_type(file.read(HEAD_BYTES), path.name)


async def _hash(path: Path) -> str:
    """Returns the SHA-256 of a file; can be cancelled at any time."""
    digest = hashlib.sha256()
    start = 0
    while taken := await asyncio.to_thread(_read, path, start, digest.update):
        start += taken
    return digest.hexdigest()


def _read(path: Path, start: int, take: Callable[[bytes], None]) -> int:
    with path.open("rb") as file:
        file.seek(start)
        chunk = file.read(_HASHED_AT_ONCE)
    take(chunk)
    return len(chunk)


def _data_uri(path: Path) -> str:
    content = path.read_bytes()
    kind = media_type(content[:HEAD_BYTES], path.name)
    return f"data:{_SPELLED_IN_DATA.get(kind, kind)};base64,{base64.b64encode(content).decode()}"
