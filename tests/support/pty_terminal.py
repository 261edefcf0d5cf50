"""A terminal in Python around a real pty: runs a program, answers its questions, types keys, reads the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import NamedTuple

from support.screen import Cell, Screen

KEYS = {
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "delete": "\x1b[3~",
    "backspace": "\x7f",
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "escape": "\x1b",
    "space": " ",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
}
"""What a terminal sends for keys that are not a character."""

_ANSWERS = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[6n": b"\x1b[3;4R", b"\x1b[c": b"\x1b[?62;22c"}
_FOREIGN = (
    "TMUX",
    "STY",
    "SSH_CONNECTION",
    "SSH_TTY",
    "SSH_CLIENT",
    "NO_COLOR",
    "COLUMNS",
    "LINES",
    "TERM_PROGRAM",
    "KITTY_WINDOW_ID",
)

PATIENCE_SECONDS = 30.0
"""Longer than anything waited for takes, however busy the machine."""


class Arrival(NamedTuple):
    """Bytes that the program has sent, and when they came: seconds of `time.perf_counter`."""

    at: float
    data: bytes


class Terminal:
    """Runs one program; a context manager that kills it in the end.

    `rate` is the number of bytes a second that the line to the terminal carries; `None` is without a limit.
    `answers` is what it says to questions beside the usual ones, `cell` a cell in pixels (width, height) if it tells.
    """

    def __init__(
        self,
        *command: str,
        columns: int = 120,
        rows: int = 40,
        environment: Mapping[str, str] | None = None,
        rate: int | None = None,
        answers: Mapping[bytes, bytes] | None = None,
        cell: tuple[int, int] = (0, 0),
    ) -> None:
        self._cell = cell
        self._answers = _ANSWERS | dict(answers or {})
        self.screen = Screen(columns, rows)
        self.arrivals: list[Arrival] = []
        self._rate = rate
        self._shown = 0
        self._unanswered = b""
        self._exit_status: int | None = None
        self._has_hung_up = False
        self._is_unread = False
        self._arrived = threading.Condition()
        self._descriptor, slave = pty.openpty()
        self._set_size(columns, rows)
        self.started_at = time.perf_counter()
        self.pid = _spawn(command, os.ttyname(slave), environment or {})
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._exit_status is None:
            self.kill(signal.SIGKILL)
            self.wait()
        self._has_hung_up = True
        self._reader.join()
        os.close(self._descriptor)

    def press(self, *keys: str) -> None:
        """Types keys, by name (see `KEYS`) or as text."""
        for key in keys:
            self.send(KEYS.get(key, key).encode())

    def send(self, data: bytes) -> None:
        os.write(self._descriptor, data)

    @contextmanager
    def unread(self) -> Iterator[None]:
        """Nobody reads what the program sends: its line fills up."""
        self._is_unread = True
        try:
            yield
        finally:
            self._is_unread = False

    def resize(self, columns: int, rows: int) -> None:
        self.show()
        self.screen.resize(columns, rows)
        self._set_size(columns, rows)

    def kill(self, number: int) -> None:
        """Sends the program a signal."""
        os.kill(self.pid, number)

    def wait(self, timeout: float = PATIENCE_SECONDS) -> int:
        """The program's exit status, once it has ended; negative for the signal that ended it.

        Raises `AssertionError` if it still runs after `timeout` seconds.
        """
        if self._exit_status is None:
            self._exit_status = os.waitstatus_to_exitcode(self._next_status(0, timeout))
        return self._exit_status

    def wait_until_stopped(self, timeout: float = PATIENCE_SECONDS) -> None:
        """Waits until the program has been stopped by a signal, to be continued by another."""
        assert os.WIFSTOPPED(self._next_status(os.WUNTRACED, timeout)), "the program has ended"

    @property
    def is_alive(self) -> bool:
        """Whether the program still runs."""
        if self._exit_status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._exit_status = os.waitstatus_to_exitcode(status)
        return self._exit_status is None

    @property
    def received(self) -> int:
        """How many bytes the program has sent so far."""
        with self._arrived:
            return sum(len(arrival.data) for arrival in self.arrivals)

    @property
    def output(self) -> bytes:
        """All that the program has sent so far."""
        with self._arrived:
            return b"".join(arrival.data for arrival in self.arrivals)

    @property
    def text(self) -> str:
        """What is shown, row by row."""
        self.show()
        return self.screen.text

    @property
    def cells(self) -> list[list[Cell]]:
        self.show()
        return self.screen.cells

    def show(self) -> None:
        """Brings the screen up to all that has arrived."""
        with self._arrived:
            new = b"".join(arrival.data for arrival in self.arrivals[self._shown :])
            self._shown = len(self.arrivals)
        self.screen.feed(new)

    def wait_for(self, wanted: str | Callable[[Terminal], bool], timeout: float = PATIENCE_SECONDS) -> None:
        """Waits until a text is on the screen, or something else is true of this terminal.

        Raises `AssertionError` with what is shown instead after `timeout` seconds.
        """
        end = time.monotonic() + timeout
        while True:
            seen = len(self.arrivals)
            if wanted(self) if callable(wanted) else wanted in self.text:
                return
            if time.monotonic() > end:
                raise AssertionError(f"{wanted!r} did not come; the screen is\n{self.text}")
            with self._arrived:
                self._arrived.wait_for(lambda seen=seen: len(self.arrivals) > seen, timeout=0.05)  # type: ignore[misc]

    def settle(self, quiet: float = 0.15, timeout: float = PATIENCE_SECONDS) -> None:
        """Waits until nothing has arrived for `quiet` seconds."""
        end = time.monotonic() + timeout
        with self._arrived:
            while time.monotonic() < end:
                seen = len(self.arrivals)
                if not self._arrived.wait_for(lambda seen=seen: len(self.arrivals) > seen, timeout=quiet):  # type: ignore[misc]
                    return
        raise AssertionError(f"the output does not settle; the screen is\n{self.text}")

    def _next_status(self, options: int, timeout: float) -> int:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG | options)
            if pid:
                return status
            time.sleep(0.005)
        raise AssertionError(f"the program just goes on; the screen is\n{self.text}")

    def _set_size(self, columns: int, rows: int) -> None:
        size = struct.pack("HHHH", rows, columns, columns * self._cell[0], rows * self._cell[1])
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, size)

    def _read(self) -> None:
        while not self._has_hung_up:
            is_ready, _, _ = select.select([self._descriptor], [], [], 0.05)
            if self._is_unread:
                time.sleep(0.05)
                continue
            if not is_ready:
                continue
            try:
                data = os.read(self._descriptor, 65536 if self._rate is None else max(1, self._rate // 50))
            except OSError:
                return  # Linux's word for: nobody has the other end open any more.
            if not data:
                return
            with self._arrived:
                self.arrivals.append(Arrival(time.perf_counter(), data))
                self._arrived.notify_all()
            self._answer(data)
            if self._rate is not None:
                time.sleep(len(data) / self._rate)

    def _answer(self, data: bytes) -> None:
        """Answers in the order of the questions, as a terminal does: the last answer tells that no other will come."""
        self._unanswered = self._unanswered[-64:] + data
        asked = {at: question for question in self._answers if (at := self._unanswered.find(question)) >= 0}
        for _, question in sorted(asked.items()):
            self._unanswered = self._unanswered.replace(question, b"")
            os.write(self._descriptor, self._answers[question])


def _spawn(command: tuple[str, ...], tty: str, environment: Mapping[str, str]) -> int:
    """Starts `command` as the leader of a session of its own, whose terminal is `tty`."""
    inherited = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return os.posix_spawn(
        command[0],
        command,
        {**inherited, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, tty, os.O_RDWR, 0),
            (os.POSIX_SPAWN_DUP2, 0, 1),
            (os.POSIX_SPAWN_DUP2, 0, 2),
        ],
        setsid=True,
    )
