"""The arguments and the model of a pasted request: unwraps the input and leaves out keys. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from faldeck.app.paste.endpoint import endpoint_of, model_in
from faldeck.config.settings import Profile
from faldeck.fal.errors import InvalidRequest
from faldeck.fal.urls import app_id
from faldeck.schema import json_value
from faldeck.schema.json_value import InvalidValue, JsonValue

_WRAPPERS = ("input", "arguments", "json_input")
_MODEL_NAMES = ("endpoint_id", "endpointId", "application", "endpoint", "model")
_OPTIONS = frozenset(
    """
    webhook_url webhookUrl webhook logs mode priority hint headers timeout path start_timeout startTimeout
    client_timeout poll_interval pollInterval on_queue_update with_logs method
    """.split()  # noqa: SIM905
)
"""Options of clients, beside the input."""

_NO_ID = re.compile(r"[\s{}$<>()\[\]\"'`|\\^]")
"""Characters of a placeholder that no endpoint id has."""

_KEY_NAME = re.compile(r"(?i)authorization|credentials|(?:x[-_])?(?:fal[-_]?(?:ai[-_])?)?(?:api[-_]?)?key")
_KEY = re.compile(
    r"(?:\bKey\s{1,3})?(?<![0-9a-fA-F])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}:[0-9a-fA-F]{16,}"
)
"""A key of fal, anywhere in a text (protocol §1)."""


class RunWords(NamedTuple):
    """The words of a pasted `faldeck run` command."""

    for_model: tuple[str, ...]
    """The flags of the model's fields, and their values."""
    stdin: str | None
    """What the command reads where a value is `-`; None if the text does not say."""
    options: dict[str, JsonValue]
    """The options of the request, by the names of `fal/submit_options.py`, and its mode."""


class Pasted(NamedTuple):
    """A request that was pasted."""

    arguments: dict[str, JsonValue]
    endpoint_id: str = ""
    """The model; empty if the text does not name it."""
    whole: dict[str, JsonValue] | None = None
    """The object around `arguments`; None if there is none."""

    request_id: str = ""
    """The request that was made of it already; empty if it was not sent, or the text does not say."""

    words: RunWords | None = None
    """The words that set the arguments, if the request is a command of ours: `app/run_words.py` reads them."""
    left_out: tuple[str, ...] = ()
    """The flags of that command that a form has nothing for."""

    def fitting(self, fields: Collection[str]) -> dict[str, JsonValue]:
        """The arguments for a model with these fields, since `input` may be a field and not a wrapper."""
        is_field = self.whole is not None and any(name in fields for name in self.whole if name in _WRAPPERS)
        return self.whole if self.whole is not None and is_field else self.arguments


def to_model(endpoint_id: str, body: JsonValue, profiles: Iterable[Profile] = ()) -> Pasted:
    """A body that is sent to a model, given by id or URL. Raises InvalidValue if the body is not an object."""
    if "://" in endpoint_id:
        endpoint_id = endpoint_of(endpoint_id, profiles)
    endpoint_id = endpoint_id.strip().strip("/")
    try:
        app_id(endpoint_id)
    except InvalidRequest as error:
        raise InvalidValue("does not name a model") from error
    if _NO_ID.search(endpoint_id):
        raise InvalidValue("does not name a model")
    return _unwrapped(_object(body), endpoint_id)


def posted(url: str, body: Callable[[], JsonValue], profiles: Iterable[Profile] = ()) -> Pasted | None:
    """A body that is posted to `url`; None if that is not the address of a model. Raises InvalidValue for a bad body.

    The body is read only if the address is that of a model.
    """
    profiles = tuple(profiles)
    pages = {page.rstrip("/") for each in profiles for page in (each.images_url, each.videos_url) if page}
    endpoint_id = endpoint_of(url, profiles)
    if not endpoint_id and url.rstrip("/") not in pages:
        return None
    content = body()
    values = _object(_json(content) if isinstance(content, str) else content)
    model = model_in(url, values, profiles)
    if model is None:
        return to_model(endpoint_id, values)
    values = {name: value for name, value in values.items() if name != "model"}
    # Such pages have words of their own for two fields, which stand beside them (protocol §9.4).
    if values.get("n") == values.get("num_images"):
        values.pop("n", None)
    match values.get("image_size"):
        case {"width": width, "height": height} if values.get("size") == f"{width}x{height}":
            values.pop("size")
    return to_model(model, values)


def body_alone(body: JsonValue) -> Pasted:
    """A body without an address; it may name its model itself. Raises InvalidValue if it is not an object."""
    return _unwrapped(_object(body), "")


def _unwrapped(body: dict[str, JsonValue], endpoint_id: str) -> Pasted:
    safe = without_keys(body)
    wrapper = next((name for name in _WRAPPERS if isinstance(safe.get(name), dict)), None)
    inner = safe.get(wrapper) if wrapper else None
    if not isinstance(inner, dict):
        return Pasted(safe, endpoint_id)
    if not endpoint_id and any(isinstance(inner.get(name), str) for name in _MODEL_NAMES[:2]):
        return _unwrapped(inner, "")  # The call of a tool, with the model beside the input.
    others = safe.keys() - {wrapper}
    named = next((name for name in _MODEL_NAMES if isinstance(safe.get(name), str)), None)
    if named != "endpoint_id" and others - _OPTIONS - {named}:
        return Pasted(safe, endpoint_id)
    arguments = {name: value for name, value in inner.items() if not _KEY_NAME.fullmatch(name)}
    return Pasted(arguments, endpoint_id or (str(safe[named]) if named else ""), safe)


def without_keys(arguments: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """An input without keys, which would go to the model, into the history and onto the screen."""
    return {name: _without_keys(value) for name, value in arguments.items() if not _KEY_NAME.fullmatch(name)}


def _without_keys(value: JsonValue) -> JsonValue:
    """A value in an input without keys."""
    match value:
        case str():
            return _KEY.sub("", value)
        case dict():
            return {name: _without_keys(inner) for name, inner in value.items()}
        case list():
            return [_without_keys(inner) for inner in value]
    return value


def _json(text: str) -> JsonValue:
    try:
        return json_value.read(text)
    except InvalidValue as error:
        raise InvalidValue(f"sends a body that is {error}") from error


def _object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise InvalidValue("must be a JSON object")
    return value
