"""How a request is run, as against what it computes, checked when it is said."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias, get_args
from urllib.parse import urlsplit

from faldeck.fal.errors import Unsendable
from faldeck.fal.headers import check
from faldeck.fal.urls import OWNER

_WEBHOOK = re.compile(r"https://[!-~]{1,2000}|http://(?:127\.0\.0\.1|localhost|\[::1\])[:/][!-~]{0,2000}")
_TAKEN_HEADERS = {"host", "content-length", "content-type", "transfer-encoding", "connection"}
_SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie", "x-api-key"}
"""Headers are kept in the history, where no key may be."""


@dataclass(frozen=True, slots=True)
class SubmitOptions:
    """How a request is run, as against what it computes (protocol §2.2). Raises `Unsendable` when made wrongly."""

    webhook: str | None = None
    """URL that the service calls at the end."""
    priority: Literal["normal", "low"] | None = None
    start_timeout: float | None = None
    """Seconds until a runner must have started; above 0.1."""
    runner_hint: str | None = None
    lifecycle: int | None = None
    """Seconds for which the service keeps generated media."""
    max_queue_length: int | None = None
    """Refuse when more requests than this wait in the app's queue."""
    no_retry: bool = False
    """Ask the service not to retry by itself."""
    store_io: bool | None = None
    """Override whether the service stores input and output."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further request headers."""

    def __post_init__(self) -> None:
        if self.start_timeout is not None and not 0.1 < self.start_timeout < math.inf:
            raise Unsendable("The start timeout must be more than 0.1 seconds.")
        if self.lifecycle is not None and self.lifecycle < 1:
            raise Unsendable("The lifecycle must be at least 1 second.")
        if self.webhook is not None and not _is_webhook(self.webhook):
            raise Unsendable("The webhook must be a web address that begins with https://, without a password in it.")
        if taken := sorted(name for name in self.headers if name.lower() in _TAKEN_HEADERS | _SECRET_HEADERS):
            raise Unsendable(f"The header {taken[0]} is not free to choose.")
        for name, value in {**self.headers, "X-Fal-Runner-Hint": self.runner_hint or ""}.items():
            check(name, value)


def _is_webhook(url: str) -> bool:
    """Whether a service may be told to call `url`: by https, or, for an emulator, on this machine (protocol §8)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(_WEBHOOK.fullmatch(url) and parts.hostname and "@" not in parts.netloc)


Decision: TypeAlias = Literal["allow", "forbid", "hide"]
"""What somebody who asks for a file is told: the file, that it is not theirs, that there is none."""

DECISIONS: tuple[Decision, ...] = get_args(Decision)


def decision(word: object) -> Decision:
    """The decision of that name; raises ValueError where there is none."""
    for known in DECISIONS:
        if word == known:
            return known
    raise ValueError(f"access is one of {', '.join(DECISIONS)}")


_SECONDS: dict[str, int | None] = {
    "never": None,
    "immediate": 60,
    "1h": 3_600,
    "1d": 86_400,
    "7d": 604_800,
    "30d": 2_592_000,
    "1y": 31_536_000,
}

LIFECYCLES = tuple(_SECONDS)
"""The words for how long a file is kept."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read an uploaded file."""

    default: Decision = "allow"
    """For everybody without a rule of their own."""
    rules: Mapping[str, Decision] = field(default_factory=dict)
    """By nickname or id of an account."""

    @property
    def is_open(self) -> bool:
        """Whether everybody may read the file, as is so where nothing is asked for."""
        return self.default == "allow" and not self.rules


OPEN = Access()


class Stay(NamedTuple):
    """What is asked for files: how long they stay, and who may read them."""

    lifecycle: int | None = None
    """Seconds; None leaves it to the account's own setting."""
    access: Access = OPEN


def lifecycle(text: str) -> int | None:
    """The seconds that a word (`1h`, `7d`, `never` …) or a number means, None for never; raises ValueError."""
    if text in _SECONDS:
        return _SECONDS[text]
    seconds = int(text)
    if seconds < 1:
        raise ValueError("a lifecycle is at least 1 second")
    return seconds


def lifecycle_header(seconds: int | None, access: Access = OPEN) -> str | None:
    """The JSON that asks for `seconds` and for `access`; None leaves both to the account's own settings."""
    wish: dict[str, object] = {} if seconds is None else {"expiration_duration_seconds": seconds}
    if not access.is_open:
        rules = [{"user": user, "decision": decision} for user, decision in access.rules.items()]
        wish["initial_acl"] = {"default": access.default} | ({"rules": rules} if rules else {})
    return json.dumps(wish) if wish else None


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
