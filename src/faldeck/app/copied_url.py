"""Reads the model or the request from a URL that a person copied: of a web page or a queue, or a path alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from faldeck.config.settings import Profile
from faldeck.fal.errors import InvalidRequest
from faldeck.fal.urls import NAMESPACES, OWNER, app_id
from faldeck.safety.hosts import LOOPBACK

SITE = ("fal.ai",)
"""Hosts of pages and of the platform API; hosts below them count too."""

CALLS = ("fal.run", "falrun.com")
"""Hosts that take requests (protocol §0); hosts below them count too."""

PAGES = frozenset(
    """
    playground api llms.txt llms-full.txt examples pricing readme schema versions schema.json openapi.json openapi
    history requests docs logs analytics
    """.split()  # noqa: SIM905
)
"""Pages below the page of a model."""

_LISTS = ("models", "model", "playground", "sandbox")
"""What stands before a model in the path of a page."""

_NO_OWNERS = ("pricing", "requests", "usage", "analytics", "search", "explore", "categories")
"""Pages beside those of the models."""

_HISTORIES = ("requests", "playground", "history", "results")
"""What stands before a request in the path of a page."""

_MODEL_NAMES = frozenset(
    "endpointid endpointids endpoint endpoints model models modelid modelids app appid application".split()  # noqa: SIM905
)
_REQUEST_NAMES = frozenset(("requestid", "requestids", "request"))
_PAGE_NAMES = frozenset("returnto redirect redirectto redirecturl redirecturi next callbackurl continue".split())  # noqa: SIM905
"""Names in a query, without dashes and in lower case: of a model, of a request, and of the page to go on to."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_AROUND = " \t\r\n\f\v\xa0\ufeff\u200b<>\"'`()[]{}“”‘’«»"
"""Characters that are often copied with an address, at both ends."""

_BEHIND = f"{_AROUND}.,;:!?"
"""Characters that are often copied with an address from a sentence, at its end."""

_LINK = re.compile(r"\]\((\S+)\Z")
"""A link in Markdown, without its last parenthesis."""


_INNER = re.compile(r"(?<=.)(https?://(?:www\.)?(?:fal\.ai|(?:queue\.)?fal\.run)/[^\s\"'<>]+)", re.DOTALL)
"""The address of a page inside another address."""


class RequestAddress(NamedTuple):
    """The request of an address."""

    endpoint_id: str
    """Its model, or only the app of it, if the address is of a queue. Empty if the address has no model."""
    request_id: str


class _Found(NamedTuple):
    """The model and the request of an address; empty if it has none."""

    endpoint_id: str = ""
    request_id: str = ""


def endpoint_of(text: str, profiles: Iterable[Profile] = ()) -> str | None:
    """The endpoint id in a text, which is an id or an address; None if there is no id.

    Knows the addresses of fal, of the built-in emulator, and of the queues of `profiles`.
    """
    return _read(text, profiles).endpoint_id or None


def request_of(text: str, profiles: Iterable[Profile] = ()) -> RequestAddress | None:
    """The request of an address; None if the text is not the address of a request. A request id alone is not one.

    If the service is not known, the model is empty.
    """
    found = _read(text, profiles)
    return RequestAddress(*found) if found.request_id else None


def page_name(text: str) -> str:
    """The last word of the address of a web page of fal that names no model, such as `flux-dev`; else empty.

    The pages of the documentation have such names.
    """
    address = re.fullmatch(r"https?://(.*)", text.strip(_AROUND), re.IGNORECASE | re.DOTALL)
    host, *segments = _split(address[1])[0].split("/") if address else [""]
    if not _is_below(host.lower(), SITE) or endpoint_of(text):
        return ""
    names = [name for name in segments if name]
    return re.sub(r"\.(?:md|txt|html)\Z", "", unquote(names[-1]).lower()) if len(names) > 1 else ""


def _read(text: str, profiles: Iterable[Profile]) -> _Found:
    text = text.lstrip(_AROUND).rstrip(_BEHIND).removeprefix("view-source:")
    text = link[1] if (link := _LINK.search(text)) else text
    address = re.fullmatch(r"(?:(?:https?|wss?):)?//(.*)", text, re.IGNORECASE | re.DOTALL)
    place, query = _split(address[1] if address else text)
    host, *segments = place.split("/")
    segments = [unquote(segment) for segment in segments if segment]
    host = host.rpartition("@")[2].lower()
    for base in _bases(profiles):
        if base.host == host and segments[: len(base.path)] == base.path:
            return _on_queue(segments[len(base.path) :], base.owner)
    name = re.sub(r":\d+$", "", host).strip("[]")
    if _is_below(name, CALLS):
        return _on_queue(segments)
    if _is_below(name, SITE):
        return _on_site(segments, query)
    if name in LOOPBACK and segments[:1] in (["queue"], ["run"]):
        return _on_queue(segments[1:])
    if found := _INNER.search(unquote(text)):  # An archive, or a page that leads to others.
        return _read(found[1].partition("&")[0], ())
    # The service is not known, so its ids of models are not either; but a request id can be used.
    return _on_queue(segments)._replace(endpoint_id="") if address else _without_host(place, query)


def _split(text: str) -> tuple[str, dict[str, list[str]]]:
    """The text up to its query or fragment, and the query."""
    place, _, query = text.partition("#")[0].partition("?")
    return place, parse_qs(query)


class _Base(NamedTuple):
    """The address of a profile's queue."""

    host: str
    path: list[str]
    owner: str
    """The owner at the end of the path (protocol §9.1); empty if there is none."""


def _bases(profiles: Iterable[Profile]) -> list[_Base]:
    """The queues of profiles, the longest path first."""
    found = []
    for url in [url for profile in profiles for url in (profile.queue_url, profile.run_url) if url]:
        parts = urlsplit(url)
        path = [segment for segment in parts.path.split("/") if segment]
        paths = ([], path) if path == ["v1"] else (path,)  # Requests go without it (protocol §9.1, caller habits).
        found += [_Base(parts.netloc.lower(), one, OWNER if one[-1:] == [OWNER] else "") for one in paths]
    return sorted(found, key=lambda base: -len(base.path))


def _is_below(name: str, hosts: Sequence[str]) -> bool:
    return any(name == host or name.endswith(f".{host}") for host in hosts)


def _without_host(place: str, query: Mapping[str, Sequence[str]]) -> _Found:
    place = unquote(place).strip(f"{_AROUND}/")
    segments = place.split("/")
    if len(segments) < 2:
        return _Found()
    return _on_site(segments, query) if segments[0] == "models" else _on_queue(segments)


def _on_queue(segments: Sequence[str], owner: str = "") -> _Found:
    """Reads a path of the queue: `ENDPOINT`, or `APP/requests/ID` and what follows."""
    if "requests" not in segments[1:]:
        return _Found(_endpoint_id(segments, owner))
    place = segments.index("requests", 1)
    return _Found(_endpoint_id(segments[:place], owner), "".join(segments[place + 1 : place + 2]))


def _on_site(segments: Sequence[str], query: Mapping[str, Sequence[str]]) -> _Found:
    """Reads the path and the query of a web page: of a model, of a page below it, of a request, or about one."""
    named = _first_name(query, _MODEL_NAMES, lambda text: _on_site(["models", *_segments(text)], {}).endpoint_id)
    asked = _first_name(query, _REQUEST_NAMES, str)
    if segments[:1] == ["dashboard"]:
        ids = [segment for segment in segments if _UUID.fullmatch(segment)]
        ids += [value for values in query.values() for value in values if _UUID.fullmatch(value)]
        below = [segment for segment in segments[1:] if segment not in ("requests", "models", *ids)]
        return _Found(named or _endpoint_id(_without_pages(below)), asked or "".join(ids[:1]))
    found = _below(segments)
    if not (found.endpoint_id or named or asked) and (page := _first_name(query, _PAGE_NAMES, str)):
        return _on_site(_segments(urlsplit(page).path), _split(page)[1])  # A page that asks to sign in, and goes on.
    return _Found(named or found.endpoint_id, asked or found.request_id)


def _below(segments: Sequence[str]) -> _Found:
    """The model and the request in the path of a web page."""
    start = next((at for at, name in enumerate(segments) if name in (OWNER, *NAMESPACES)), None)
    for at, name in enumerate(segments[:3]):
        if name in _LISTS and (start is None or at < start):
            start = at + 1
    asked = next((one for before, one in pairwise(segments) if before == "requests" and _UUID.fullmatch(one)), "")
    segments = segments[len(segments) if start is None else start :]
    if segments[:1] and segments[0] in _NO_OWNERS:
        segments = []
    if len(segments) > 3 and segments[-2] in _HISTORIES and _UUID.fullmatch(segments[-1]):
        return _Found(_endpoint_id(segments[:-2]), segments[-1])
    return _on_queue(_without_pages(segments)) if segments else _Found("", asked)


def _without_pages(segments: Sequence[str]) -> Sequence[str]:
    """The path of a model without the pages below it."""
    if len(segments) > 2 and segments[0] == segments[1] and segments[0] in NAMESPACES:
        segments = segments[1:]
    is_workflow = segments[:1] == ["workflows"]
    while segments and _endpoint_id(segments[:-1]):
        page = segments[-1].lower()
        if page not in PAGES and not (is_workflow and page == "edit" and len(segments) > 3):
            break
        segments = segments[:-1]
    return [*segments[:-1], segments[-1].removesuffix(".md")] if segments else segments


def _first_name(query: Mapping[str, Sequence[str]], names: Collection[str], read: Callable[[str], str]) -> str:
    """The value that the query has under these names, as `read` returns it; empty unless there is exactly one."""
    values = (value for name, values in query.items() if _folded(name) in names for value in values)
    found = {one for value in values for one in map(read, value.split(",")) if one}
    return found.pop() if len(found) == 1 else ""


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace("[]", "").lower()


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _endpoint_id(segments: Sequence[str], owner: str = "") -> str:
    """The endpoint id of a path, with the owner if it is too short without; empty if it is not an id."""
    for endpoint_id in ("/".join(segments), "/".join([owner, *segments]) if owner else ""):
        try:
            app_id(endpoint_id)
        except InvalidRequest:
            continue
        if "/" in endpoint_id:
            return endpoint_id
    return ""
