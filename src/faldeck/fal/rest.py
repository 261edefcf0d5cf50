"""The host that is asked, with the key, where a file may be sent to (protocol §5.1, §5.4)."""

import json

from faldeck.fal.answers import granted, text_of
from faldeck.fal.errors import Unreadable
from faldeck.fal.http import Http, is_safe
from faldeck.fal.values import JsonObject

STORAGE_TYPE = "fal-cdn-v3"


class Rest:
    """The storage questions of one service."""

    def __init__(self, http: Http, base_url: str) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")

    async def ask(self, door: str, body: JsonObject, headers: dict[str, str]) -> JsonObject:
        """What the service answers at `storage/{door}`. Raises FalError."""
        url = f"{self._base_url}/storage/{door}?storage_type={STORAGE_TYPE}"
        content = json.dumps(body).encode()
        said = {**headers, "Content-Type": "application/json"}
        return granted(await self._http.exchange("POST", url, content=content, headers=said)).object()


def safe_url(said: JsonObject, key: str) -> str:
    """The URL that an answer names; raises Unreadable for one that no file may travel to."""
    url = text_of(said.get(key), 8_000)
    if url is None or not is_safe(url):
        raise Unreadable(f"The answer to an upload has no usable {key}.", status=200)
    return url
