"""Runs faldeck on an event loop that notes when it was late: `python heartbeat.py FILE [faldeck's words …]`.

When the program ends, FILE holds a JSON list of [when, how late] in seconds, `when` by `time.perf_counter`.
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

late: list[tuple[float, float]] = []


class Policy(asyncio.DefaultEventLoopPolicy):
    """Gives every new loop a heart."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        loop.call_soon(_beat, loop, time.perf_counter())
        return loop


def _beat(loop: asyncio.AbstractEventLoop, due: float) -> None:
    now = time.perf_counter()
    if now - due > NOTED:
        late.append((now, now - due))
    loop.call_later(INTERVAL, _beat, loop, now + INTERVAL)


if __name__ == "__main__":
    file, *words = sys.argv[1:]
    atexit.register(lambda: Path(file).write_text(json.dumps(late)))
    asyncio.set_event_loop_policy(Policy())
    sys.exit(main(words, open_deck=open_deck))
