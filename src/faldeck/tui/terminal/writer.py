"""The thread that sends the screen to the terminal: always the newest one.

Frames change the wanted screen. What is sent is its difference from what was sent before, computed when the terminal
takes more. So a slow terminal skips frames, and the app never waits for it.
"""

from __future__ import annotations

import os
import select
import threading

from faldeck.tui.terminal.diff import ScreenDiff
from faldeck.tui.terminal.grid import Grid
from faldeck.tui.terminal.placements import Shelf

BEGIN_SYNCHRONIZED = "\x1b[?2026h"
END_SYNCHRONIZED = "\x1b[?2026l"

STALLED_SECONDS = 1.0
"""At the end of the deck, a terminal that takes nothing for this time is not waited for."""
PIECE_BYTES = 2048
"""How much is written at once: a terminal that takes any of it is alive."""


class TerminalWriter:
    """Writes to one terminal. Every method may be called from any thread and from a signal handler."""

    def __init__(self, descriptor: int, encoding: str, *, erases_in_colour: bool) -> None:
        self.is_synchronized = False
        """Does the terminal hold back what it shows between mode 2026's brackets?"""
        self._descriptor = descriptor
        self._encoding = encoding
        self._wanted = Grid(0, 0)
        self.shelf = Shelf()
        """The pictures that frames may name."""
        self._shadow = ScreenDiff(erases_in_colour=erases_in_colour, shelf=self.shelf)
        self._is_painted = False
        self._queue: list[str] = []
        self._thread: threading.Thread | None = None
        self._is_stopping = False
        self._taken = 0
        """How many pieces the terminal has taken so far."""
        # Re-entrant: a signal handler may call while its own thread is in here.
        self._changed = threading.Condition(threading.RLock())

    def start(self) -> None:
        """Begins to send what is written, and what is painted from now on; `repaint` adds what was before."""
        with self._changed:
            self._shadow.forget()
            self._is_painted = self._is_stopping = False
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="faldeck-output", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Sends all that is left, and returns when it is sent, or when the terminal takes no more of it.

        Until a new start, writes are dropped.
        """
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
            # Waiting on the condition, unlike joining the thread, lets go of the lock however often it is held.
            while self._thread is not None and self._has_moved():
                pass

    def _has_moved(self) -> bool:
        """Waits until the terminal has taken something, or all; False where it takes nothing."""
        before = self._taken
        return self._changed.wait_for(lambda: self._thread is None or self._taken != before, STALLED_SECONDS)

    def paint(self, frame: str, width: int, height: int) -> None:
        """Takes in a frame, painted for a screen of `width` columns and `height` rows."""
        with self._changed:
            if self._wanted.size != (width, height):
                self._wanted.resize(width, height)
                self._shadow.forget()
            self._wanted.paint(frame)
            self._is_painted = True
            self._changed.notify_all()

    def write(self, data: str) -> None:
        """Sends `data` as it is, after all that was painted and written before."""
        with self._changed:
            if self._thread is not None:
                self._queue += (self._painted(), self._shadow.rest(), data)
                self._changed.notify_all()

    def clear_pictures(self) -> None:
        """Takes every picture off the terminal, because it is given to another program."""
        with self._changed:
            if self._thread is not None:
                self._queue.append(self._shadow.cleared())
                self._changed.notify_all()

    def resized(self, width: int, height: int) -> None:
        """The terminal has a new size, and may show anything.

        The whole screen is sent again if it still fits, since then nobody paints it anew. If not, the frame for
        the new size will be sent whole.
        """
        with self._changed:
            self._shadow.forget()
            if self._wanted.size == (width, height):
                self.repaint()

    def repaint(self) -> None:
        """Sends the whole screen again."""
        with self._changed:
            self._shadow.forget()
            self._is_painted = True
            self._changed.notify_all()

    def _painted(self) -> str:
        """The difference between what is wanted and what was sent."""
        if not self._is_painted:
            return ""
        self._is_painted = False
        difference = self._shadow.follow(self._wanted)
        if difference and self.is_synchronized:
            return f"{BEGIN_SYNCHRONIZED}{difference}{END_SYNCHRONIZED}"
        return difference

    def _run(self) -> None:
        try:
            while data := self._next():
                self._send(data.encode(self._encoding, "replace"))
        except OSError:
            # The terminal is gone. The hang-up signal ends the program; until then nobody sees what is drawn.
            pass
        finally:
            with self._changed:
                self._thread = None
                self._queue.clear()
                self._changed.notify_all()

    def _next(self) -> str:
        """Waits until there is something to send. Empty when there will be nothing more."""
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._queue or self._is_painted or self._is_stopping)
                data = "".join((*self._queue, self._painted()))
                self._queue.clear()
                if data or self._is_stopping:
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
