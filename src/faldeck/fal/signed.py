"""The older way up: an address is asked for with the key, and takes the file without it (protocol §5.4, §5.5)."""

import json
from collections.abc import Callable

from faldeck.fal.answers import Answer
from faldeck.fal.endpoint import below
from faldeck.fal.http import Content, Http
from faldeck.fal.passage import Passage, Piece
from faldeck.fal.rest import Rest, safe_url


class Signed:
    """Uploads to addresses that are made for one file each."""

    def __init__(self, http: Http, rest: Rest) -> None:
        self._http = http
        self._rest = rest

    async def take(self, passage: Passage) -> str:
        """Takes the file and gives its URL. Raises FalError, and OSError where the file cannot be read."""
        file = passage.file
        door = "upload/initiate-multipart" if passage.is_in_parts else "upload/initiate"
        said = await self._rest.ask(door, {"content_type": file.content_type, "file_name": file.name}, file.headers)
        place, file_url = safe_url(said, "upload_url"), safe_url(said, "file_url")
        await (self._in_parts if passage.is_in_parts else self._whole)(passage, place)
        return file_url

    async def _whole(self, passage: Passage, place: str) -> None:
        async def send(piece: Piece) -> Answer:
            headers = {"Content-Type": passage.file.content_type, **piece.headers}
            return await self._exchange("PUT", place, headers, piece.content)

        await passage.whole(send)

    async def _in_parts(self, passage: Passage, place: str) -> None:
        async def send(piece: Piece) -> Answer:
            return await self._exchange("PUT", below(place, str(piece.number)), piece.headers, piece.content)

        parts = json.dumps({"parts": await passage.parts(send)}).encode()
        kind = {"Content-Type": "application/json"}
        await passage.insist(lambda: self._exchange("POST", below(place, "complete"), kind, lambda: parts))

    async def _exchange(self, method: str, url: str, headers: dict[str, str], content: Callable[[], Content]) -> Answer:
        return await self._http.exchange(method, url, with_key=False, content=content(), headers=headers, patience=None)
