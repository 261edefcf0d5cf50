"""The options of a request: how the service runs it, not what the model computes (protocol §2.2).

`OPTIONS` is the one table of them. The headers and the query of a request, the flags of `faldeck run`, the fields of
the deck's dialog and the check of a job's options are all made from it.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias, get_args
from urllib.parse import urlsplit

from faldeck.fal.errors import InvalidRequest
from faldeck.fal.urls import OWNER
from faldeck.safety.hosts import is_secure

_WEB_ADDRESS = re.compile(r"https?://[!-~]{1,2000}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_TAKEN_HEADERS = {"host", "content-length", "content-type", "transfer-encoding", "connection"}
_SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie", "x-api-key"}
"""Headers are stored in the history, which must not contain a key."""


@dataclass(frozen=True, slots=True)
class SubmitOptions:
    """The options of one request, by the names of `OPTIONS`. Raises `InvalidRequest` for an invalid value."""

    webhook: str | None = None
    priority: Literal["normal", "low"] | None = None
    start_timeout: float | None = None
    """Seconds; above 0.1."""
    runner_hint: str | None = None
    lifecycle: int | None = None
    """Seconds."""
    max_queue_length: int | None = None
    no_retry: bool = False
    store_io: bool | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.start_timeout is not None and not 0.1 < self.start_timeout < math.inf:
            raise InvalidRequest("The start timeout must be more than 0.1 seconds.")
        if self.lifecycle is not None and self.lifecycle < 1:
            raise InvalidRequest("The lifecycle must be at least 1 second.")
        if self.webhook is not None and not _is_webhook(self.webhook):
            raise InvalidRequest(
                "The webhook must be a web address that begins with https://, without a password in it."
            )
        if taken := sorted(name for name in self.headers if name.lower() in _TAKEN_HEADERS | _SECRET_HEADERS):
            raise InvalidRequest(f"The header {taken[0]} is not free to choose.")
        for name, value in {**self.headers, "X-Fal-Runner-Hint": self.runner_hint or ""}.items():
            check_header(name, value)


def check_header(name: str, value: str) -> None:
    """Raises `InvalidRequest` if a header cannot carry this name or value: it could end the header early."""
    if not (_HEADER_NAME.fullmatch(name) and value.isascii() and value.isprintable()):
        raise InvalidRequest(f"The header {name[:100]!r} holds characters that no header can carry.")


def _is_webhook(url: str) -> bool:
    """True for https on any host, and for http on this machine, where an emulator may run (protocol §8)."""
    return bool(_WEB_ADDRESS.fullmatch(url)) and is_secure(url) and "@" not in urlsplit(url).netloc


Decision: TypeAlias = Literal["allow", "forbid", "hide"]
"""The answer to another account that asks for a file: the file, "forbidden", or "not found"."""

DECISIONS: tuple[Decision, ...] = get_args(Decision)


def decision(word: object) -> Decision:
    """The decision with this name; raises ValueError if there is none."""
    for known in DECISIONS:
        if word == known:
            return known
    raise ValueError(f"access is one of {', '.join(DECISIONS)}")


_SECONDS: dict[str, int | None] = {
    "immediate": 60,
    "1h": 3_600,
    "1d": 86_400,
    "7d": 604_800,
    "30d": 2_592_000,
    "1y": 31_536_000,
    "never": None,
}

LIFECYCLES = tuple(_SECONDS)
"""The words for how long a file is kept."""


class Access(NamedTuple):
    """Who may read an uploaded file."""

    default: Decision = "allow"
    """For every account without its own rule."""
    rules: Mapping[str, Decision] = {}
    """Nickname or id of an account → decision."""

    @property
    def is_open(self) -> bool:
        """Whether everybody may read the file, which is the default."""
        return self.default == "allow" and not self.rules


OPEN = Access()


class Stay(NamedTuple):
    """How long files are kept, and who may read them."""

    lifecycle: int | None = None
    """Seconds; None leaves it to the account's own setting."""
    access: Access = OPEN


def lifecycle(text: str) -> int | None:
    """The seconds of a word (`1h`, `7d`, `never` …) or a number; None for never. Raises ValueError."""
    if text in _SECONDS:
        return _SECONDS[text]
    seconds = int(text)
    if seconds < 1:
        raise ValueError("a lifecycle is at least 1 second")
    return seconds


class Option(NamedTuple):
    """One option of a request."""

    name: str
    """Its key in the options of a job, and its attribute of `SubmitOptions` (except `access`)."""
    kind: type | tuple[type, ...]
    """The types that its value may have."""
    help: str
    """The help text of the flag and of the form field."""
    headers: tuple[str, ...] = ()
    """The request headers that carry it."""
    query: str = ""
    """The part of the query that carries it."""
    is_queue_only: bool = False
    """True if a request that is not sent by the queue cannot have it."""
    flags: tuple[str, ...] = ()
    """Its flags on the command line; empty if it has none."""
    metavar: str | None = None
    """The name of the flag's value in the help."""
    schema: Mapping[str, object] | None = None
    """The field of the form, as JSON Schema; None if the form has none."""

    @property
    def choices(self) -> list[str] | None:
        """Its possible values; None if it takes others too."""
        words = (self.schema or {}).get("enum")
        return [str(word) for word in words] if isinstance(words, list) else None

    def allows(self, value: object) -> bool:
        """Whether a value has a type that this option takes."""
        if isinstance(value, bool) != (self.kind is bool) or not isinstance(value, self.kind):
            return False
        return not isinstance(value, Mapping) or all(isinstance(text, str) for text in (*value, *value.values()))


FILES_HEADER = "X-Fal-Object-Lifecycle-Preference"
"""The header that says how long the files that the model makes are kept, and who may read them."""

OPTIONS: tuple[Option, ...] = (
    Option(
        name="priority",
        kind=str,
        help="The place in the queue.",
        headers=("X-Fal-Queue-Priority",),
        is_queue_only=True,
        flags=("--priority",),
        schema={"enum": ["normal", "low"], "default": "normal"},
    ),
    Option(
        name="start_timeout",
        kind=(int, float),
        help="Give up if the request has not started after this many seconds.",
        # The service has renamed this header; both names are sent.
        headers=("X-Fal-Request-Timeout", "X-Fal-Request-Start-Timeout"),
        flags=("--start-timeout",),
        metavar="S",
        schema={"type": "number", "exclusiveMinimum": 0.1},
    ),
    Option(
        name="max_queue_length",
        kind=int,
        help="Send nothing if more requests than this wait in the queue of the app.",
        query="fal_max_queue_length",
        is_queue_only=True,
        flags=("--max-queue-length",),
        metavar="N",
        schema={"type": "integer", "minimum": 0},
    ),
    Option(
        name="no_retry",
        kind=bool,
        help="Tell the service not to try the request a second time by itself.",
        headers=("X-Fal-No-Retry",),
        is_queue_only=True,
        flags=("--no-retry",),
        schema={"type": "boolean", "default": False},
    ),
    Option(
        name="runner_hint",
        kind=str,
        help="Prefer the runner that got this hint before.",
        headers=("X-Fal-Runner-Hint",),
        flags=("--hint",),
        metavar="TEXT",
        schema={"type": "string"},
    ),
    Option(
        name="webhook",
        kind=str,
        help="The web address that the service calls when the request has ended: https, or http on this machine.",
        query="fal_webhook",
        is_queue_only=True,
        flags=("--webhook",),
        metavar="URL",
        schema={"type": "string", "pattern": r"^https://.|^http://(127\.0\.0\.1|localhost|\[::1\])"},
    ),
    Option(
        name="lifecycle",
        kind=int,
        help="How long the service keeps the files that you send and that the model makes: seconds, or "
        f"{', '.join(LIFECYCLES)}. Without it, as long as the account's settings say.",
        headers=(FILES_HEADER,),
        flags=("--lifecycle",),
        metavar="S",
        schema={
            "anyOf": [{"type": "string", "enum": [*LIFECYCLES]}, {"type": "string", "pattern": "^[1-9][0-9]{0,9}$"}]
        },
    ),
    Option(
        name="access",
        kind=(str, Mapping),
        help="What other accounts get if they ask for the files: the file (allow), an error (forbid), or the answer "
        "that there is no such file (hide). With forbid or hide, a model may be unable to read the files that you "
        "send.",
        flags=("--access",),
        schema={"enum": [*DECISIONS], "default": DECISIONS[0]},
    ),
    Option(
        name="headers",
        kind=Mapping,
        help="An additional request header. It is kept in the history. May be given again.",
        flags=("-H", "--header"),
        metavar="NAME:VALUE",
    ),
    Option(
        name="store_io",
        kind=bool,
        help="Whether the service stores the input and the output.",
        headers=("X-Fal-Store-IO",),
    ),
)
"""Every option but the mode, in the order of the form and of the help."""

BY_NAME: Mapping[str, Option] = {option.name: option for option in OPTIONS}


def lifecycle_header(seconds: int | None, access: Access = OPEN) -> str | None:
    """The JSON for `seconds` and `access`; None if both are left to the settings of the account."""
    wish: dict[str, object] = {} if seconds is None else {"expiration_duration_seconds": seconds}
    if not access.is_open:
        rules = [{"user": user, "decision": decision} for user, decision in access.rules.items()]
        wish["initial_acl"] = {"default": access.default} | ({"rules": rules} if rules else {})
    return json.dumps(wish) if wish else None


SLOWEST_LINE = 20_000
"""The least bytes per second that an upload of arguments (with inline media) should reach."""


def body(arguments: Mapping[str, object]) -> bytes:
    """The arguments as JSON. Raises `InvalidRequest` if they cannot be written as JSON."""
    try:
        return json.dumps(dict(arguments), allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidRequest(f"The arguments are not JSON: {error}.") from error


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
    """The name of a model at a gateway's page: as in `names`; otherwise without its owner if `is_short`."""
    short = model.removeprefix(f"{OWNER}/")
    return next((name for name in names if name.removeprefix(f"{OWNER}/") == short), short if is_short else model)


def _common(arguments: Mapping[str, object]) -> dict[str, object]:
    """`num_images` and `image_size` of fal's models under OpenAI's names."""
    common: dict[str, object] = {}
    if isinstance(count := arguments.get("num_images"), int):
        common["n"] = count
    match arguments.get("image_size"):
        case {"width": int(width), "height": int(height)}:
            common["size"] = f"{width}x{height}"
    return common


def query(options: SubmitOptions) -> dict[str, str]:
    """The query of a submit to the queue."""
    values = {option.query: getattr(options, option.name) for option in OPTIONS if option.query}
    return {name: str(value) for name, value in values.items() if value is not None}


def headers(options: SubmitOptions) -> dict[str, str]:
    """The headers of a request with a JSON body."""
    own = {"Content-Type": "application/json"}
    for option in OPTIONS:
        for header in option.headers:
            text = _header_text(option, getattr(options, option.name))
            own |= {} if text is None else {header: text}
    return {**options.headers, **own}


def _header_text(option: Option, value: object) -> str | None:
    """The value of an option as its header sends it; None for no header."""
    match value:
        case None:
            return None
        case bool():
            return None if option.name == "no_retry" and not value else str(int(value))
        case int() if option.name == "lifecycle":
            return lifecycle_header(value)
        case int() | float():
            return f"{value:g}"
    return str(value)
