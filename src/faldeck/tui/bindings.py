"""Textual's bindings, made from the table of keys: no pane and no dialog names a key itself."""

from __future__ import annotations

from textual.binding import Binding, BindingType
from textual.dom import DOMNode

from faldeck.keys.action import KeyAction
from faldeck.keys.keymap import Keymap
from faldeck.keys.table import ACTIONS, actions
from faldeck.tui.terminal.textual_private import bindings_of

_NO_OWN_KEYS = Keymap()


def bindings(*scopes: str) -> list[BindingType]:
    """The bindings of some scopes. An app's keymap replaces their keys by the person's own."""
    return [
        Binding(
            ",".join(one.keys),
            one.run,
            one.label,
            show=one.in_bar,
            tooltip=one.sentence,
            id=one.id,
            priority=one.is_priority,
        )
        for one in actions(scopes)
    ]


def keymap_of(node: DOMNode) -> Keymap:
    """The keys that act in a node's app."""
    return getattr(node.app, "own_keys", _NO_OWN_KEYS)


def actions_of(node: DOMNode) -> list[KeyAction]:
    """The actions of a node, its own before those of its base classes, those of the key bar first."""
    ids = dict.fromkeys(binding.id for _, binding in bindings_of(node) if binding.id)
    found = [ACTIONS[one] for one in ids if one in ACTIONS]
    places = {scope: -index for index, scope in enumerate(dict.fromkeys(one.scope for one in found))}
    return sorted(found, key=lambda one: (not one.in_bar, places[one.scope]))
