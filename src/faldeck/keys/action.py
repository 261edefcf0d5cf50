"""One action of the deck, and the places where actions work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class KeyAction(NamedTuple):
    """Something that a key does."""

    id: str
    """The scope and a name: `job.cancel`."""
    keys: tuple[str, ...]
    """The keys as Textual names them; the parts of a sequence are separated by a space: `g c`."""
    run: str
    """The action in Textual's notation."""
    label: str
    """One or two words, for the key bar."""
    sentence: str
    """What it does, for help and palette."""
    in_bar: bool = False
    """Whether the key bar shows it."""
    counted: str = ""
    """The action after a count, which replaces `{n}`. Without it a count is refused: ten times may cost ten times."""
    words: str = ""
    """Other words that people look for."""
    is_priority: bool = False
    """Whether it acts even in a text field."""

    @property
    def scope(self) -> str:
        """The name of its scope."""
        return self.id.partition(".")[0]


class Scope(NamedTuple):
    """Where some actions work: a pane, a dialog, or several."""

    name: str
    title: str
    """As people read it."""
    actions: tuple[KeyAction, ...]
    within: tuple[str, ...] = ()
    """Other scopes whose actions work there too. A key stands for one action in all of them together."""


def action(
    name: str,
    keys: str,
    run: str,
    label: str,
    sentence: str,
    *,
    bar: bool = False,
    counted: str = "",
    words: str = "",
    priority: bool = False,
) -> KeyAction:
    """An action, its keys separated by commas; `in_scope` completes its id."""
    return KeyAction(name, tuple(keys.split(",")) if keys else (), run, label, sentence, bar, counted, words, priority)


def in_scope(name: str, title: str, actions: Sequence[KeyAction], within: str = "") -> Scope:
    """A scope of some actions; `within` names other scopes."""
    return Scope(name, title, tuple(one._replace(id=f"{name}.{one.id}") for one in actions), tuple(within.split()))
