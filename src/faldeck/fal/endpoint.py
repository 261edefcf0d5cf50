"""Endpoint ids and queue URLs: how they are built, and how returned ones are brought home. Pure."""

import re
from dataclasses import replace
from urllib.parse import SplitResult, quote, urlencode, urlsplit, urlunsplit

from faldeck.fal.errors import Unsendable
from faldeck.fal.values import JsonObject, Request

NAMESPACES = ("workflows", "comfy")
OWNER = "fal-ai"
"""The one owner that relays build into their base URL (protocol §9.1)."""

_LEGACY_ID = re.compile(r"([0-9]+)-([A-Za-z0-9-]+)")


def app_id(endpoint_id: str) -> str:
    """The part under which requests live: `[namespace/]owner/alias` (protocol §2.1)."""
    segments = _segments(endpoint_id)
    return "/".join(segments[: 3 if segments[0] in NAMESPACES else 2])


def _segments(endpoint_id: str) -> list[str]:
    legacy = _LEGACY_ID.fullmatch(endpoint_id)
    segments = list(legacy.groups()) if legacy else endpoint_id.strip().strip("/").split("/")
    least = 3 if segments[0] in NAMESPACES else 2
    if len(segments) < least or not all(map(_is_plain, segments)):
        raise Unsendable(f"{endpoint_id[:200]!r} is not an endpoint id such as fal-ai/flux/dev.")
    return segments


def _is_plain(segment: str) -> bool:
    return segment.isprintable() and segment not in ("", ".", "..") and not set(segment) & set(" ?#%\\")


class QueueAddress:
    """Where a profile's queue lives, and every URL in it.

    A relay may have a path before the endpoint id, the owner `fal-ai` as the end of that path, and a query that
    every request must carry (protocol §9.1).
    """

    def __init__(self, queue_url: str) -> None:
        self._base = urlsplit(queue_url)
        self._base_path = self._base.path.rstrip("/")
        self._has_owner = self._base_path.endswith(f"/{OWNER}")
        self._prefix = self._base_path.removesuffix(f"/{OWNER}")

    def submit_url(self, endpoint_id: str) -> str:
        """Where a request for `endpoint_id` is posted. Raises `Unsendable` for what is no endpoint id."""
        return self._url("/".join(_segments(self._full_id(endpoint_id))))

    def named(self, endpoint_id: str, request_id: str) -> Request:
        """The request with this id by the rule of protocol §2.1. Raises `Unsendable`."""
        if not _is_plain(request_id) or len(request_id) > 200:
            raise Unsendable(f"{request_id[:200]!r} is not a request id.")
        base = self._url(f"{app_id(self._full_id(endpoint_id))}/requests/{quote(request_id, safe='')}")
        return Request(request_id, endpoint_id, below(base, "status"), base, below(base, "cancel"))

    def answered(self, endpoint_id: str, request_id: str, answer: JsonObject) -> Request:
        """The request that a submit answer describes: its own URLs, brought home; by the rule where it has none.

        Total on purpose: an accepted request must not be lost to a strange URL. What cannot be brought home stays as
        it is, and is refused when somebody asks for it.
        """
        request = self.named(endpoint_id, request_id)
        if isinstance(response_url := answer.get("response_url"), str):
            base = self.home(response_url, request_id)
            request = replace(
                request, response_url=base, status_url=below(base, "status"), cancel_url=below(base, "cancel")
            )
        if isinstance(status_url := answer.get("status_url"), str):
            request = replace(request, status_url=self.home(status_url, request_id))
        if isinstance(cancel_url := answer.get("cancel_url"), str):
            request = replace(request, cancel_url=self.home(cancel_url, request_id))
        return request

    def home(self, url: str, request_id: str) -> str:
        """A returned queue URL on the profile's own host (protocol §9.2); unchanged if it is not a queue URL."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return url
        if parts[:2] == self._base[:2] or f"/requests/{quote(request_id, safe='')}" not in parts.path:
            return url
        return self._unsplit(self._home_path(parts.path), parts.query)

    def _home_path(self, path: str) -> str:
        if path.startswith(f"{self._base_path}/"):
            return path
        if self._has_owner and not path.startswith(f"/{OWNER}/"):
            return self._base_path + path
        return self._prefix + path

    def _full_id(self, endpoint_id: str) -> str:
        is_short = self._has_owner and not endpoint_id.startswith(f"{OWNER}/")
        return f"{OWNER}/{endpoint_id}" if is_short else endpoint_id

    def _url(self, path: str) -> str:
        return self._unsplit(f"{self._prefix}/{quote(path, safe='/@:+~')}", "")

    def _unsplit(self, path: str, query: str) -> str:
        own = self._base.query
        both = query if own in query else "&".join(filter(None, (query, own)))
        return urlunsplit(SplitResult(self._base.scheme, self._base.netloc, path, both, ""))


def below(url: str, segment: str) -> str:
    """`url` with one more path segment before its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{segment}", fragment=""))


def with_query(url: str, query: dict[str, str]) -> str:
    """`url` with these parameters after those it has: a relay may need its own (protocol §9.2)."""
    parts = urlsplit(url)
    both = "&".join(filter(None, (parts.query, urlencode(query))))
    return urlunsplit(parts._replace(query=both))
