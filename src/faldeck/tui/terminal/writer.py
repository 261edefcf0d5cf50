"""The thread that sends the screen to the terminal. It always sends the newest screen.

Frames change the wanted screen. What is sent is its difference from what was sent before, computed when the terminal
takes more. So a slow terminal skips frames, and the app never waits for it, nor for the encoding of a picture.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterator
from functools import partial

from faldeck.tui.terminal.abilities import Abilities
from faldeck.tui.terminal.diff import ScreenDiff
from faldeck.tui.terminal.grid import Grid
from faldeck.tui.terminal.placements import Shelf

BEGIN_SYNCHRONIZED = "\x1b[?2026h"
END_SYNCHRONIZED = "\x1b[?2026l"

AT_ONCE = 1200
"""A frame of up to this many characters fits into one network packet: it arrives in one piece, and nothing has to be
held back until its end."""

STALLED_SECONDS = 1.0
"""When the deck ends, it stops waiting for a terminal that accepts nothing for this time."""
PIECE_BYTES = 2048
"""Bytes that are written at once. A terminal that accepts any of them is alive."""


class TerminalWriter:
    """Writes to one terminal. Every method may be called from any thread and from a signal handler."""

    def __init__(
        self,
        descriptor: int,
        encoding: str,
        *,
        erases_in_colour: bool,
        has_colours: bool = True,
        is_ascii_only: bool = False,
    ) -> None:
        self.is_synchronized = False
        """Whether the terminal supports synchronized output (mode 2026)."""
        self._descriptor = descriptor
        self._encoding = encoding
        self._wanted = Grid(0, 0, has_colours=has_colours, is_ascii_only=is_ascii_only)
        self.shelf = Shelf()
        """The pictures that frames may refer to."""
        self._shadow = ScreenDiff(erases_in_colour=erases_in_colour, shelf=self.shelf)
        """What was sent. Only the thread uses it while it runs."""
        self._is_painted = False
        self._queue: list[Callable[[], str]] = []
        """What the thread does next, in order. Each step returns what to send."""
        self._thread: threading.Thread | None = None
        self._is_stopping = False
        self._taken = 0
        """How many pieces the terminal has taken so far."""
        # Re-entrant: a signal handler may call while its own thread holds the lock.
        self._changed = threading.Condition(threading.RLock())

    def start(self) -> None:
        """Starts to send what is written and painted from now on. `repaint` adds what was painted before."""
        with self._changed:
            self._forget()
            self._is_painted = self._is_stopping = False
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="faldeck-output", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Sends the rest, and returns when it is sent or the terminal accepts no more.

        Until a new start, writes are dropped.
        """
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
            # Unlike `join`, waiting on the condition releases the lock, even if it is held several times.
            while self._thread is not None and self._has_moved():
                pass

    def _has_moved(self) -> bool:
        """Waits until the terminal has accepted some output or all; False if it accepts nothing."""
        before = self._taken
        return self._changed.wait_for(lambda: self._thread is None or self._taken != before, STALLED_SECONDS)

    def paint(self, frame: str, width: int, height: int, *, has_caret: bool = True) -> None:
        """Accepts a frame, painted for a screen of `width` columns and `height` rows; `has_caret` as for `Grid`."""
        with self._changed:
            if self._wanted.size != (width, height):
                self._wanted.resize(width, height)
                self._forget()
            self._wanted.paint(frame, has_caret=has_caret)
            self._is_painted = True
            self._changed.notify_all()

    def write(self, data: str) -> None:
        """Sends `data` unchanged, after all earlier output."""
        with self._changed:
            if self._thread is not None:
                self._queue += (*self._frame(), lambda: self._shadow.rest() + data)
                self._changed.notify_all()

    def use(self, abilities: Abilities) -> None:
        """The terminal has shown what it can do: what is sent after this may use it."""

        def use() -> str:
            self._shadow.use(abilities)
            return ""

        with self._changed:
            if self._thread is not None:
                self._queue.append(use)
                self._changed.notify_all()

    def clear_pictures(self) -> None:
        """Removes every picture from the terminal, before another program gets it."""
        with self._changed:
            if self._thread is not None:
                self._queue.append(self._shadow.cleared)
                self._changed.notify_all()

    def resized(self, width: int, height: int) -> None:
        """The terminal has a new size, and may show anything.

        If the screen still fits, it is sent again here, because Textual will not paint it again. If not, Textual paints
        a frame for the new size, and that is sent whole.
        """
        with self._changed:
            self._forget()
            if self._wanted.size == (width, height):
                self.repaint()

    def repaint(self) -> None:
        """Sends the whole screen again."""
        with self._changed:
            self._forget()
            self._is_painted = True
            self._changed.notify_all()

    def _forget(self) -> None:
        """Treats all that was sent as unknown, in its turn."""

        def forget() -> str:
            self._shadow.forget()
            return ""

        if self._thread is None:
            forget()
        else:
            self._queue.append(forget)

    def _frame(self) -> Iterator[Callable[[], str]]:
        """The step that sends the wanted screen, if it was painted since the last one."""
        if self._is_painted:
            self._is_painted = False
            yield partial(self._difference, self._wanted.copy())

    def _difference(self, wanted: Grid) -> str:
        """What makes the terminal show the wanted screen."""
        difference = self._shadow.follow(wanted)
        if self.is_synchronized and len(difference) > AT_ONCE:
            return f"{BEGIN_SYNCHRONIZED}{difference}{END_SYNCHRONIZED}"
        return difference

    def _run(self) -> None:
        try:
            while data := self._next():
                self._send(data.encode(self._encoding, "replace"))
        except OSError:
            # The terminal is gone. The hang-up signal ends the program; until then output is lost.
            pass
        finally:
            with self._changed:
                self._thread = None
                self._queue.clear()
                self._changed.notify_all()

    def _next(self) -> str:
        """Waits until there is something to send. Returns an empty text at the end."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._is_painted or self._is_stopping)
                steps = [*self._queue, *self._frame()]
                self._queue.clear()
                is_last = self._is_stopping
            # Without the lock: a frame may have a picture to encode, and the app may paint the next one meanwhile.
            if (data := "".join(step() for step in steps)) or is_last:
                return data

    def _send(self, data: bytes) -> None:
        remaining = memoryview(data)
        while remaining:
            # A program started from here may have left the terminal in non-blocking mode.
            select.select([], [self._descriptor], [])
            remaining = remaining[os.write(self._descriptor, remaining[:PIECE_BYTES]) :]
            with self._changed:
                self._taken += 1
                self._changed.notify_all()
