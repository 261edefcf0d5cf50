"""The rest and CDN roles: tokens, uploads in every form, downloads (protocol §5)."""

import asyncio
import hashlib
import secrets
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from fal_emulator.access import key_for_storage, new_token, require_token
from fal_emulator.answers import TOO_LARGE, Refusal, Reply, plain
from fal_emulator.faults import FaultRules
from fal_emulator.files import address
from fal_emulator.middleware import body_of, faults_in, lifetime_of, origin, respond
from fal_emulator.state import EmulatorState, StoredFile

TOKEN_LIFE = timedelta(days=30)
MOST_PARTS = 10_000
"""The highest number that a part may have; the first is 1."""

MOST_BYTES = 2 * 1024**3
"""Bytes of the largest upload, all its parts together."""

_DOWNLOAD_HEADERS = {"cache-control": "public, max-age=5184000, immutable"}


class RestRoutes:
    """The routes of the host that gives out tokens and upload addresses."""

    def __init__(self, state: EmulatorState) -> None:
        self._state = state

    def routes(self) -> list[BaseRoute]:
        """The paths (protocol §5.1, §5.4, §5.5) and the token for realtime calls (protocol §3.3)."""
        return [
            Route("/storage/auth/token", self.token, methods=["POST"]),
            Route("/storage/upload/initiate", self.initiate, methods=["POST"]),
            Route("/storage/upload/initiate-multipart", self.initiate, methods=["POST"]),
            Route("/tokens", self.realtime_token, methods=["POST"]),
        ]

    async def token(self, request: Request) -> Response:
        """A token for the CDN, good for thirty days."""
        key_for_storage(request)
        now = datetime.now(UTC)
        body = {
            "token": new_token(request),
            "token_type": "Bearer",
            "base_url": f"{origin(request)}/cdn",
            "created_at": now.isoformat(),
            "expires_at": (now + TOKEN_LIFE).isoformat(),
        }
        return respond(request, Reply(200, body))

    async def realtime_token(self, request: Request) -> Response:
        """A token as a bare JSON string (protocol §3.3)."""
        key_for_storage(request)
        return respond(request, Reply(200, new_token(request)))

    async def initiate(self, request: Request) -> Response:
        """An address to PUT a file to, whole or in numbered parts."""
        key_for_storage(request)
        match await body_of(request):
            case {"file_name": str(name), "content_type": str(kind)}:
                path = _reserve(self._state, name, kind, request)
            case _:
                raise Refusal(plain(422, "file_name and content_type are required"))
        url = f"{origin(request)}/cdn/files/{path}"
        upload = f"{url}/parts" if request.url.path.endswith("multipart") else url
        body = {"file_url": url, "upload_url": f"{upload}?signature={secrets.token_urlsafe(16)}"}
        return respond(request, Reply(200, body))


class CdnRoutes:
    """The routes of the file host."""

    def __init__(self, state: EmulatorState) -> None:
        self._state = state
        self._received: dict[str, int] = {}
        """Path of a file that is sent in parts → the bytes received."""

    def routes(self) -> list[BaseRoute]:
        """The paths; both clients' ways to send parts lead to the same two methods."""
        one = "/files/{path:path}"
        return [
            Route("/files/upload", self.upload, methods=["POST"]),
            Route("/files/upload/multipart", self.begin, methods=["POST"]),
            Route(f"{one}/multipart/{{upload}}/complete", self.complete, methods=["POST"]),
            Route(f"{one}/multipart/{{upload}}/{{number:int}}", self.part, methods=["PUT"]),
            Route(f"{one}/parts/complete", self.complete, methods=["POST"]),
            Route(f"{one}/parts/{{number:int}}", self.part, methods=["PUT"]),
            Route(one, self.put, methods=["PUT"]),
            Route(one, self.download, methods=["GET"]),
        ]

    async def upload(self, request: Request) -> Response:
        """A whole file in one request (protocol §5.2)."""
        require_token(request)
        path = _reserve(self._state, *_named(request), request)
        await _receive(request, self._state.location(path))
        url = f"{origin(request)}/cdn/files/{path}"
        return respond(request, Reply(200, {"access_url": url, "uploaded": True}))

    async def begin(self, request: Request) -> Response:
        """Begin an upload in parts (protocol §5.3)."""
        require_token(request)
        path = _reserve(self._state, *_named(request), request)
        body = {"access_url": f"{origin(request)}/cdn/files/{path}", "uploadId": secrets.token_hex(16)}
        return respond(request, Reply(200, body))

    async def part(self, request: Request) -> Response:
        """One part, in any order, possibly empty; its tag is told in header and body (protocol §10.2, 25 and 26)."""
        location = self._known(request).location
        path, number = request.path_params["path"], request.path_params["number"]
        if number > MOST_PARTS:
            raise Refusal(plain(400, "The part's number is too high"))
        digest, size = await _receive(request, _part(location, number), self._received.get(path, 0))
        self._received[path] = self._received.get(path, 0) + size
        tag = f'"{digest}"'
        return respond(request, Reply(200, {"partNumber": number, "etag": tag}, {"etag": tag}))

    async def complete(self, request: Request) -> Response:
        """Join the named parts by number. A repeated call changes nothing."""
        location = self._known(request).location
        if not location.is_file():
            numbers = _numbers(await body_of(request))
            parts = [_part(location, number) for number in numbers]
            if not parts or not all(part.is_file() for part in parts):
                raise Refusal(plain(400, "A part is missing"))
            await asyncio.to_thread(_join, parts, location)
            self._received.pop(request.path_params["path"], None)
        url = f"{origin(request)}/cdn/files/{request.path_params['path']}"
        return respond(request, Reply(200, {"access_url": url}))

    async def put(self, request: Request) -> Response:
        """A whole file to an address given by `initiate`; the signature stands for the key (protocol §5.4)."""
        if "signature" not in request.query_params:
            raise Refusal(plain(403, "Signature is missing"))
        file = self._known(request)
        kind = request.headers.get("content-type", file.content_type)
        self._state.announce_file(file.path, kind, file.expires_at)
        await _receive(request, file.location)
        return PlainTextResponse("")

    async def download(self, request: Request) -> Response:
        """The bytes of a file, or of the requested range."""
        file = self._known(request)
        faults: FaultRules = faults_in(request)
        is_over = file.expires_at is not None and file.expires_at < time.time()
        if is_over or not file.location.is_file() or faults.strike("expired", "file"):
            raise Refusal(plain(404, "File not found"))
        return FileResponse(file.location, media_type=file.content_type, headers=_DOWNLOAD_HEADERS)

    def _known(self, request: Request) -> StoredFile:
        file = self._state.file(request.path_params["path"])
        if file is None:
            raise Refusal(plain(404, "File not found"))
        return file


def _named(request: Request) -> tuple[str, str]:
    name = request.headers.get("x-fal-file-name", "upload.bin")
    return name, request.headers.get("content-type", "application/octet-stream")


def _reserve(state: EmulatorState, name: str, content_type: str, request: Request) -> str:
    """A new path for a file with this name. It can be read once its bytes have arrived."""
    path = address(secrets.token_hex(16), name)
    lifetime = lifetime_of(request.headers)
    state.announce_file(path, content_type, None if lifetime is None else time.time() + lifetime)
    return path


def _part(location: Path, number: int) -> Path:
    return location.with_name(f"{location.name}.part{number}")


def _numbers(body: object) -> list[int]:
    """The part numbers in a completion, in their order; empty if one of them is invalid."""
    match body:
        case {"parts": list(parts)}:
            named = [part.get("partNumber") for part in parts if isinstance(part, dict)]
            numbers = [number for number in named if isinstance(number, int) and 0 < number <= MOST_PARTS]
            return sorted(set(numbers)) if len(numbers) == len(parts) else []
    return []


def _join(parts: Sequence[Path], location: Path) -> None:
    joined = _part(location, 0)
    with joined.open("wb") as whole:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole)
            part.unlink()  # At once, so that a large file is never on the disk twice.
    joined.replace(location)


async def _receive(request: Request, location: Path, before: int = 0) -> tuple[str, int]:
    """Write the body to a file, whole or not at all; gives its digest and its size in bytes.

    `before`: the bytes of the same upload so far. Raises Refusal if the upload is too large.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) + before > MOST_BYTES:
        raise Refusal(TOO_LARGE)
    location.parent.mkdir(parents=True, exist_ok=True)
    unfinished = location.with_name(f"{location.name}.{secrets.token_hex(4)}.coming")
    digest, size = hashlib.md5(usedforsecurity=False), 0
    try:
        with unfinished.open("wb") as file:
            async for chunk in request.stream():
                size += len(chunk)
                if size + before > MOST_BYTES:
                    raise Refusal(TOO_LARGE)
                file.write(chunk)
                digest.update(chunk)
        unfinished.replace(location)
    finally:
        unfinished.unlink(missing_ok=True)
    return digest.hexdigest(), size
