"""Measures the deck in a pretend terminal and prints each figure beside its goal: `python tests/bench/deck.py`.

Takes some minutes. A Textual program of one line is measured in the same run, since machines differ and days do.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # For the pretend terminal.

from drawing import full_frame  # noqa: E402
from measures import (  # noqa: E402
    Start,
    costs,
    first_answers,
    first_frames,
    idle,
    last_answer,
    memory,
    percentile_95,
    stalls,
    start,
    step,
)
from seed import environment, seed  # noqa: E402
from support.pty_terminal import Terminal  # noqa: E402

DECK = (sys.executable, "-m", "faldeck")
HELLO = (sys.executable, str(HERE / "hello.py"))
HEARTBEAT = (sys.executable, str(HERE / "heartbeat.py"))
PANES = (("3", "jobs", "lighthouse"), ("1", "models", "river fast"))
"""The key of each list, its name, and what to search in it."""
MEBIBYTE = 1024 * 1024

FAR_RATE, FAR_DELAY = 8_000, 0.150
"""A far line: bytes a second (64 kbit/s), and seconds that a key and its answer take on the way."""


@dataclass(frozen=True)
class Figure:
    """Something measured, and the most that it may be; nothing is asked of what only serves to compare."""

    name: str
    measured: float
    goal: float | None
    unit: str

    def __str__(self) -> str:
        line = f"{self.name:46}{self.measured:12,.1f}"
        if self.goal is None:
            return f"{line}{'':12} {self.unit}"
        return f"{line}{self.goal:12,.1f} {self.unit:6}{'ok' if self.measured <= self.goal else 'MISSED'}"


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder) / "home"
        if not home.exists():
            print(f"Making {options.models:,} models and {options.jobs:,} jobs …", flush=True)
            seed(home, models=options.models, jobs=options.jobs)
        print(f"{'':46}{'measured':>12}{'goal':>12}")
        living = environment(home)
        for figure in chain(
            starts(living, options.runs),
            traffic(living, options.runs),
            speed(living, options.runs),
            growth(living),
            slow_line(living, Path(folder) / "late.json"),
            far_line(living, options.runs),
            [Figure("CPU of a frame, all 120 by 40 cells new", full_frame(100) * 1000, 3, "ms")],
        ):
            print(figure, flush=True)


def starts(living: Mapping[str, str], runs: int) -> Iterator[Figure]:
    """The start, against that of the one-line program, in turns."""
    pairs = [(_start(HELLO, living), _start(DECK, living)) for _ in range(runs + 1)][1:]
    hello, deck = ([pair[which] for pair in pairs] for which in (0, 1))
    first_hello, complete_hello = median(one.first_frame for one in hello), median(one.complete for one in hello)
    first, complete = median(one.first_frame for one in deck), median(one.complete for one in deck)
    yield Figure("hello, world: first frame", first_hello * 1000, None, "ms")
    yield Figure("hello, world: complete", complete_hello * 1000, None, "ms")
    yield Figure("first frame", first * 1000, 1.6 * first_hello * 1000, "ms")
    yield Figure("complete", complete * 1000, 2.2 * complete_hello * 1000, "ms")
    yield Figure("bytes at the start", median(one.sent for one in deck), 20_000, "bytes")
    yield Figure("memory after the start", median(one.memory for one in deck) / MEBIBYTE, 60, "MiB")


def traffic(living: Mapping[str, str], runs: int) -> Iterator[Figure]:
    """Bytes that actions cost."""
    with _deck(living) as deck:
        yield Figure("idle for 10 s", idle(deck, 10), 0, "bytes")
        for pane, name, words in PANES:
            step(deck, pane)
            yield Figure(f"cursor move, {name}", first_frames(deck, ["down"] * runs), 300, "bytes")
            yield Figure("… with what follows once it rests", costs(deck, ["down"] * runs), 600, "bytes")
            yield Figure(f"page, {name}", first_frames(deck, ["pagedown"] * runs), 1_000, "bytes")
            yield Figure("… with what follows once it rests", costs(deck, ["pagedown"] * runs), None, "bytes")
            step(deck, "/")
            yield Figure(f"typed character, {name}", costs(deck, words[:runs]), 500, "bytes")
            step(deck, "escape")
        yield Figure("pane switch", costs(deck, ["tab"] * runs), 600, "bytes")
        for key, name in (("?", "help"), ("ctrl+p", "commands")):
            pairs = [(costs(deck, [key]), costs(deck, ["escape"])) for _ in range(runs)]
            yield Figure(f"popup opens, {name}", median(opened for opened, _ in pairs), 2_000, "bytes")
            yield Figure(f"popup closes, {name}", median(closed for _, closed in pairs), 2_000, "bytes")


def speed(living: Mapping[str, str], runs: int) -> Iterator[Figure]:
    """Time from a key to what it changes."""
    with _deck(living) as deck:
        for pane, name, _ in PANES:
            step(deck, pane)
            answers = first_answers(deck, ["down"] * runs * 8)
            yield Figure(f"key to paint, {name}, p95", percentile_95(answers) * 1000, 25, "ms")
        switches = []
        for _ in range(runs):
            step(deck, "down")
            switches.append(last_answer(deck, "enter"))
            step(deck, "shift+tab")
        yield Figure("model switch", median(switches) * 1000, 100, "ms")


def growth(living: Mapping[str, str]) -> Iterator[Figure]:
    """Memory after long use."""
    with _deck(living) as deck:
        before = memory(deck)
        step(deck, *["tab"] * 1_000)
        step(deck, *["down", "enter", "shift+tab"] * 200)
        yield Figure("growth, 1,000 pane and 200 model switches", (memory(deck) - before) / MEBIBYTE, 10, "MiB")


def slow_line(living: Mapping[str, str], notes: Path) -> Iterator[Figure]:
    """The event loop on a line of 20 kB/s, while keys are held down."""
    keys = ["3", *["down"] * 60, *["pagedown"] * 30, *["tab"] * 12, *["?", "escape"] * 6, "1"]
    late = stalls((*HEARTBEAT, str(notes)), environment=living, rate=20_000, keys=keys, notes=notes)
    yield Figure("longest stall of the event loop, 20 kB/s", late * 1000, 50, "ms")


def far_line(living: Mapping[str, str], runs: int) -> Iterator[Figure]:
    """From a key to its whole answer on a line of 64 kbit/s, with the time that both are on the way."""
    with Terminal(*DECK, environment=living, rate=FAR_RATE) as deck:
        yield Figure("far line: complete", (start(deck).complete + FAR_DELAY / 2) * 1000, None, "ms")
        for pane, name, _ in PANES:
            step(deck, pane)
            answers = [last_answer(deck, key) for key in ["down"] * runs + ["pagedown"] * runs]
            took = (percentile_95(answers) + FAR_DELAY) * 1000
            yield Figure(f"far line: key to its whole answer, {name}, p95", took, 1_000, "ms")


def _start(command: tuple[str, ...], living: Mapping[str, str]) -> Start:
    with Terminal(*command, environment=living) as terminal:
        return start(terminal)


def _deck(living: Mapping[str, str]) -> Terminal:
    terminal = Terminal(*DECK, environment=living)
    start(terminal)
    return terminal


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="how often each thing is done; the median counts")
    parser.add_argument("--models", type=int, default=1_600)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--home", type=Path, help="a folder to make the models and jobs in, or that has them already")
    return parser.parse_args()


if __name__ == "__main__":
    main()
