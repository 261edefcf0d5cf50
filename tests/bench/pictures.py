"""Measures pictures in pretend terminals, each figure beside its goal: `python tests/bench/pictures.py [blocks …]`.

A few minutes. The files are 1024 by 1024 pixels; a cell has 10 by 20. Times are from the key to the last byte. On a
busy machine the times of the processor say more: for a picture the whole deck's, in a stall the event loop thread's.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # For the pretend terminal.

from deck import HEARTBEAT, MEBIBYTE, Figure  # noqa: E402
from measures import cpu, first_answers, memory, percentile_95  # noqa: E402
from seed import environment, seed  # noqa: E402
from support.kept_pictures import keep  # noqa: E402
from support.pty_terminal import Terminal  # noqa: E402

from fal_emulator.art.painting import paint, png  # noqa: E402
from faldeck.history import Store, history_path  # noqa: E402

SIDE = 1024
JOBS = 500
PAINTED = 8
"""Different pictures; the files are copies of them."""
SHOWN = 30
"""Pictures whose way to the screen is timed."""

ATTRIBUTES = b"\x1b[c"
KITTY_QUESTION = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
PROFILES: Mapping[str, tuple[dict[bytes, bytes], dict[str, str], bytes, float]] = {
    "blocks": ({ATTRIBUTES: b"\x1b[?62;22c"}, {}, "▀".encode(), 150),
    "kitty": (
        {KITTY_QUESTION: b"\x1b_Gi=31;OK\x1b\\", ATTRIBUTES: b"\x1b[?62c"},
        {"KITTY_WINDOW_ID": "1"},
        b"\x1b_Ga=p,",
        250,
    ),
    "sixel": ({ATTRIBUTES: b"\x1b[?62;4c"}, {}, b"\x1bP0;1;0q", 250),
}
"""Name → answers, environment, what a picture begins with, and the goal in milliseconds."""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"Making {JOBS} pictures …", flush=True)
        seed(folder / "home", models=20, jobs=1)
        _keep_pictures(folder)
        living = environment(folder / "home")
        print(f"{'':46}{'measured':>12}{'goal':>12}")
        for profile in sys.argv[1:] or PROFILES:
            for figure in figures(profile, living, folder / f"{profile}.json"):
                print(figure, flush=True)


def _keep_pictures(folder: Path) -> None:
    painted = [png(paint("a harbour at dusk", number * 7, SIDE, SIDE)) for number in range(PAINTED)]
    store = Store(history_path())
    for number in range(JOBS):
        job = keep(store, folder, number, side=4)
        Path(job.outputs[0].path or "").write_bytes(painted[number % PAINTED])
    store.close()


def figures(profile: str, living: Mapping[str, str], notes: Path) -> Iterator[Figure]:
    """All that is measured of one kind of terminal."""
    _, _, begins, goal = PROFILES[profile]
    with _deck(profile, living, notes) as (deck, since):
        used = cpu(deck)
        moved = first_answers(deck, ["down"] * 100)
        yield Figure(f"{profile}: processor for a step and its picture", (cpu(deck) - used) * 10, 100, "ms")
        yield Figure(f"{profile}: a step through 100 results, p95", percentile_95(moved) * 1000, 100, "ms")
        seen = len(deck.arrivals)
        deck.press("home", "v")
        deck.wait_for(_has_come(b"Contact sheet", seen), timeout=60)
        deck.settle(1)
        deck.press("enter")
        deck.settle(1)
        shown, sent, busy = zip(*(_shown(deck, begins) for _ in range(SHOWN)), strict=True)
        yield Figure(f"{profile}: file to screen, median", median(shown) * 1000, goal, "ms")
        yield Figure(f"{profile}: file to screen, p95", percentile_95(shown) * 1000, None, "ms")
        yield Figure(f"{profile}: processor for a picture, median", median(busy) * 1000, goal, "ms")
        yield Figure(f"{profile}: bytes of a picture, median", median(sent), None, "bytes")
        for _ in range(JOBS - SHOWN):
            deck.press("right")
            time.sleep(0.1)
        deck.settle(2)
        yield Figure(f"{profile}: memory, {JOBS} results seen", memory(deck) / MEBIBYTE, 150, "MiB")
        until = time.perf_counter()
        seen = len(deck.arrivals)
        deck.press("q")
        deck.wait_for(_has_come(b"Result", seen))
        deck.press("q")
        deck.wait()
    late = [(seconds, busy) for at, seconds, busy in json.loads(notes.read_text()) if since < at < until]
    longest, busiest = (max(each, default=0) * 1000 for each in (zip(*late, strict=True) if late else ((), ())))
    yield Figure(f"{profile}: longest stall of the event loop", longest, 50, "ms")
    yield Figure(f"{profile}: most processor in one stall", busiest, 50, "ms")


@contextmanager
def _deck(profile: str, living: Mapping[str, str], notes: Path) -> Iterator[tuple[Terminal, float]]:
    """A deck with the cursor on the newest job, and when it was ready."""
    answers, variables, _, _ = PROFILES[profile]
    words = (*HEARTBEAT, str(notes))
    with Terminal(*words, environment={**living, **variables}, answers=answers, cell=(10, 20)) as deck:
        deck.wait_for(f"picture {JOBS - 1}", timeout=120)
        deck.press("escape", "3", "home")
        deck.settle(1)
        yield deck, time.perf_counter()


def _shown(deck: Terminal, begins: bytes) -> tuple[float, int, float]:
    """Seconds from the key to the last byte of the next picture, its bytes, and seconds of the processor."""
    before, seen, used = deck.received, len(deck.arrivals), cpu(deck)
    pressed = time.perf_counter()
    deck.press("right")
    deck.wait_for(_has_come(begins, seen))
    deck.settle(0.3)
    return deck.arrivals[-1].at - pressed, deck.received - before, cpu(deck) - used


def _has_come(begins: bytes, seen: int) -> Callable[[Terminal], bool]:
    return lambda deck: begins in b"".join(arrival.data for arrival in deck.arrivals[seen:])


if __name__ == "__main__":
    main()
