"""Reads sequences and counts for the app, and shows in the key bar what can follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual import events
from textual.app import App

from faldeck.keys import names
from faldeck.keys.action import KeyAction
from faldeck.keys.keymap import Keymap
from faldeck.keys.table import ACTIONS
from faldeck.tui.panes.header_footer import KeyBar
from faldeck.tui.panes.jumping import Jump
from faldeck.tui.panes.pane import Pane
from faldeck.tui.terminal.sequences import KeySequences, next_keys
from faldeck.tui.terminal.typing_guard import KeyDecision

REST_SECONDS = 0.4
"""After this time without the next key, the key bar names the keys that can follow."""


class KeyReading:
    """Holds keys back until a sequence or a count is complete."""

    def __init__(
        self,
        app: App[Any],
        keymap: Keymap,
        *,
        place: Callable[[], str],
        go_back: Callable[[str], None],
        takes_text: Callable[[], bool],
    ) -> None:
        """`place` names the pane with the focus, `go_back` gives a pane the focus.

        `takes_text` says whether letters and digits are text, although no text field has the focus.
        """
        self._app = app
        self._takes_text = takes_text
        self._sequences = KeySequences(keymap.prefixes, self.bound, place, go_back)
        self._awaited = 0
        """Number of the last key that was held back."""
        self._jump: Jump | None = None
        """The letters on the screen, until one is chosen."""
        self._bar: KeyBar | None = None
        """The key bar that shows what can follow."""

    def bound(self) -> Mapping[str, KeyAction]:
        """What the keys do now."""
        active = self._app.screen.active_bindings
        return {key: one for key, found in active.items() if (one := ACTIONS.get(found.binding.id or ""))}

    def decide(self, event: events.Key) -> KeyDecision:
        """Whether a key acts; the last key of a sequence acts as the whole sequence."""
        if self._jump:
            if self._jump.take(event.key):
                self._jump = None
                self._hide()
            return KeyDecision.DROP
        if self._takes_text():
            return KeyDecision.ACT
        taken = self._sequences.take(event.key, at=event.time)
        self._hide()
        if taken.refused:
            self._app.notify(f"{taken.refused} takes no count: nothing was done. Press the key alone.")
        if self._sequences.is_waiting:
            self._awaited += 1
            self._app.set_timer(REST_SECONDS, lambda number=self._awaited: self._show(number))
        if taken.key is None:
            return KeyDecision.DROP
        if taken.key != event.key:
            event.key, event.character = taken.key, None
        return KeyDecision.ACT

    def jump(self) -> None:
        """Shows letters on the places of the screen; the next keys choose one."""
        panes = sorted(self._app.screen.query(Pane), key=lambda pane: not pane.is_active)
        self._jump = Jump([pane for pane in panes if pane.region])
        self._jump.begin()
        self._tell("Jump", [("a-z", "Goes there")])

    def forget(self) -> None:
        """Drops what was collected: the next key is text."""
        if self._sequences.is_waiting:
            self._sequences.forget()
            self._hide()

    def applied(self, action: str) -> str:
        """The action that a key runs, with the count before it."""
        return self._sequences.applied(action)

    def _show(self, number: int) -> None:
        """Names what can follow, if nothing has followed the key of this number."""
        sequences = self._sequences
        if number != self._awaited or not sequences.is_waiting:
            return
        bound = self.bound()
        if sequences.prefix:
            lead, keys = sequences.prefix, list(next_keys(sequences.prefix, bound))
        else:
            counted = {one.id: (key, one.label) for key, one in list(bound.items())[::-1] if one.counted}
            lead, keys = "", list(reversed(counted.values()))
        self._tell(f"{sequences.count}{names.shown(lead)}", [(names.shown(key), label) for key, label in keys])

    def _tell(self, begun: str, keys: Sequence[tuple[str, str]]) -> None:
        """Shows in the key bar of the screen, if it has one, what can follow."""
        for bar in self._app.screen.query(KeyBar):
            self._bar = bar
            bar.show_menu(begun, keys)

    def _hide(self) -> None:
        if self._bar:
            self._bar.show_menu("", ())
            self._bar = None
