"""Job ids: 13 digits that sort by time. Imports nothing, since even the shortest listing needs it."""

from __future__ import annotations

import os
import time

ID_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
"""The digits of a job id, as `int(text, 32)` reads them."""

ID_LENGTH = 13
"""Digits of a job id: 63 bits in base 32."""

LARGEST_FIRST = "7"
"""The first of them holds three bits: SQLite's integers have 64, one of which is the sign."""


def new_id() -> str:
    """A fresh local job id: 41 bits of milliseconds, then 22 random bits, so that ids sort by time."""
    number = time.time_ns() // 1_000_000 << 22 | int.from_bytes(os.urandom(3)) >> 2
    return id_text(number)


def id_text(number: int) -> str:
    """The text of a job id; the inverse of `id_number`."""
    return "".join(ID_ALPHABET[number >> shift & 31] for shift in range(5 * (ID_LENGTH - 1), -1, -5))


def id_number(text: str) -> int:
    """The number behind a job id; raises ValueError where `text` is none."""
    if len(text) != ID_LENGTH or not set(text) <= set(ID_ALPHABET) or text[0] > LARGEST_FIRST:
        raise ValueError(f"not a job id: {text!r}")
    return int(text, 32)
