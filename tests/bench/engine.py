"""What it costs to wait for many jobs at once, beside the official clients and a shell script.

    python tests/bench/engine.py [--runs 5] [--scene one twenty …] [--client faldeck …]

All speak to one served emulator through a wire that counts connections and bytes. Lag is from the end of a request at
the service to the moment its result is at hand: for faldeck on disk, history and file; for the others in memory. CPU
is the client's own: its seconds in all, and its share of one core from the last submit to the first end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from wire import Wire

from fal_emulator.plan import RequestPlan, timeline

HERE = Path(__file__).parent
SAMPLE_SECONDS = 0.2
NOTHING = float("nan")


@dataclass(frozen=True)
class Scene:
    """What the service is like, and how much is asked of it."""

    jobs: int
    faults: str = "slow-queue@submit=7.7"
    """What goes wrong; unless said otherwise it makes a job of two seconds one of 9.7."""
    latency: float = 0.0
    """Seconds that the wire adds to a round trip."""
    clients: Sequence[str] | None = None
    """Who plays; None: everybody."""


OURS = ("faldeck",)
SCENES = {
    "one": Scene(1),
    "twenty": Scene(20),
    "two hundred": Scene(200),
    "a thousand": Scene(1000, "slow-queue@submit=58", clients=OURS),
    "twenty, 50 ms": Scene(20, latency=0.05, clients=OURS),
    "twenty, 200 ms": Scene(20, latency=0.2, clients=OURS),
    "two hundred, 50 ms": Scene(200, latency=0.05, clients=OURS),
    "two hundred, 200 ms": Scene(200, latency=0.2, clients=OURS),
    "lost answer": Scene(1, "drop-after@submit", clients=(*OURS, "fal_client", "@fal-ai/client")),
}


@dataclass(frozen=True)
class Bill:
    """What a client used."""

    requests: float
    statuses: float
    busiest: float
    """Statuses and streams asked for in the busiest second of the steady state."""
    posts: float
    connections: float
    kilobytes: float
    cpu: float
    share: float
    """Of one core, in the steady state."""
    median_lag: float
    p95_lag: float


@dataclass
class Bench:
    """The emulator and its disk."""

    url: str
    state: Path

    async def bill(self, scene: Scene, command: Sequence[str]) -> Bill:
        """Runs a client once."""
        before = self._log()[-1:]
        self._set_faults(scene.faults)
        folder = Path(tempfile.mkdtemp())
        async with Wire(int(self.url.rpartition(":")[2]), scene.latency).served() as wire:
            used = os.times()
            child = await asyncio.create_subprocess_exec(
                *(*command, wire.url, str(scene.jobs), str(folder)),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # In the last scene they end with a traceback.
                env=_environment(),
            )
            sampling = asyncio.create_task(_sample(child.pid))
            out, _ = await child.communicate()
            now_used = os.times()
            samples = await sampling
        shutil.rmtree(folder)
        log = self._log(int(before[0]["id"]) if before else 0)
        posts = [float(line["time"]) for line in log if line["method"] == "POST"]
        asked = [float(line["time"]) for line in log if "/status" in line["path"]]
        ends = self._ends()
        ended = (line.split() for line in out.decode().splitlines())
        told = {request_id: float(at) for request_id, at in ended if request_id in ends}
        lags = sorted(max(0.0, at - ends[request_id]) for request_id, at in told.items())
        begin, end = posts[-1] + 2, min((ends[request_id] for request_id in told), default=0.0)
        return Bill(
            requests=len(log),
            statuses=len(asked),
            busiest=max(Counter(int(at) for at in asked if begin <= at < end).values(), default=0),
            posts=len(posts),
            connections=wire.connections,
            kilobytes=wire.bytes / 1000,
            cpu=now_used.children_user + now_used.children_system - used.children_user - used.children_system,
            share=_share(samples, begin, end),
            median_lag=median(lags) if lags else NOTHING,
            p95_lag=quantiles(lags, n=20)[-1] if len(lags) > 1 else lags[0] if lags else NOTHING,
        )

    def _set_faults(self, faults: str) -> None:
        request = urllib.request.Request(f"{self.url}/emulator/faults", faults.encode(), method="PUT")
        urllib.request.urlopen(request).close()

    def _log(self, after: int = 0) -> list[dict[str, str]]:
        with urllib.request.urlopen(f"{self.url}/emulator/requests?after={after}") as answer:
            lines: list[dict[str, str]] = json.load(answer)
            return lines

    def _ends(self) -> dict[str, float]:
        """Request id → when it ended, by the plan that the service has for it."""
        with closing(sqlite3.connect(self.state / "emulator.sqlite3")) as database:
            rows = database.execute("SELECT request_id, submitted_at, plan FROM tickets").fetchall()
        return {row[0]: row[1] + timeline(RequestPlan(**json.loads(row[2])))[-1].at for row in rows}


def commands(folder: Path) -> dict[str, list[str]]:
    """Client → its command, before URL, jobs and folder; those that are installed."""
    found = {name: [sys.executable, str(HERE / "clients.py"), name] for name in ("faldeck", "fal_client")}
    package = HERE.parents[1] / ".pytest_cache" / "d" / "fal-ai-client"
    if shutil.which("node") and package.is_dir():
        shutil.copy(HERE / "subscribe.mjs", package)
        found["@fal-ai/client"] = ["node", str(package / "subscribe.mjs")]
    if shutil.which("curl"):
        found["curl, every 2 s"] = ["sh", str(HERE / "poll.sh")]
    return found


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("FAL_", "FALDECK_"))}


def _cpu_seconds(pid: int) -> float:
    """What a process has used by now; raises OSError where it has ended, or the system does not say."""
    state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    if state == "Z":
        raise ProcessLookupError(pid)
    return (int(fields[10]) + int(fields[11])) / os.sysconf("SC_CLK_TCK")


async def _sample(pid: int) -> list[tuple[float, float]]:
    """When, and how many CPU seconds a process has used by then, until it ends; nothing where there is no /proc."""
    samples: list[tuple[float, float]] = []
    while True:
        try:
            samples.append((time.time(), _cpu_seconds(pid)))
        except OSError:
            return samples
        await asyncio.sleep(SAMPLE_SECONDS)


def _share(samples: Sequence[tuple[float, float]], begin: float, end: float) -> float:
    within = [sample for sample in samples if begin <= sample[0] < end]
    if len(within) < 2:
        return NOTHING
    (first, used), (last, now_used) = within[0], within[-1]
    return (now_used - used) / (last - first)


def middle(bills: Sequence[Bill]) -> Bill:
    """The median of several runs, value by value."""
    return Bill(**{name: median(getattr(bill, name) for bill in bills) for name in Bill.__dataclass_fields__})


async def main(runs: int, scenes: Sequence[str], clients: Sequence[str]) -> None:
    state = Path(tempfile.mkdtemp())
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "faldeck", "emulator", "--state", str(state), "--until-stdin-closes"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdout is not None and server.stdin is not None
    bench = Bench((await server.stdout.readline()).decode().strip(), state)
    print(
        "scene                client           requests statuses  in 1 s  POSTs  conns     kB   CPU s  CPU %"
        "  lag p50  lag p95"
    )
    for name in scenes:
        scene = SCENES[name]
        for client, command in commands(state).items():
            if client not in (scene.clients or [client]) or client not in (clients or [client]):
                continue
            bill = middle([await bench.bill(scene, command) for _ in range(runs)])
            print(
                f"{name:20} {client:16} {bill.requests:8.0f} {bill.statuses:8.0f} {bill.busiest:7.0f} {bill.posts:6.0f}"
                f" {bill.connections:6.0f} {bill.kilobytes:6.0f} {bill.cpu:7.2f} {bill.share * 100:6.0f}"
                f" {bill.median_lag * 1000:5.0f} ms {bill.p95_lag * 1000:5.0f} ms",
                flush=True,
            )
    server.stdin.close()
    await server.wait()
    shutil.rmtree(state)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="the median of so many is shown")
    parser.add_argument("--scene", nargs="+", default=list(SCENES), choices=list(SCENES))
    parser.add_argument("--client", nargs="+", default=[], help="only these")
    words = parser.parse_args()
    asyncio.run(main(words.runs, words.scene, words.client))
