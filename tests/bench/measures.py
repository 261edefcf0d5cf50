"""What is measured of a program in a pretend terminal: when it draws, how much it sends, how long it takes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from statistics import median

from support.pty_terminal import Terminal

_ALTERNATE_SCREEN = b"\x1b[?1049h"
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)?", re.DOTALL)
_GLYPH = re.compile(rb"[^\x00-\x20\x7f]")
FRAME_GAP = 0.06
"""Seconds without output after which the next bytes are another frame."""
PATIENCE = 20
"""Seconds without an answer after which a key is taken to change nothing."""
QUIET = 0.2
"""Seconds of silence after which a key is taken to be answered."""


@dataclass(frozen=True)
class Start:
    """How a program starts. Times are seconds after the start of its process."""

    first_frame: float
    """The first glyph on the alternate screen."""
    complete: float
    """The last byte before the program fell silent."""
    sent: int
    """Bytes up to then."""
    memory: int
    """Bytes that are resident then."""


def start(terminal: Terminal) -> Start:
    """Watches a program from its beginning until it is silent."""
    terminal.wait_for(lambda shown: _has_glyph(shown.output))
    terminal.settle(0.5)
    arrivals = terminal.arrivals
    texts = accumulate(arrival.data for arrival in arrivals)
    first = next(arrival.at for arrival, text in zip(arrivals, texts, strict=True) if _has_glyph(text))
    return Start(
        first_frame=first - terminal.started_at,
        complete=arrivals[-1].at - terminal.started_at,
        sent=terminal.received,
        memory=memory(terminal),
    )


def memory(terminal: Terminal) -> int:
    """The program's resident bytes; 0 where the system has no /proc."""
    try:
        status = Path(f"/proc/{terminal.pid}/status").read_text()
    except OSError:
        return 0
    _, found, resident = status.partition("VmRSS:")
    assert found, f"the program has ended; the screen is\n{terminal.text}"
    return int(resident.split()[0]) * 1024


def cpu(terminal: Terminal) -> float:
    """Seconds that the program has kept a processor busy, which other programs hardly change; 0 without a /proc."""
    nanoseconds = 0
    for thread in Path(f"/proc/{terminal.pid}/task").glob("*/schedstat"):
        nanoseconds += int(thread.read_text().split()[0])
    return nanoseconds / 1e9


def costs(terminal: Terminal, keys: Sequence[str]) -> float:
    """The median of the bytes that each key costs; raises if they change nothing."""
    cost = median(_cost(terminal, key) for key in keys)
    assert cost > 0, f"{keys} change nothing"
    return cost


def first_frames(terminal: Terminal, keys: Sequence[str]) -> float:
    """The median of the bytes of the first frame after each key; what follows a rest comes later and is not counted."""
    return median(_first_frame(terminal, key) for key in keys)


def idle(terminal: Terminal, seconds: float) -> int:
    """The bytes that are sent while nobody does anything."""
    before = terminal.received
    time.sleep(seconds)
    return terminal.received - before


def first_answers(terminal: Terminal, keys: Sequence[str]) -> list[float]:
    """Seconds from each key to the first byte of what it changes."""
    return [_answered(terminal, key)[0] for key in keys]


def last_answer(terminal: Terminal, key: str) -> float:
    """Seconds from a key to the last byte of what it changes."""
    return _answered(terminal, key)[1]


def percentile_95(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def step(terminal: Terminal, *keys: str) -> None:
    """Presses keys, each when the one before has been answered; raises if one changes nothing."""
    for key in keys:
        _press(terminal, key)
        terminal.settle(0.015)


def stalls(
    words: Sequence[str], *, environment: Mapping[str, str], rate: int, keys: Sequence[str], notes: Path
) -> float:
    """The longest time in seconds that the event loop was late while keys were held down on a slow line.

    `words` runs a program that leaves what `heartbeat.py` notes in the file `notes`.
    """
    with Terminal(*words, environment=environment, rate=rate) as terminal:
        terminal.wait_for(lambda shown: _ALTERNATE_SCREEN in shown.output)
        terminal.settle(1)
        since = time.perf_counter()
        for key in keys:
            terminal.press(key)
            time.sleep(1 / 30)
        terminal.settle(1, timeout=60)
        until = time.perf_counter()
        terminal.press("escape")
        terminal.settle()
        terminal.press("q")
        terminal.wait()
    return max((late for at, late, _ in json.loads(notes.read_text()) if since < at < until), default=0)


def _cost(terminal: Terminal, key: str) -> int:
    before = terminal.received
    terminal.press(key)
    terminal.settle(QUIET)
    return terminal.received - before


def _first_frame(terminal: Terminal, key: str) -> int:
    seen = len(terminal.arrivals)
    terminal.press(key)
    terminal.settle(QUIET)
    answer = terminal.arrivals[seen:]
    pauses = [later.at - one.at for one, later in pairwise(answer)]
    count = next((place for place, pause in enumerate(pauses, 1) if pause > FRAME_GAP), len(answer))
    return sum(len(arrival.data) for arrival in answer[:count])


def _answered(terminal: Terminal, key: str) -> tuple[float, float]:
    """Seconds from the key to the first and to the last byte of the answer."""
    seen = len(terminal.arrivals)
    pressed = _press(terminal, key)
    terminal.settle(QUIET)
    answer = terminal.arrivals[seen:]
    return answer[0].at - pressed, answer[-1].at - pressed


def _press(terminal: Terminal, key: str) -> float:
    """Presses a key and waits for the beginning of the answer; gives when it was pressed."""
    seen = len(terminal.arrivals)
    pressed = time.perf_counter()
    terminal.press(key)
    while len(terminal.arrivals) == seen:
        assert time.perf_counter() < pressed + PATIENCE, f"{key} changes nothing"
        time.sleep(0.001)
    return pressed


def _has_glyph(output: bytes) -> bool:
    _, _, drawn = output.partition(_ALTERNATE_SCREEN)
    return _GLYPH.search(_SEQUENCE.sub(b"", drawn)) is not None
