"""When a deck without a terminal is at rest, and how little of it is drawn: what makes tests of the deck quick."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.message_pump import MessagePump

FRAME_SECONDS = 0.002
"""Time between two frames; with Textual's own sixtieth of a second tests would mostly wait for the next frame."""

QUIET_TURNS = 20
"""Turns of the event loop without work after which a key has acted.

A key posts a message, its handler starts a worker, the worker opens a dialog, the dialog takes the focus: each of these
steps begins a few turns after the one before.
"""

LONG_SECONDS = 1.0
"""Work on a thread that takes longer, such as an editor that is open, is not waited for."""


class ThreadedWork:
    """What the thread of the test has asked other threads to do, such as reading the history."""

    def __init__(self) -> None:
        self._begun: dict[Future[Any], float] = {}

    @contextmanager
    def watched(self) -> Iterator[None]:
        submit: Callable[..., Future[Any]] = ThreadPoolExecutor.submit
        own = threading.get_ident()

        def noted(executor: ThreadPoolExecutor, *words: Any, **options: Any) -> Future[Any]:
            future = submit(executor, *words, **options)
            if threading.get_ident() == own:
                self._begun[future] = time.monotonic()
            return future

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ThreadPoolExecutor, "submit", noted)
            yield

    @property
    def is_under_way(self) -> bool:
        since = time.monotonic() - LONG_SECONDS
        self._begun = {future: begun for future, begun in self._begun.items() if not future.done() and begun > since}
        return bool(self._begun)


def has_no_message_left(app: App[Any]) -> bool:
    """Whether the app and all widgets of its screen wait for their next message."""
    return all(map(_waits, (app, *app.screen.walk_children(with_self=True))))


def _waits(pump: MessagePump) -> bool:
    queue: Any = pump._message_queue
    waiters = queue.ready_event._waiters
    return not pump._running or (queue.empty() and any(not waiter.done() for waiter in waiters))


_parsed: dict[Any, Any] = {}


@contextmanager
def parsed_once() -> Iterator[None]:
    """A style sheet that one deck has parsed is not parsed by the next."""
    parse = Stylesheet._parse_rules

    def kept(sheet: Stylesheet, *source: Any, **options: Any) -> Any:
        place = (source, *options.items(), *sheet._variables.items())
        if place not in _parsed:
            _parsed[place] = parse(sheet, *source, **options)
        return _parsed[place]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", kept)
        yield


@contextmanager
def drawn_when_looked_at() -> Iterator[None]:
    """Screens are laid out with every change, but drawn only when a test looks at them, and then all of it.

    What is drawn for no terminal goes nowhere, and was a quarter of the work of a test.
    """
    render = Compositor.render_update

    def skipped(compositor: Compositor, full: bool = False, **options: Any) -> Any:
        if full:  # A screenshot.
            return render(compositor, full, **options)
        compositor._dirty_regions.clear()
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual.screen.UPDATE_PERIOD", FRAME_SECONDS)
        patch.setattr(Compositor, "render_update", skipped)
        yield
