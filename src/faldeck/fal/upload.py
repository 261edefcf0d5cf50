"""Uploads files: to the file host of a service or, if it has none, in the older way (protocol §5)."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Unpack
from urllib.parse import quote

from faldeck.fal.errors import Busy, ErrorResponse, Forbidden, InvalidResponse, NotSupported, Unauthorized
from faldeck.fal.multipart import FileOptions, FilePart, FileTransfer, LocalFile, PartPolicy, Progress
from faldeck.fal.refusals import raise_for_error
from faldeck.fal.responses import HttpResponse, text_of
from faldeck.fal.transport import Content, HttpClient
from faldeck.fal.urls import Hosts, below
from faldeck.fal.values import JsonObject
from faldeck.safety.hosts import is_secure

STORAGE_TYPE = "fal-cdn-v3"


class RestApi:
    """The storage API of one service."""

    def __init__(self, http: HttpClient, base_url: str) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")

    async def ask(self, route: str, body: JsonObject, headers: dict[str, str]) -> JsonObject:
        """The answer to a POST to `storage/{route}`. Raises FalError."""
        url = f"{self._base_url}/storage/{route}?storage_type={STORAGE_TYPE}"
        content = json.dumps(body).encode()
        headers = {**headers, "Content-Type": "application/json"}
        return raise_for_error(await self._http.exchange("POST", url, content=content, headers=headers)).object()


def safe_url(payload: JsonObject, key: str) -> str:
    """The URL in an answer; raises InvalidResponse if it is missing or not safe for a file."""
    url = text_of(payload.get(key), 8_000)
    if url is None or not is_secure(url):
        raise InvalidResponse(f"The answer to an upload has no usable {key}.", status=200)
    return url


LEAST_LIFE = 60.0
"""A token with fewer seconds left is not used: it might end during the upload."""


@dataclass(frozen=True, slots=True, repr=False)
class UploadToken:
    """The permission to use the file host, until `ends` (seconds since 1970)."""

    authorization: str
    base_url: str
    ends: float

    @property
    def is_good(self) -> bool:
        return self.ends - time.time() > LEAST_LIFE


class CdnUpload:
    """One service's file host."""

    def __init__(self, http: HttpClient, rest: RestApi, base_url: str | None) -> None:
        """`base_url` replaces the address in the token."""
        self._http = http
        self._rest = rest
        self._base_url = base_url
        self._token: UploadToken | None = None
        self._fetching = asyncio.Lock()

    async def send(self, transfer: FileTransfer) -> str:
        """Sends the file and gives its URL. Raises FalError, and OSError if the file cannot be read."""
        headers = {"X-Fal-File-Name": transfer.file.name, **transfer.file.headers}
        base = (await self._good_token()).base_url
        if transfer.is_in_parts:
            return await self._in_parts(transfer, f"{base}/files/upload/multipart", headers)

        async def send(piece: FilePart) -> HttpResponse:
            return await self._exchange("POST", f"{base}/files/upload", headers | piece.headers, piece.content)

        return safe_url((await transfer.whole(send)).object(), "access_url")

    async def _in_parts(self, transfer: FileTransfer, url: str, headers: dict[str, str]) -> str:
        begun = (await transfer.with_retries(lambda: self._exchange("POST", url, headers))).object()
        file_url, upload = safe_url(begun, "access_url"), text_of(begun.get("uploadId"), 2_000)
        if upload is None:
            raise InvalidResponse("The answer to an upload in parts has no uploadId.", status=200)
        place = below(file_url, f"multipart/{quote(upload, safe='')}")
        kind, json_kind = {"Content-Type": transfer.file.content_type}, {"Content-Type": "application/json"}

        async def send(piece: FilePart) -> HttpResponse:
            return await self._exchange("PUT", below(place, str(piece.number)), kind | piece.headers, piece.content)

        parts = json.dumps({"parts": await transfer.parts(send)}).encode()
        await transfer.with_retries(lambda: self._exchange("POST", below(place, "complete"), json_kind, lambda: parts))
        return file_url

    async def _exchange(
        self, method: str, url: str, headers: dict[str, str], content: Callable[[], Content] = lambda: None
    ) -> HttpResponse:
        """One request with the token; repeated with a new token if the service no longer knows this one."""

        async def ask(token: UploadToken) -> HttpResponse:
            opened = {"Authorization": token.authorization, **headers}
            return await self._http.exchange(
                method, url, with_key=False, content=content(), headers=opened, patience=None
            )

        token = await self._good_token()
        answer = await ask(token)
        if answer.status == 401:
            self._token = None if self._token is token else self._token
            answer = await ask(await self._good_token())
        return answer

    async def _good_token(self) -> UploadToken:
        """The current token, or a new one if it is about to end."""
        async with self._fetching:
            if self._token is None or not self._token.is_good:
                self._token = self._read(await self._rest.ask("auth/token", {}, {}))
            return self._token

    def _read(self, payload: JsonObject) -> UploadToken:
        kind, secret = text_of(payload.get("token_type")) or "Bearer", text_of(payload.get("token"), 10_000)
        base = self._base_url or text_of(payload.get("base_url"), 2_000)
        if secret is None or base is None or not is_secure(base):
            raise InvalidResponse("The upload token names no place to upload to.", status=200)
        return UploadToken(f"{kind} {secret}", base.rstrip("/"), _moment(text_of(payload.get("expires_at"))))


def _moment(text: str | None) -> float:
    """An ISO time in seconds since 1970; without it, the service answers 401 when the token has ended."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return inf
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


class SignedUpload:
    """Uploads each file to a signed address of its own."""

    def __init__(self, http: HttpClient, rest: RestApi) -> None:
        self._http = http
        self._rest = rest

    async def send(self, transfer: FileTransfer) -> str:
        """Sends the file and gives its URL. Raises FalError, and OSError if the file cannot be read."""
        file = transfer.file
        route = "upload/initiate-multipart" if transfer.is_in_parts else "upload/initiate"
        payload = await self._rest.ask(route, {"content_type": file.content_type, "file_name": file.name}, file.headers)
        place, file_url = safe_url(payload, "upload_url"), safe_url(payload, "file_url")
        await (self._in_parts if transfer.is_in_parts else self._whole)(transfer, place)
        return file_url

    async def _whole(self, transfer: FileTransfer, place: str) -> None:
        async def send(piece: FilePart) -> HttpResponse:
            headers = {"Content-Type": transfer.file.content_type, **piece.headers}
            return await self._exchange("PUT", place, headers, piece.content)

        await transfer.whole(send)

    async def _in_parts(self, transfer: FileTransfer, place: str) -> None:
        async def send(piece: FilePart) -> HttpResponse:
            return await self._exchange("PUT", below(place, str(piece.number)), piece.headers, piece.content)

        parts = json.dumps({"parts": await transfer.parts(send)}).encode()
        kind = {"Content-Type": "application/json"}
        await transfer.with_retries(lambda: self._exchange("POST", below(place, "complete"), kind, lambda: parts))

    async def _exchange(
        self, method: str, url: str, headers: dict[str, str], content: Callable[[], Content]
    ) -> HttpResponse:
        return await self._http.exchange(method, url, with_key=False, content=content(), headers=headers, patience=None)


class FileStorage:
    """The file store of one service."""

    def __init__(self, http: HttpClient, hosts: Hosts, part_policy: PartPolicy) -> None:
        rest = RestApi(http, hosts.rest_url) if hosts.rest_url else None
        self._ways = (CdnUpload(http, rest, hosts.cdn_url), SignedUpload(http, rest)) if rest else None
        self._policy = part_policy

    async def upload(self, path: Path, *, progress: Progress | None = None, **options: Unpack[FileOptions]) -> str:
        """Sends a file and gives its URL. Cancelling stops it at once.

        Raises `NotSupported` if the profile has no storage, OSError if the file cannot be read.
        """
        if self._ways is None:
            raise NotSupported("This profile names no storage (rest_url), so files cannot be uploaded.")
        file = await asyncio.to_thread(lambda: LocalFile(path, **options))
        cdn, signed = self._ways
        try:
            return await cdn.send(FileTransfer(file, self._policy, progress))
        except (Unauthorized, Forbidden, Busy):
            raise  # The key or the moment is at fault, not the way.
        except (ErrorResponse, InvalidResponse):
            return await signed.send(FileTransfer(file, self._policy, progress))
