"""The values of a filter: which ones each key takes, and what states, dates and comparisons mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from faldeck.job import EARLIEST, LATEST, State


class Key(StrEnum):
    """What a term of a filter is about; its text stands before the colon."""

    TEXT = ""
    """Words that a job has, or an id or its beginning. It is written without a key."""
    STATE = "state"
    MODEL = "model"
    PROFILE = "profile"
    SINCE = "since"
    UNTIL = "until"
    TAG = "tag"
    STAR = "star"
    COST = "cost"
    TOOK = "took"
    HAS = "has"
    KIND = "kind"
    BATCH = "batch"


LIVE = "live"
"""The value of `state:` for jobs with something left to do."""

CANCELLING = "cancelling"
"""The value of `state:` for jobs that the service is asked to cancel."""

STATE_VALUES: tuple[str, ...] = (LIVE, *State, CANCELLING)

_STATE_ALIASES: Mapping[str, str] = {
    "done": State.COMPLETED,
    "ok": State.COMPLETED,
    "error": State.FAILED,
    "canceled": State.CANCELLED,
    "lost": State.UNCONFIRMED,
    "waiting": State.QUEUED,
    "open": LIVE,
}

HAS_VALUES = ("file", "note", "error", "tag")
KIND_VALUES = ("image", "video", "audio", "text", "3d", "file")
KIND_ALIASES: Mapping[str, str] = {"picture": "image", "movie": "video", "sound": "audio", "mesh": "3d"}
YES, NO = "yes", "no"
_STAR_ALIASES: Mapping[str, str] = {"": YES, "true": YES, "1": YES, "false": NO, "0": NO}

EXACTLY = "="
"""What stands before the value of `model:` where one endpoint id is meant and no part of others."""


class BadValue(ValueError):
    """A value that a key does not take; the text goes on after the key: `takes yes or no`."""

    def __init__(self, message: str, nearest: str | None = None) -> None:
        super().__init__(message)
        self.nearest = nearest
        """The value that may have been meant."""


def canonical(key: Key, value: str) -> str:
    """The one way to write a value of a key; raises BadValue."""
    return _CHECKS[key](value.strip())


def choices(value: str) -> list[str]:
    """The values of which a job has one: `failed,expired`."""
    return [part for part in value.split(",") if part]


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant."""
    from difflib import get_close_matches  # It costs a start more than the rest of this module.

    known = list(names)
    begun = [one for one in known if name and one.startswith(name)]
    return next(iter([*begun, *get_close_matches(name, known, 1, 0.6)]), None)


def some(value: str) -> str:
    """The value; raises BadValue if it is empty."""
    if not value:
        raise BadValue("needs a value")
    return value


def one_or_more_of(names: tuple[str, ...], aliases: Mapping[str, str]) -> Callable[[str], str]:
    """Checks values of a key that takes some of these names, with commas between them."""

    def check(value: str) -> str:
        typed = choices(value.lower().replace(" ", "")) or [""]
        return ",".join(dict.fromkeys(_named(one, names, aliases) for one in typed))

    return check


def yes_or_no(value: str) -> str:
    """`yes` or `no`, for the value of a mark; raises BadValue."""
    return _named(value.lower(), (YES, NO), _STAR_ALIASES)


def _named(typed: str, names: tuple[str, ...], aliases: Mapping[str, str]) -> str:
    name = aliases.get(typed, typed)
    if name not in names:
        near = nearest_name(typed, [*names, *filter(None, aliases)])
        raise BadValue(f"takes {', '.join(names)}", near)
    return name


# Dates


_PERIOD = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_AGO = re.compile(r"(\d{1,6})([mhdwy])", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_UNITS["y"] = timedelta(days=365)
_DAYS_AGO = {"today": 0, "yesterday": 1}
DATE_WORDS = (*_DAYS_AGO, "7d", "30d")


def period(value: str, now: datetime) -> tuple[datetime, datetime]:
    """The first moment of a date and the first one after it: of a year, month, day or minute in local time.

    A time ago (`7d`) is a single moment. Raises BadValue.
    """
    local = now.astimezone()
    try:
        start, end = _period(value, local)
    except (ValueError, OverflowError):
        raise BadValue("takes a date such as 2026-11, 2026-11-03, 7d or yesterday") from None
    return min(max(start, EARLIEST), LATEST).astimezone(UTC), min(max(end, EARLIEST), LATEST).astimezone(UTC)


def _period(value: str, local: datetime) -> tuple[datetime, datetime]:
    if ago := _AGO.fullmatch(value.lower()):
        moment = local - int(ago[1]) * _UNITS[ago[2]]
        return moment, moment
    if value.lower() in _DAYS_AGO:
        day = datetime.combine(local.date() - timedelta(days=_DAYS_AGO[value.lower()]), time())
        return _in_local_time(day, day + timedelta(days=1))
    if found := _PERIOD.fullmatch(value):
        year, month, day_of_month = (int(part) if part else None for part in found.groups())
        start = datetime(year or 0, month or 1, day_of_month or 1)  # noqa: DTZ001
        if day_of_month:
            return _in_local_time(start, start + timedelta(days=1))
        after = start + timedelta(days=31 if month else 366)
        return _in_local_time(start, after.replace(day=1) if month else after.replace(month=1, day=1))
    start = datetime.fromisoformat(value).astimezone()
    return start, start + timedelta(minutes=1)


def _in_local_time(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    return start.astimezone(), end.astimezone()


def _date(value: str) -> str:
    period(some(value), datetime(2026, 6, 15, tzinfo=UTC))  # Any moment does: only the form is checked.
    return value.lower() if value.isalnum() else value


# Amounts


class Bounds(NamedTuple):
    """The amounts that a comparison lets through."""

    least: Decimal | None = None
    most: Decimal | None = None
    with_least: bool = True
    with_most: bool = True


_NUMBER = r"(\d{1,12}(?:\.\d{1,12})?|\.\d{1,12})"
_MONEY = re.compile(rf"\$?{_NUMBER}", re.ASCII)
_SPAN = re.compile(rf"{_NUMBER}([smh]?)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_COMPARISON = re.compile(r"(>=|<=|>|<|=)?(.*?)(?:\.\.(.*))?", re.DOTALL)


def usd_bounds(value: str) -> Bounds:
    """The amounts of money, in USD, that a value of `cost:` lets through; raises BadValue."""
    return _bounds(value, _usd)


def seconds_bounds(value: str) -> Bounds:
    """The times, in seconds, that a value of `took:` lets through; raises BadValue."""
    return _bounds(value, _seconds)


def _usd(text: str) -> Decimal:
    if not (found := _MONEY.fullmatch(text)):
        raise BadValue("takes an amount in USD such as >0.5, <=2 or 0.1..0.5")
    return Decimal(found[1])


def _seconds(text: str) -> Decimal:
    if not (found := _SPAN.fullmatch(text)):
        raise BadValue("takes seconds or a time with m or h, such as >60, <5m or 10..60")
    return Decimal(found[1]) * _SECONDS[found[2]]


def _bounds(value: str, number: Callable[[str], Decimal]) -> Bounds:
    found = _COMPARISON.fullmatch(value.lower().replace(" ", ""))
    assert found  # Every text matches.
    sign, first, last = found.groups()
    amount = number(first)
    if last is not None and sign is None:
        return Bounds(amount, number(last))
    if last is not None:
        raise BadValue("takes either a sign or a range")
    match sign:
        case ">" | ">=":
            return Bounds(least=amount, with_least=sign == ">=")
        case "<" | "<=":
            return Bounds(most=amount, with_most=sign == "<=")
        case "=":
            return Bounds(amount, amount)
    raise BadValue("needs >, < or = before the amount", f">{first}")


def _comparison(bounds: Callable[[str], Bounds]) -> Callable[[str], str]:
    def check(value: str) -> str:
        bounds(value)
        return value.lower().replace(" ", "")

    return check


_CHECKS: Mapping[Key, Callable[[str], str]] = {
    Key.TEXT: lambda value: value,
    Key.STATE: one_or_more_of(STATE_VALUES, _STATE_ALIASES),
    Key.MODEL: some,
    Key.PROFILE: some,
    Key.SINCE: _date,
    Key.UNTIL: _date,
    Key.TAG: some,
    Key.STAR: yes_or_no,
    Key.COST: _comparison(usd_bounds),
    Key.TOOK: _comparison(seconds_bounds),
    Key.HAS: one_or_more_of(HAS_VALUES, {"files": "file", "errors": "error", "notes": "note", "tags": "tag"}),
    Key.KIND: one_or_more_of(KIND_VALUES, KIND_ALIASES),
    Key.BATCH: some,
}
