"""Stores the files that models make on the CDN, and reads the files in inputs.

Stored results name files with `MARK` instead of a host, because the host and port of the emulator may change later.
`localised` puts in the address when the result is sent.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from fal_emulator.answers import Refusal, model_error
from fal_emulator.model import MadeFile
from fal_emulator.state import EmulatorState

MARK = "emulator-cdn:/"


def address(owner: str, name: str) -> str:
    """A path for a file in the form of the real CDN; the same owner and name give the same path (protocol §5.8)."""
    digest = hashlib.sha256(f"{owner}/{name}".encode()).digest()
    word = base64.urlsafe_b64encode(digest).decode().replace("-", "a").replace("_", "b")
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name.rsplit("/", 1)[-1]).strip(".-")[-80:] or "file"
    return f"b/{digest.hex()[:8]}/{word[:21]}_{safe}"


def localised(text: str, origin: str) -> str:
    """The text with every stored file address as a URL of `origin`."""
    return text.replace(MARK, f"{origin}/cdn/files/")


def stored(value: Any, keep: Callable[[MadeFile], Any]) -> Any:
    """A copy of an output with every `MadeFile` in it replaced by the value of `keep`."""
    match value:
        case MadeFile():
            return keep(value)
        case dict():
            return {key: stored(item, keep) for key, item in value.items()}
        case list():
            return [stored(item, keep) for item in value]
    return value


def file_object(media: MadeFile, url: str, file_name: str | None) -> dict[str, Any]:
    """The object that stands for a file in a result (protocol §2.5)."""
    facts = {"content_type": media.content_type, "file_name": file_name, "file_size": len(media.data)}
    return {"url": url, **facts, **media.facts}


def data_uri(media: MadeFile) -> str:
    """The file as a data URI, for `sync_mode`."""
    return f"data:{media.content_type};base64,{base64.b64encode(media.data).decode()}"


def fetched(url: str, state: EmulatorState) -> bytes | None:
    """The bytes behind a URL of ours or a data URI, None for any other.

    Raises `Refusal` with `file_download_error` if it is not a URL, or is one of ours without a file.
    """
    if url.startswith("data:"):
        return _decoded(url)
    try:
        _, ours, path = urlsplit(url).path.partition("/cdn/files/")
    except ValueError as error:
        raise Refusal(model_error("file_download_error", value=url)) from error
    if not ours:
        return None
    file = state.file(unquote(path))
    if file is None or not file.location.is_file():
        raise Refusal(model_error("file_download_error", value=url))
    return file.location.read_bytes()


def _decoded(url: str) -> bytes:
    head, _, body = url.partition(",")
    try:
        return base64.b64decode(body) if head.endswith(";base64") else unquote_to_bytes(body)
    except ValueError as error:
        raise Refusal(model_error("file_download_error", value=url[:80])) from error
