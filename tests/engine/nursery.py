"""Engines in processes that are killed at random instants, forked from one that has imported everything.

    python nursery.py URL FOLDER SEED KILLS WORKERS JOBS

Each of the workers is an engine on the history in FOLDER that submits what is left of its JOBS (0: two more in each
life), tells of each in `told-WORKER` and goes on with whatever it finds unfinished. All are killed in turn, KILLS in
sum, and begun anew; `deaths` holds a line `PID TIME` for each. In the end one engine lives until everything is over.
"""

import asyncio
import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx
from engines import FAST, LAKE, Engine, Line, lab, running

from faldeck.history import Query
from faldeck.job import State

MORTAL = replace(FAST, lease=0.3, renew=0.1, looks=(0.0, 0.05))
"""The pace of those whose heirs are waiting."""

LONGEST_LIFE = 0.3
"""Seconds within which a worker is killed."""


async def live(url: str, folder: Path, worker: int, jobs: int) -> None:
    """Submits what is left to this worker, then goes on for ever."""
    async with running(lab(url), folder, resume=True, line=signed(), pace=MORTAL) as engine:
        await submit(engine, folder, worker, jobs)
        await asyncio.sleep(3600)


async def submit(engine: Engine, folder: Path, worker: int, jobs: int) -> None:
    """Submits jobs, one after the other, until there are as many as the worker shall tell of."""
    for number in range(told(folder, worker), jobs):
        job = await engine.submit(arguments={**LAKE, "prompt": f"lake {os.getpid()}/{worker}/{number}"})
        with (folder / f"told-{worker}").open("a") as told_file:
            told_file.write(f"{job.id}\n")
        await engine.until(job, lambda job: job.state is not State.SUBMITTING)


async def finish(url: str, folder: Path, workers: int, jobs: int) -> None:
    """Submits what is left to all, and goes on with everything until it is over."""
    async with running(lab(url), folder, resume=True, line=signed(), pace=MORTAL) as engine:
        for worker in range(workers):
            await submit(engine, folder, worker, jobs)
        for job in await engine.history.read(lambda store: store.page(Query(), limit=-1)):
            await engine.until(job)


def told(folder: Path, worker: int) -> int:
    """Of how many jobs the worker has told."""
    path = folder / f"told-{worker}"
    return len(path.read_text().splitlines()) if path.exists() else 0


def signed() -> Line:
    """A line whose requests say which process they are from, where the service's log shows it."""

    async def sign(request: httpx.Request) -> None:
        request.headers["x-app-fal-pid"] = str(os.getpid())

    return Line(watch=sign)


def forked(url: str, folder: Path, worker: int, jobs: int) -> int:
    """The process id of a new worker."""
    if pid := os.fork():
        return pid
    try:
        asyncio.run(live(url, folder, worker, jobs))
    finally:
        os._exit(1)  # A worker ends by being killed.


def main(url: str, folder: Path, seed: int, kills: int, workers: int, jobs: int) -> None:
    dice = random.Random(seed)
    alive: dict[int, tuple[int, float]] = {}
    with (folder / "deaths").open("w") as deaths:
        for _ in range(kills + workers):
            for worker in set(range(workers)) - alive.keys():
                pid = forked(url, folder, worker, jobs if jobs else told(folder, worker) + 2)
                alive[worker] = pid, time.monotonic() + dice.uniform(0.0, LONGEST_LIFE)
            worker = min(alive, key=lambda one: alive[one][1])
            pid, due = alive.pop(worker)
            time.sleep(max(0.0, due - time.monotonic()))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            deaths.write(f"{pid} {time.time()}\n")
        for pid, _ in alive.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            deaths.write(f"{pid} {time.time()}\n")
    asyncio.run(finish(url, folder, workers, jobs))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
