"""What a job needs to live, and what every part of its life does: records it, and says why nothing happens."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from faldeck.engine import output_files, transitions
from faldeck.engine.events import Events, WriteFailed
from faldeck.engine.host_gate import HostGate
from faldeck.engine.send_modes import SEND_MODES
from faldeck.engine.status_streams import StatusStreams
from faldeck.engine.timing import Timing
from faldeck.engine.unwritten import Snapshot, UnsavedSnapshots
from faldeck.engine.upload import Uploader
from faldeck.fal import errors
from faldeck.fal.values import Cancellation, RequestHandle
from faldeck.history import CannotWrite, History, LeaseLost, LogLine, Store
from faldeck.job import Body, Job
from faldeck.schema import results
from faldeck.schema.results import Home

if TYPE_CHECKING:
    from faldeck.fal.client import Gateway


@dataclass(frozen=True, slots=True)
class JobContext:
    """Where a job is recorded, who is asked and how often, where its files go."""

    history: History
    owner: str
    """Whose lease the job is under: nothing is recorded once another holds it."""
    find_gateway: Callable[[], Gateway]
    """Gives the gateway of its profile as it is now: the person may mend an address or a key while jobs wait."""
    uploads: Uploader
    gate_for_url: Callable[[str | None], HostGate]
    """The line to the host of a URL."""
    streams: StatusStreams
    timing: Timing
    folder: output_files.OutputFolder
    fetch_files: bool = True
    """False leaves the outputs at their URLs."""
    events: Events = field(default_factory=Events)
    """Where a disk that does not take a snapshot is reported."""
    unwritten: UnsavedSnapshots = field(default_factory=UnsavedSnapshots)
    """The snapshots that the disk has not taken yet."""

    @property
    def gateway(self) -> Gateway:
        """Who is asked."""
        return self.find_gateway()

    def gate_for(self, job: Job) -> HostGate:
        """The line to where a job is sent, and asked about."""
        return self.gate_for_url(SEND_MODES[job.mode].host(self.gateway.hosts))

    @property
    def list_gate(self) -> HostGate:
        """The line to the account's list of requests."""
        return self.gate_for_url(self.gateway.hosts.api_url)

    async def save(
        self, job: Job, *, logs: Sequence[LogLine] = (), arguments: object = None, result: object = None
    ) -> Job:
        """Records the snapshot. What it tells of the service is nowhere else, so the disk is tried until it does.

        Raises LeaseLost, HistoryError.
        """
        snapshot = Snapshot(job, logs, arguments, result)
        await self.retry_write(snapshot, lambda store: snapshot.save(store, self.owner))
        return job

    async def retry_write(self, snapshot: Snapshot, change: Callable[[Store], object]) -> None:
        """Makes a change that records the snapshot, as soon as the disk takes it.

        Where this is given up before, the snapshot stays among what is unwritten. Raises LeaseLost, HistoryError.
        """
        while True:
            try:
                await self.history.write(change)
            except CannotWrite as error:
                self.unwritten.keep(snapshot)
                job = snapshot.job
                what = f"request {job.request_id}" if job.request_id else "result"
                is_learned = job.request_id or snapshot.result is not None
                learned = f" The {what} of {job.endpoint_id} is in memory alone." if is_learned else ""
                sentence = f"The history cannot be written: {error}. It is tried again.{learned}"
                self.events.publish_once(WriteFailed(sentence))
                await asyncio.sleep(self.timing.disk)
            except Exception:
                self.unwritten.forget(snapshot.job.id)
                raise
            else:
                self.unwritten.forget(snapshot.job.id)
                return

    async def require_lease(self, job: Job) -> None:
        """Raises LeaseLost where another process has taken the job over, as it does while this one stands still."""
        if not await self.history.read_settled(lambda store: store.leases.holds(self.owner, job.id)):
            raise LeaseLost(job.id)

    async def body(self, job: Job) -> Body:
        """The job's documents."""
        return await self.history.read_settled(lambda store: store.body(job.id))

    async def file_home(self, job: Job) -> Home:
        """Where the files of the job's result may be: not at what was sent to it."""
        sent = results.links_in((await self.body(job)).arguments)
        return Home.of(self.gateway.hosts.every, sent)

    async def log_counts(self, job: Job) -> Counter[LogLine]:
        """The job's log lines so far."""
        return Counter(await self.history.read_settled(lambda store: store.logs(job.id)))

    async def cancel_is_requested(self, job: Job) -> bool:
        """Whether somebody has asked for the job's end."""
        kept = await self.history.read_settled(lambda store: store.job(job.id))
        return kept is not None and kept.cancel_requested

    async def ask_to_cancel(self, job: Job) -> Cancellation:
        """Asks the service for the end of an accepted job; where it cannot or was not asked, the wish is taken back.

        Raises FalError.
        """
        try:
            return await self.gateway.cancel(self.request(job))
        except errors.ResponseLost:
            raise  # It may have been heard.
        except errors.FalError:
            await self.history.write(lambda store: store.mark(job.id, cancel_requested=False))
            raise

    async def record_block(self, job: Job, gate: HostGate) -> Job:
        """The job, its row saying why the host is not asked now, if it is not."""
        if job.waiting or job.notice or not gate.blocked:
            return job
        return await self.save(replace(job, waiting=gate.blocked))

    async def record_fault(self, job: Job, error: errors.FalError | OSError, faults: int) -> tuple[Job, float]:
        """The job whose service could not be asked, with the reason in its row, and the pause before it asks again."""
        if isinstance(error, errors.Unauthorized | errors.Forbidden):
            delay = self.timing.paused
            waiting = transitions.waiting_for_key(error, delay)
        else:
            delay = self.timing.retry(error, faults)
            waiting = transitions.waiting_to_retry(error, delay)
        return await self.save(replace(job, waiting=waiting, notice="")), delay

    def request(self, job: Job) -> RequestHandle:
        """Where the service answers for an accepted job."""
        return self.gateway.restored(
            job.endpoint_id, job.request_id or "", job.status_url, job.response_url, job.cancel_url
        )
