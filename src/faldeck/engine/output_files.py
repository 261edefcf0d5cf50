"""Saves a result's files to disk: complete, with safe names, downloaded once, never over another file."""

from __future__ import annotations

import asyncio
import base64
import binascii
import mimetypes
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_to_bytes

from faldeck.fal.media_type import HEAD_BYTES, UNKNOWN, media_type
from faldeck.job import FileState, Job, Output
from faldeck.safety import sanitize
from faldeck.schema import json_value, results
from faldeck.schema.json_value import JsonValue

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway


SPARED_BYTES = 256 * 2**20
"""Bytes of the disk that are left free."""

MEASURED_BYTES = 16 * 2**20
"""The free space is checked again after this many bytes."""

_RESERVED = b"reserved by faldeck for "
"""The first bytes of a part that reserves a name and holds no data yet."""
_SNIFFED_BYTES = 512
_MEDIA = {"image/": "picture", "video/": "video", "audio/": "sound"}
_TEXTS = ("text/", "application/json", "application/xml", "application/problem")
"""Beginnings of the media types that are never a picture, a video or a sound."""


class CannotSave(Exception):
    """The file cannot be saved, and another try would fail, too, until a person changes something."""


class Truncated(Exception):
    """Fewer bytes came than announced. They are kept, and the rest can be requested."""


class WrongContent(Exception):
    """The answer is not the file: it is empty, has a wrong size, or is a text."""

    def __init__(self, message: str, size_bytes: int) -> None:
        super().__init__(message)
        self.size_bytes = size_bytes
        """How many bytes came."""


class OutputFolder(NamedTuple):
    """Where outputs are saved, and under which names."""

    root: Path
    name: str
    """A path template of `{date} {model} {request_id} {index} {name} {ext}`, `/` between folders."""

    def reserve(self, job: Job, index: int) -> Path:
        """Reserves and returns a free path for the job's output number `index` (from 0).

        A part beside it is the reservation. It names its owner until data comes, so that the reservation of a killed
        process is used again.
        Raises CannotSave, OSError.
        """
        owner = _owner(job, index)
        return next(path for path in self._paths(job, index) if not path.exists() and _reserve(path, owner))

    def copy(self, job: Job, index: int) -> Path:
        """Returns the path of a copy of the job's saved output in this folder; makes it if it does not exist.

        Raises CannotSave, OSError.
        """
        import filecmp

        saved = Path(job.outputs[index].path or "")
        for path in self._paths(job, index):
            if path.exists():
                if filecmp.cmp(path, saved, shallow=False):
                    return path
                continue
            # A unique name, so that the leftover of a killed process does no harm.
            part = path.with_name(f".{path.name}.{job.id}-{index}.part")
            part.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(saved, part)
                _publish(part, path)
            finally:
                part.unlink(missing_ok=True)
            return path
        raise CannotSave("There is no name left for a copy.")

    def _paths(self, job: Job, index: int) -> Iterator[Path]:
        """Yields the paths that an output may have, the best first; raises CannotSave after the last.

        Every part that comes from a service is sanitized, so that no path leaves the folder.
        """
        output = job.outputs[index]
        given = output.file_name or ""
        words: Mapping[str, object] = {
            "date": job.created_at.astimezone().strftime("%Y-%m-%d"),
            "model": sanitize.file_name(job.endpoint_id.replace("/", "-")),
            "request_id": sanitize.file_name(job.request_id or job.id),
            "index": index + 1,
            "name": sanitize.file_name(Path(given).stem or output.at),
            "ext": sanitize.file_name(results.extension(output.url or "", output.content_type, given)),
        }
        parts = [sanitize.file_name(part) for part in self.name.format_map(words).split("/") if part]
        planned = self.root.joinpath(*parts)
        for number in range(1, 10_000):
            yield planned if number == 1 else planned.with_stem(f"{planned.stem}-{number}")
        raise CannotSave(f"There are already 10,000 files called {planned.name}.")


async def save(
    gateway: Gateway,
    output: Output,
    document: JsonValue,
    answered: Callable[[], None] = lambda: None,
    require_lease: Callable[[], Awaitable[None]] | None = None,
) -> int:
    """Saves an output at its reserved path and returns its size in bytes.

    Continues the part of an earlier try. `document` is the result, which holds the bytes of an output without a URL;
    `answered` is called when the file begins to arrive; `require_lease` is called before the file gets its name, and
    raises if another process owns the file now. Raises CannotSave, Truncated, WrongContent, OSError
    (disk), or a FalError (network; NotFound: gone for good).
    """
    if output.path is None:
        raise CannotSave("No place was reserved for the file.")
    path = Path(output.path)
    part = _part(path)
    if not await asyncio.to_thread(_is_saved, path):
        await asyncio.to_thread(part.parent.mkdir, parents=True, exist_ok=True)
        try:
            if output.url is None:
                await asyncio.to_thread(_decode, document, output.at, part)
            else:
                await _fetch(gateway, output, part, answered)
            if require_lease:
                try:
                    await require_lease()
                except Exception:
                    # If the process that holds the job has saved the file, the part is useless.
                    if await asyncio.to_thread(path.exists):
                        await asyncio.to_thread(part.unlink, missing_ok=True)
                    raise
            await asyncio.to_thread(_publish, part, path)
        except FileNotFoundError:
            if not await asyncio.to_thread(_is_saved, path):  # A stopped process that went on has saved it.
                raise
    return (await asyncio.to_thread(path.stat)).st_size


def media_type_of(path: Path) -> str:
    """Returns the media type of a file on disk; raises OSError."""
    with path.open("rb") as file:
        return media_type(file.read(HEAD_BYTES), path.name)


def other_content(declared: str, path: Path) -> str | None:
    """A sentence if a saved picture, video or sound has the bytes of something else; None if not. Raises OSError.

    Sound and video share containers, so one is never taken for the other.
    """
    medium = next((medium for start, medium in _MEDIA.items() if declared.lower().startswith(start)), None)
    with path.open("rb") as file:
        found = media_type(file.read(HEAD_BYTES), "")
    if medium is None or found == UNKNOWN or declared.lower().startswith("image/svg"):
        return None
    is_picture = found.startswith("image/")
    fits = is_picture if medium == "picture" else found.startswith(("audio/", "video/"))
    return None if fits else f"The service calls this file a {medium}, but its bytes are {found}."


def modified_ms(path: Path) -> int:
    """Returns when a file was last changed, in ms since 1970; raises OSError."""
    return path.stat().st_mtime_ns // 1_000_000


def discard(output: Output) -> None:
    """Removes the part of an output; raises OSError."""
    if output.path is not None:
        _part(Path(output.path)).unlink(missing_ok=True)


def discard_unfinished(given_up: Iterable[Output]) -> None:
    """Removes the parts of the outputs that are not complete; raises OSError."""
    for output in given_up:
        if output.state is FileState.FETCHING:
            discard(output)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def part_bytes(path: str) -> int:
    """Returns how many bytes of a file have arrived so far; 0 if there is no part."""
    try:
        return _part(Path(path)).stat().st_size
    except OSError:
        return 0


def _owner(job: Job, index: int) -> bytes:
    """The content of a part that reserves a name for a job's output."""
    return _RESERVED + f"{job.id} {index}\n".encode()


def _reserve(path: Path, owner: bytes) -> bool:
    """Makes the part of a file as its owner's reservation; False if another owner has it already."""
    part = _part(path)
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = part.open("xb")
    except FileExistsError:
        with part.open("rb") as there:
            return there.read(len(owner) + 1) == owner
    try:
        with file:
            file.write(owner)
    except OSError:  # The disk is full. An incomplete reservation would block the next try.
        part.unlink(missing_ok=True)
        raise
    return True


def _is_saved(path: Path) -> bool:
    """Whether the file at the reserved path is complete and ours; a part beside it means that it is not."""
    return path.exists() and not _part(path).exists()


async def _fetch(gateway: Gateway, output: Output, part: Path, answered: Callable[[], None]) -> None:
    offset = await asyncio.to_thread(_size, part)
    async with gateway.download(output.url or "", offset=offset) as download:
        answered()
        offset = download.offset
        with await _opened(part, "r+b" if offset else "wb") as file:
            file.seek(offset)
            file.truncate()
            offset += await _write(file, download.chunks)
            await asyncio.to_thread(os.fsync, file.fileno())
        if download.total is not None and offset < download.total:
            raise Truncated(f"{offset:,} of {download.total:,} bytes came")
    head = await asyncio.to_thread(_head, part)
    if problem := _content_problem(output, offset, head, download.content_type or ""):
        # The part stays as the reservation of its name.
        await asyncio.to_thread(os.truncate, part, 0)
        raise WrongContent(problem, offset)


async def _opened(part: Path, mode: str) -> FileIO:
    """Opens a part in a thread. A fetch that is cancelled meanwhile leaves no open file behind."""
    opening = asyncio.get_running_loop().run_in_executor(None, lambda: FileIO(part, mode))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(lambda done: None if done.exception() else done.result().close())
        raise


def _content_problem(output: Output, size: int, head: bytes, answered_type: str) -> str:
    """Why the answer is not the file, as a sentence; empty if it may be."""
    if not size:
        return "An empty answer came instead of the file."
    if medium := _promised_medium(output):
        answered = answered_type.partition(";")[0].strip().lower()
        sniffed = media_type(head[:HEAD_BYTES], "")
        if sniffed == UNKNOWN and (answered.startswith(_TEXTS) or answered.endswith(("+json", "/json", "/xml"))):
            what = "A web page" if "html" in answered else "JSON" if "json" in answered else "A text"
            return f"{what} came instead of the {medium}."
        if sniffed == UNKNOWN and head.lstrip()[:1] in (b"<", b"{", b"[") and _is_text(head):
            what = "A web page" if head.lstrip()[:1] == b"<" else "JSON"
            return f"{what} came instead of the {medium}."
    if output.declared_bytes is not None and size != output.declared_bytes:
        return f"{size:,} bytes came, but the service declares {output.declared_bytes:,}."
    return ""


def _promised_medium(output: Output) -> str:
    """What the file must be, if it cannot be a text: `picture`, `video` or `sound`; else empty."""
    suffixes = (results.url_extension(output.url or ""), Path(output.file_name or "").suffix[1:].lower())
    named = (mimetypes.guess_type(f"x.{suffix}")[0] or "" for suffix in suffixes if suffix)
    kind = (output.content_type or next(named, "") or _kind_by_name(output.at)).lower()
    if kind.startswith("image/svg"):
        return ""
    return next((medium for start, medium in _MEDIA.items() if kind.startswith(start)), "")


def _kind_by_name(at: str) -> str:
    """The kind of file by the name of its member in the result, such as `image/`; else empty."""
    name = at.rpartition(".")[2].lower()
    return next((f"{kind}/" for kind in ("image", "video", "audio") if name.startswith(kind)), "")


def _is_text(head: bytes) -> bool:
    try:
        # The last character may be cut in the middle.
        return "\0" not in head[:-4].decode()
    except UnicodeDecodeError:
        return False


def _size(path: Path) -> int:
    """Bytes of data in a part; 0 for a reservation."""
    if not path.exists() or _head(path).startswith(_RESERVED):
        return 0
    return path.stat().st_size


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_SNIFFED_BYTES)


async def _write(file: FileIO, chunks: AsyncIterator[bytes]) -> int:
    """Writes the chunks and returns the number of bytes.

    Uses the file object and not its number: the number may belong to another file when a thread uses it.
    """
    written = measured = 0
    async for chunk in chunks:
        if written >= measured:
            await asyncio.to_thread(_leave_room, file.name)
            measured = written + MEASURED_BYTES
        view = memoryview(chunk)
        while view:
            count = await asyncio.to_thread(file.write, view)
            view = view[count:]
            written += count
    return written


def _leave_room(path: str) -> None:
    """Raises CannotSave if the disk is nearly full, because the history needs room, too."""
    if (free := shutil.disk_usage(path).free) < SPARED_BYTES:
        raise CannotSave(f"There are only {free // 2**20:,} MiB left on the disk.")


def _decode(document: JsonValue, at: str, part: Path) -> None:
    """Writes the bytes of the data URI at `at` in the result."""
    uri = next((file.url for file in results.files(document) if json_value.spell(file.path) == at), None)
    if uri is None:
        raise CannotSave(f"The result holds no file at {at}.")
    head, _, data = uri.partition(",")
    try:
        raw = unquote_to_bytes(data)
        content = base64.b64decode(raw) if head.lower().endswith(";base64") else raw
    except binascii.Error as error:
        raise CannotSave(f"The data at {at} is not base64: {error}.") from error
    if not content:
        raise CannotSave(f"The result holds no bytes at {at}.")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _publish(part: Path, path: Path) -> None:
    """Gives the whole file its name, in one step and never over another file."""
    try:
        os.link(part, path)
    except OSError:
        if not path.exists():
            part.replace(path)  # Some file systems do not support links.
        elif part.exists() and not path.samefile(part):
            raise CannotSave(f"There is another file at {path}.") from None
    # An earlier try may have been killed after the link.
    part.unlink(missing_ok=True)
