"""Every scope and every action, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from faldeck.keys import deck_actions, screen_actions
from faldeck.keys.action import KeyAction, Scope

SCOPES: Mapping[str, Scope] = {one.name: one for one in (*deck_actions.SCOPES, *screen_actions.SCOPES)}
"""In the order of the lists that people see."""

ACTIONS: Mapping[str, KeyAction] = {one.id: one for scope in SCOPES.values() for one in scope.actions}


def actions(scopes: Iterable[str]) -> Sequence[KeyAction]:
    """The actions of some scopes."""
    return [one for name in scopes for one in SCOPES[name].actions]
