"""The keys of every action: those of the table, and a person's own ones instead. Finds keys that two actions want."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from faldeck.keys import names
from faldeck.keys.action import KeyAction
from faldeck.keys.table import ACTIONS, SCOPES, actions

UNBOUND = "unbound"
"""Stands for no key where Textual needs one."""


class Keymap:
    """Which keys run which action."""

    def __init__(self, own: Mapping[str, Sequence[str]] | None = None) -> None:
        """`own` maps the id of an action to the person's keys, as Textual names them. No keys: it has none."""
        self.own: Mapping[str, Sequence[str]] = own or {}

    def keys(self, action_id: str) -> Sequence[str]:
        """The keys of an action, as Textual names them."""
        own = self.own.get(action_id)
        return ACTIONS[action_id].keys if own is None else own

    def shown(self, action_id: str) -> str:
        """The keys of an action as people read them, separated by spaces; empty without a key."""
        return " ".join(names.shown(key) for key in self.keys(action_id))

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """The keys that begin a sequence."""
        keys = (key for one in ACTIONS for key in self.keys(one))
        return frozenset(key.partition(" ")[0] for key in keys if " " in key)

    @cached_property
    def textual(self) -> Mapping[str, str]:
        """The keymap for Textual, which removes a rebound action's old key with all that the key does.

        So the other actions of such a key are listed with the keys that they keep.
        """
        freed = {key for one in self.own for key in ACTIONS[one].keys}
        listed = [one for one in ACTIONS.values() if one.id in self.own or freed.intersection(one.keys)]
        return {one.id: ",".join(self.keys(one.id)) or UNBOUND for one in listed if self.own}


def conflicts(own: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """The ids of a person's keys that cannot be used, each with the reason as a sentence.

    Of two own keys that want the same, the first in the file stays.
    """
    left, told = dict(own), dict[str, str]()
    order = {action_id: index for index, action_id in enumerate(own)}
    while True:
        keymap = Keymap(left)
        clashes = ((one, reason) for one in left if (reason := _reason(ACTIONS[one], keymap, order)))
        first = next(clashes, None)
        if first is None:
            return told
        told[first[0]] = first[1]
        del left[first[0]]


def _reason(one: KeyAction, keymap: Keymap, order: Mapping[str, int]) -> str:
    """Why an action cannot have its own keys; empty if it can."""
    for title, other in _neighbours(one):
        if other.id in keymap.own and order[other.id] > order[one.id]:
            continue  # That one is told.
        for key in keymap.keys(one.id):
            for taken in keymap.keys(other.id):
                if _clash(key, taken) and not (key in one.keys and taken in other.keys):
                    return f"`{names.shown(taken)}` is `{other.id}` ({other.label}) in {title}."
    return ""


def _clash(key: str, other: str) -> bool:
    """Whether two keys are the same, or one begins the other."""
    return key == other or key.startswith(f"{other} ") or other.startswith(f"{key} ")


def _neighbours(one: KeyAction) -> Iterator[tuple[str, KeyAction]]:
    """The actions that work at the same place as `one`, each with the place's title."""
    for scope in SCOPES.values():
        together = (scope.name, *scope.within)
        # A key of the deck would be another action in a pane. A pane's key wins there, which may be wanted.
        if one.scope in together or (one.scope == "deck" and "pane" in together and "screen" not in together):
            for other in actions(together):
                if other.id != one.id:
                    yield scope.title, other
