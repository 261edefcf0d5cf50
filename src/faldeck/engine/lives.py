"""The lives of the jobs that this process follows: a task for each, all under one lease, resumed when abandoned."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection
from datetime import timedelta

from faldeck.engine import leases
from faldeck.engine.leases import Holder
from faldeck.engine.pace import Pace
from faldeck.engine.runner import Runner
from faldeck.engine.verdicts import woken
from faldeck.fal.errors import FalError
from faldeck.history import History, HistoryError, LeaseLost
from faldeck.job import Job, now

REMEMBERED = timedelta(days=30)
"""For so long a service keeps the inputs by which a lost request is found (protocol §2.7)."""


class Lives:
    """What runs jobs, as long as this process holds them."""

    def __init__(
        self,
        history: History,
        pace: Pace,
        runner: Callable[[str], Runner],
        profiles: Callable[[], list[str]],
    ) -> None:
        """`runner` gives the runner of a profile, `profiles` the names of those that can be used."""
        self.holder = Holder(pace.lease)
        self.wanted: set[str] | None = set()
        """Jobs to be taken over when their follower is gone; None: all."""
        self.on_change: Callable[[str], None] = lambda job_id: None
        """Called with the id of a job that has a new snapshot on disk."""
        self.on_problem: Callable[[str], None] = lambda sentence: None
        """Called when a life cannot go on for a reason that is not the job's."""
        self._history = history
        self._pace = pace
        self._runner = runner
        self._profiles = profiles
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._newest: dict[str, Job] = {}

    @property
    def jobs(self) -> list[Job]:
        """What is followed here, each as it was last recorded."""
        return [self._newest[job_id] for job_id in self._tasks]

    def begin(self, job: Job) -> None:
        """Follows a job that this process holds."""
        self._newest[job.id] = job
        self._tasks[job.id] = asyncio.create_task(self._live(job))
        self.on_change(job.id)

    async def end(self, job_id: str) -> None:
        """Stops following a job."""
        if life := self._tasks.get(job_id):
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)
            if self._tasks.get(job_id) is life:  # It had not even begun.
                self._forget(job_id)

    async def close(self) -> None:
        """Stops following every job, and lets go of them without waiting for anything but a moment for the disk."""
        for life in self._tasks.values():
            life.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        with contextlib.suppress(HistoryError, TimeoutError):  # A lease that is not given up lapses by itself.
            async with asyncio.timeout(1.0):
                await self._history.write(lambda store: store.leases.release(self.holder.name))

    async def keep(self) -> None:
        """Renews the lease and takes over what is wanted and abandoned, again and again. Raises HistoryError."""
        while True:
            await self._history.write(lambda store: store.leases.renew(self.holder.lease()))
            await self.take(self.wanted)
            await asyncio.sleep(self._pace.renew)

    async def seek(self) -> None:
        """Has every unconfirmed request looked for once more, and follows all that nobody follows."""
        since, profiles = now() - REMEMBERED, self._profiles()
        await self._history.write(lambda store: store.seek_again(profiles, since))
        await self.take(None)

    async def take(self, job_ids: Collection[str] | None) -> None:
        """Follows those of the jobs (None: all) that are unfinished and that nobody follows."""
        for job in await self.claim(job_ids):
            with contextlib.suppress(LeaseLost):  # Whoever holds it now goes on with it.
                alive = await self.wake(job)
                if alive.is_open and job.id not in self._tasks:
                    self.begin(alive)
            self.on_change(job.id)

    async def claim(self, job_ids: Collection[str] | None) -> list[Job]:
        """Holds those of the jobs (None: all) that are unfinished and that nobody holds."""
        profiles, lease, moment = self._profiles(), self.holder.lease(), leases.now_ms()
        return await self._history.write(lambda store: store.leases.claim(lease, job_ids, profiles, moment))

    async def wake(self, job: Job) -> Job:
        """A job that this process has come to hold, as it is after its former follower has ended, recorded."""
        alive = woken(job)
        if alive != job:
            await self._history.write(lambda store: store.save(alive, owner=self.holder.name))
        return alive

    async def _live(self, job: Job) -> None:
        trouble = ""
        try:
            async with contextlib.aclosing(self._runner(job.profile).run(job)) as snapshots:
                async for snapshot in snapshots:
                    self._newest[job.id] = snapshot
                    self.on_change(job.id)
        except LeaseLost:
            pass  # Whoever holds it now goes on with it.
        except HistoryError as error:
            trouble = f"The history cannot be used: {error}. Nothing is lost at the service."
        except FalError as error:
            trouble = error.message
        finally:
            self._forget(job.id)
            self.on_change(job.id)
        if trouble:
            self.on_problem(trouble)
            with contextlib.suppress(HistoryError):  # Whoever can go on with it may, be it this process later.
                await self._history.write(lambda store: store.leases.let_go(self.holder.name, job.id))

    def _forget(self, job_id: str) -> None:
        del self._tasks[job_id]
        del self._newest[job_id]
