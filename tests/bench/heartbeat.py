"""Runs faldeck on an event loop that notes when it was late: `python heartbeat.py FILE [faldeck's words …]`.

When the program ends, FILE holds a JSON list of [when, how late, busy] in seconds: `when` by `time.perf_counter`,
`busy` how long the loop's own thread kept a processor since the last beat, which other programs hardly change.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import sys
import time
from pathlib import Path

from faldeck.__main__ import open_deck
from faldeck.cli.main import main

INTERVAL = 0.005
"""Seconds between two beats of a loop that has nothing to do."""
NOTED = 0.010
"""Seconds from which on being late is noted."""

late: list[tuple[float, float, float]] = []


class Policy(asyncio.DefaultEventLoopPolicy):
    """Gives every new loop a heart."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        loop.call_soon(_beat, loop, time.perf_counter(), time.thread_time())
        return loop


def _beat(loop: asyncio.AbstractEventLoop, due: float, before: float) -> None:
    now, busy = time.perf_counter(), time.thread_time()
    if now - due > NOTED:
        late.append((now, now - due, busy - before))
    loop.call_later(INTERVAL, _beat, loop, now + INTERVAL, busy)


if __name__ == "__main__":
    file, *words = sys.argv[1:]
    atexit.register(lambda: Path(file).write_text(json.dumps(late)))
    asyncio.set_event_loop_policy(Policy())
    sys.exit(main(words, open_deck=open_deck))
