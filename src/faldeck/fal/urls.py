"""Endpoint ids and queue URLs: builds them, and moves returned URLs to the profile's own host. Pure."""

import re
from typing import NamedTuple
from urllib.parse import SplitResult, quote, urlencode, urlsplit, urlunsplit

from faldeck.fal.errors import ForeignHost, InvalidRequest, NotSupported
from faldeck.fal.values import RequestHandle

NAMESPACES = ("workflows", "comfy")
OWNER = "fal-ai"
"""The owner that some relays have in their base URL (protocol §9.1)."""
OFFICIAL_QUEUE = "queue.fal.run"
MAX_REQUEST_ID = 1_000
"""Some gateways keep the official address of a request inside the id of their own (protocol §9.5)."""

_PLAIN = "@:+~"
_LEGACY_ID = re.compile(r"([0-9]+)-([A-Za-z0-9-]+)")


def app_id(endpoint_id: str) -> str:
    """The part of an endpoint id under which requests are: `[namespace/]owner/alias` (protocol §2.1).

    Raises `InvalidRequest`.
    """
    segments = _segments(endpoint_id)
    return "/".join(segments[: _least_segments(segments)])


def segments_of(endpoint_id: str) -> list[str]:
    """The path of an endpoint, each segment quoted. Raises `InvalidRequest` if it is not an endpoint id."""
    return [quote(segment, safe=_PLAIN) for segment in _segments(endpoint_id)]


def _segments(endpoint_id: str) -> list[str]:
    legacy = _LEGACY_ID.fullmatch(endpoint_id)
    segments = list(legacy.groups()) if legacy else endpoint_id.strip().strip("/").split("/")
    if len(segments) < _least_segments(segments) or not all(map(_is_plain, segments)):
        raise InvalidRequest(f"{endpoint_id[:200]!r} is not an endpoint id such as fal-ai/flux/dev.")
    return segments


def _least_segments(segments: list[str]) -> int:
    return 3 if segments[0] in NAMESPACES else 2


def _is_plain(segment: str) -> bool:
    return segment.isprintable() and segment not in ("", ".", "..") and not set(segment) & set(" ?#%\\")


class QueueAddress:
    """The address of a profile's queue, and every URL in it.

    A relay may have a path before the endpoint id, the owner `fal-ai` as the end of that path, and a query that
    every request must carry (protocol §9.1).
    """

    def __init__(self, queue_url: str) -> None:
        self._base = urlsplit(queue_url)
        path = self._base.path.rstrip("/")
        # Many enter the address of a gateway's other pages (protocol §9.1, caller habits).
        self._base_path = "" if path == "/v1" else path
        self.has_owner = self._base_path.endswith(f"/{OWNER}")
        """Whether ids are sent without their owner, because the base URL ends in it."""
        self._prefix = self._base_path.removesuffix(f"/{OWNER}")

    def submit_url(self, endpoint_id: str) -> str:
        """The URL for a POST to `endpoint_id`. Raises `InvalidRequest` if it is not an endpoint id."""
        return self._url(*_segments(self._full_id(endpoint_id)))

    def handle(self, endpoint_id: str, request_id: str) -> RequestHandle:
        """The request with this id by the rule of protocol §2.1. Raises `InvalidRequest` for invalid ids."""
        return self.restore(endpoint_id, request_id, None, None, None)

    def restore(
        self,
        endpoint_id: str,
        request_id: str,
        status_url: str | None,
        response_url: str | None,
        cancel_url: str | None,
    ) -> RequestHandle:
        """The request with the URLs that a service gave, moved to our own host; missing ones by the rule.

        A useless URL counts as missing: one on another host that cannot be moved to ours, or one on our own host that
        names no request. Raises `InvalidRequest` for invalid ids.
        """
        if not request_id.isprintable() or request_id in ("", ".", "..") or len(request_id) > MAX_REQUEST_ID:
            raise InvalidRequest(f"{request_id[:200]!r} is not a request id.")
        app = app_id(self._full_id(endpoint_id))
        base = self._home(response_url, request_id) or self._url(*app.split("/"), "requests", request_id)
        return RequestHandle(
            request_id=request_id,
            endpoint_id=endpoint_id,
            status_url=self._home(status_url, request_id) or below(base, "status"),
            response_url=base,
            cancel_url=self._home(cancel_url, request_id) or below(base, "cancel"),
        )

    def file_url(self, url: str) -> str:
        """The URL of a result's file. Some relays leave the host of the official queue in it (protocol §9.1).

        Raises `ForeignHost` if it is not a URL.
        """
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise ForeignHost(f"{url[:200]!r} is not a web address: {error}.") from None
        if not self._base.netloc or parts.hostname != OFFICIAL_QUEUE or self._base.hostname == OFFICIAL_QUEUE:
            return url
        return self._unsplit(self._home_path(parts.path), parts.query)

    def _home(self, url: str | None, request_id: str) -> str | None:
        """A returned queue URL on the profile's own host (protocol §9.2); None if it cannot be one."""
        try:
            parts = urlsplit(url or "")
        except ValueError:
            return None
        if parts[:2] == self._base[:2]:
            return url if self._may_name_a_request(parts) else None
        if f"/requests/{quote(request_id, safe='')}" not in parts.path:
            return None
        return self._unsplit(self._home_path(parts.path), parts.query)

    def _may_name_a_request(self, parts: SplitResult) -> bool:
        """Whether a URL on our own host is longer than the address of the queue or of its requests."""
        path = parts.path.rstrip("/")
        return bool(parts.query) or (path not in ("", self._base_path) and not path.endswith("/requests"))

    def _home_path(self, path: str) -> str:
        if path.startswith(f"{self._base_path}/"):
            return path
        if self.has_owner and not path.startswith(f"/{OWNER}/"):
            return self._base_path + path
        return self._prefix + path

    def _full_id(self, endpoint_id: str) -> str:
        is_short = self.has_owner and not endpoint_id.startswith(f"{OWNER}/")
        return f"{OWNER}/{endpoint_id}" if is_short else endpoint_id

    def _url(self, *segments: str) -> str:
        path = "/".join(quote(segment, safe=_PLAIN) for segment in segments)
        return self._unsplit(f"{self._prefix}/{path}", "")

    def _unsplit(self, path: str, query: str) -> str:
        """A URL on our own host; the base's query is part of every one (protocol §9.1)."""
        if not self._base.netloc:
            raise NotSupported("This profile names no queue (queue_url).")
        both = "&".join(dict.fromkeys(filter(None, (*query.split("&"), *self._base.query.split("&")))))
        return urlunsplit(SplitResult(self._base.scheme, self._base.netloc, path, both, ""))


def below(url: str, segment: str) -> str:
    """`url` with one more path segment before its query."""
    path, mark, query = url.partition("#")[0].partition("?")
    return f"{path.rstrip('/')}/{segment}{mark}{query}"


def with_query(url: str, query: dict[str, str]) -> str:
    """`url` with these parameters after those it has: a relay may need its own (protocol §9.2)."""
    path, _mark, own = url.partition("#")[0].partition("?")
    return "?".join(filter(None, (path, "&".join(filter(None, (own, urlencode(query)))))))


PUBLIC_API = "https://api.fal.ai/v1"
PUBLIC_SCHEMA = "https://fal.ai/api/openapi/queue/openapi.json"


class Hosts(NamedTuple):
    """Base URLs; None for one that the profile does not have (protocol §0).

    The key goes to the queue, run, rest, api, images and videos addresses and to no other.
    """

    queue_url: str
    """Empty if the service has only pages for images and videos."""
    run_url: str | None = None
    rest_url: str | None = None
    api_url: str | None = None
    """Platform API. Without it there are no prices, and the catalogue is the public one, asked without a key."""
    schema_url: str | None = None
    """Without it schemas come from the public site. The key never goes there."""
    cdn_url: str | None = None
    """Without it uploads go where the upload token says."""
    images_url: str | None = None
    """The whole URL of an OpenAI Images form (protocol §9.4)."""
    images_auth: str = "Bearer"
    """The word before the key there. The rest of a relay may need another."""
    images_models: tuple[str, ...] = ()
    """The names of the models there."""
    videos_url: str | None = None
    """The whole URL of a page for video tasks (protocol §9.5); `images_auth` is its word before the key too."""
    videos_models: tuple[str, ...] = ()
    """The names of the models there."""

    @classmethod
    def of(cls, profile: object) -> "Hosts":
        """The addresses among the settings of a profile, which names them as this class does."""
        return cls(**{name: getattr(profile, name) for name in cls._fields if hasattr(profile, name)})

    @property
    def keyed(self) -> tuple[str, ...]:
        """The addresses that may get the key, without the pages for images and videos, which have their own header."""
        named = (self.queue_url, self.run_url, self.rest_url, self.api_url)
        return tuple(url for url in named if url)

    @property
    def every(self) -> tuple[str, ...]:
        """Every address of the service itself."""
        named = (*self.keyed, self.cdn_url, self.images_url, self.videos_url)
        return tuple(url for url in named if url)
