"""Many lives at once: every job that this process follows, held by lease, resumed at start, heard by listeners."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from faldeck.config import Config
from faldeck.fal.errors import FalError
from faldeck.fal.values import Cancellation
from faldeck.history import History, HistoryError, Lease
from faldeck.job import Cost, Job, Keeping, State, Upload, headline, new_id, now
from faldeck.outputs import Folder
from faldeck.pace import Pace, Streams
from faldeck.runner import Runner
from faldeck.schema.jsonvalue import JsonValue
from faldeck.services import Services
from faldeck.verdicts import woken

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

LEASE_SECONDS = 12.0
"""A follower that has not renewed its lease for so long has lost its jobs."""

RENEW_SECONDS = 4.0
"""How often leases are renewed and abandoned jobs are looked for."""

GLANCE_SECONDS = 1.0
"""How often a change made by another process is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request that has been filled in and not been sent."""

    profile: str
    endpoint_id: str
    arguments: Mapping[str, JsonValue]
    options: Mapping[str, object] = field(default_factory=dict)
    uploads: Sequence[Upload] = ()
    cost: Cost | None = None
    """The estimate."""


class Supervisor:
    """Follows jobs of one history for one process."""

    def __init__(self, history: History, services: Services, config: Config, *, pace: Pace | None = None) -> None:
        self.history = history
        self._services = services
        self._config = config
        self._pace = pace or Pace()
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._lives: dict[str, asyncio.Task[None]] = {}
        self._streams: dict[str, Streams] = {}
        self._chores: list[asyncio.Task[None]] = []
        self._wanted: set[str] | None = set()
        """Jobs to be taken over when their follower is gone; None: all."""
        self._changed = asyncio.Event()
        self.on_change: Callable[[], None] = lambda: None
        """Called after any job may have changed, here or in another process."""
        self.on_problem: Callable[[str], None] = lambda message: None
        """Called with a sentence when following a job failed for a reason that is not the job's."""

    async def start(self, *, resume: bool = True) -> None:
        """Begins to keep the leases; with `resume` every unfinished job that nobody follows is gone on with."""
        self._wanted = None if resume else self._wanted
        self._chores.append(asyncio.create_task(self._keep_leases()))
        self._chores.append(asyncio.create_task(self._watch_others()))

    async def close(self) -> None:
        """Lets go of every job at once, without waiting for the network; the jobs go on at the service."""
        tasks = [*self._chores, *self._lives.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(HistoryError):  # An unreleased lease lapses by itself.
            await self.history.write(lambda store: store.release(self._owner))

    async def submit(self, draft: Draft) -> Job:
        """Records the draft as a job, then sends it behind; returns the job as recorded.

        Raises HistoryError, and nothing was sent, where it cannot be recorded.
        """
        job = Job(
            id=new_id(),
            profile=draft.profile,
            endpoint_id=draft.endpoint_id,
            state=State.SUBMITTING,
            created_at=now(),
            title=headline(draft.arguments),
            options=draft.options,
            uploads=tuple(draft.uploads),
            cost=draft.cost,
        )
        self._runner(job.profile)
        await self.history.write(lambda store: store.add(job, draft.arguments, lease=self._lease()))
        self._live(job)
        return job

    async def adopt(self, profile: str, endpoint_id: str, request_id: str) -> Job:
        """The job of a request made elsewhere, recorded here and followed from now on (design §6 rule 9).

        Raises Unsendable for what is no endpoint id or request id.
        """
        known = await self.history.read(lambda store: store.find(request_id))
        if known is not None and known.profile == profile:
            return known
        request = self._services.gateway(profile).named(endpoint_id, request_id)
        job = Job(
            id=new_id(),
            profile=profile,
            endpoint_id=endpoint_id,
            state=State.QUEUED,
            created_at=now(),
            submitted_at=now(),
            title="(made elsewhere)",
            request_id=request_id,
            status_url=request.status_url,
            response_url=request.response_url,
            cancel_url=request.cancel_url,
        )
        await self.history.write(lambda store: store.add(job, {}, lease=self._lease()))
        self._live(job)
        return job

    async def cancel(self, job: Job) -> Cancellation | None:
        """Asks for the job's cancellation; raises FalError where the service cannot be asked."""
        answer = await self._runner(job.profile).cancel(job)
        self._tell()
        return answer

    async def glance(self, job: Job) -> Job:
        """The job as its service sees it now, asked once; as recorded where it ended or another process follows it.

        Raises FalError where the service cannot be asked.
        """
        claimed = await self._claim([job.id]) if job.state.is_followed else []
        for held in claimed:
            try:
                alive = await self._wake(held)
                if alive.state.is_followed:
                    await self._runner(job.profile).glance(alive)
            finally:
                await self.history.write(lambda store: store.renew(Lease(self._owner, 0), [job.id]))
        self._tell()
        return await self.history.read(lambda store: store.job(job.id)) or job

    async def withdraw(self, job: Job) -> None:
        """Ends a job that still waits to be sent, so that nothing of it is sent later."""
        if life := self._lives.get(job.id):
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)
        kept = await self.history.read(lambda store: store.job(job.id))
        if kept is not None:
            await self._wake(kept)
        self._tell()

    async def dismiss(self, job: Job) -> None:
        """Puts an unconfirmed job aside."""
        if job.state is State.UNCONFIRMED:
            await self.history.write(lambda store: store.save(replace(job, state=State.DISMISSED, notice="")))
            self._tell()

    async def fetch(self, job: Job) -> None:
        """Fetches, again where that failed before, the job's files that are not on disk."""
        outputs = tuple(
            replace(output, state=Keeping.WAITING, path=None, problem=None)
            if output.state in (Keeping.REMOTE, Keeping.FAILED)
            else output
            for output in job.outputs
        )
        await self.history.write(lambda store: store.save(replace(job, outputs=outputs)))
        await self._take([job.id])
        self._tell()

    async def resume(self) -> None:
        """Follows every unfinished job here that no other process follows."""
        await self._take(None)

    async def take(self, job: Job) -> None:
        """Follows an unfinished job here; while another process follows it, as soon as that one is gone."""
        if self._wanted is not None:
            self._wanted.add(job.id)
        await self._take([job.id])

    async def follow(self, job_id: str) -> AsyncIterator[Job]:
        """Each new snapshot of a job until it is no longer open, whoever follows it."""
        shown: Job | None = None
        while True:
            changed = self._changed
            job = await self.history.read(lambda store: store.job(job_id))
            if job is None:
                return
            if job != shown:
                shown = job
                yield job
            if not job.is_open:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), GLANCE_SECONDS)

    # Lives

    def _live(self, job: Job) -> None:
        task = asyncio.create_task(self._live_through(job))
        self._lives[job.id] = task
        self._tell()

    async def _live_through(self, job: Job) -> None:
        try:
            async for _ in self._runner(job.profile).run(job):
                self._tell()
        except HistoryError as error:
            self.on_problem(f"The history cannot be written: {error}. Nothing is lost at the service.")
        except FalError as error:
            self.on_problem(error.message)
        finally:
            self._lives.pop(job.id, None)
            self._tell()

    def _runner(self, profile: str) -> Runner:
        return Runner(
            history=self.history,
            gateway=self._services.gateway(profile),
            folder=Folder(self._config.output_dir, self._config.output_name),
            streams=self._streams.setdefault(profile, Streams()),
            pace=self._pace,
            fetch_files=self._config.download == "auto",
        )

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
        self.on_change()

    # Leases and other processes (design §6 rule 8)

    def _lease(self) -> Lease:
        return Lease(self._owner, round((time.time() + LEASE_SECONDS) * 1000))

    async def _claim(self, jobs: Collection[str] | None) -> list[Job]:
        profiles = self._services.usable()
        moment = round(time.time() * 1000)
        return await self.history.write(lambda store: store.claim(self._lease(), jobs, profiles, moment))

    async def _take(self, jobs: Collection[str] | None) -> None:
        claimed = await self._claim(jobs)
        for job in claimed:
            if job.id in self._lives:
                continue
            alive = await self._wake(job)
            if alive.is_open:
                self._live(alive)
        if claimed:
            self._tell()

    async def _wake(self, job: Job) -> Job:
        """A job that nobody follows, as it is after its follower has ended, recorded."""
        alive = woken(job)
        if alive is not job:
            await self._save(alive)
        return alive

    async def _keep_leases(self) -> None:
        while True:
            try:
                await self.history.write(lambda store: store.renew(self._lease(), list(self._lives)))
                await self._take(self._wanted)
            except HistoryError as error:
                self.on_problem(f"The history cannot be written: {error}.")
            await asyncio.sleep(RENEW_SECONDS)

    async def _save(self, job: Job) -> None:
        await self.history.write(lambda store: store.save(job))

    async def _watch_others(self) -> None:
        version = newest = -1
        while True:
            with contextlib.suppress(HistoryError):  # Interrupted in favour of another question: looked at again.
                newest = await self.history.read(lambda store: store.version())
            if newest != version:
                version = newest
                self._tell()
            await asyncio.sleep(GLANCE_SECONDS)
