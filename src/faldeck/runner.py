"""The verb: `Runner.run(job)` lives one job's life and yields its next snapshots until nothing is left to do.

Every snapshot is on disk before it is yielded. Rules are numbered as in design §6.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck import hostile, outputs, verdicts
from faldeck.fal import errors
from faldeck.fal.values import Cancellation, Completed, Queued, Request, Running, Status, SubmitOptions, Submitted
from faldeck.history import History, LogLine
from faldeck.job import Body, Failure, Job, Keeping, State, now
from faldeck.pace import Pace, Streams
from faldeck.schema import places, results
from faldeck.schema.jsonvalue import JsonValue

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway

SETTLING_SECONDS = 60.0
"""For so long after its submit, a request that the service does not know may still turn up."""

FETCHED = (Keeping.WAITING, Keeping.FETCHING)
"""The outputs that are still to be brought to disk."""


@dataclass(frozen=True, slots=True)
class Runner:
    """What a job needs to live: where it is recorded, who is asked, where its files go, how often."""

    history: History
    gateway: Gateway
    folder: outputs.Folder
    streams: Streams
    pace: Pace
    fetch_files: bool = True
    """False leaves the outputs at their URLs."""

    async def run(self, job: Job) -> AsyncIterator[Job]:
        """The job's next snapshots, each saved before it is yielded, until it is no longer open.

        Network faults end nothing: they show as the job's `notice`. Raises HistoryError where the disk cannot be
        written, and Unsendable for what no service could take.
        """
        for stage in (self._upload, self._submit, self._follow, self._fetch):
            async for snapshot in stage(job):
                job = snapshot
                yield job

    async def cancel(self, job: Job) -> Cancellation | None:
        """Asks the service to cancel; only what a status says later ends the job (rule 7).

        None instead of an answer where there is no request yet: the mark is seen before the POST leaves, or as soon
        as it is answered. Raises FalError.
        """
        await self.history.write(lambda store: store.mark(job.id, cancel_requested=True))
        return await self.gateway.cancel(self._request(job)) if job.request_id else None

    async def glance(self, job: Job) -> Job:
        """An accepted job as its service sees it now, asked once and saved; with its result where it has one.

        Raises FalError, HistoryError.
        """
        request = self._request(job)
        try:
            status = await self.gateway.status(request)
            job = await self._observe(job, status, await self._seen(job))
            return await self._collect(job, request, status) if isinstance(status, Completed) else job
        except errors.NotFound:
            if job.seconds(now()) <= SETTLING_SECONDS:
                raise
            return await self._save(verdicts.expired(job))

    async def _upload(self, job: Job) -> AsyncIterator[Job]:
        """Sends the local files that stand in the arguments, and puts their URLs in their places."""
        while job.state is State.SUBMITTING and job.uploads:
            upload, *rest = job.uploads
            path = Path(upload.path)
            job = await self._save(replace(job, progress=f"uploading {hostile.clean_line(path.name)}"))
            yield job
            try:
                url = await self.gateway.upload(path, file_name=hostile.file_name(path.name))
            except (errors.FalError, OSError) as error:
                job = await self._save(verdicts.ended(job, State.FAILED, verdicts.upload_failure(error)))
            else:
                arguments = places.put((await self._body(job)).arguments, upload.loc, url)
                job = await self._save(replace(job, uploads=tuple(rest), progress=""), arguments=arguments)
            yield job

    async def _submit(self, job: Job) -> AsyncIterator[Job]:
        """Sends the one POST (rules 1 and 2): again only after it certainly was not accepted."""
        if job.state is not State.SUBMITTING:
            return
        body = await self._body(job)
        options = SubmitOptions(**job.options)  # type: ignore[arg-type]
        faults = 0
        while job.state is State.SUBMITTING:
            if await self._cancel_is_requested(job):
                yield await self._save(verdicts.ended(job, State.CANCELLED, None))
                return
            job = await self._save(replace(job, submitted_at=now(), notice=""))
            yield job
            try:
                submitted = await self.gateway.submit(job.endpoint_id, body.arguments, options)
            except (errors.NotSent, errors.Busy) as error:
                faults += 1
                delay = self.pace.retry(error, faults)
                notice = verdicts.retry_notice(error, delay)
                yield (job := await self._save(replace(job, submitted_at=None, notice=notice)))
                await asyncio.sleep(delay)
            except (errors.AnswerLost, errors.Unreadable, errors.ServerFault) as error:
                yield (job := await self._save(verdicts.unconfirmed(job, verdicts.words(error))))
            except errors.FalError as error:
                yield (job := await self._save(verdicts.failed(replace(job, submitted_at=None), error)))
            else:
                yield (job := await self._save(_accepted(job, submitted)))
                if await self._cancel_is_requested(job):
                    yield (job := await self._cancel_accepted(job))

    async def _cancel_accepted(self, job: Job) -> Job:
        """Asks once for a cancel that was wanted before there was a request; the person can ask again."""
        try:
            await self.gateway.cancel(self._request(job))
        except errors.FalError as error:
            return await self._save(replace(job, notice=f"not cancelled: {verdicts.words(error)}"))
        return job

    async def _follow(self, job: Job) -> AsyncIterator[Job]:
        """Watches the request until its result is stored (rules 3, 4 and 5)."""
        if not job.state.is_followed:
            return
        request = self._request(job)
        seen = await self._seen(job)
        faults, completed = 0, None
        while job.state.is_followed:
            try:
                if completed is None:
                    async for status in self._statuses(job, request):
                        faults = 0
                        job = await self._observe(job, status, seen)
                        yield job
                        if isinstance(status, Completed):
                            completed = status
                            break
                else:
                    yield (job := await self._collect(job, request, completed))
            except (errors.Unauthorized, errors.Forbidden) as error:
                yield (job := await self._save(replace(job, notice=f"{verdicts.PAUSED}{verdicts.words(error)}")))
                await asyncio.sleep(self.pace.paused)
            except errors.FalError as error:
                faults += 1
                if isinstance(error, errors.NotFound) and (completed or job.seconds(now()) > SETTLING_SECONDS):
                    yield (job := await self._save(verdicts.expired(job)))
                    return
                delay = self.pace.retry(error, faults)
                yield (job := await self._save(replace(job, notice=verdicts.retry_notice(error, delay))))
                await asyncio.sleep(delay)

    async def _statuses(self, job: Job, request: Request) -> AsyncIterator[Status]:
        """The request's statuses, from a stream where there is one to be had, else by asking again and again."""
        if self.streams.available:
            try:
                async for status in self.streams.follow(self.gateway, request):
                    yield status
            except (errors.AnswerLost, errors.NotSent):
                # A broken stream is no news; the next poll tells whether the service is there.
                await asyncio.sleep(0)
        while True:
            yield await self.gateway.status(request)
            await asyncio.sleep(self.pace.poll(job.seconds(now())))

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

    async def _collect(self, job: Job, request: Request, completed: Completed) -> Job:
        """Stores the result, whose own status and body decide how the job ended (rule 4)."""
        try:
            result = await self.gateway.result(request)
        except errors.Cancelled as error:
            return await self._save(verdicts.ended(job, State.CANCELLED, verdicts.failure(error)))
        except errors.NotReady:
            if completed.error is None:
                raise
            failure = Failure(message=verdicts.words(completed.error), type=completed.error_type)
            return await self._save(verdicts.ended(job, State.FAILED, failure))
        except errors.Refused as error:
            if not verdicts.is_the_end(error):
                raise
            job = replace(job, cost=verdicts.billed(job.cost, error.billable_units))
            return await self._save(verdicts.failed(job, error), result=error.body)
        files = await asyncio.to_thread(results.files, result.body)
        keeping = Keeping.WAITING if self.fetch_files else Keeping.REMOTE
        job = replace(
            verdicts.ended(job, State.COMPLETED, None),
            outputs=tuple(verdicts.output(file, keeping) for file in files),
            cost=verdicts.billed(job.cost, result.billable_units),
        )
        return await self._save(job, result=result.body)

    async def _fetch(self, job: Job) -> AsyncIterator[Job]:
        """Brings every waiting output to disk, one after the other (rule 6)."""
        document: JsonValue = None
        if any(output.url is None and output.state in FETCHED for output in job.outputs):
            document = (await self._body(job)).result
        faults = 0
        while waiting := [index for index, output in enumerate(job.outputs) if output.state in FETCHED]:
            index = waiting[0]
            try:
                if job.outputs[index].path is None:
                    path = await asyncio.to_thread(self.folder.place, job, index)
                    job = await self._save_output(job, index, state=Keeping.FETCHING, path=str(path))
                size = await outputs.keep(self.gateway, job.outputs[index], document)
                job = await self._save_output(job, index, state=Keeping.SAVED, size_bytes=size)
                faults = 0
            except (outputs.CannotKeep, OSError, errors.NotFound, errors.Forbidden, errors.ForeignHost) as error:
                job = await self._save_output(job, index, state=Keeping.FAILED, problem=verdicts.words(error))
            except (errors.FalError, outputs.CutShort) as error:
                faults += 1
                delay = self.pace.retry(error, faults)
                yield (job := await self._save(replace(job, notice=verdicts.retry_notice(error, delay))))
                await asyncio.sleep(delay)
            else:
                yield job

    async def _seen(self, job: Job) -> Counter[LogLine]:
        return Counter(await self.history.read(lambda store: store.logs(job.id)))

    async def _body(self, job: Job) -> Body:
        return await self.history.read(lambda store: store.body(job.id))

    async def _save_output(self, job: Job, index: int, **changes: object) -> Job:
        changed = replace(job.outputs[index], **changes)  # type: ignore[arg-type]
        kept = (*job.outputs[:index], changed, *job.outputs[index + 1 :])
        return await self._save(replace(job, outputs=kept, notice=""))

    async def _save(
        self, job: Job, *, logs: Sequence[LogLine] = (), arguments: object = None, result: object = None
    ) -> Job:
        await self.history.write(lambda store: store.save(job, logs=logs, arguments=arguments, result=result))
        return job

    async def _cancel_is_requested(self, job: Job) -> bool:
        kept = await self.history.read(lambda store: store.job(job.id))
        return kept is not None and kept.cancel_requested

    def _request(self, job: Job) -> Request:
        return self.gateway.restored(
            job.endpoint_id, job.request_id or "", job.status_url, job.response_url, job.cancel_url
        )


def _accepted(job: Job, submitted: Submitted) -> Job:
    return replace(
        job,
        state=State.QUEUED,
        request_id=submitted.request.request_id,
        status_url=submitted.request.status_url,
        response_url=submitted.request.response_url,
        cancel_url=submitted.request.cancel_url,
        queue_position=submitted.position,
    )
