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

_LARGEST = 2**63 - 1
_NARROW_FROM_MS = 2**41 - 2**37
"""From here on (April 2035) a millisecond has fewer ids, so that they last until 2313; with all, they end in 2039."""

_WIDE_BITS, _NARROW_BITS = 22, 16

_newest = 0


def new_id() -> str:
    """A fresh local job id: its millisecond, then random bits. Later ids of one process are larger."""
    global _newest
    ms = time.time_ns() // 1_000_000
    first, size = first_number(ms), _ids_in(ms)
    number = first + int.from_bytes(os.urandom(3)) % size
    if first <= _newest < first + 1000 * size:  # Thousands are made in one millisecond: two must not be the same.
        number = max(number, _newest + 1)
    _newest = min(number, _LARGEST)
    return id_text(_newest)


def successor(job_id: str, ended_ms: int) -> str:
    """The id of the job that takes the place of one that ended then: the same for every process that asks.

    So two processes that send the same request again send it once: the second finds its id taken.
    """
    import hashlib

    mixed = int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:4])
    return id_text(min(first_number(ended_ms) + mixed % _ids_in(ended_ms), _LARGEST))


def first_number(ms: int) -> int:
    """The least number of an id made in this millisecond since 1970; the last there is where it is too late."""
    wide = min(max(ms, 0), _NARROW_FROM_MS) << _WIDE_BITS
    return min(wide + (max(ms - _NARROW_FROM_MS, 0) << _NARROW_BITS), _LARGEST)


def id_text(number: int) -> str:
    """The text of a job id; the inverse of `id_number`."""
    return "".join(ID_ALPHABET[number >> shift & 31] for shift in range(5 * (ID_LENGTH - 1), -1, -5))


def id_number(text: str) -> int:
    """The number behind a job id; raises ValueError where `text` is none."""
    if len(text) != ID_LENGTH or not set(text) <= set(ID_ALPHABET) or text[0] > LARGEST_FIRST:
        raise ValueError(f"not a job id: {text!r}")
    return int(text, 32)


def _ids_in(ms: int) -> int:
    return 1 << (_WIDE_BITS if ms < _NARROW_FROM_MS else _NARROW_BITS)
