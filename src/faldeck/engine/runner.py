"""The verb: `Runner.run(job)` lives one job's life and yields its next snapshots until nothing is left to do.

Every snapshot is on disk before it is yielded. Rules are numbered as in design §6.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from faldeck import hostile, localfiles
from faldeck.engine import outputs, reconcile, verdicts, ways
from faldeck.engine.line import Line
from faldeck.engine.pace import Pace
from faldeck.engine.streams import Streams
from faldeck.engine.uploads import Sending, Uploads
from faldeck.fal import errors
from faldeck.fal.values import Cancellation, Completed, Queued, Request, Result, Running, Spoken, Status, Submitted
from faldeck.history import CannotWrite, Duplicate, History, LeaseLost, LogLine
from faldeck.job import Body, Job, Keeping, Mode, State, now
from faldeck.schema import places, results
from faldeck.schema.jsonvalue import JsonValue

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway

SETTLING_SECONDS = 60.0
"""For so long after its submit, a request that the service does not know may still turn up."""

FRESH_SECONDS = 3.0
"""For so long a job has only just been submitted."""

FETCHED = (Keeping.WAITING, Keeping.FETCHING)
"""The outputs that are still to be brought to disk."""


@dataclass(frozen=True, slots=True)
class Runner:
    """What a job needs to live: where it is recorded, who is asked and how often, where its files go."""

    history: History
    owner: str
    """Whose lease the job is under: nothing is recorded once another holds it."""
    gateway: Gateway
    uploads: Uploads
    line_to: Callable[[str], Line]
    """The line to the host of a URL."""
    streams: Streams
    pace: Pace
    folder: outputs.Folder
    fetch_files: bool = True
    """False leaves the outputs at their URLs."""
    on_problem: Callable[[str], None] = lambda sentence: None
    """Called when the disk does not take a snapshot, which is then tried for as long as it takes."""

    @property
    def line(self) -> Line:
        """The line to the queue."""
        return self.line_to(self.gateway.hosts.queue_url)

    async def run(self, job: Job) -> AsyncGenerator[Job, None]:
        """The job's next snapshots, each saved before it is yielded, until it is no longer open.

        Network faults end nothing: they show as the job's `notice`. Raises LeaseLost where the job is somebody else's
        by now, and HistoryError where the history is of no use any more.
        """
        for stage in (self._upload, self._submit, self._look, self._follow, self._fetch):
            async for snapshot in stage(job):
                job = snapshot
                yield job

    async def cancel(self, job: Job) -> Cancellation | None:
        """Asks the service to cancel; only what a status says later ends the job (rule 7).

        None instead of an answer where there is no request yet: the mark is seen before the POST leaves, or as soon
        as it is answered. Raises FalError.
        """
        if job.mode is not Mode.QUEUE and job.state is State.RUNNING:
            raise errors.NotOffered("A direct call cannot be cancelled: it goes on to its end.")
        await self.history.write(lambda store: store.mark(job.id, cancel_requested=True))
        return await self.gateway.cancel(self._request(job)) if job.request_id else None

    async def glance(self, job: Job) -> Job:
        """An accepted job as its service sees it now, asked once and saved; with its result where it has one.

        Raises FalError, HistoryError, LeaseLost.
        """
        request = self._request(job)
        try:
            status = await self.gateway.status(request)
        except errors.NotFound:
            return await self._forgotten(job)
        job = await self._observe(job, status, await self._seen(job))
        return await self._collect(job, request, status, Counter()) if isinstance(status, Completed) else job

    async def _upload(self, job: Job) -> AsyncIterator[Job]:
        """Brings the local files that stand in the arguments to the service, and puts their URLs in their places."""
        faults = 0
        while job.state is State.SUBMITTING and job.uploads:
            upload, *rest = job.uploads
            try:
                async with Sending(self.uploads, localfiles.place(upload.path)) as sending:
                    while True:
                        if await self._cancel_is_requested(job):
                            yield await self._save(verdicts.ended(job, State.CANCELLED, None))
                            return
                        if job.progress != sending.words:
                            yield (job := await self._save(replace(job, progress=sending.words, notice="")))
                        if await sending.has_ended():
                            break
                    value = sending.value
            except (errors.NotSent, errors.AnswerLost, errors.Busy, errors.ServerFault) as error:
                faults += 1
                job, delay = await self._hindered(replace(job, progress=""), error, faults)
                yield job
                await self.line.rest(delay)
            except (errors.FalError, OSError) as error:
                yield (job := await self._save(verdicts.ended(job, State.FAILED, verdicts.upload_failure(error))))
            else:
                faults = 0
                arguments = places.put((await self._body(job)).arguments, upload.loc, value)
                job = replace(job, uploads=tuple(rest), progress="", notice="")
                yield (job := await self._save(job, arguments=arguments))

    async def _submit(self, job: Job) -> AsyncIterator[Job]:
        """Sends the one POST (rules 1 and 2): again only after it certainly was not accepted."""
        if job.state is not State.SUBMITTING:
            return
        arguments = (await self._body(job)).arguments
        way = ways.WAYS[job.mode]
        line = self.line_to(way.host(self.gateway.hosts) or "")
        faults = 0
        while job.state is State.SUBMITTING:
            if await self._cancel_is_requested(job):
                yield await self._save(verdicts.ended(job, State.CANCELLED, None))
                return
            yield (job := await self._noted(job))
            try:
                parcel = ways.Parcel(job.endpoint_id, arguments, ways.submit_options(job.options))
                async with line.turn(keyed=False), contextlib.aclosing(way.send(self.gateway, parcel)) as answered:
                    yield (job := await self._save(ways.leaving(job)))
                    async for news in answered:
                        yield (job := await self._hear(job, news))
            except (errors.NotSent, errors.Busy) as error:
                faults += 1
                job, delay = await self._hindered(ways.unsent(job), error, faults)
                yield job
                await line.rest(delay)
            except (errors.AnswerLost, errors.Unreadable, errors.ServerFault) as error:
                yield (job := await self._save(verdicts.unconfirmed(job, verdicts.words(error))))
            except errors.FalError as error:
                yield (job := await self._save(verdicts.failed(replace(job, submitted_at=None), error)))
            if job.state is State.QUEUED and await self._cancel_is_requested(job):
                yield (job := await self._cancel_accepted(job))

    async def _hear(self, job: Job, news: ways.News) -> Job:
        """Records what a sent request was answered with."""
        match news:
            case Submitted():
                return await self._save_accepted(verdicts.accepted(job, news))
            case Spoken(text=text, events=events):
                said = hostile.clean_line(text[-1_000:], limit=300) or f"{events} events"
                return await self._save(replace(job, progress=said), result={"output": text} if text else None)
            case Result(body=body):
                return await self._complete(verdicts.answered(job, news), body)
            case errors.Refused():
                return await self._save(verdicts.refused(job, None, news), result=news.body)

    async def _save_accepted(self, job: Job) -> Job:
        """Records the service's answer to a submit, even where the job has been given up meanwhile."""
        try:
            return await self._save(job)
        except LeaseLost:
            await self.history.write(lambda store: store.change(job.id, lambda kept: verdicts.accepted_late(kept, job)))
            raise

    async def _cancel_accepted(self, job: Job) -> Job:
        """Asks once for a cancel that was wanted before there was a request; the person can ask again."""
        try:
            await self.gateway.cancel(self._request(job))
        except errors.FalError as error:
            return await self._save(replace(job, notice=f"not cancelled: {verdicts.words(error)}"))
        return job

    async def _look(self, job: Job) -> AsyncIterator[Job]:
        """Looks for a request whose answer was lost in the account's list (rule 2); in vain, a person decides."""
        if not job.sought:
            return
        arguments = (await self._body(job)).arguments
        why = "the account's list does not show it"
        looks, faults = list(self.pace.looks), 0
        while looks:
            await self.line.rest(looks[0])
            try:
                async with self.line_to(self.gateway.hosts.api_url or "").turn(keyed=False):
                    found = await reconcile.lost_request(self.gateway, self.history, job, arguments)
                looks.pop(0)
                if found is not None:
                    request = self.gateway.named(job.endpoint_id, found.request_id)
                    yield await self._save(verdicts.accepted(job, Submitted(request, None)))
                    return
            except reconcile.NO_LIST as error:
                why = verdicts.words(error).rstrip(".")
                break
            except reconcile.Ambiguous as error:
                why = str(error)
                break
            except Duplicate:
                continue  # A job with the same input was found at the same time, as the same request.
            except errors.FalError as error:
                faults += 1
                await self.line.rest(self.pace.retry(error, faults))
        yield await self._save(verdicts.not_found(job, why))

    async def _follow(self, job: Job) -> AsyncIterator[Job]:
        """Watches the request until its result is stored (rules 3, 4 and 5)."""
        if not job.state.is_followed:
            return
        seen = await self._seen(job)
        doubts: Counter[str] = Counter()
        faults = 0
        while job.state.is_followed:
            try:
                async for snapshot in self._ask(job, seen, doubts):
                    if snapshot is not job:
                        yield (job := snapshot)
                faults = 0
            except errors.FalError as error:
                faults += 1
                job, delay = await self._hindered(job, error, faults)
                yield job
            else:
                delay = self.pace.poll(job.seconds(now()))
            if job.state.is_followed:
                await self.line.rest(delay)

    async def _ask(self, job: Job, seen: Counter[LogLine], doubts: Counter[str]) -> AsyncIterator[Job]:
        """One round: a stream's statuses while there are any, else one status; and the result once there is one.

        `seen` are the log lines so far, `doubts` the answers that may be the end. Raises FalError.
        """
        request = self._request(job)
        completed: Completed | None = None
        async with contextlib.aclosing(self._streamed(job, request)) as statuses:
            async for status in statuses:
                yield (job := await self._observe(job, status, seen))
                completed = status if isinstance(status, Completed) else None
        if completed is None:
            yield (job := await self._noted(job))
            await self.line.afford_status()
            try:
                async with self.line.turn():
                    status = await self.gateway.status(request)
            except errors.NotFound:
                yield await self._forgotten(job)
                return
            yield (job := await self._observe(job, status, seen))
            if not isinstance(status, Completed):
                return
            completed = status
        yield (job := await self._noted(job))
        yield await self._collect(job, request, completed, doubts)

    async def _streamed(self, job: Job, request: Request) -> AsyncGenerator[Status, None]:
        """What a stream says, where one is to be had. One that breaks is no news: a status tells what is the matter."""
        if not self.line.obstacle and self.streams.has_room(job.id):
            due = self.line.spend_status()
            # What a person has just begun does not stand in line behind a thousand others.
            await asyncio.sleep(0 if job.seconds(now()) < FRESH_SECONDS else due)
            with contextlib.suppress(errors.FalError):
                async with contextlib.aclosing(self.streams.watch(self.gateway, request, job.id)) as statuses:
                    async for status in statuses:
                        yield status

    async def _observe(self, job: Job, status: Status, seen: Counter[LogLine]) -> Job:
        """Records what the service says; writes nothing when it says nothing new."""
        lines = verdicts.new_lines(status.logs, seen)
        progress = hostile.clean_line(lines[-1].message, limit=300) if lines else job.progress
        observed = replace(job, notice="", progress=progress, queue_position=None)
        match status:
            case Queued(position=position):
                observed = replace(observed, state=State.QUEUED, queue_position=position)
            case Running():
                observed = replace(observed, state=State.RUNNING, started_at=job.started_at or now())
            case Completed(inference_seconds=seconds):
                observed = replace(observed, inference_seconds=seconds)
        return await self._save(observed, logs=lines) if lines or observed != job else job

    async def _collect(self, job: Job, request: Request, completed: Completed, doubts: Counter[str]) -> Job:
        """Stores the result, whose own status and body decide how the job ended (rule 4).

        `completed` is the status that promises one; `doubts` counts the errors, by their words, that may be the
        request's or the way's.
        """
        try:
            async with self.line.turn():
                result = await self.gateway.result(request)
        except errors.NotFound:
            return await self._recall(job, completed)
        except errors.NotReady:
            if completed.error is None:
                raise
            return await self._save(verdicts.failed_by_status(job, completed))
        except errors.Refused as error:
            doubts[error.message] += 1
            if not verdicts.is_the_end(error, job, completed, doubts[error.message]):
                raise
            return await self._save(verdicts.refused(job, completed, error), result=error.body)
        job = replace(job, cost=verdicts.billed(job.cost, result.billable_units))
        return await self._complete(job, result.body)

    async def _forgotten(self, job: Job) -> Job:
        """A job that the service does not know; raises NotFound while it is so fresh that it may still turn up."""
        if job.seconds(now()) <= SETTLING_SECONDS:
            raise errors.NotFound("The service does not know the request yet.", status=404)
        return await self._recall(job)

    async def _recall(self, job: Job, completed: Completed | None = None) -> Job:
        """Ends a job that the queue has forgotten: with what the account's list still holds of it (rule 5), or expired.

        Raises FalError where the list cannot be asked now.
        """
        async with self.line_to(self.gateway.hosts.api_url or "").turn(keyed=False):
            answer = await reconcile.forgotten_answer(self.gateway, job)
        if isinstance(answer, errors.Refused):
            return await self._save(verdicts.refused(job, completed, answer), result=answer.body)
        if answer is not None:
            return await self._complete(job, answer)
        if completed is not None and completed.error is not None:
            return await self._save(verdicts.failed_by_status(job, completed))
        return await self._save(verdicts.expired(job))

    async def _complete(self, job: Job, body: JsonValue) -> Job:
        """Stores a result, and the files in it as outputs that wait to be fetched."""
        files = await asyncio.to_thread(results.files, body)
        keeping = Keeping.WAITING if self.fetch_files else Keeping.REMOTE
        found = tuple(verdicts.output(file, keeping) for file in files)
        return await self._save(replace(verdicts.ended(job, State.COMPLETED, None), outputs=found), result=body)

    async def _fetch(self, job: Job) -> AsyncIterator[Job]:
        """Brings every waiting output to disk, one after the other (rule 6)."""
        document: JsonValue = None
        if any(output.url is None and output.state in FETCHED for output in job.outputs):
            document = (await self._body(job)).result
        faults = 0
        while waiting := [index for index, output in enumerate(job.outputs) if output.state in FETCHED]:
            index = waiting[0]
            line = self.line_to(job.outputs[index].url or "")
            try:
                async with line.turn(keyed=False) as turn:
                    place = job.outputs[index].path or str(await asyncio.to_thread(self.folder.place, job, index))
                    job = await self._save_output(job, index, state=Keeping.FETCHING, path=place)
                    size = await outputs.keep(self.gateway, job.outputs[index], document, turn.answered)
                job = await self._save_output(job, index, state=Keeping.SAVED, size_bytes=size)
                faults = 0
            except (outputs.CannotKeep, OSError, errors.NotFound, errors.Forbidden, errors.ForeignHost) as error:
                with contextlib.suppress(OSError):
                    await asyncio.to_thread(outputs.discard, job.outputs[index])
                job = await self._save_output(job, index, state=Keeping.FAILED, problem=verdicts.words(error))
            except (errors.FalError, outputs.CutShort) as error:
                faults += 1
                delay = self.pace.retry(error, faults)
                yield (job := await self._save(replace(job, notice=verdicts.retry_notice(error, delay))))
                await line.rest(delay)
            else:
                yield job

    async def _noted(self, job: Job) -> Job:
        """The job, its row saying why the queue is not asked now, if it is not."""
        if job.notice or not self.line.obstacle:
            return job
        return await self._save(replace(job, notice=self.line.obstacle))

    async def _hindered(self, job: Job, error: errors.FalError, faults: int) -> tuple[Job, float]:
        """The job whose service could not be asked, with the reason in its row, and the pause before it asks again."""
        if isinstance(error, errors.Unauthorized | errors.Forbidden):
            notice, delay = verdicts.paused_notice(error), self.pace.paused
        else:
            delay = self.pace.retry(error, faults)
            notice = verdicts.retry_notice(error, delay)
        return await self._save(replace(job, notice=notice)), delay

    async def _seen(self, job: Job) -> Counter[LogLine]:
        return Counter(await self.history.read_settled(lambda store: store.logs(job.id)))

    async def _body(self, job: Job) -> Body:
        return await self.history.read_settled(lambda store: store.body(job.id))

    async def _save_output(self, job: Job, index: int, **changes: object) -> Job:
        changed = replace(job.outputs[index], **changes)  # type: ignore[arg-type]
        kept = (*job.outputs[:index], changed, *job.outputs[index + 1 :])
        return await self._save(replace(job, outputs=kept, notice=""))

    async def _save(
        self, job: Job, *, logs: Sequence[LogLine] = (), arguments: object = None, result: object = None
    ) -> Job:
        """Records the snapshot. What it tells of the service is nowhere else, so the disk is tried until it does."""
        while True:
            try:
                await self.history.write(
                    lambda store: store.save(job, owner=self.owner, logs=logs, arguments=arguments, result=result)
                )
                return job
            except CannotWrite as error:
                self.on_problem(f"The history cannot be written: {error}. It is tried again.")
                await asyncio.sleep(self.pace.disk)

    async def _cancel_is_requested(self, job: Job) -> bool:
        kept = await self.history.read_settled(lambda store: store.job(job.id))
        return kept is not None and kept.cancel_requested

    def _request(self, job: Job) -> Request:
        return self.gateway.restored(
            job.endpoint_id, job.request_id or "", job.status_url, job.response_url, job.cancel_url
        )
