"""A Textual driver that sends only the cells that changed. Linux and macOS."""

from __future__ import annotations

import os
import select
import signal
import sys
from codecs import getincrementaldecoder
from enum import Enum
from types import FrameType
from typing import Any

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from faldeck.tui.cells import is_frame
from faldeck.tui.output import BEGIN_SYNCHRONIZED, END_SYNCHRONIZED, Output

_ESCAPE_POLL = 0.025
"""Seconds between a read and the look whether it ended with a lone Escape."""
_IDLE_POLL = 0.1
"""Seconds in which a request to end the input is noticed."""


class AltDigit(Enum):
    """The keys that go to a pane while a text is typed."""

    ONE, TWO, THREE, FOUR = "alt+1", "alt+2", "alt+3", "alt+4"


# Textual reads these as the characters that macOS types with Option, and a text line would take them.
ANSI_SEQUENCES_KEYS.update({f"\x1b{key.value[-1]}": (key,) for key in AltDigit})  # type: ignore[attr-defined]


class CellDriver(LinuxDriver):
    """Textual's own driver for input and modes; what is painted goes through a shadow of the screen."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        terminal = sys.__stderr__
        assert terminal is not None, "a driver needs a terminal"
        # GNU screen is the one terminal in use that erases without colour.
        self._output = Output(terminal.fileno(), terminal.encoding, erases_in_colour="STY" not in os.environ)

    def write(self, data: str) -> None:
        """Takes a frame, or anything else to be sent as it is. Never waits for the terminal."""
        if is_frame(data):
            # The size it was painted for: the app's own may be ahead of its screen's.
            self._output.paint(data, *self._app.screen.outer_size)
        elif data == BEGIN_SYNCHRONIZED:
            self._output.is_synchronized = True
        elif data != END_SYNCHRONIZED:
            self._output.write(data)

    def reset(self) -> None:
        """Draws the whole screen anew, after something else has drawn over it."""
        self._output.repaint()

    def start_application_mode(self) -> None:
        # The writer that this starts as well gets nothing to write.
        self._output.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._follow_size()
        self._output.repaint()

    def close(self) -> None:
        self._output.stop()
        super().close()

    def run_input_thread(self) -> None:
        """Reads keys. Textual's own looks for a lone Escape ten times a second, whatever `ESCDELAY` says."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        poll = _IDLE_POLL
        while not self.exit_event.is_set():
            is_ready, _, _ = select.select([self.fileno], [], [], poll)
            poll = _ESCAPE_POLL if is_ready else _IDLE_POLL
            if is_ready:
                data = os.read(self.fileno, 4096)
                if not data:
                    return
                # An empty text would tell the parser that the input has ended: half a character gives one.
                for message in parser.feed(text) if (text := decode(data)) else ():
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)

    def _follow_size(self) -> None:
        """Terminals keep what they like when their size changes, even if it changes back before Textual looks."""
        tell_textual = signal.getsignal(signal.SIGWINCH)

        def on_size_changed(number: int, frame: FrameType | None) -> None:
            self._output.resized(*self._get_terminal_size())
            if callable(tell_textual):
                tell_textual(number, frame)

        signal.signal(signal.SIGWINCH, on_size_changed)
