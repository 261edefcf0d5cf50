"""Engines in processes that meet every trouble at random instants, forked from one that has imported everything.

    python nursery.py URL FOLDER SEED KILLS WORKERS JOBS

Each of the workers is an engine on the history in FOLDER that submits what is left of its JOBS (0: two more in each
life) and goes on with whatever it finds unfinished. It tells of each job in `told-WORKER`, and in `sent-WORKER` once
the service has it. All are killed in turn, KILLS in sum, and begun anew; `deaths` holds a line `PID TIME` for each.
In the end one engine lives until everything is over.

A single worker meets more than kills: it is told to end by a signal, stands still for longer than its lease while an
heir goes on, finds the disk full now and then, has a clock that is a day ahead, sends equal requests, and carries out
batches (`many.ASKED_AGAIN`, as the same call again does).
"""

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import httpx

from faldeck import job
from faldeck.app.batch import Batch, BatchStore
from faldeck.cli import batch_runner
from faldeck.config.settings import Config
from faldeck.engine import leases as leases_of_engine
from faldeck.engine.supervisor import Draft, Supervisor
from faldeck.engine.timing import Timing
from faldeck.history import Query, leases, store
from faldeck.job import State
from faldeck.system import signals
from support.engine_process import FAST, LAKE, SKETCH, Engine, Line, lab, running

ALONE = replace(FAST, lease=0.3, renew=0.1, looks=(0.0, 0.05))
"""The pace of a worker whose heir is waiting."""

IN_COMPANY = replace(ALONE, lease=3.0, renew=0.3)
"""That of one among several: a busy machine lets it miss its turn, and its jobs are not to be taken for abandoned."""

SHORTEST, LONGEST = 0.1, 10.0
"""Seconds between which the longest life is found, so that a quarter of them send a job, however busy the machine."""


SAME = "the same lake"
"""The prompt of the requests that are equal."""

DAY = timedelta(days=1)
FULL = 0.03
"""How often the disk refuses a transaction, where it is full now and then."""

ROWS = 6
"""Rows of each batch."""


async def live(url: str, folder: Path, worker: int, jobs: int, pace: Timing) -> None:
    """Submits what is left to this worker, then goes on for ever."""
    async with running(lab(url), folder, resume=True, line=signed(), pace=pace) as engine:
        await submit(engine, folder, worker, jobs)
        await asyncio.sleep(3600)


async def live_in_trouble(url: str, folder: Path, worker: int, jobs: int, pace: Timing, dice: random.Random) -> None:
    """The same, with batches, on a bad disk and by a bad clock as the dice have it."""
    if dice.random() < 0.2:
        fill_disk(dice)
    if dice.random() < 0.2:
        set_clock()
    async with running(lab(url), folder, resume=True, line=signed(), pace=pace) as engine:
        with contextlib.suppress(sqlite3.Error):
            if dice.random() < 0.5:
                await carry_out(engine, folder)
            await submit(engine, folder, worker, jobs, is_equal=dice.random() < 0.1)
            while True:
                await carry_out(engine, folder)


async def carry_out(engine: Engine, folder: Path, *, is_last: bool = False) -> None:
    """Goes on with the newest batch, or with a new one where that is done."""

    async def ready() -> Supervisor:
        return engine.supervisor

    batches = BatchStore(folder / "history.db")
    for name in batches.ids() if is_last else batches.ids()[:1]:
        parts = {"history": engine.history, "gateways": engine.services, "supervisor": engine.supervisor}
        session: Any = SimpleNamespace(config=Config(), profile=Config().active, ready=ready, **parts)
        options = batch_runner.BatchOptions(parallel=3)
        await batch_runner.run_batch(session, batches, batches.load(name), batch_runner.RERUN, options)
    if not is_last:
        begin_batch(folder)


def begin_batch(folder: Path) -> None:
    """Puts a new batch on disk, none of whose rows is like another."""
    prompts = [f"row {os.getpid()}/{time.time()}/{row}" for row in range(ROWS)]
    drafts = [Draft(profile="lab", endpoint_id=SKETCH, arguments={**LAKE, "prompt": prompt}) for prompt in prompts]
    BatchStore(folder / "history.db").save(Batch.create(drafts, None))


def fill_disk(dice: random.Random) -> None:
    """Has the disk refuse a transaction now and then, as SQLite does where it is full."""

    @contextlib.contextmanager
    def limited(connection: sqlite3.Connection) -> Iterator[None]:
        with leases.transaction(connection):
            yield
            if dice.random() < FULL:
                raise sqlite3.OperationalError("database or disk is full")

    vars(store)["transaction"] = limited


def set_clock() -> None:
    """Has this process's clock go a day ahead."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + DAY

    job.datetime = Clock  # type: ignore[attr-defined]
    true_ms = leases_of_engine.now_ms
    leases_of_engine.now_ms = lambda: true_ms() + round(DAY.total_seconds() * 1000)


async def submit(engine: Engine, folder: Path, worker: int, jobs: int, *, is_equal: bool = False) -> None:
    """Submits jobs, one after the other, until there are as many as the worker shall tell of."""
    for number in range(count(folder / f"told-{worker}"), jobs):
        prompt = SAME if is_equal else f"lake {os.getpid()}/{worker}/{number}"
        begun = await engine.submit(arguments={**LAKE, "prompt": prompt})
        tell(folder / f"told-{worker}", begun.id)
        await engine.until(begun, lambda one: one.state is not State.SUBMITTING)
        tell(folder / f"sent-{worker}", begun.id)


async def finish(url: str, folder: Path, workers: int, jobs: int) -> None:
    """Submits what is left to all, and goes on with everything until it is over."""
    async with running(lab(url), folder, resume=True, line=signed(), pace=ALONE) as engine:
        for worker in range(workers):
            await submit(engine, folder, worker, jobs)
        if not jobs:
            await carry_out(engine, folder, is_last=True)
        for one in await engine.history.read(lambda store: store.page(Query(), limit=-1)):
            await engine.until(one)


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


def forked(url: str, folder: Path, worker: int, jobs: int, pace: Timing, dice: random.Random | None = None) -> int:
    """The process id of a new worker, which gets into trouble where it is given dice."""
    if pid := os.fork():
        return pid
    try:
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            if dice:
                signals.install_handlers()
                asyncio.run(live_in_trouble(url, folder, worker, jobs, pace, dice))
            else:
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
    if not jobs:
        begin_batch(folder)
    alive: dict[int, Life] = {}
    with (folder / "deaths").open("w") as deaths:
        frozen: list[Life] = []

        def kill(life: Life) -> None:
            os.kill(life.pid, signal.SIGKILL)
            os.waitpid(life.pid, 0)
            deaths.write(f"{life.pid} {time.time()}\n")
            deaths.flush()

        def end(life: Life) -> None:
            """Ends a life in one of many ways; one that stands still is killed after its heir has gone on."""
            chance = dice.random() if workers == 1 else 1.0
            if chance < 0.15:
                os.kill(life.pid, dice.choice([signal.SIGTERM, signal.SIGINT, signal.SIGHUP]))
                time.sleep(dice.uniform(0.0, 0.05))  # Its orderly end may be cut short.
            elif chance < 0.25 and not frozen:
                os.kill(life.pid, signal.SIGSTOP)
                frozen.append(life)
                return
            kill(life)
            for former in frozen:
                # It goes on with what it held, beside what its heir has left, and is killed in turn.
                os.kill(former.pid, signal.SIGCONT)
                time.sleep(dice.uniform(0.0, 0.1))
                kill(former)
            frozen.clear()

        for _ in range(kills + workers):
            for worker in set(range(workers)) - alive.keys():
                due = time.monotonic() + dice.uniform(0.0, longest) + (2 * ALONE.lease if frozen else 0.0)
                wanted = jobs if jobs else count(folder / f"told-{worker}") + 2
                trouble = random.Random(dice.random()) if workers == 1 else None
                pid = forked(url, folder, worker, wanted, pace, trouble)
                alive[worker] = Life(pid, worker, count(folder / f"sent-{worker}"), due)
            life = alive.pop(min(alive, key=lambda worker: alive[worker].due))
            time.sleep(max(0.0, life.due - time.monotonic()))
            end(life)
            got_far = count(folder / f"sent-{life.worker}") > life.sent
            longest = max(SHORTEST, longest * 0.7) if got_far else min(LONGEST, longest * 1.13)
        for life in (*alive.values(), *frozen):
            kill(life)
    asyncio.run(finish(url, folder, workers, jobs))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
