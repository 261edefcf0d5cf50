"""The collaborators of every stage of a job's run: history, gateway, gates, timing. Also records snapshots."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from faldeck.engine import error_meaning, output_files
from faldeck.engine.events import Events, WriteFailed
from faldeck.engine.group_commit import GroupCommit
from faldeck.engine.host_gate import HostGate
from faldeck.engine.origin_writer import OriginWriter
from faldeck.engine.send_modes import SEND_MODES
from faldeck.engine.status_streams import StatusStreams
from faldeck.engine.timing import Timing
from faldeck.engine.unsaved import Snapshot, UnsavedSnapshots
from faldeck.engine.upload import Uploader
from faldeck.fal import errors
from faldeck.fal.values import Cancellation, RequestHandle
from faldeck.history import CannotWrite, History, LeaseLost, LogLine, Store
from faldeck.job import Body, Job, Mode, State
from faldeck.schema import results
from faldeck.schema.results import Home

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway


@dataclass(frozen=True, slots=True)
class JobContext:
    """The collaborators of one profile's jobs. Nothing in it belongs to a single job."""

    history: History
    owner: str
    """The name of the lease holder. Once another process holds the lease, nothing is recorded any more."""
    find_gateway: Callable[[], Gateway]
    """Returns the profile's current gateway. The person may correct a URL or a key while jobs wait."""
    uploads: Uploader
    gate_for_url: Callable[[str | None], HostGate]
    """Returns the gate to the host of a URL."""
    streams: StatusStreams
    timing: Timing
    folder: output_files.OutputFolder
    group_commit: GroupCommit
    """Records small changes of many jobs together."""
    fetch_files: bool = True
    """False leaves the outputs at their URLs."""
    origin_writer: OriginWriter = field(default_factory=OriginWriter)
    """Notes at the outputs what made them."""
    events: Events = field(default_factory=Events)
    """Reports a disk that refuses a snapshot."""
    unsaved: UnsavedSnapshots = field(default_factory=UnsavedSnapshots)
    """The snapshots that are not on disk yet."""

    @property
    def gateway(self) -> Gateway:
        """The profile's gateway, as it is now."""
        return self.find_gateway()

    def gate_for(self, job: Job) -> HostGate:
        """Returns the gate to the host where a job is sent and followed."""
        return self.gate_for_url(SEND_MODES[job.mode].host(self.gateway.hosts))

    @property
    def list_gate(self) -> HostGate:
        """The gate to the account's request list."""
        return self.gate_for_url(self.gateway.hosts.api_url)

    async def save(
        self, job: Job, *, logs: Sequence[LogLine] = (), arguments: object = None, result: object = None
    ) -> Job:
        """Records the snapshot and returns the job. Retries while the disk refuses: the snapshot is only in memory.

        Raises LeaseLost, HistoryError.
        """
        if job.no_history and arguments is None and job.state not in (State.SUBMITTING, State.UNCONFIRMED):
            arguments = await self._needed_arguments(job)
        snapshot = Snapshot(job, logs, arguments, result)
        await self.retry_write(snapshot, lambda store: snapshot.save(store, self.owner))
        return job

    async def save_progress(self, job: Job) -> Job:
        """Records the job's place in the queue and its progress, together with those of others; returns the job.

        Raises LeaseLost, HistoryError.
        """
        try:
            await self.group_commit.save(job)
        except CannotWrite:
            return await self.save(job)  # It retries, and reports the problem.
        return job

    async def _needed_arguments(self, job: Job) -> object:
        """The part of the arguments of a job without history that following it needs: links, which are not outputs."""
        sent = (await self.body(job)).arguments
        links = sorted(link for link in results.links_in(sent) if link.startswith(("http://", "https://")))
        return {"links": links} if links else {}

    async def retry_write(self, snapshot: Snapshot, change: Callable[[Store], object]) -> None:
        """Runs `change`, which records the snapshot, until it is on disk.

        If the task is cancelled before, the snapshot stays in `unsaved`. Raises LeaseLost, HistoryError.
        """
        while True:
            try:
                await self.history.write(change)
            except CannotWrite as error:
                self.unsaved.keep(snapshot)
                job = snapshot.job
                what = f"request {job.request_id}" if job.request_id else "result"
                is_learned = job.request_id or snapshot.result is not None
                learned = f" The {what} of {job.endpoint_id} is only in memory." if is_learned else ""
                sentence = f"The history cannot be written: {error}. faldeck tries again.{learned}"
                self.events.publish_once(WriteFailed(sentence))
                await asyncio.sleep(self.timing.disk)
            except Exception:
                self.unsaved.forget(snapshot.job.id)
                raise
            else:
                self.unsaved.forget(snapshot.job.id)
                return

    async def require_lease(self, job: Job) -> None:
        """Raises LeaseLost if another process has taken the job over, as happens while this one is stopped."""
        if not await self.history.read_settled(lambda store: store.leases.holds(self.owner, job.id)):
            raise LeaseLost(job.id)

    async def body(self, job: Job) -> Body:
        """Returns the job's arguments and result."""
        return await self.history.read_settled(lambda store: store.body(job.id))

    async def file_home(self, job: Job) -> Home:
        """Returns the hosts that the result's files may be on; links that were sent as input are no results."""
        sent = results.links_in((await self.body(job)).arguments)
        return Home.of(self.gateway.hosts.every, sent)

    async def log_counts(self, job: Job) -> Counter[LogLine]:
        """Returns the job's log lines so far, each with its count."""
        return Counter(await self.history.read_settled(lambda store: store.logs(job.id)))

    async def cancel_is_requested(self, job: Job) -> bool:
        """Returns True if a person has asked for the job's cancellation."""
        stored = await self.history.read_settled(lambda store: store.job(job.id))
        return stored is not None and stored.cancel_requested

    async def ask_to_cancel(self, job: Job) -> Cancellation:
        """Asks the service to cancel an accepted job. If it cannot be asked or refuses, the request is taken back.

        Raises FalError.
        """
        try:
            return await self._cancel(job)
        except errors.ResponseLost:
            raise  # The service may have received it.
        except errors.FalError:
            await self.history.write(lambda store: store.mark(job.id, cancel_requested=False))
            raise

    async def _cancel(self, job: Job) -> Cancellation:
        """Asks at the URL that the service gave, and if that does not lead to the request, at the usual one."""
        usual = self.request_by_rule(job)
        try:
            answer = await self.gateway.cancel(self.request(job))
        except errors.InvalidResponse:
            if usual is None:
                return Cancellation.REQUESTED  # The service may have received it: a later status shows that (rule 7).
        except (errors.ErrorResponse, errors.NotSupported):
            if usual is None:
                raise
        else:
            if usual is None or answer is not Cancellation.NOT_FOUND:
                return answer
        return await self.gateway.cancel(usual)

    async def record_block(self, job: Job, gate: HostGate) -> Job:
        """Records why the job waits, if its host is blocked now; returns the job."""
        if job.waiting or job.notice or not gate.blocked:
            return job
        return await self.save(job._replace(waiting=gate.blocked))

    async def record_fault(self, job: Job, error: errors.FalError | OSError, faults: int) -> tuple[Job, float]:
        """Records why the service could not be asked; returns the job and the pause before the next try (seconds)."""
        if isinstance(error, errors.Unauthorized | errors.Forbidden):
            delay = self.timing.paused
            waiting = error_meaning.waiting_for_key(error, delay)
        else:
            delay = self.timing.retry(error, faults)
            waiting = error_meaning.waiting_to_retry(error, delay)
        return await self.save(job._replace(waiting=waiting, notice="")), delay

    def request(self, job: Job) -> RequestHandle:
        """Returns the URLs of an accepted job's request."""
        return self.gateway.restore(
            job.endpoint_id, job.request_id or "", job.status_url, job.response_url, job.cancel_url
        )

    def request_by_rule(self, job: Job) -> RequestHandle | None:
        """Returns the usual URLs of a queued request; None if the service gave the same ones."""
        if job.mode is not Mode.QUEUE:
            return None
        usual = self.gateway.handle(job.endpoint_id, job.request_id or "")
        return None if usual == self.request(job) else usual
