"""What it costs to wait for jobs of 9.7 seconds, one, twenty and two hundred at once, beside the official clients.

    python tests/bench/engine.py [--runs 3] [--jobs 1 20 200] [--client faldeck] [--latency 0.1]

All speak to one served emulator through a wire that counts connections and bytes and can be slow. Lag is from the end
of a request at the service to the moment its result is at hand: for faldeck on disk, history and file; for the others
in memory. CPU is the client's own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from faldeck.emulator.plan import Plan, timeline

HERE = Path(__file__).parent
FAULTS = "slow-queue@submit=7.7"
"""Makes a job of two seconds one of 9.7."""


@dataclass
class Wire:
    """A way to the emulator that counts, and is slow by `latency` seconds in each direction."""

    target: int
    latency: float = 0.0
    port: int = 0
    connections: int = 0
    bytes: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Wire]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=1000)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
        for task in self.tasks:
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, away = await asyncio.open_connection("127.0.0.1", self.target)
        for pair in ((reader, away), (there, writer)):
            task = asyncio.create_task(self._pass_on(*pair))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                self.bytes += len(data)
                await asyncio.sleep(self.latency)
                writer.write(data)
                await writer.drain()
        writer.close()


@dataclass(frozen=True)
class Bill:
    """What a client used."""

    requests: int
    statuses: int
    busiest: int
    """Statuses asked for in the busiest second of the steady state."""
    connections: int
    kilobytes: float
    cpu: float
    median_lag: float
    p95_lag: float
    posts: int


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


async def measured(command: Sequence[str], jobs: int, emulator: str, state: Path, latency: float) -> Bill:
    """Runs a client once."""
    before = _log(emulator)[-1:]
    folder = Path(tempfile.mkdtemp())
    async with Wire(int(emulator.rpartition(":")[2]), latency).served() as wire:
        child = await asyncio.create_subprocess_exec(
            *command, wire.url, str(jobs), str(folder), stdout=asyncio.subprocess.PIPE, env=_environment()
        )
        used = os.times()
        out, _ = await child.communicate()
        now_used = os.times()
    shutil.rmtree(folder)
    told = {line.split()[0]: float(line.split()[1]) for line in out.decode().splitlines()}
    assert len(told) == jobs, f"{len(told)} of {jobs} results came"
    ends = _ends(state)
    lags = sorted(max(0.0, at - ends[request_id]) for request_id, at in told.items())
    log = _log(emulator, int(before[0]["id"]) if before else 0)
    asked = [float(line["time"]) for line in log if "/status" in line["path"]]
    steady = [at for at in asked if at - asked[0] > 2]
    return Bill(
        requests=len(log),
        statuses=len(asked),
        busiest=max(Counter(int(at) for at in steady).values(), default=0),
        connections=wire.connections,
        kilobytes=wire.bytes / 1000,
        cpu=now_used.children_user + now_used.children_system - used.children_user - used.children_system,
        median_lag=median(lags),
        p95_lag=quantiles(lags, n=20)[-1] if len(lags) > 1 else lags[0],
        posts=sum(line["method"] == "POST" for line in log),
    )


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("FAL_", "FALDECK_"))}


def _log(emulator: str, after: int = 0) -> list[dict[str, str]]:
    with urllib.request.urlopen(f"{emulator}/emulator/requests?after={after}") as answer:
        lines: list[dict[str, str]] = json.load(answer)
        return lines


def _ends(state: Path) -> dict[str, float]:
    """Request id → when it ended, by the plan that the service has for it."""
    with sqlite3.connect(state / "emulator.sqlite3") as database:
        rows = database.execute("SELECT request_id, submitted_at, plan FROM tickets").fetchall()
    return {row[0]: row[1] + timeline(Plan(**json.loads(row[2])))[-1].at for row in rows}


def middle(bills: Sequence[Bill]) -> Bill:
    """The median of several runs, value by value."""
    return Bill(**{name: median(getattr(bill, name) for bill in bills) for name in Bill.__dataclass_fields__})


async def main(runs: int, counts: Sequence[int], only: str | None, latency: float) -> None:
    state = Path(tempfile.mkdtemp())
    serve = [sys.executable, "-m", "faldeck", "emulator", "--state", str(state), "--faults", FAULTS]
    server = await asyncio.create_subprocess_exec(
        *serve, "--until-stdin-closes", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None and server.stdin is not None
    emulator = (await server.stdout.readline()).decode().strip()
    print("jobs  client            requests statuses busiest/s  conns      kB  CPU s  lag p50  lag p95  POSTs")
    for jobs in counts:
        for name, command in commands(state).items():
            if only in (None, name):
                bills = [await measured(command, jobs, emulator, state, latency) for _ in range(runs)]
                bill = middle(bills)
                print(
                    f"{jobs:4}  {name:16}  {bill.requests:8.0f} {bill.statuses:8.0f} {bill.busiest:9.0f}"
                    f"  {bill.connections:5.0f} {bill.kilobytes:7.0f} {bill.cpu:6.2f}"
                    f" {bill.median_lag * 1000:6.0f} ms {bill.p95_lag * 1000:5.0f} ms  {bill.posts:5.0f}",
                    flush=True,
                )
    server.stdin.close()
    await server.wait()
    shutil.rmtree(state)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="the median of so many is shown")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 20, 200], help="jobs at once")
    parser.add_argument("--client", help="only this one")
    parser.add_argument("--latency", type=float, default=0.0, metavar="S", help="added in each direction")
    words = parser.parse_args()
    asyncio.run(main(words.runs, words.jobs, words.client, words.latency))
