"""Engines in processes that are killed at random instants, forked from one that has imported everything.

    python nursery.py URL FOLDER SEED KILLS WORKERS JOBS

Each of the workers is an engine on the history in FOLDER that submits what is left of its JOBS (0: two more in each
life) and goes on with whatever it finds unfinished. It tells of each job in `told-WORKER`, and in `sent-WORKER` once
the service has it. All are killed in turn, KILLS in sum, and begun anew; `deaths` holds a line `PID TIME` for each.
In the end one engine lives until everything is over.
"""

import asyncio
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from engines import FAST, LAKE, Engine, Line, lab, running

from faldeck.engine.pace import Pace
from faldeck.history import Query
from faldeck.job import State

ALONE = replace(FAST, lease=0.3, renew=0.1, looks=(0.0, 0.05))
"""The pace of a worker whose heir is waiting."""

IN_COMPANY = replace(ALONE, lease=3.0, renew=0.3)
"""That of one among several: a busy machine lets it miss its turn, and its jobs are not to be taken for abandoned."""

SHORTEST, LONGEST = 0.1, 10.0
"""Seconds between which the longest life is found, so that a quarter of them send a job, however busy the machine."""


async def live(url: str, folder: Path, worker: int, jobs: int, pace: Pace) -> None:
    """Submits what is left to this worker, then goes on for ever."""
    async with running(lab(url), folder, resume=True, line=signed(), pace=pace) as engine:
        await submit(engine, folder, worker, jobs)
        await asyncio.sleep(3600)


async def submit(engine: Engine, folder: Path, worker: int, jobs: int) -> None:
    """Submits jobs, one after the other, until there are as many as the worker shall tell of."""
    for number in range(count(folder / f"told-{worker}"), jobs):
        job = await engine.submit(arguments={**LAKE, "prompt": f"lake {os.getpid()}/{worker}/{number}"})
        tell(folder / f"told-{worker}", job.id)
        await engine.until(job, lambda job: job.state is not State.SUBMITTING)
        tell(folder / f"sent-{worker}", job.id)


async def finish(url: str, folder: Path, workers: int, jobs: int) -> None:
    """Submits what is left to all, and goes on with everything until it is over."""
    async with running(lab(url), folder, resume=True, line=signed(), pace=ALONE) as engine:
        for worker in range(workers):
            await submit(engine, folder, worker, jobs)
        for job in await engine.history.read(lambda store: store.page(Query(), limit=-1)):
            await engine.until(job)


def tell(path: Path, job_id: str) -> None:
    """Says outside of the history what has become of a job."""
    with path.open("a") as lines:
        lines.write(f"{job_id}\n")


def count(path: Path) -> int:
    """Of how many jobs has been told there."""
    return len(path.read_text().splitlines()) if path.exists() else 0


def signed() -> Line:
    """A line whose requests say which process they are from, where the service's log shows it."""

    async def sign(request: httpx.Request) -> None:
        request.headers["x-app-fal-pid"] = str(os.getpid())

    return Line(watch=sign)


def forked(url: str, folder: Path, worker: int, jobs: int, pace: Pace) -> int:
    """The process id of a new worker."""
    if pid := os.fork():
        return pid
    try:
        asyncio.run(live(url, folder, worker, jobs, pace))
    finally:
        os._exit(1)  # A worker ends by being killed.


@dataclass
class Life:
    """One worker's, from its fork to its end by the dice."""

    pid: int
    worker: int
    sent: int
    """How many of the worker's jobs had been sent when it began."""
    due: float
    """When it is killed, on the monotonic clock."""


def main(url: str, folder: Path, seed: int, kills: int, workers: int, jobs: int) -> None:
    dice = random.Random(seed)
    pace = ALONE if workers == 1 else IN_COMPANY
    longest = 0.3
    alive: dict[int, Life] = {}
    with (folder / "deaths").open("w") as deaths:

        def kill(life: Life) -> None:
            os.kill(life.pid, signal.SIGKILL)
            os.waitpid(life.pid, 0)
            deaths.write(f"{life.pid} {time.time()}\n")

        for _ in range(kills + workers):
            for worker in set(range(workers)) - alive.keys():
                due = time.monotonic() + dice.uniform(0.0, longest)
                pid = forked(url, folder, worker, jobs if jobs else count(folder / f"told-{worker}") + 2, pace)
                alive[worker] = Life(pid, worker, count(folder / f"sent-{worker}"), due)
            life = alive.pop(min(alive, key=lambda worker: alive[worker].due))
            time.sleep(max(0.0, life.due - time.monotonic()))
            kill(life)
            got_far = count(folder / f"sent-{life.worker}") > life.sent
            longest = max(SHORTEST, longest * 0.7) if got_far else min(LONGEST, longest * 1.13)
        for life in alive.values():
            kill(life)
    asyncio.run(finish(url, folder, workers, jobs))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
