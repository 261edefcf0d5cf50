"""Keys and pastes one after the other: what is typed ahead goes where the focus is once those before have acted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from time import monotonic
from typing import TypeAlias, TypeVar

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

from faldeck.safety import sanitize
from faldeck.tui.terminal.typed_on import ALONE_SECONDS, Verdict

LOST_SECONDS = 0.25
"""A key that has not been handled for so long never will be: its widget is gone."""

Result = TypeVar("Result")

KeyOrPaste: TypeAlias = "events.Key | events.Paste"


ROUNDS = 4
"""How often a message goes up from the focused widget before a key is held to have acted: what a key does may take
a few messages, each behind the other, such as a dialog that is wanted, opened and given the focus."""


@dataclass
class KeyHandled(Message):
    """Follows a key on its way up from the focused widget, and so comes back when the key has acted."""

    round: int = 1


class OrderedKeys(App[Result]):
    """An app that hands a key, or a paste, to the focused widget only when the one before it has acted.

    Textual hands on every key it reads at once. Over a slow line a search key and the words typed after it arrive
    together, and the words would be taken for commands of the pane that was left.
    """

    _handed_at: float | None = None

    @cached_property
    def _waiting(self) -> deque[KeyOrPaste]:
        return deque()

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        if isinstance(event, events.Paste):
            event.text = sanitize.plain(event.text)
        elif event.key.startswith("alt+"):
            event.character = None  # Terminals send the character along, and a text line would take it as typed.
        self._waiting.append(event)
        if self._is_free:
            await self._hand_next()
        else:
            self.set_timer(LOST_SECONDS, self._go_on_without)

    @property
    def _is_free(self) -> bool:
        """Whether no key is acting, or the one that is has been lost."""
        return self._handed_at is None or monotonic() - self._handed_at > LOST_SECONDS

    async def _go_on_without(self) -> None:
        """Hands on what waits for a key that has been lost."""
        if self._waiting and self._is_free:
            await self._hand_next()

    async def _hand_next(self) -> None:
        self._handed_at = None
        verdict = Verdict.DROPPED
        while self._waiting and (verdict := self.judge(*islice(self._waiting, 2))) is Verdict.DROPPED:
            self._waiting.popleft()
        if verdict is Verdict.WAITS:
            self.set_timer(ALONE_SECONDS, self._go_on_without)
        elif self._waiting:
            self._handed_at = monotonic()
            focused = self.focused or self.screen
            await super().on_event(self._waiting.popleft())
            self._send_after(focused, KeyHandled())

    def judge(self, event: KeyOrPaste, following: KeyOrPaste | None = None) -> Verdict:
        """Whether the next event is handed on, dropped, or waits; `following` is the one after it."""
        return Verdict.ACTS

    def on_key_handled(self, message: KeyHandled) -> None:
        if message.round < ROUNDS:
            self._send_after(self.focused or self.screen, KeyHandled(message.round + 1))
        else:
            # Behind whatever the key has asked the app to do, such as moving the focus.
            self.call_later(self._hand_next)

    def _send_after(self, focused: MessagePump, message: KeyHandled) -> None:
        """Sends the message by way of the focused widget, or past it where it is being taken away."""
        if not focused.post_message(message):
            self.post_message(message)
