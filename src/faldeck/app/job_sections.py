"""The sections of the job list: named filters, the built-in ones and those that the person saved in `config.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Section(NamedTuple):
    """A named filter over the job list."""

    name: str
    filter: str
    """Text in the filter language; empty for all jobs."""
    is_saved: bool = False
    """True if it is in the config, False if it is built in."""


BUILT_IN = (
    Section("all", ""),
    Section("live", "state:live"),
    Section("failed", "state:failed"),
    Section("starred", "star:yes"),
    Section("unconfirmed", "state:unconfirmed"),
)
"""The first sections, which are always there."""


def sections(saved: Mapping[str, str]) -> tuple[Section, ...]:
    """The built-in sections, then the saved ones. A saved one with the name of a built-in one takes its place."""
    first = [Section(one.name, saved.get(one.name, one.filter), one.name in saved) for one in BUILT_IN]
    known = {one.name for one in BUILT_IN}
    return (*first, *(Section(name, text, True) for name, text in saved.items() if name not in known))


def next_name(saved: Mapping[str, str], filter: str) -> str:
    """A name to offer for a new section: the filter's own words, cut to a tab's width."""
    words = " ".join(filter.split())[:16].strip() or "section"
    number, name = 2, words
    while name in saved:
        name, number = f"{words} {number}", number + 1
    return name
