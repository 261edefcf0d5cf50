"""The tasks of the jobs that this process follows: one for each job, all under one lease.

Also takes over jobs whose process has ended, and builds the runner of a profile.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from faldeck.config.settings import Config
from faldeck.engine import leases, transitions
from faldeck.engine.events import Events, JobChanged, KeyRefused, Trouble
from faldeck.engine.gateways import Gateways
from faldeck.engine.group_commit import GroupCommit
from faldeck.engine.host_gate import HostGate
from faldeck.engine.job_context import JobContext
from faldeck.engine.leases import LeaseHolder
from faldeck.engine.origin_writer import OriginWriter
from faldeck.engine.output_files import OutputFolder
from faldeck.engine.reconcile import REMEMBERED
from faldeck.engine.runner import Runner
from faldeck.engine.status_streams import StatusStreams
from faldeck.engine.timing import Timing
from faldeck.engine.unsaved import UnsavedSnapshots
from faldeck.engine.upload import Uploader
from faldeck.fal.errors import FalError
from faldeck.history import History, HistoryError, LeaseLost
from faldeck.history.record import Record
from faldeck.job import Job, State, now
from faldeck.system import log_file

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway


class JobTasks:
    """Runs a task for each job that this process holds."""

    def __init__(
        self,
        history: History,
        timing: Timing,
        events: Events,
        runner: Callable[[str], Runner],
        profiles: Callable[[], list[str]],
    ) -> None:
        """`runner` returns the runner of a profile; `profiles` returns the names of the profiles with a key."""
        self.holder = LeaseHolder(timing.lease)
        self.unsaved = UnsavedSnapshots()
        """Snapshots that the disk has not taken yet."""
        self.claimable: set[str] | None = set()
        """Ids of the jobs to take over when their process is gone; None: all jobs."""
        self._history = history
        self._events = events
        self._timing = timing
        self._runner = runner
        self._profiles = profiles
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._newest: dict[str, Job] = {}
        self._borrowed: set[str] = set()
        """Ids of the jobs whose lease is held for one status only, without a task."""
        self._lock = asyncio.Lock()
        """Held while jobs are claimed or changed, so that no task starts from a row that is out of date."""

    @property
    def jobs(self) -> list[Job]:
        """The jobs that are followed here, in their last recorded state."""
        return [self._newest[job_id] for job_id in self._tasks]

    def follows(self, job_id: str) -> bool:
        """Whether a job is followed here."""
        return job_id in self._tasks

    async def add(self, record: Record) -> None:
        """Records a new job with its lease, and follows it if there is something left to do; raises HistoryError."""
        job = record.job
        lease = self.holder.lease() if job.is_open else None
        async with self._lock:
            await self._history.write(lambda store: store.add_record(record, lease=lease))
            if not job.is_open:
                self._events.publish(JobChanged(job.id))
                return
            self._start(job)
        self.follow_when_free(job.id)

    def follow_when_free(self, job_id: str) -> None:
        """Marks a job to be followed here if no other process does; one may take it while this machine sleeps."""
        if self.claimable is not None:
            self.claimable.add(job_id)

    def _start(self, job: Job) -> None:
        self._newest[job.id] = job
        self._tasks[job.id] = asyncio.create_task(self._run(job))
        self._events.publish(JobChanged(job.id))

    async def decide(self, job_id: str, decide: Callable[[Job], Job | None], *, at_once: bool = False) -> Job | None:
        """Applies a person's decision to the job as recorded now, and stops its task; returns None if nothing changed.

        With `at_once` the task stops first, so that nothing is sent while the decision is made. Raises HistoryError.
        """
        async with self._lock:
            if at_once:
                await self.stop(job_id)
            if changed := await self._history.write(lambda store: store.change(job_id, decide)):
                await self.stop(job_id)
        return changed

    async def delete(self, job_ids: Collection[str], *, files: bool, live: bool) -> list[str]:
        """Deletes jobs and returns their ids; see `Trash.delete`. They are no longer followed. Raises HistoryError.

        A job whose request is being sent is still followed, so that its answer is recorded and an undo loses nothing.
        """
        lease, moment = self.holder.lease(), leases.now_ms()
        async with self._lock:
            deleted = await self._history.write(
                lambda store: store.trash.delete(job_ids, lease, moment, files=files, live=live)
            )
            for job_id in self._tasks.keys() & set(deleted):
                if self._newest[job_id].state is not State.SUBMITTING:
                    await self.stop(job_id)
        return deleted

    async def stop(self, job_id: str) -> None:
        """Stops following a job."""
        if task := self._tasks.get(job_id):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if self._tasks.get(job_id) is task:  # It was cancelled before it started.
                self._forget(job_id)

    async def close(self) -> None:
        """Stops following every job and gives up the lease; waits at most a second for the disk."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        with contextlib.suppress(HistoryError, TimeoutError):  # A lease that is not given up expires by itself.
            async with asyncio.timeout(1.0):
                await self.unsaved.write(self._history, self.holder.name)
                await self._history.write(lambda store: store.leases.release(self.holder.name))

    async def renew(self) -> None:
        """Renews the lease and takes over abandoned jobs, again and again. Raises HistoryError."""
        while True:
            await self._history.write(lambda store: store.leases.renew(self.holder.lease()))
            await self.claim(self.claimable)
            await asyncio.sleep(self._timing.renew)

    async def resume(self) -> None:
        """Starts the lookup of every unconfirmed request again, and follows every job that no process follows."""
        since, profiles = now() - REMEMBERED, self._profiles()
        await self._history.write(lambda store: store.seek_again(profiles, since))
        await self.claim(None)

    async def claim(self, job_ids: Collection[str] | None) -> None:
        """Follows the unfinished jobs among `job_ids` (None: all) that no process follows."""
        async with self._lock:
            for job in await self._claim_leases(job_ids):
                with contextlib.suppress(LeaseLost):  # The process that holds it now continues.
                    alive = await self._recover(job)
                    if alive.is_open:
                        self._start(alive)
                self._events.publish(JobChanged(job.id))

    @asynccontextmanager
    async def lease_briefly(self, job_id: str) -> AsyncIterator[Job | None]:
        """Yields an unfinished job under a lease that ends with the block; None if the job is followed already."""
        async with self._lock:
            claimed = await self._claim_leases([job_id])
            self._borrowed.update(job.id for job in claimed)
        try:
            yield await self._recover(claimed[0]) if claimed else None
        finally:
            self._borrowed.discard(job_id)
            if claimed:
                await self._history.write(lambda store: store.leases.release_job(self.holder.name, job_id))

    async def _claim_leases(self, job_ids: Collection[str] | None) -> list[Job]:
        """Takes the lease of the unfinished jobs among `job_ids` (None: all) that no process follows."""
        profiles, lease, moment = self._profiles(), self.holder.lease(), leases.now_ms()
        alive = {*self._tasks, *self._borrowed}
        return await self._history.write(
            lambda store: store.leases.claim(lease, job_ids, profiles, moment, alive=alive, is_over=self.holder.is_over)
        )

    async def _recover(self, job: Job) -> Job:
        """Records and returns the state of a job after the process that followed it has ended."""
        alive = transitions.recovered(job)
        if alive != job:
            await self._history.write(lambda store: store.save(alive, owner=self.holder.name))
        return alive

    async def _run(self, job: Job) -> None:
        trouble, is_news = "", True
        try:
            async with contextlib.aclosing(self._runner(job.profile).run(job)) as snapshots:
                async for snapshot in snapshots:
                    before, self._newest[job.id] = self._newest[job.id], snapshot
                    self._events.publish(JobChanged(job.id, is_minor=transitions.is_minor(before, snapshot)))
        except LeaseLost:
            pass  # The process that holds it now continues.
        except HistoryError as error:
            trouble = f"The history cannot be used: {error}. Nothing is lost at the service."
            is_news = self._history.is_news(error)
        except FalError as error:
            trouble = error.message
        except Exception as error:  # noqa: BLE001 - any error must be reported, or the job would stop without a word.
            log_file.record(error, f"the job {job.id} cannot be followed")
            detail = f"{type(error).__name__}, see {log_file.path()}"
            self._events.publish_once(Trouble(f"The job {job.id} cannot be followed ({detail}). faldeck tries again."))
            await asyncio.sleep(self._timing.paused)
        finally:
            self._forget(job.id)
            self._events.publish(JobChanged(job.id))
        if trouble:
            if is_news:
                self._events.publish_once(Trouble(trouble))
            with contextlib.suppress(HistoryError):  # Another process may continue, or this one later.
                await self._history.write(lambda store: store.leases.release_job(self.holder.name, job.id))

    def _forget(self, job_id: str) -> None:
        del self._tasks[job_id]
        newest = self._newest.pop(job_id)
        if self.claimable and not newest.is_open:
            self.claimable.discard(job_id)


class Runners:
    """The runner of each profile, with the gates, streams and uploads that its jobs share."""

    def __init__(
        self,
        history: History,
        gateways: Gateways,
        config: Config,
        timing: Timing,
        owner: str,
        unsaved: UnsavedSnapshots | None = None,
        events: Events | None = None,
    ) -> None:
        """`owner` is the name of the lease holder."""
        self._history = history
        self._gateways = gateways
        self._folder = OutputFolder(config.output_dir, config.output_name)
        self._fetch_files = config.download == "auto"
        self._origin_writer = OriginWriter.of(config)
        self._timing = timing
        self._owner = owner
        self._unsaved = unsaved or UnsavedSnapshots()
        self._events = events or Events()
        self._gates: dict[tuple[str, str], HostGate] = {}
        self._streams: dict[str, StatusStreams] = {}
        self._uploads: dict[str, tuple[Gateway, Uploader]] = {}
        self._group_commit = GroupCommit(history, owner)

    def runner_for(self, profile: str) -> Runner:
        """Returns the runner of the profile; raises ConfigError or NoKey."""
        gateway = self._gateways.gateway(profile)
        return Runner(
            JobContext(
                history=self._history,
                owner=self._owner,
                find_gateway=lambda: self._gateways.gateway(profile),
                uploads=self._uploader_for(gateway, profile),
                gate_for_url=lambda url: self._gate(profile, url),
                streams=self._streams.setdefault(profile, StatusStreams(self._timing.streams, self._timing.silence)),
                timing=self._timing,
                folder=self._folder,
                fetch_files=self._fetch_files,
                origin_writer=self._origin_writer,
                events=self._events,
                unsaved=self._unsaved,
                group_commit=self._group_commit,
            )
        )

    def select(self, job: Job | None) -> None:
        """Gives the job that a person looks at a status stream before all others."""
        for profile, streams in self._streams.items():
            streams.selected = job.id if job and job.profile == profile else None

    def retry_now(self) -> None:
        """Closes all streams and retries all waiting requests now; open connections may be dead."""
        for streams in self._streams.values():
            streams.close()
        for gate in self._gates.values():
            gate.retry_now()

    def _uploader_for(self, gateway: Gateway, profile: str) -> Uploader:
        if self._uploads.get(profile, (None, None))[0] is not gateway:
            self._uploads[profile] = gateway, Uploader(self._history, gateway, profile)
        return self._uploads[profile][1]

    def _gate(self, profile: str, url: str | None) -> HostGate:
        key = (profile, _host(url or ""))
        if key not in self._gates:
            self._gates[key] = HostGate(self._timing, lambda words: self._events.publish(_refused(profile, words)))
        return self._gates[key]


def _host(url: str) -> str:
    """Returns host and port of a URL; empty for a text that is no URL."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _refused(profile: str, words: str) -> KeyRefused:
    return KeyRefused(profile, f"The key of the profile {profile!r} is refused, so its jobs wait: {words}")
