"""Keys and pastes act one after the other: what is typed ahead goes where the focus is after the keys before it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from time import monotonic
from typing import TypeAlias, TypeVar

from textual import events
from textual.message import Message
from textual.message_pump import MessagePump

from faldeck.safety import sanitize
from faldeck.tui.terminal.textual_private import CrashSafeApp
from faldeck.tui.terminal.typing_guard import ALONE_SECONDS, KeyDecision

LOST_SECONDS = 0.25
"""A key that was not handled after this time is lost: its widget is gone."""

Result = TypeVar("Result")

KeyOrPaste: TypeAlias = "events.Key | events.Paste"


ROUNDS = 4
"""How often a message goes up from the focused widget before a key counts as done.

Textual does not tell when a key has acted. What a key does is spread over messages: the widget handles the key and
posts a message, the screen handles that and opens a dialog, the dialog takes the focus. Each of these steps is queued
behind the one before. A message of ours that goes the same way, from the focused widget to the app, comes back behind
one such step; four of them cover the longest chain there is (key, message, worker, dialog with focus). With fewer, a
letter typed ahead would reach the pane below the dialog and act there, which may cost money.
"""


@dataclass
class KeyHandled(Message):
    """Goes up from the focused widget behind a key, and so reaches the app after the key's own messages."""

    round: int = 1


class KeyQueueApp(CrashSafeApp[Result]):
    """An app that gives a key or a paste to the focused widget only after the one before it has acted.

    Textual hands out every key as soon as it is read. Over a slow line a search key and the words typed after it arrive
    together, and the words would act as commands of the pane that was left.
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
    def is_idle(self) -> bool:
        """Whether every key has acted; for tests."""
        return not self._waiting and self._is_free

    @property
    def _is_free(self) -> bool:
        """Whether no key is acting, or the one that is acting is lost."""
        return self._handed_at is None or monotonic() - self._handed_at > LOST_SECONDS

    async def _go_on_without(self) -> None:
        """Hands out the next key if the one before it is lost."""
        if self._waiting and self._is_free:
            await self._hand_next()

    async def _hand_next(self) -> None:
        self._handed_at = None
        decision = KeyDecision.DROP
        while self._waiting and (decision := self.decide(*islice(self._waiting, 2))) is KeyDecision.DROP:
            self._waiting.popleft()
        if decision is KeyDecision.WAIT:
            self.set_timer(ALONE_SECONDS, self._go_on_without)
        elif self._waiting:
            self._handed_at = monotonic()
            focused = self.focused or self.screen
            await super().on_event(self._waiting.popleft())
            self._send_after(focused, KeyHandled())

    def decide(self, event: KeyOrPaste, following: KeyOrPaste | None = None) -> KeyDecision:
        """Whether the next event acts, is dropped, or waits; `following` is the event after it, if any."""
        return KeyDecision.ACT

    def on_key_handled(self, message: KeyHandled) -> None:
        if message.round < ROUNDS:
            self._send_after(self.focused or self.screen, KeyHandled(message.round + 1))
        else:
            # After what the key asked the app to do, such as moving the focus.
            self.call_later(self._hand_next)

    def _send_after(self, focused: MessagePump, message: KeyHandled) -> None:
        """Posts the message to the focused widget, or to the app if the widget is being removed."""
        if not focused.post_message(message):
            self.post_message(message)
