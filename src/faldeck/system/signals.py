"""Being told to end: SIGTERM, and SIGHUP when the terminal goes away, are heard as Ctrl-C is."""

from __future__ import annotations

import signal
from types import FrameType

NUMBERS = tuple(
    number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None
)
"""What tells a program to end, as far as this system knows it."""


def hear() -> None:
    """Has this process end by any of them as it does by Ctrl-C; to be called in the main thread."""
    for number in wanted():
        if number is not signal.SIGINT:
            signal.signal(number, _interrupt)


def wanted() -> list[int]:
    """Those of `NUMBERS` that count here: what was ignored from the start (by `nohup`, by `&`) goes on being so."""
    return [number for number in NUMBERS if signal.getsignal(number) is not signal.SIG_IGN]


def _interrupt(number: int, frame: FrameType | None) -> None:
    heard = signal.getsignal(signal.SIGINT)
    if not callable(heard):  # Ctrl-C is ignored, which says nothing about the others.
        raise KeyboardInterrupt
    heard(signal.SIGINT, frame)
