"""The help by topic: texts in `topics/`, one file for each, found by name, by another word for it, or by a near miss.

The first line of a file is what the topic is about. In the text, a line of two blanks and `faldeck …` is a command.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("topics")

NAMES = (
    *("start", "keys", "search", "money", "batches", "files", "pictures"),
    *("config", "relays", "scripts", "history", "trouble"),
)
"""All topics, in the order of the list."""

OTHER_WORDS = {
    **dict.fromkeys(("tour", "intro", "demo", "first", "begin", "usage"), "start"),
    **dict.fromkeys(("keyboard", "shortcuts", "bindings", "typing", "mouse"), "keys"),
    **dict.fromkeys(("filter", "filters", "find", "query", "sections", "jobs-filter"), "search"),
    **dict.fromkeys(("cost", "costs", "prices", "billing", "spend", "usd"), "money"),
    **dict.fromkeys(("batching", "many", "bulk", "csv", "sweep"), "batches"),
    **dict.fromkeys(("uploads", "downloads", "outputs", "images", "sidecar"), "files"),
    **dict.fromkeys(("picture", "kitty", "sixel", "qr", "video", "terminal"), "pictures"),
    **dict.fromkeys(("settings", "configuration", "options", "aliases", "notify", "theme"), "config"),
    **dict.fromkeys(("relay", "profiles", "profile", "gateway", "gateways", "keys-of-services"), "relays"),
    **dict.fromkeys(("script", "scripting", "json", "automation", "exit", "shell"), "scripts"),
    **dict.fromkeys(("database", "sqlite", "backup"), "history"),
    **dict.fromkeys(("errors", "error", "failures", "failed", "states", "problems", "troubleshooting"), "trouble"),
}
"""Words that people look for → the topic."""


class Topic(NamedTuple):
    """One text of the help."""

    name: str
    about: str
    """What it is about, in a few words."""
    text: str
    """Lines of at most 80 cells."""


class UnknownTopic(LookupError):
    """There is no such topic. `nearest` is the one that may have been meant, if any."""

    def __init__(self, name: str, nearest: str | None) -> None:
        super().__init__(name)
        self.nearest = nearest


def topics() -> list[Topic]:
    """All topics."""
    return [_read(name) for name in NAMES]


def topic(word: str, others: Iterable[str] = ()) -> Topic:
    """The topic of that name or for that word; `others` are further names that may have been meant.

    Raises UnknownTopic.
    """
    word = word.strip().lower()
    name = word if word in NAMES else OTHER_WORDS.get(word)
    if name:
        return _read(name)
    import difflib

    near = difflib.get_close_matches(word, [*NAMES, *others, *OTHER_WORDS], n=1)
    raise UnknownTopic(word, OTHER_WORDS.get(near[0], near[0]) if near else None)


def _read(name: str) -> Topic:
    about, _, text = (FOLDER / f"{name}.txt").read_text("utf-8").partition("\n")
    return Topic(name, about, text.strip("\n"))
