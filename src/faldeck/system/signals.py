"""SIGTERM, and SIGHUP from a terminal that is closed, end the program as Ctrl-C does."""

from __future__ import annotations

import signal
from types import FrameType

SIGNALS = tuple(
    number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None
)
"""The signals that end a program, if this system has them."""


def install_handlers() -> None:
    """Makes each of the signals end this process as Ctrl-C does. Must be called in the main thread."""
    for number in handled():
        if number is not signal.SIGINT:
            signal.signal(number, _interrupt)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and hasattr(signal, "pthread_sigmask"):
        # An event loop cancels its main task only where Python handles Ctrl-C. Any other exception from a signal may
        # come between two steps of the loop, lose one of them, and leave a task that waits for ever.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, signal.default_int_handler)


def handled() -> list[int]:
    """The signals that are not ignored. What `nohup` or `&` made this process ignore stays ignored."""
    return [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


def _interrupt(number: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):  # Windows, where Ctrl-C is ignored: that says nothing about the other signals.
        raise KeyboardInterrupt
    handler(signal.SIGINT, frame)
