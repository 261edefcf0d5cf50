"""Files up to a service, streamed from disk (protocol §5)."""

import asyncio
import json
import mimetypes
import re
import unicodedata
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeAlias

from faldeck.fal.answers import Answer, granted, text_of
from faldeck.fal.errors import Busy, Forbidden, NotOffered, Refused, Unauthorized, Unreadable
from faldeck.fal.hosts import Hosts
from faldeck.fal.http import Http, is_safe
from faldeck.fal.lifecycle import lifecycle_header
from faldeck.fal.values import JsonObject

CHUNK_BYTES = 2**18
STORAGE_TYPE = "fal-cdn-v3"

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the bytes sent so far and the bytes in all."""


class Storage:
    """One service's file store."""

    def __init__(self, http: Http, hosts: Hosts) -> None:
        self._http = http
        self._rest_url = hosts.rest_url.rstrip("/") if hosts.rest_url else None
        self._cdn_url = hosts.cdn_url.rstrip("/") if hosts.cdn_url else None

    async def upload(
        self,
        path: Path,
        *,
        content_type: str | None = None,
        file_name: str | None = None,
        lifecycle: int | None = None,
        progress: Progress | None = None,
    ) -> str:
        """Send a file and give its URL. `lifecycle` is in seconds; names and types default to the path's own.

        By one request to the CDN, or where the service has no such door, by the older two steps. Raises `NotOffered`
        where the profile has no storage, OSError where the file cannot be read.
        """
        if self._rest_url is None:
            raise NotOffered("This profile names no storage (rest_url), so files cannot be uploaded.")
        file = _File(path, content_type, file_name, lifecycle, progress)
        try:
            return await self._to_cdn(file)
        except (Unauthorized, Forbidden, Busy):
            raise  # Not the door is at fault but the key or the moment.
        except (Refused, Unreadable):
            return await self._in_two_steps(file)

    async def _to_cdn(self, file: "_File") -> str:
        token = await self._post("auth/token", {}, {})
        kind, secret = text_of(token.get("token_type")) or "Bearer", text_of(token.get("token"), 10_000)
        base = self._cdn_url or text_of(token.get("base_url"), 2_000)
        if secret is None or base is None or not is_safe(base):
            raise Unreadable("The upload token names no place to upload to.", status=200)
        headers = {"Authorization": f"{kind} {secret}", "X-Fal-File-Name": file.name, **file.headers()}
        url = f"{base.rstrip('/')}/files/upload"
        answer = await self._send(file, "POST", url, headers)
        return _url(granted(answer).object(), "access_url")

    async def _in_two_steps(self, file: "_File") -> str:
        body: JsonObject = {"content_type": file.content_type, "file_name": file.name}
        said = await self._post("upload/initiate", body, file.headers())
        granted(await self._send(file, "PUT", _url(said, "upload_url"), {"Content-Type": file.content_type}))
        return _url(said, "file_url")

    async def _post(self, door: str, body: JsonObject, headers: dict[str, str]) -> JsonObject:
        url = f"{self._rest_url}/storage/{door}?storage_type={STORAGE_TYPE}"
        headers = {**headers, "Content-Type": "application/json"}
        answer = await self._http.exchange("POST", url, content=json.dumps(body).encode(), headers=headers)
        return granted(answer).object()

    async def _send(self, file: "_File", method: str, url: str, headers: dict[str, str]) -> Answer:
        headers = {**headers, "Content-Length": str(file.size)}
        return await self._http.exchange(
            method, url, with_key=False, content=file.chunks(), headers=headers, patience=None
        )


class _File:
    """A local file as it goes over the wire, as often as needed."""

    def __init__(
        self, path: Path, content_type: str | None, name: str | None, lifecycle: int | None, progress: Progress | None
    ) -> None:
        self._path = path
        self._lifecycle = lifecycle
        self._progress = progress
        self.size = path.stat().st_size
        self.name = _ascii(name or path.name)
        self.content_type = content_type or mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def headers(self) -> dict[str, str]:
        """Type and life, under both names that services know (protocol §5.2)."""
        life = lifecycle_header(self._lifecycle)
        names = ("X-Fal-Object-Lifecycle", "X-Fal-Object-Lifecycle-Preference") if life else ()
        return {"Content-Type": self.content_type, **{name: life for name in names if life}}

    async def chunks(self) -> AsyncIterator[bytes]:
        sent = 0
        with await asyncio.to_thread(self._path.open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield chunk
                sent += len(chunk)
                if self._progress:
                    self._progress(sent, self.size)


def _ascii(name: str) -> str:
    """A file name that a header can carry; the service only decorates its URL with it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "_", plain)[-100:] or "file"


def _url(said: JsonObject, key: str) -> str:
    url = text_of(said.get(key), 8_000)
    if url is None or not is_safe(url):
        raise Unreadable(f"The answer to an upload has no usable {key}.", status=200)
    return url
