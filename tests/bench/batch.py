"""What a batch of jobs costs as a command, beside a shell script that polls and the official client with gather.

    python tests/bench/batch.py [--jobs 100] [--runs 3]

All speak to one served emulator whose jobs take two seconds. faldeck reads the requests from a JSON lines file, keeps a
history, and saves each picture; the others leave the pictures at their URLs. Wall and CPU seconds are those of the
client from its start to its end, with all that it starts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import lab
from clients import SKETCH, lake

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Bill:
    """What a client took."""

    wall: float
    cpu: float
    requests: float
    posts: float


def main() -> None:
    """Runs the clients in turn, again and again, and prints the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3, help="the median of so many is shown")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, lab.served(Path(folder) / "state") as url:
        surroundings = {**os.environ, **lab.settled(Path(folder), url)}
        commands = _commands(url, wish.jobs, Path(folder))
        bills: dict[str, list[Bill]] = {name: [] for name in commands}
        for _ in range(wish.runs):
            for name, words in commands.items():
                bills[name].append(_bill(url, words, surroundings))
    print(f"{wish.jobs} jobs                        wall s    CPU s  requests  POSTs")
    for name, paid in bills.items():
        figures = [median(getattr(bill, part) for bill in paid) for part in Bill.__dataclass_fields__]
        print(f"{name:30} {figures[0]:7.2f} {figures[1]:8.2f} {figures[2]:9.0f} {figures[3]:6.0f}")


def _commands(url: str, jobs: int, folder: Path) -> dict[str, Sequence[str]]:
    """Client → its command."""
    each = folder / "lakes.jsonl"
    each.write_text("".join(f"{json.dumps(lake(number, folder))}\n" for number in range(jobs)))
    batch = (sys.executable, "-m", "faldeck", "run", SKETCH, "--each", str(each), "--json")
    return {
        "faldeck run --each": batch,
        "faldeck run --each --parallel": (*batch, "--parallel", str(jobs)),
        "fal_client, gather": (sys.executable, str(HERE / "clients.py"), "fal_client", url, str(jobs), str(folder)),
        "curl, every 2 s": ("sh", str(HERE / "poll.sh"), url, str(jobs), str(folder)),
    }


def _bill(url: str, words: Sequence[str], surroundings: Mapping[str, str]) -> Bill:
    before, used, begun = _log(url), os.times(), time.perf_counter()
    subprocess.run(words, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    wall, now_used = time.perf_counter() - begun, os.times()
    log = _log(url)[len(before) :]
    return Bill(
        wall=wall,
        cpu=now_used.children_user + now_used.children_system - used.children_user - used.children_system,
        requests=len(log),
        posts=sum(line["method"] == "POST" for line in log),
    )


def _log(url: str) -> list[dict[str, str]]:
    with urllib.request.urlopen(f"{url}/emulator/requests?after=0") as answer:
        lines: list[dict[str, str]] = json.load(answer)
        return lines


if __name__ == "__main__":
    main()
