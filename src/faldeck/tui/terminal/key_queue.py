"""Handles keys and pastes one after the other: a key typed ahead goes to the widget that the keys before it focused."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from time import monotonic
from typing import TypeAlias, TypeVar

from textual import events
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump

from faldeck.safety import sanitize
from faldeck.tui.terminal.textual_private import CrashSafeApp
from faldeck.tui.terminal.typing_guard import ALONE_SECONDS, KeyDecision

LOST_SECONDS = 0.25
"""A key that was not handled after this time is lost if a widget that its message goes through is gone."""

STUCK_SECONDS = 5.0
"""After this time the next key is handled even if the last one has not finished: no widget may block the keyboard."""

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


TYPED_ROUNDS = 1
"""The same for a character that is typed into a line: it changes the line, and no focus moves."""


@dataclass
class KeyHandled(Message):
    """Goes up from the focused widget behind a key, and so reaches the app after the key's own messages."""

    key: int
    """Number of the key; the message of a key that was given up is not taken for that of the next."""
    round: int = 1


class KeyQueueApp(CrashSafeApp[Result]):
    """An app that gives a key or a paste to the focused widget only after the one before it has acted.

    Textual hands out every key as soon as it is read. Over a slow line a search key and the words typed after it arrive
    together, and the words would act as commands of the pane that was left.
    """

    _handed_at: float | None = None
    _key = 0
    """Number of the key that was handed out last."""
    _way: Sequence[MessagePump] = ()
    """The widgets that its message goes through."""
    _rounds = ROUNDS
    """How often the message of that key goes up."""
    _is_watched = False
    """Whether a timer looks after the key that is acting."""

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
            self._watch()

    @property
    def is_idle(self) -> bool:
        """Whether every key has acted; for tests."""
        return not self._waiting and self._is_free

    @property
    def _is_free(self) -> bool:
        """Whether no key is acting, or the one that is acting is lost.

        On a busy machine a key may take long without being lost. Were the next one handed out meanwhile, a letter typed
        after ^J would act as a command before the submit has ended the typing.
        """
        if self._handed_at is None:
            return True
        seconds = monotonic() - self._handed_at
        return seconds > STUCK_SECONDS or (
            seconds > LOST_SECONDS and not all(widget.is_running for widget in self._way)
        )

    def _watch(self) -> None:
        if not self._is_watched:
            self._is_watched = True
            self.set_timer(LOST_SECONDS, self._look_again)

    async def _look_again(self) -> None:
        self._is_watched = False
        await self._go_on_without()
        if self._waiting and not self._is_free:
            self._watch()

    async def _go_on_without(self) -> None:
        """Hands out the next key if the one before it has acted or is lost."""
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
            self._key += 1
            focused = self.focused or self.screen
            event = self._waiting.popleft()
            self._rounds = TYPED_ROUNDS if self.is_typed(event) else ROUNDS
            await super().on_event(event)
            self._send_after(focused, KeyHandled(self._key))

    def is_typed(self, event: KeyOrPaste) -> bool:
        """Whether an event can only change the text of the focused line."""
        return False

    def decide(self, event: KeyOrPaste, following: KeyOrPaste | None = None) -> KeyDecision:
        """Whether the next event acts, is dropped, or waits; `following` is the event after it, if any."""
        return KeyDecision.ACT

    def on_key_handled(self, message: KeyHandled) -> None:
        if message.key != self._key or not self.screen_stack:
            return  # Another key has begun, or the app is ending.
        if message.round < self._rounds:
            self._send_after(self.focused or self.screen, KeyHandled(message.key, message.round + 1))
        else:
            # After what the key asked the app to do, such as moving the focus.
            self.call_later(self._hand_next)

    def _send_after(self, focused: DOMNode, message: KeyHandled) -> None:
        """Posts the message to the focused widget, or to the app if the widget is being removed."""
        self._way = focused.ancestors_with_self
        if not focused.post_message(message):
            self._way = ()
            self.post_message(message)
