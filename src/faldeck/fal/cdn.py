"""The file host, which takes files for a token that the key buys (protocol §5.1 to §5.3)."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from urllib.parse import quote

from faldeck.fal.answers import Answer, text_of
from faldeck.fal.endpoint import below
from faldeck.fal.errors import Unreadable
from faldeck.fal.http import Content, Http, is_safe
from faldeck.fal.passage import Passage, Piece
from faldeck.fal.rest import Rest, safe_url
from faldeck.fal.values import JsonObject

LEAST_LIFE = 60.0
"""A token with fewer seconds left is not used any more: it might end on the way."""


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """What opens the file host, until `ends` (seconds since 1970)."""

    authorization: str
    base_url: str
    ends: float

    @property
    def is_good(self) -> bool:
        return self.ends - time.time() > LEAST_LIFE


class Cdn:
    """One service's file host."""

    def __init__(self, http: Http, rest: Rest, base_url: str | None) -> None:
        """`base_url` stands for the one that the token names."""
        self._http = http
        self._rest = rest
        self._base_url = base_url
        self._token: Token | None = None
        self._fetching = asyncio.Lock()

    async def take(self, passage: Passage) -> str:
        """Takes the file and gives its URL. Raises FalError, and OSError where the file cannot be read."""
        headers = {"X-Fal-File-Name": passage.file.name, **passage.file.headers}
        base = (await self._good_token()).base_url
        if passage.is_in_parts:
            return await self._in_parts(passage, f"{base}/files/upload/multipart", headers)

        async def send(piece: Piece) -> Answer:
            return await self._exchange("POST", f"{base}/files/upload", headers | piece.headers, piece.content)

        return safe_url((await passage.whole(send)).object(), "access_url")

    async def _in_parts(self, passage: Passage, url: str, headers: dict[str, str]) -> str:
        begun = (await passage.insist(lambda: self._exchange("POST", url, headers))).object()
        file_url, upload = safe_url(begun, "access_url"), text_of(begun.get("uploadId"), 2_000)
        if upload is None:
            raise Unreadable("The answer to an upload in parts has no uploadId.", status=200)
        place = below(file_url, f"multipart/{quote(upload, safe='')}")
        kind, json_kind = {"Content-Type": passage.file.content_type}, {"Content-Type": "application/json"}

        async def send(piece: Piece) -> Answer:
            return await self._exchange("PUT", below(place, str(piece.number)), kind | piece.headers, piece.content)

        parts = json.dumps({"parts": await passage.parts(send)}).encode()
        await passage.insist(lambda: self._exchange("POST", below(place, "complete"), json_kind, lambda: parts))
        return file_url

    async def _exchange(
        self, method: str, url: str, headers: dict[str, str], content: Callable[[], Content] = lambda: None
    ) -> Answer:
        """One request with the token; once more with a new one where the service no longer knows it."""

        async def ask(token: Token) -> Answer:
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

    async def _good_token(self) -> Token:
        """The token at hand, or a new one where it is about to end."""
        async with self._fetching:
            if self._token is None or not self._token.is_good:
                self._token = self._read(await self._rest.ask("auth/token", {}, {}))
            return self._token

    def _read(self, said: JsonObject) -> Token:
        kind, secret = text_of(said.get("token_type")) or "Bearer", text_of(said.get("token"), 10_000)
        base = self._base_url or text_of(said.get("base_url"), 2_000)
        if secret is None or base is None or not is_safe(base):
            raise Unreadable("The upload token names no place to upload to.", status=200)
        return Token(f"{kind} {secret}", base.rstrip("/"), _moment(text_of(said.get("expires_at"))))


def _moment(text: str | None) -> float:
    """An ISO time in seconds since 1970; without one, the service tells by 401 when the token has ended."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return inf
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
