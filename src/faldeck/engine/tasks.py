"""The lives of the jobs that this process follows: a task for each, all under one lease, resumed when abandoned."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from faldeck.config.settings import Config
from faldeck.engine import leases
from faldeck.engine.events import Events, JobChanged, KeyRefused, Trouble
from faldeck.engine.gateways import Gateways
from faldeck.engine.host_gate import HostGate
from faldeck.engine.job_context import JobContext
from faldeck.engine.leases import LeaseHolder
from faldeck.engine.output_files import OutputFolder
from faldeck.engine.reconcile import REMEMBERED
from faldeck.engine.runner import Runner
from faldeck.engine.status_streams import StatusStreams
from faldeck.engine.timing import Timing
from faldeck.engine.transitions import recovered
from faldeck.engine.unwritten import UnsavedSnapshots
from faldeck.engine.upload import Uploader
from faldeck.fal.errors import FalError
from faldeck.history import History, HistoryError, LeaseLost
from faldeck.job import Job, now
from faldeck.schema.json_value import JsonValue
from faldeck.system import log_file

if TYPE_CHECKING:
    from faldeck.fal.client import Gateway


class JobTasks:
    """What runs jobs, as long as this process holds them."""

    def __init__(
        self,
        history: History,
        timing: Timing,
        events: Events,
        runner: Callable[[str], Runner],
        profiles: Callable[[], list[str]],
    ) -> None:
        """`runner` gives the runner of a profile, `profiles` the names of those that can be used."""
        self.holder = LeaseHolder(timing.lease)
        self.unwritten = UnsavedSnapshots()
        """What the disk has not taken yet."""
        self.claimable: set[str] | None = set()
        """Jobs to be taken over when their follower is gone; None: all."""
        self._history = history
        self._events = events
        self._timing = timing
        self._runner = runner
        self._profiles = profiles
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._newest: dict[str, Job] = {}
        self._borrowed: set[str] = set()
        """The jobs that are held for a question and have no life here."""
        self._lock = asyncio.Lock()
        """Held while it is decided which jobs live here: what was read of one must not be older than its life."""

    @property
    def jobs(self) -> list[Job]:
        """What is followed here, each as it was last recorded."""
        return [self._newest[job_id] for job_id in self._tasks]

    async def add(self, job: Job, arguments: Mapping[str, JsonValue]) -> None:
        """Records a new job, held from the start, and follows it; raises HistoryError."""
        lease = self.holder.lease()
        async with self._lock:
            await self._history.write(lambda store: store.add(job, arguments, lease=lease))
            self._start(job)
        self.follow_when_free(job.id)

    def follow_when_free(self, job_id: str) -> None:
        """Has a job followed here whenever nobody else does: a sleep of the machine may have given it to another."""
        if self.claimable is not None:
            self.claimable.add(job_id)

    def _start(self, job: Job) -> None:
        self._newest[job.id] = job
        self._tasks[job.id] = asyncio.create_task(self._run(job))
        self._events.publish(JobChanged(job.id))

    async def decide(self, job_id: str, decide: Callable[[Job], Job | None], *, at_once: bool = False) -> Job | None:
        """Records a person's decision about a job as it is now, whose life here then ends; None where it changed none.

        With `at_once` its life ends before: nothing of it is to be sent while it is being decided. Raises HistoryError.
        """
        async with self._lock:
            if at_once:
                await self.stop(job_id)
            if changed := await self._history.write(lambda store: store.change(job_id, decide)):
                await self.stop(job_id)
        return changed

    async def stop(self, job_id: str) -> None:
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
                await self.unwritten.write(self._history, self.holder.name)
                await self._history.write(lambda store: store.leases.release(self.holder.name))

    async def renew(self) -> None:
        """Renews the lease and takes over what is wanted and abandoned, again and again. Raises HistoryError."""
        while True:
            await self._history.write(lambda store: store.leases.renew(self.holder.lease()))
            await self.claim(self.claimable)
            await asyncio.sleep(self._timing.renew)

    async def resume(self) -> None:
        """Has every unconfirmed request looked for once more, and follows all that nobody follows."""
        since, profiles = now() - REMEMBERED, self._profiles()
        await self._history.write(lambda store: store.seek_again(profiles, since))
        await self.claim(None)

    async def claim(self, job_ids: Collection[str] | None) -> None:
        """Follows those of the jobs (None: all) that are unfinished and that nobody follows."""
        async with self._lock:
            for job in await self._claim_leases(job_ids):
                with contextlib.suppress(LeaseLost):  # Whoever holds it now goes on with it.
                    alive = await self._recover(job)
                    if alive.is_open:
                        self._start(alive)
                self._events.publish(JobChanged(job.id))

    @asynccontextmanager
    async def lease_briefly(self, job_id: str) -> AsyncIterator[Job | None]:
        """An unfinished job, held for as long as it is looked at; None where it is followed, here or elsewhere."""
        async with self._lock:
            claimed = await self._claim_leases([job_id])
            self._borrowed.update(job.id for job in claimed)
        try:
            yield await self._recover(claimed[0]) if claimed else None
        finally:
            self._borrowed.discard(job_id)
            if claimed:
                await self._history.write(lambda store: store.leases.let_go(self.holder.name, job_id))

    async def _claim_leases(self, job_ids: Collection[str] | None) -> list[Job]:
        """Holds those of the jobs (None: all) that are unfinished and that nobody follows."""
        profiles, lease, moment = self._profiles(), self.holder.lease(), leases.now_ms()
        alive = {*self._tasks, *self._borrowed}
        return await self._history.write(
            lambda store: store.leases.claim(lease, job_ids, profiles, moment, alive=alive, is_over=self.holder.is_over)
        )

    async def _recover(self, job: Job) -> Job:
        """A job that this process has come to hold, as it is after its former follower has ended, recorded."""
        alive = recovered(job)
        if alive != job:
            await self._history.write(lambda store: store.save(alive, owner=self.holder.name))
        return alive

    async def _run(self, job: Job) -> None:
        trouble = ""
        try:
            async with contextlib.aclosing(self._runner(job.profile).run(job)) as snapshots:
                async for snapshot in snapshots:
                    self._newest[job.id] = snapshot
                    self._events.publish(JobChanged(job.id))
        except LeaseLost:
            pass  # Whoever holds it now goes on with it.
        except HistoryError as error:
            trouble = f"The history cannot be used: {error}. Nothing is lost at the service."
        except FalError as error:
            trouble = error.message
        except Exception as error:  # noqa: BLE001 - whatever it is, the job must not be held by nobody, in silence.
            log_file.record(error, f"the job {job.id} cannot be followed")
            told = f"{type(error).__name__}, see {log_file.path()}"
            self._events.publish_once(Trouble(f"The job {job.id} cannot be followed ({told}). It is tried again."))
            await asyncio.sleep(self._timing.paused)
        finally:
            self._forget(job.id)
            self._events.publish(JobChanged(job.id))
        if trouble:
            self._events.publish_once(Trouble(trouble))
            with contextlib.suppress(HistoryError):  # Whoever can go on with it may, be it this process later.
                await self._history.write(lambda store: store.leases.let_go(self.holder.name, job.id))

    def _forget(self, job_id: str) -> None:
        del self._tasks[job_id]
        newest = self._newest.pop(job_id)
        if self.claimable and not newest.is_open:
            self.claimable.discard(job_id)


class Runners:
    """Profile name → runner."""

    def __init__(
        self,
        history: History,
        gateways: Gateways,
        config: Config,
        timing: Timing,
        owner: str,
        unwritten: UnsavedSnapshots | None = None,
        events: Events | None = None,
    ) -> None:
        """`owner` is whose lease the jobs are under."""
        self._history = history
        self._gateways = gateways
        self._folder = OutputFolder(config.output_dir, config.output_name)
        self._fetch_files = config.download == "auto"
        self._timing = timing
        self._owner = owner
        self._unwritten = unwritten or UnsavedSnapshots()
        self._events = events or Events()
        self._gates: dict[tuple[str, str], HostGate] = {}
        self._streams: dict[str, StatusStreams] = {}
        self._uploads: dict[str, tuple[Gateway, Uploader]] = {}

    def runner_for(self, profile: str) -> Runner:
        """The runner of the profile; raises ConfigError or NoKey."""
        gateway = self._gateways.gateway(profile)
        return Runner(
            JobContext(
                history=self._history,
                owner=self._owner,
                find_gateway=lambda: self._gateways.gateway(profile),
                uploads=self._uploads_by(gateway, profile),
                gate_for_url=lambda url: self._gate(profile, url),
                streams=self._streams.setdefault(profile, StatusStreams(self._timing.streams, self._timing.silence)),
                timing=self._timing,
                folder=self._folder,
                fetch_files=self._fetch_files,
                events=self._events,
                unwritten=self._unwritten,
            )
        )

    def select(self, job: Job | None) -> None:
        """Gives the job that a person looks at a stream before all others."""
        for profile, streams in self._streams.items():
            streams.selected = job.id if job and job.profile == profile else None

    def retry_now(self) -> None:
        """Has everything asked at once: connections that seem open are long gone."""
        for streams in self._streams.values():
            streams.close()
        for gate in self._gates.values():
            gate.retry_now()

    def _uploads_by(self, gateway: Gateway, profile: str) -> Uploader:
        if self._uploads.get(profile, (None, None))[0] is not gateway:
            self._uploads[profile] = gateway, Uploader(self._history, gateway, profile)
        return self._uploads[profile][1]

    def _gate(self, profile: str, url: str | None) -> HostGate:
        key = (profile, _host(url or ""))
        if key not in self._gates:
            self._gates[key] = HostGate(self._timing, lambda words: self._events.publish(_refused(profile, words)))
        return self._gates[key]


def _host(url: str) -> str:
    """The host and port of a URL; empty for what is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _refused(profile: str, words: str) -> KeyRefused:
    return KeyRefused(profile, f"The key of the profile {profile!r} is refused, so its jobs wait: {words}")
