"""The commands of the deck, listed for help and palette. They are made from the table of keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from textual.dom import DOMNode

from faldeck.tui.bindings import actions_of, keymap_of
from faldeck.tui.dialogs.picker import Picker, PickerItem
from faldeck.tui.panes.pane import Pane

Command: TypeAlias = "tuple[DOMNode, str]"
"""A pane or the screen, and the action to run on it."""

WIDTH = 74
"""Cells of the list: no command's text is cut off, even on a screen of 80 columns."""


def picker(screen: DOMNode, here: Pane, others: Sequence[Pane]) -> Picker[Command]:
    """A dialog of the commands of the pane `here` and of the screen; with those of `others` it is the palette."""
    items = [*_items(here, here.NAME if others else ""), *_items(screen)]
    items += [item for pane in others for item in _items(pane, pane.NAME)]
    name, said = ("Commands", "") if others else (f"The keys of {here.NAME}", here.HELP)
    return Picker(name, items, width=WIDTH, said=said)


def _items(node: DOMNode, hint: str = "") -> list[PickerItem[Command]]:
    """The commands of a node, each with all its keys. Those in the key bar come first."""
    keymap = keymap_of(node)
    return [
        PickerItem(
            one.sentence, (node, one.run), hint=hint, lead=keymap.shown(one.id), words=f"{one.label} {one.words}"
        )
        for one in actions_of(node)
    ]
