"""What leaves with a request: its arguments as a body, its options as headers and query (protocol §2.2). Pure."""

import json
from collections.abc import Mapping

from faldeck.fal.endpoint import OWNER
from faldeck.fal.errors import Unsendable
from faldeck.fal.lifecycle import lifecycle_header
from faldeck.fal.options import SubmitOptions

SLOWEST_LINE = 20_000
"""Bytes a second that an upload of arguments (with media inlined) may be expected to reach."""


def body(arguments: Mapping[str, object]) -> bytes:
    """The arguments as JSON. Raises `Unsendable` for what is none."""
    try:
        return json.dumps(dict(arguments), allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise Unsendable(f"The arguments are no JSON: {error}.") from error


def drawing(
    model: str, arguments: Mapping[str, object], names: tuple[str, ...] = (), *, is_short: bool
) -> dict[str, object]:
    """The arguments as an Images page takes them (protocol §9.4); names as for `called`."""
    return {"model": called(model, names, is_short=is_short), **_common(arguments), **arguments}


def filming(
    model: str, arguments: Mapping[str, object], names: tuple[str, ...] = (), *, is_short: bool
) -> dict[str, object]:
    """The arguments as a page for video tasks takes them (protocol §9.5); names as for `called`."""
    return {"model": called(model, names, is_short=is_short), **arguments}


def called(model: str, names: tuple[str, ...], *, is_short: bool) -> str:
    """What a gateway's page calls a model: as in `names`, or else without its owner where `is_short`."""
    short = model.removeprefix(f"{OWNER}/")
    return next((name for name in names if name.removeprefix(f"{OWNER}/") == short), short if is_short else model)


def _common(arguments: Mapping[str, object]) -> dict[str, object]:
    """The two words that OpenAI has for what fal's models call `num_images` and `image_size`."""
    common: dict[str, object] = {}
    if isinstance(count := arguments.get("num_images"), int):
        common["n"] = count
    match arguments.get("image_size"):
        case {"width": int(width), "height": int(height)}:
            common["size"] = f"{width}x{height}"
    return common


def query(options: SubmitOptions) -> dict[str, str]:
    """What a submit to the queue says in its query."""
    named = {"fal_webhook": options.webhook, "fal_max_queue_length": options.max_queue_length}
    return {name: str(value) for name, value in named.items() if value is not None}


def headers(options: SubmitOptions) -> dict[str, str]:
    """The headers of a request with a JSON body; the start timeout under its old and its new name."""
    own: dict[str, str | None] = {
        "Content-Type": "application/json",
        "X-Fal-Request-Timeout": _text(options.start_timeout),
        "X-Fal-Request-Start-Timeout": _text(options.start_timeout),
        "X-Fal-Queue-Priority": options.priority,
        "X-Fal-Runner-Hint": options.runner_hint,
        "X-Fal-No-Retry": "1" if options.no_retry else None,
        "X-Fal-Store-IO": None if options.store_io is None else str(int(options.store_io)),
        "X-Fal-Object-Lifecycle-Preference": lifecycle_header(options.lifecycle),
    }
    return {**options.headers, **{name: value for name, value in own.items() if value is not None}}


def _text(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:g}"
