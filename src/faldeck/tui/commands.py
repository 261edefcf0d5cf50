"""The commands of the deck as they are listed: made from the bindings, so that no list of keys is written twice."""

from __future__ import annotations

from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode

from faldeck.tui.dialogs.picker import PickerItem
from faldeck.tui.panes.bars import key_name


def items(node: DOMNode, hint: str = "") -> list[PickerItem[tuple[DOMNode, str]]]:
    """The commands of a pane, or of the screen, with all keys of each; those of the key bar first."""
    found: dict[str, list[Binding]] = {}
    for key_bindings in bindings_of(node).key_to_bindings.values():
        for binding in key_bindings:
            if binding.tooltip:
                found.setdefault(binding.action, []).append(binding)
    return [
        PickerItem(
            label=bindings[0].tooltip,
            value=(node, action),
            hint=hint,
            lead=" ".join(key_name(binding.key) for binding in bindings),
        )
        for action, bindings in sorted(found.items(), key=lambda entry: not entry[1][0].show)
    ]


def bindings_of(node: DOMNode) -> BindingsMap:
    """Every binding that acts while the focus is on `node`, the ones of its base classes included."""
    return node._bindings
