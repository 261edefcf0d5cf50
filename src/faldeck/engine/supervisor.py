"""Everything a person can do with jobs: submit, adopt, cancel, look up, dismiss, fetch, follow.

Also runs the background work: keeps the leases, and notices changes by other processes and sleeps of the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from datetime import datetime

from faldeck.config.settings import Config, ConfigError
from faldeck.engine import adoption, output_files, reconcile, send_modes, transitions
from faldeck.engine.draft import Draft
from faldeck.engine.events import Events, HistoryRepaired, JobChanged, Trouble, WriteFailed
from faldeck.engine.gateways import Gateways, NoKey
from faldeck.engine.leases import SleepDetector
from faldeck.engine.purge import forget_ended, purge
from faldeck.engine.tasks import JobTasks, Runners
from faldeck.engine.timing import Timing
from faldeck.fal.values import Cancellation, PastRequest
from faldeck.history import CannotWrite, Duplicate, History, HistoryError
from faldeck.history.record import Record
from faldeck.job import Body, Job, State
from faldeck.schema.json_value import JsonValue

__all__ = ["Draft", "Supervisor"]

WATCH_SECONDS = 1.0
"""How often the history is checked for changes by other processes (seconds)."""

PURGE_SECONDS = 20.0
"""How often it is checked whether deleted jobs are to be purged (seconds)."""

PURGE_SECONDS_AT_END = 1.0
"""How long the process may wait for that when it ends (seconds)."""

SAME_MILLISECOND = 8
"""How many ids are tried for an adopted job."""


class Supervisor:
    """Follows the jobs of one history for one process."""

    def __init__(self, history: History, gateways: Gateways, config: Config, *, timing: Timing | None = None) -> None:
        self.history = history
        self.events = Events()
        """Reports to its listeners which jobs may have changed, and problems."""
        self._gateways = gateways
        self._config = config
        timing = timing or Timing()
        self._tasks = JobTasks(
            history, timing, self.events, lambda profile: self._runners.runner_for(profile), gateways.usable
        )
        self._runners = Runners(
            history, gateways, config, timing, self._tasks.holder.name, self._tasks.unsaved, self.events
        )
        self._background: list[asyncio.Task[None]] = []
        self._has_deleted = False
        """True once jobs were deleted here; they are purged at the end."""
        self._is_resumed = False
        """True if all jobs are followed, and shown, here."""

    async def start(self, *, resume: bool = True) -> None:
        """Starts the background work; with `resume` also follows every unfinished job that no process follows."""
        self._is_resumed = resume
        self._tasks.claimable = None if resume else self._tasks.claimable
        self._background.append(asyncio.create_task(self._keep_leases(resume)))
        self._background.append(asyncio.create_task(self._watch()))
        if resume:  # A command may have its own output folder, and ends soon.
            self._background.append(asyncio.create_task(self._purge()))

    async def close(self) -> None:
        """Stops following every job at once, without waiting for the network. The jobs go on at the service.

        Purges what was deleted here, for a second at most; the next start purges the rest.
        """
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._tasks.close()
        if self._has_deleted:
            with contextlib.suppress(HistoryError, TimeoutError):
                async with asyncio.timeout(PURGE_SECONDS_AT_END):
                    await purge(self.history, self._config.output_dir)
        if self._is_resumed:
            with contextlib.suppress(HistoryError, TimeoutError):
                async with asyncio.timeout(PURGE_SECONDS_AT_END):
                    await forget_ended(self.history, is_told=True)

    def unsaved(self) -> list[str]:
        """Returns a sentence for each job whose last snapshot could not be written, to print when the process ends."""
        return self._tasks.unsaved.sentences()

    def reload(self, config: Config) -> None:
        """Uses the profiles of this config from now on and retries all waiting requests. Reload the gateways first."""
        self._config = config
        self._runners.retry_now()

    # Jobs begin

    async def submit(self, draft: Draft) -> Job:
        """Records the draft as a job and returns it; the request is sent in the background.

        Raises InvalidRequest for options that are not valid, Duplicate if the draft has been submitted already, and
        HistoryError if it cannot be recorded. Nothing was sent then.
        """
        profile = self._config.get_profile(draft.profile)
        options = send_modes.complete_options(profile, draft.endpoint_id, draft.options)
        job = draft.job(options, no_history=not profile.history)
        return await self._add(job, draft.arguments)

    async def adopt(
        self,
        profile: str,
        endpoint_id: str,
        request_id: str,
        *,
        past: PastRequest | None = None,
        arguments: Mapping[str, JsonValue] | None = None,
    ) -> Job:
        """The job of a request made elsewhere, recorded here and followed from now on (rule 9).

        Returns the existing job if there is one; if that job had expired, its service is asked again.
        `past` is its entry in the account's request list; without it, the list is asked. The times of the job are
        those of the list, and if the list shows the whole result, nothing more is asked. `arguments` are the input
        if the list does not show it.
        Raises InvalidRequest for a malformed endpoint id or request id.
        """
        gateway = self._gateways.gateway(profile)
        request = gateway.handle(endpoint_id, request_id)
        if known := await self._known(profile, request_id):
            if known.state is State.EXPIRED:
                await self.look_up_again(known)
                known = await self._known(profile, request_id) or known
            return known
        if await self.history.write(lambda store: store.trash.restore_request(profile, request_id)):
            known = await self._known(profile, request_id)
            if known:
                await self.claim(known)
                return known
        past = past or await adoption.find_past(gateway, endpoint_id, request_id)
        context = self._runners.runner_for(profile).context
        found = await asyncio.to_thread(
            adoption.adopted,
            profile,
            request,
            past,
            arguments or {},
            hosts=gateway.hosts.every,
            fetch_files=context.fetch_files,
        )
        for number in range(SAME_MILLISECOND):
            try:
                await self._tasks.add(found)
                return found.job
            except Duplicate:
                if known := await self._known(profile, request_id):
                    return known  # Another process adopted it first.
                found = adoption.with_other_id(found, number)
        raise HistoryError(f"no id is free for the request {request_id}")

    def unknown_requests(
        self, profile: str, since: datetime, endpoint_ids: Iterable[str] = ()
    ) -> AsyncIterator[PastRequest]:
        """Yields the account's requests since then that are not in this history, of these and of all known models.

        Give each to `adopt`.

        Raises FalError: one of `reconcile.NO_LIST` if the service has no list or the key may not see it.
        """
        return reconcile.unknown_requests(self._gateways.gateway(profile), self.history, profile, since, endpoint_ids)

    async def send_again(self, job: Job) -> Job:
        """Sends an unconfirmed request once more as a new job, and dismisses the old one.

        Every row stands for at most one POST, so that the history shows what was paid. If the request has been found
        meanwhile, returns that job and sends nothing. Raises NoKey, HistoryError.
        """
        self._gateways.gateway(job.profile)
        if await self._decide(job, transitions.dismissed) is None:
            return await self.history.read_settled(lambda store: store.job(job.id)) or job
        body = await self.history.read_settled(lambda store: store.body(job.id))
        return await self.submit(Draft.of_job(job, body.arguments))

    # Jobs change

    async def cancel(self, job: Job) -> Cancellation | None:
        """Asks the service to cancel the job; raises FalError if it cannot be asked."""
        try:
            answer = await self._runners.runner_for(job.profile).cancel(job)
            await self._end_unsent()
        finally:
            self.events.publish(JobChanged(job.id))
        return answer

    async def poll_once(self, job: Job) -> Job:
        """Asks the service for the job's status once and returns the job.

        Returns it as recorded if it has ended or another process follows it. Raises FalError if the service cannot
        be asked.
        """
        if job.state.is_followed and not self.history.is_read_only:
            async with self._tasks.lease_briefly(job.id) as held:
                if held and held.state.is_followed:
                    await self._runners.runner_for(job.profile).poll_once(held)
        self.events.publish(JobChanged(job.id))
        return await self.history.read_settled(lambda store: store.job(job.id)) or job

    async def withdraw(self, job: Job) -> bool:
        """Ends a job that still waits to be sent by this process, so that it is not sent later.

        Returns True if it was not sent. A job whose POST is under way becomes unconfirmed.
        """
        if not self._tasks.follows(job.id):
            return False
        ended = await self._decide(job, transitions.ended_unsent, at_once=True)
        return ended is not None and ended.was_never_sent

    async def dismiss(self, job: Job) -> None:
        """Dismisses an unconfirmed job."""
        await self._decide(job, transitions.dismissed)

    async def look_up_again(self, job: Job) -> None:
        """Looks once more for an unconfirmed request in the account's list, or asks for an expired one again."""
        await self._decide(job, transitions.looked_up_again)
        await self.claim(job)

    async def fetch(self, job: Job) -> bool:
        """Fetches the job's files that are not on disk, including those that failed before; False without any.

        If a URL is gone, the account's list may have a newer one.
        """
        links: Mapping[str, str] = {}
        if any(output.gone_ms is not None for output in job.outputs):
            with contextlib.suppress(NoKey, ConfigError):  # The files may come without the list.
                links = await adoption.account_links(self._gateways.gateway(job.profile), job)
        is_wanted = await self._decide(job, lambda stored: transitions.with_files_requested(stored, links)) is not None
        await self._tasks.claim([job.id])
        return is_wanted

    async def give_up_files(self, job: Job) -> bool:
        """Stops fetching the job's missing files; False if none is missing. They can be fetched later."""
        stored = await self.history.read_settled(lambda store: store.job(job.id))
        if await self._decide(job, transitions.with_files_left, at_once=True) is None:
            return False
        with contextlib.suppress(OSError):  # A leftover part does no harm.
            await asyncio.to_thread(output_files.discard_unfinished, stored.outputs if stored else ())
        return True

    async def delete(self, job_ids: Collection[str], *, files: bool = False, live: bool = False) -> list[str]:
        """Deletes jobs, with their files if `files`, and returns their ids. Jobs with something left to do stay,
        unless `live`: their requests continue at the service. All of them can be restored until this process ends.

        Raises HistoryError.
        """
        deleted = await self._tasks.delete(job_ids, files=files, live=live)
        self._has_deleted = self._has_deleted or bool(deleted)
        self.events.publish(JobChanged(None))
        return deleted

    async def restore(self, job_ids: Collection[str]) -> int:
        """Restores deleted jobs, follows those with something left to do, and returns how many were restored.

        Raises HistoryError.
        """
        restored = await self.history.write(lambda store: store.trash.restore(job_ids))
        live = [job_id for job_id, is_open in restored.items() if is_open]
        for job_id in live:
            self._tasks.follow_when_free(job_id)
        await self._tasks.claim(live)
        self.events.publish(JobChanged(None))
        return len(restored)

    async def resume(self) -> None:
        """Follows every unfinished job that no other process follows, and looks for unconfirmed requests."""
        await self._tasks.resume()
        self.events.publish(JobChanged(None))  # Rows that no task here follows may have changed, too.

    async def claim(self, job: Job) -> None:
        """Follows an unfinished job here. While another process follows it, waits until that process is gone."""
        self._tasks.follow_when_free(job.id)
        await self._tasks.claim([job.id])

    def direct_calls(self) -> list[Job]:
        """Returns the direct calls that run here. They are lost when this process ends."""
        return [job for job in self._tasks.jobs if job.mode.is_direct and job.state is State.RUNNING]

    def select(self, job: Job | None) -> None:
        """Gives the job that a person looks at a status stream before all others."""
        self._runners.select(job)

    async def follow(self, job_id: str) -> AsyncIterator[Job]:
        """Yields each new snapshot of a job until it is no longer open, whichever process follows it."""
        shown: Job | None = None
        changed = asyncio.Event()
        with self.events.subscribe_to_job(job_id, lambda event: changed.set()):
            while True:
                changed.clear()
                job = await self.history.read(lambda store: store.job(job_id))
                if job is None:
                    return
                if job != shown:
                    shown = job
                    yield job
                if not job.is_open:
                    return
                await changed.wait()

    async def _add(self, job: Job, arguments: Mapping[str, JsonValue]) -> Job:
        self._gateways.gateway(job.profile)
        await self._tasks.add(Record(job, Body(dict(arguments))))
        return job

    async def _known(self, profile: str, request_id: str) -> Job | None:
        known = await self.history.read_settled(lambda store: store.find(request_id))
        return known if known and known.profile == profile else None

    async def _decide(self, job: Job, decide: Callable[[Job], Job | None], *, at_once: bool = False) -> Job | None:
        """Applies a person's decision to the job; see `JobTasks.decide`."""
        changed = await self._tasks.decide(job.id, decide, at_once=at_once)
        if changed:
            self.events.publish(JobChanged(job.id))
        return changed

    async def _end_unsent(self) -> None:
        """Ends the jobs followed here that any process has cancelled while they waited to be sent."""
        owner = self._tasks.holder.name
        for job in await self.history.read_settled(lambda store: store.leases.cancelled_unsent(owner)):
            await self._decide(job, transitions.ended_by_cancel, at_once=True)
            await self.claim(job)

    # Background work

    async def _purge(self) -> None:
        """From time to time, purges the jobs whose deleter has ended without doing so."""
        while True:
            await asyncio.sleep(PURGE_SECONDS)
            if not self.history.is_read_only:
                with contextlib.suppress(HistoryError):  # The next round tries again.
                    await forget_ended(self.history, is_told=False)
                    await purge(self.history, self._config.output_dir)

    async def _keep_leases(self, resume: bool) -> None:
        while True:
            try:
                if resume:
                    await self._tasks.resume()
                    resume = False
                await self._tasks.renew()
            except CannotWrite as error:
                # The read-only file was reported before.
                if not self.history.is_read_only and self.history.is_news(error):
                    self.events.publish_once(
                        WriteFailed(f"The history cannot be written: {error}. faldeck tries again.")
                    )
            except HistoryError as error:
                if self.history.is_news(error):
                    self.events.publish_once(Trouble(f"The history cannot be written: {error}."))
            except ConfigError as error:
                self.events.publish_once(Trouble(f"Jobs of other processes cannot be taken over: {error}"))
            await asyncio.sleep(WATCH_SECONDS)

    async def _watch(self) -> None:
        """Notices changes by other processes, and sleeps of the machine."""
        version = -1
        sleep_detector = SleepDetector()
        while True:
            with contextlib.suppress(HistoryError, ConfigError):  # The next round looks again.
                newest = await self.history.read_settled(lambda store: store.version())
                while not self.history.losses.empty():
                    self.events.publish(HistoryRepaired(self.history.losses.get()))
                    version = -1
                if newest != version:
                    await self._end_unsent()
                    version = newest
                    self.events.publish(JobChanged(None))
            await asyncio.sleep(WATCH_SECONDS)
            if sleep_detector.has_slept(WATCH_SECONDS):
                self._runners.retry_now()
