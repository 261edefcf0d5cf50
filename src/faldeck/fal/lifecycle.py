"""How long a service shall keep a file and who may read it, as a header value (protocol §5.6)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias, get_args

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
