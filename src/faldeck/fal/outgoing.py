"""What leaves with a request: its arguments as a body, its options as headers and query (protocol §2.2). Pure."""

import json
from collections.abc import Mapping

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
