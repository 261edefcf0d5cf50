"""One question to a service without an event loop and without httpx, whose import takes longer than the answer.

It knows the plain case alone. Whoever gets None asks again by `Http`, which knows all the others.
"""

from __future__ import annotations

import http.client
import os
import ssl
from urllib.parse import urlsplit

from faldeck.fal.responses import Answer
from faldeck.fal.urls import LOOPBACK
from faldeck.safety import redact

PATIENCE = 15.0
"""Seconds for one step."""

MAX_BYTES = 2**20
"""A status is small, but for its logs."""


def ask(url: str, *, home: str, authorization: str) -> Answer | None:
    """The answer to a GET with the key, which goes to the origin of `home` and to no other; None but for a success."""
    parts = urlsplit(url)
    is_local = parts.hostname in LOOPBACK
    is_pinned = parts[:2] == urlsplit(home)[:2] and (is_local or parts.scheme == "https")
    if not is_pinned or (not is_local and any(name.lower().endswith("_proxy") for name in os.environ)):
        return None
    connection = _connection(parts.scheme, parts.netloc)
    headers = {"Authorization": authorization, "Accept": "application/json", "User-Agent": "faldeck"}
    try:
        connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path, headers=headers)
        answer = connection.getresponse()
        body = answer.read(MAX_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    # A service that repeats the key in its answer is left to whoever takes it out.
    is_plain = 200 <= answer.status < 300 and len(body) <= MAX_BYTES and not _repeats(body, authorization)
    named = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(parts.hostname or "", answer.status, named, body) if is_plain else None


def _connection(scheme: str, host: str) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, timeout=PATIENCE)
    import certifi

    # The authorities that `Http` trusts, too.
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    trust = ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder)
    return http.client.HTTPSConnection(host, timeout=PATIENCE, context=trust)


def _repeats(body: bytes, authorization: str) -> bool:
    """Whether the key, or a part of it, is in the body."""
    return any(spelling.encode() in body for spelling in redact.spellings(authorization.rpartition(" ")[2]))
