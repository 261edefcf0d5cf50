"""Finds the model of a URL in a pasted request. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from faldeck.app import copied_url
from faldeck.config.settings import OFFICIAL, Profile
from faldeck.fal.urls import NAMESPACES, OWNER
from faldeck.schema.json_value import JsonValue

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://")
_PREFIXES = ("queue", "run", "fal", "fal_ai", "api", "proxy", "v1")
"""What gateways put before an endpoint id."""
_MARKS = ("fal", "fal_ai")
"""What stands in the address of a gateway just before the endpoint id."""
_HUB = "huggingface.co"
"""A gateway that puts fal's name before the whole id."""
_STORAGE = ("rest.", "v3.fal.", "v3b.fal.", "cdn.")
_PAGES = ("images/generations", "video/generations")
"""The ends of the addresses that take their model in the body (protocol §9.4, §9.5)."""


def endpoint_of(url: str, profiles: Iterable[Profile] = ()) -> str:
    """The endpoint id in the URL of a submit; empty if the URL has none, or if it is the URL of an existing request.

    The profiles show how long the part before the id is. For an unknown gateway it is guessed.
    """
    parts = _split(url)
    if parts is None or copied_url.request_of(url, profiles):
        return ""
    host, segments = parts.hostname or "", [unquote(each) for each in parts.path.split("/") if each]
    runs = [OFFICIAL.run_url, *(profile.run_url for profile in profiles)]
    is_direct = any(run and url.startswith(run) for run in runs) or segments[:1] == ["run"]
    if found := copied_url.endpoint_of(url, profiles):
        # A direct call that is streamed is posted below its model (protocol §3.2).
        return _listed(found.removesuffix("/stream") if is_direct else found, url, profiles)
    is_official = host.endswith(copied_url.SITE + copied_url.CALLS)
    if is_official or host.startswith(_STORAGE) or "requests" in segments:
        return ""
    if host.endswith(_HUB) and segments[:1] == [OWNER]:
        segments = segments[1:]
    if (mark := next((index for index, each in enumerate(segments) if each in _MARKS), None)) is not None:
        segments = segments[mark + 1 :]
    start = next((index for index, each in enumerate(segments) if each in (OWNER, *NAMESPACES)), None)
    if start is None:
        start = next((index for index, each in enumerate(segments) if each not in _PREFIXES), len(segments))
    return "/".join(segments[start:]) if len(segments) - start > 1 else ""


def _listed(endpoint_id: str, url: str, profiles: Iterable[Profile]) -> str:
    """The id that the deck has for a model of a relay whose address ends in the owner (protocol §9.1)."""
    for profile in profiles:
        base = profile.queue_url.rstrip("/")
        if base.endswith(f"/{OWNER}") and url.startswith(f"{base}/"):
            return _known(endpoint_id, profile) or f"{OWNER}/{endpoint_id.removeprefix(f'{OWNER}/')}"
    return endpoint_id


def _known(name: str, profile: Profile) -> str | None:
    """The id of a model in the profile's own list; None if it is not listed."""
    return next((listed for listed in profile.own_models if is_same(listed, name)), None)


def model_in(url: str, body: Mapping[str, JsonValue], profiles: Iterable[Profile] = ()) -> str | None:
    """The model in a body that is sent to an Images or video page; None for other addresses."""
    named, parts = body.get("model"), _split(url)
    if parts is None or not isinstance(named, str):
        return None
    address = f"{parts.netloc}{parts.path}".rstrip("/").lower()
    for profile in profiles:
        pages = filter(None, map(_split, (profile.images_url or "", profile.videos_url or "")))
        if any(f"{page.netloc}{page.path}".rstrip("/").lower() == address for page in pages):
            is_short = profile.queue_url.rstrip("/").endswith(f"/{OWNER}") and not named.startswith(f"{OWNER}/")
            return _known(named, profile) or (f"{OWNER}/{named}" if is_short else named)
    return named if address.endswith(_PAGES) else None


def is_same(one: str, other: str) -> bool:
    """True if two ids are of the same model: relays leave out the owner (protocol §9.1)."""
    return one.strip("/").removeprefix(f"{OWNER}/") == other.strip("/").removeprefix(f"{OWNER}/")


def _split(url: str) -> SplitResult | None:
    """The parts of a URL; None if it is not a URL."""
    try:
        parts = urlsplit(url if _SCHEME.match(url) else f"https://{url}")
        return parts if parts.hostname else None
    except ValueError:
        return None
