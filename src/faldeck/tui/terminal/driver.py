"""A Textual driver that sends only the cells that changed. Linux and macOS."""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import signal
import struct
import sys
import termios
from collections.abc import Callable
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.widgets import Input, TextArea

from faldeck.system import log_file
from faldeck.tui.terminal import graphics, textual_private, tmux
from faldeck.tui.terminal.abilities import ABILITIES_QUESTION, heard
from faldeck.tui.terminal.colours import BACKGROUND_QUESTION, BackgroundQuestion
from faldeck.tui.terminal.graphics import Answers, CellSize
from faldeck.tui.terminal.grid import is_frame
from faldeck.tui.terminal.input_messages import InputMessages
from faldeck.tui.terminal.input_reader import EscapeSequence, InputReader, Part, escape_seconds
from faldeck.tui.terminal.placements import GraphicsTerminal
from faldeck.tui.terminal.plain import has_no_colours, is_ascii_only
from faldeck.tui.terminal.title import WindowTitle
from faldeck.tui.terminal.tmux import TmuxClient
from faldeck.tui.terminal.writer import BEGIN_SYNCHRONIZED, END_SYNCHRONIZED, TerminalWriter

if TYPE_CHECKING:
    from textual.driver import Driver


_POINTER = "\x1b]22;"
"""The start of the sequence that gives the mouse pointer a shape."""

_IDLE_POLL = 0.1
"""Seconds in which a request to end the input is noticed."""


class CellDriver(LinuxDriver):
    """Textual's own driver for modes; output goes through a `TerminalWriter`, input through an `InputReader`."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        terminal = next((stream for stream in (sys.__stderr__, sys.__stdout__) if stream and stream.isatty()), None)
        assert terminal is not None, "a driver needs a terminal"
        self._pointer = f"{_POINTER}default\x07"
        """The shape of the mouse pointer, as it was last sent. Textual sends it with every screen."""
        self._title = WindowTitle()
        self._answers: Answers | None = None
        """The terminal's answers about graphics, after it was asked."""
        self._tmux = TmuxClient()
        self._background: BackgroundQuestion | None = None
        """The question for the terminal's background, after it was asked."""
        # GNU screen is the only common terminal that erases without colour.
        self._output = TerminalWriter(
            terminal.fileno(),
            "ascii" if is_ascii_only() else terminal.encoding,
            erases_in_colour="STY" not in os.environ,
            has_colours=not has_no_colours(),
            is_ascii_only=is_ascii_only(),
        )

    def write(self, data: str) -> None:
        """Takes a frame, or other output, which is sent unchanged. Never waits for the terminal."""
        if is_frame(data):
            screen = self._app.screen
            # The size that the frame was painted for: the app may already know a newer size.
            self._output.paint(data, *screen.outer_size, has_caret=isinstance(screen.focused, Input | TextArea))
        elif data == BEGIN_SYNCHRONIZED:
            self._output.is_synchronized = True
        elif data != END_SYNCHRONIZED and data != self._pointer:
            if data.startswith(_POINTER):
                self._pointer = data
            self._output.write(data)

    def reset(self) -> None:
        """Draws the whole screen again, after another program has drawn over it."""
        self._output.repaint()

    def start_application_mode(self) -> None:
        # This also starts Textual's own writer, which gets nothing to write.
        self._output.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._follow_size()
        self._output.write(self._title.again())
        if not is_ascii_only():
            self._output.write(ABILITIES_QUESTION)
        self._output.repaint()

    def _enable_mouse_support(self) -> None:
        # Not Textual's mode 1003: it reports each cell that the pointer crosses, which over SSH is traffic for nothing.
        # 1002 reports motion while a button is held, which drags a border.
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1002h\x1b[?1006h")

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1006l\x1b[?1002l\x1b[?1000l")

    def stop_application_mode(self) -> None:
        self._output.clear_pictures()
        self._output.write(f"{self._title.give_back()}\x1b[m")
        super().stop_application_mode()

    def show_title(self, text: str) -> None:
        """Shows a text as the title of the window, until the terminal is given back."""
        if sequence := self._title.show(text):
            self._output.write(sequence)

    async def graphics(self, setting: str) -> GraphicsTerminal | None:
        """How the terminal draws pictures, as the setting `pictures` allows; None for half blocks.

        The first call asks tmux, if the deck runs in it, and the terminal. That takes half a second, or with a tmux
        that does not answer five more.
        """
        if self._answers is None:
            self._answers = Answers()
            if graphics.asks_tmux(setting, os.environ):
                self._tmux = await asyncio.to_thread(tmux.ask, os.environ)
            if question := graphics.question(setting, os.environ):
                self._output.write(question)
                await self._answers.complete()
            else:
                return None
        protocol = graphics.chosen(setting, os.environ, self._answers, self._tmux)
        cell = self._cell_size() or self._answers.cell or graphics.cell_size(*self._tmux.cell)
        return GraphicsTerminal(protocol, cell, self._output.shelf) if protocol and cell else None

    def ask_background(self, on_answer: Callable[[bool], object]) -> None:
        """Asks the terminal for its background, and waits for nothing; see `BackgroundQuestion`."""
        self._background = BackgroundQuestion(on_answer)
        self._output.write(BACKGROUND_QUESTION)

    def _cell_size(self) -> CellSize | None:
        """The size of a cell in pixels, from the tty; many multiplexers do not report it."""
        try:
            answer = fcntl.ioctl(self.fileno, termios.TIOCGWINSZ, bytes(8))
        except OSError:
            return None
        rows, columns, width, height = struct.unpack("HHHH", answer)
        return graphics.cell_size(width // columns, height // rows) if rows and columns else None

    def close(self) -> None:
        self._output.stop()
        super().close()

    def run_input_thread(self) -> None:
        """Reads the terminal's input until it is disabled. Unreadable parts are left out and logged."""
        reader = InputReader(escape_seconds(os.environ))
        messages = InputMessages()
        while not self.exit_event.is_set():
            due = reader.deadline
            patience = _IDLE_POLL if due is None else min(_IDLE_POLL, max(0.0, due - monotonic()))
            is_ready, _, _ = select.select([self.fileno], [], [], patience)
            if is_ready:
                if not (data := self._read()):
                    return
                parts = reader.feed(data, monotonic())
            else:
                parts = reader.tick(monotonic())
            for part in parts:
                self._hand_on(messages, part)

    def _read(self) -> bytes:
        """The bytes that have arrived; empty if the terminal is gone. A hang-up signal reports that, too."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _hand_on(self, messages: InputMessages, part: Part) -> None:
        if isinstance(part, EscapeSequence):
            for question in (self._answers, self._background):
                if question:
                    question.hear(part.text)
            if abilities := heard(part.text):
                self._output.use(abilities)
        try:
            meant = list(messages.of(part))
        except Exception as error:  # noqa: BLE001 (no sequence of a terminal may end the reading of the next)
            log_file.record(error, "what the terminal sent could not be read")
            return
        for message in meant:
            self.process_message(message)

    def _run_input_thread(self) -> None:
        """If reading fails, ends the app with an exit status and an entry in the log."""
        try:
            self.run_input_thread()
        except Exception as error:  # noqa: BLE001 (a deck that gets no input must not look alive)
            textual_private.handle_exception(self._app, error)

    def _follow_size(self) -> None:
        """Redraws after a change of size: a terminal may then show anything, even if the size changes back at once."""
        tell_textual = signal.getsignal(signal.SIGWINCH)

        def on_size_changed(number: int, frame: FrameType | None) -> None:
            self._output.resized(*self._get_terminal_size())
            if callable(tell_textual):
                tell_textual(number, frame)

        signal.signal(signal.SIGWINCH, on_size_changed)


def driver_class() -> type[Driver] | None:
    """The driver for `App(driver_class=…)`; None leaves the choice to Textual.

    It is None on Windows, with `FALDECK_DRIVER=stock`, and under a host such as textual-serve that chose a driver
    (`TEXTUAL_DRIVER`).
    """
    if sys.platform == "win32" or os.environ.get("FALDECK_DRIVER") == "stock" or "TEXTUAL_DRIVER" in os.environ:
        return None

    return CellDriver
