"""Keys act one after the other: a slow one holds up the next, but not for ever."""

from __future__ import annotations

import asyncio

import pytest
from textual.app import ComposeResult
from textual.events import Key
from textual.widget import Widget

from faldeck.tui.terminal import key_queue
from faldeck.tui.terminal.key_queue import KeyQueueApp


class Line(Widget, can_focus=True):
    """Notes its keys; `s` waits until it may go on."""

    def __init__(self, heard: list[str], go_on: asyncio.Event) -> None:
        super().__init__()
        self._heard = heard
        self._go_on = go_on

    async def on_key(self, event: Key) -> None:
        event.stop()
        if event.key == "s":
            await self._go_on.wait()
        self._heard.append(event.key)


class Lines(KeyQueueApp[None]):
    """Two lines: the focus leaves the first while a key of it still acts."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.go_on = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield Line(self.heard, self.go_on)
        yield Line(self.heard, self.go_on)

    def type(self, *keys: str) -> None:
        for key in keys:
            self.post_message(Key(key, key))


async def heard(app: Lines, count: int) -> list[str]:
    """The keys heard, once there are so many."""
    async with asyncio.timeout(20):
        for _ in iter(lambda: len(app.heard) < count, False):
            await asyncio.sleep(0.005)
    return app.heard


async def test_a_key_that_takes_long_holds_up_the_next_one_though_the_focus_has_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_queue, "LOST_SECONDS", 0.01)
    async with Lines().run_test() as pilot:
        app = pilot.app
        assert isinstance(app, Lines)
        first, second = app.query(Line)
        first.focus()
        await pilot.pause()
        app.type("s", "a", "b")
        second.focus()
        await asyncio.sleep(10 * key_queue.LOST_SECONDS)
        assert app.heard == []
        app.go_on.set()
        assert await heard(app, 3) == ["s", "a", "b"]


async def test_a_widget_that_never_answers_does_not_take_the_keyboard_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_queue, "STUCK_SECONDS", 0.3)
    async with Lines().run_test() as pilot:
        app = pilot.app
        assert isinstance(app, Lines)
        first, second = app.query(Line)
        first.focus()
        await pilot.pause()
        app.type("s")
        await asyncio.sleep(0)
        second.focus()
        app.type("a", "b")
        assert await heard(app, 2) == ["a", "b"]
        app.go_on.set()
        assert (await heard(app, 3))[2:] == ["s"]
