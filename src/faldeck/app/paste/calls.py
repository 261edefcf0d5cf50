"""Reads requests in code: calls of the official clients, and of functions that post JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from faldeck.app.paste.curl import TARGET_HEADER
from faldeck.app.paste.sent import Pasted, body_alone, posted, to_model
from faldeck.app.paste.source import Argument, Part, Source
from faldeck.app.paste.values import Values
from faldeck.config.settings import OFFICIAL, Profile
from faldeck.schema.json_value import InvalidValue

_METHODS = frozenset(
    f"{verb}{ending}" for verb in ("submit", "subscribe", "run", "stream") for ending in ("", "_async", "Async")
)
_OTHER_MODULES = ("subprocess", "asyncio", "uvicorn", "anyio", "trio")
_POSTS = frozenset(("post", "request", "fetch", "axios", "Request", "got", "ky", "stream"))
_ENDPOINT = ("application", "endpoint_id", "endpointId", "endpoint", "app", "model")
_INPUT = ("arguments", "input")
_BODY = ("json", "body", "data", "content")
_LONGEST_CHAIN = 8
_LONGEST_TYPE = 40
"""The most tokens in a type between a method and its bracket."""


class _Call(NamedTuple):
    """A call: the dotted names of the function, and its bracket."""

    names: list[str]
    opening: int
    """The index of its opening bracket."""


def read(text: str, profiles: Iterable[Profile]) -> Pasted:
    """The first request in code. Raises InvalidValue with what is missing."""
    source = Source(text)
    fault: InvalidValue | None = None
    for call in _calls(source):
        try:
            found = _client_call(source, call, profiles) or _post(source, call, profiles)
        except InvalidValue as error:
            fault = fault or error
        else:
            if found:
                return found
    if fault:
        raise fault
    return _fragment(source)


def _calls(source: Source) -> Iterator[_Call]:
    for index in range(1, len(source.tokens)):
        if source.word(index) != "(":
            continue
        last = index - 1
        if source.word(last) == ">":
            types = range(last, max(0, last - _LONGEST_TYPE), -1)
            last = next((place for place in types if source.word(place) == "<"), 0) - 1
        if source.kind(last) != "word":
            continue
        names = [source.word(last)]
        while source.word(last - 1) in (".", "?.") and source.kind(last - 2) == "word" and len(names) < _LONGEST_CHAIN:
            last -= 2
            names.insert(0, source.word(last))
        if names[-1] in _METHODS or names[-1] in _POSTS:
            yield _Call(names, index)


def _client_call(source: Source, call: _Call, profiles: Iterable[Profile]) -> Pasted | None:
    """The request of a call of an official client; None for other calls."""
    if call.names[-1] not in _METHODS or call.names[0] in _OTHER_MODULES:
        return None
    arguments = source.arguments(call.opening)
    endpoint, given = _taken(arguments, 0, _ENDPOINT), _taken(arguments, 1, _INPUT)
    is_client = any("fal" in name.lower() or "client" in name.lower() for name in call.names[:-1])
    if endpoint is None or (not is_client and not (given and "/" in source.literal(endpoint))):
        return None
    endpoint_id = Values(source).read(endpoint)
    if not isinstance(endpoint_id, str):
        raise InvalidValue("does not name a model")
    path = next((each.part for each in arguments if each.name == "path"), None)
    if given is None:
        if not is_client or "/" not in endpoint_id:
            return None
        raise InvalidValue("is a call that sends no input")
    is_python = any(each.name for each in arguments) or "_" in call.names[0] or call.names[-1].endswith("_async")
    if not is_python:
        options = source.definition(given)
        path, given = source.member(options, "path"), source.member(options, "input") or given
    values = Values(source).read(given)
    below = Values(source).read(path) if path else ""
    whole = f"{endpoint_id}/{below.strip('/')}" if isinstance(below, str) and below else endpoint_id
    return to_model(whole, values, profiles)


def _post(source: Source, call: _Call, profiles: Iterable[Profile]) -> Pasted | None:
    """The request that a call posts to the address of a model; None for other calls."""
    if call.names[-1] not in _POSTS:
        return None
    arguments = source.arguments(call.opening)
    is_verb_first = len(arguments) > 1 and source.literal(arguments[0].part).upper() in ("POST", "PUT", "GET")
    if is_verb_first and source.literal(arguments[0].part).upper() == "GET":
        return None
    url, body = _taken(arguments, int(is_verb_first), ("url",)), _taken(arguments, -1, _BODY)
    by_place = [each.part for each in arguments if not each.name]
    written = map(source.definition, reversed(by_place))
    options = next((part for part in written if source.word(part.start) == "{"), None)
    if options:
        headers = source.member(options, "headers")
        target = source.member(source.definition(headers), TARGET_HEADER) if headers else None
        url = target or source.member(options, "url") or url
        body = body or next(filter(None, (source.member(options, name) for name in _BODY)), None)
    if body is None and len(by_place) > 1 + is_verb_first and (is_verb_first or call.names[0] == "axios"):
        body = by_place[1 + is_verb_first]
    if url is None or body is None:
        return None
    address = Values(source).read(url)
    if not isinstance(address, str) or "/" not in address:
        return None
    # With an open connection, only the path is given.
    address = f"{OFFICIAL.queue_url}{address}" if address.startswith("/") else address
    return posted(address, lambda: Values(source).read(body), profiles)


def _taken(arguments: list[Argument], place: int, names: Iterable[str]) -> Part | None:
    """The argument with one of these names, or else the positional argument at `place`."""
    for name in names:
        if found := next((each.part for each in arguments if each.name == name), None):
            return found
    by_place = [each.part for each in arguments if not each.name]
    return by_place[place] if 0 <= place < len(by_place) else None


def _fragment(source: Source) -> Pasted:
    """Reads an input without its call: `arguments = {…}`, `input: {…}`."""
    for index in range(len(source.tokens)):
        if source.key(index) in _INPUT and (part := source.object_behind(index)):
            return body_alone(Values(source).read(part))
    raise InvalidValue("has no request")
