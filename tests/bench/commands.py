"""How long commands take to start, as multiples of `python -c pass` in the same run.

    python tests/bench/commands.py [--jobs 100000] [--times 15]

Prints a line for each command; the multiples of the medians are what counts, since machines differ. `status` speaks
to an emulator in whose queue its request waits, and has a history of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import lab
from seed import environment, seed

_PYTHON = sys.executable
_FALDECK = (_PYTHON, "-m", "faldeck")


def main() -> None:
    """Measures them in turn, again and again, so that a busy moment of the machine meets all alike."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100_000, help="jobs in the history")
    parser.add_argument("--models", type=int, default=1_600, help="models in the catalogue")
    parser.add_argument("--times", type=int, default=15, help="how often each is run")
    wish = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as other,
        lab.served(Path(other) / "state", "--faults", "slow-queue@submit=1000000000") as url,
    ):
        home = Path(folder)
        at_lab = {**os.environ, **lab.settled(Path(other), url)}
        seed(home, models=wish.models, jobs=wish.jobs)
        commands = {
            "python -c pass": (_PYTHON, "-c", "pass"),
            "python -c 'import dataclasses'": (_PYTHON, "-c", "import dataclasses"),
            "--version": (*_FALDECK, "--version"),
            "jobs --limit 20 --json": (*_FALDECK, "jobs", "--limit", "20", "--json"),
            "jobs --search lake --limit 20": (*_FALDECK, "jobs", "--search", "lake", "--limit", "20"),
            "models flux": (*_FALDECK, "models", "flux", "--limit", "20"),
            "complete a command": (*_FALDECK, "completion", "bash", "--", "jo"),
            "complete a model": (*_FALDECK, "completion", "bash", "--", "run", "aurora-ai/fl"),
            "complete a field": (
                *_FALDECK,
                "completion",
                "bash",
                "--",
                "run",
                "aurora-ai/flux/dev/text-to-image",
                "--",
            ),
            "complete a request": (*_FALDECK, "completion", "bash", "--", "status", ""),
        }
        at_home = {**os.environ, **environment(home)}
        surroundings = dict.fromkeys(commands, at_home)
        commands["status ID"] = (*_FALDECK, "status", _waiting(at_lab))
        surroundings["status ID"] = at_lab
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(wish.times + 1):
            for name, words in commands.items():
                taken[name].append(_seconds(words, surroundings[name]))
    least = median(taken["python -c pass"][1:])
    for name, seconds in taken.items():
        # The first run compiles.
        middle = median(seconds[1:])
        print(f"{middle * 1000:7.1f} ms  {middle / least:5.1f}x  {name}")


def _waiting(surroundings: dict[str, str]) -> str:
    """A request that waits in the queue."""
    words = (*_FALDECK, "run", "demo/sketch/fast", "-p", "a lake", "--async")
    done = subprocess.run(words, env=surroundings, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _seconds(words: tuple[str, ...], surroundings: dict[str, str]) -> float:
    begun = time.perf_counter()
    done = subprocess.run(words, env=surroundings, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
