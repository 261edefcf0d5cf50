"""The ids of jobs: 13 digits that begin with the time, so that their order is the order of the jobs."""

from __future__ import annotations

import os
import time

ID_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
"""The digits of a job id, as `int(text, 32)` reads them."""

_DIGITS = frozenset(ID_ALPHABET)

ID_LENGTH = 13
"""Digits of a job id: 63 bits in base 32."""

_PAIRS = [first + second for first in ID_ALPHABET for second in ID_ALPHABET]
"""Two digits of an id: a page of a list has hundreds of ids."""

_PAIR_SHIFTS = range(10 * (ID_LENGTH // 2 - 1), -1, -10)

LARGEST_FIRST = "7"
"""The largest first digit. It holds three bits only, because SQLite's integers have a sign bit."""

_LARGEST = 2**63 - 1
_NARROW_FROM_MS = 2**41 - 2**37
"""From this time (April 2035) on, a millisecond has fewer ids, so that ids last until 2313 instead of 2039."""

_WIDE_BITS, _NARROW_BITS = 22, 16

_newest = 0


def new_id() -> str:
    """Returns a new job id: the current millisecond, then random bits. Later ids of a process are larger."""
    global _newest
    ms = time.time_ns() // 1_000_000
    first, size = first_number(ms), _ids_in(ms)
    number = first + int.from_bytes(os.urandom(3)) % size
    if first <= _newest < first + 1000 * size:  # A batch makes thousands in a millisecond; no two may be equal.
        number = max(number, _newest + 1)
    _newest = min(number, _LARGEST)
    return id_text(_newest)


def successor(job_id: str, ended_ms: int) -> str:
    """Returns the id of the job that replaces one that ended at `ended_ms`: the same in every process.

    So if two processes send the same request again, it is sent once: the second finds the id in use.
    """
    return id_at(ended_ms, job_id)


def id_at(ms: int, key: str) -> str:
    """Returns the job id of something that happened at a millisecond since 1970: the same for the same `key`."""
    import hashlib

    mixed = int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:4])
    return id_text(min(first_number(ms) + mixed % _ids_in(ms), _LARGEST))


def first_number(ms: int) -> int:
    """Returns the smallest id number of a millisecond since 1970; the largest of all for times after the last."""
    wide = min(max(ms, 0), _NARROW_FROM_MS) << _WIDE_BITS
    return min(wide + (max(ms - _NARROW_FROM_MS, 0) << _NARROW_BITS), _LARGEST)


def id_text(number: int) -> str:
    """Returns the text of a job id; the inverse of `id_number`."""
    pairs = [_PAIRS[number >> shift & 1023] for shift in _PAIR_SHIFTS]
    return f"{ID_ALPHABET[number >> 5 * (ID_LENGTH - 1) & 31]}{''.join(pairs)}"


def id_number(text: str) -> int:
    """Returns the number of a job id; raises ValueError if `text` is no job id."""
    if len(text) != ID_LENGTH or not _DIGITS.issuperset(text) or text[0] > LARGEST_FIRST:
        raise ValueError(f"not a job id: {text!r}")
    return int(text, 32)


def _ids_in(ms: int) -> int:
    return 1 << (_WIDE_BITS if ms < _NARROW_FROM_MS else _NARROW_BITS)
