"""From an accepted request to its stored result: streams, polls, and what the queue has forgotten."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace

from faldeck.engine import reconcile, transitions
from faldeck.engine.job_context import Means
from faldeck.fal import errors, statuses
from faldeck.fal.values import Completed, Request, Result, Status
from faldeck.history import LogLine
from faldeck.job import Job, Keeping, Mode, State, now
from faldeck.schema import results
from faldeck.schema.json_value import JsonValue

SETTLING_SECONDS = 60.0
"""For so long after its submit, a request that the service does not know may still turn up."""

GONE_TIMES, STRAY_TIMES = 3, 20
"""So often a request is said to be unknown before that is believed: by the service, in JSON (protocol §4.1), and by
whatever else may stand in its place for a while. The pauses between grow: a quarter of an hour for the latter."""

GONE = (404, 410)
"""Statuses of a request that the queue does not keep."""

OVER = (400, 422)
"""Statuses by which a status page says that it has no more to tell; believed as often as a service's 404."""

FRESH_SECONDS = 3.0
"""For so long a job has only just been submitted."""


async def follow(means: Means, job: Job) -> AsyncIterator[Job]:
    """Watches the request until its result is stored (rules 3, 4 and 5)."""
    if not job.state.is_followed:
        return
    seen = await means.seen(job)
    doubts: Counter[str] = Counter()
    faults = 0
    while job.state.is_followed:
        try:
            async for snapshot in _ask(means, job, seen, doubts):
                if snapshot is not job:
                    yield (job := snapshot)
            faults = 0
        except errors.FalError as error:
            faults += 1
            job, delay = await means.hindered(job, error, faults)
            yield job
        else:
            delay = means.pace.poll(job.seconds(now()))
        if job.state.is_followed:
            await means.line_of(job).rest(delay)


async def glance(means: Means, job: Job) -> Job:
    """An accepted job as its service sees it now, asked once and saved; with its result where it has one.

    Raises FalError, HistoryError, LeaseLost.
    """
    request = means.request(job)
    # What is asked once is believed at once, where the service itself says it.
    doubts = Counter(status=GONE_TIMES - 1, result=GONE_TIMES - 1)
    try:
        status = await means.gateway.status(request)
    except errors.Refused as error:
        if error.status not in GONE:
            raise
        return await _forgotten(means, job, error, is_believed=_is_said_often(error, doubts, "status"))
    job = await _observe(means, job, status, await means.seen(job))
    return await _collect(means, job, request, status, doubts) if isinstance(status, Completed) else job


async def complete(means: Means, job: Job, body: JsonValue, *, logs: Sequence[LogLine] = ()) -> Job:
    """Stores a result, and the files in it as outputs that wait to be fetched; `logs` are added to its log."""
    home = await means.home_of(job)
    files = await asyncio.to_thread(results.files, body, home)
    keeping = Keeping.WAITING if means.fetch_files else Keeping.REMOTE
    found = tuple(transitions.output(file, keeping) for file in files[: transitions.MAX_OUTPUTS])
    ended = replace(transitions.ended(job, State.COMPLETED, None), outputs=found)
    left = f"The result names {len(files):,} files; {len(found):,} of them are fetched." if files[len(found) :] else ""
    return await means.save(ended, result=body, logs=[*logs, *([LogLine("", "WARNING", left)] if left else [])])


async def _ask(means: Means, job: Job, seen: Counter[LogLine], doubts: Counter[str]) -> AsyncIterator[Job]:
    """One round: a stream's statuses while there are any, else one status; and the result once there is one.

    `seen` are the log lines so far, `doubts` the answers that may be the end. Raises FalError.
    """
    request = means.request(job)
    completed: Completed | None = None
    async with contextlib.aclosing(_streamed(means, job, request)) as statuses:
        async for status in statuses:
            yield (job := await _observe(means, job, status, seen))
            completed = status if isinstance(status, Completed) else None
    if completed is None:
        yield (job := await means.noted(job, means.line_of(job)))
        await means.line_of(job).afford_status()
        try:
            async with means.line_of(job).turn():
                status = await means.gateway.status(request)
        except errors.Refused as error:
            if error.status not in (*GONE, *OVER) or (error.status in OVER and error.body is None):
                raise
            is_believed = _is_said_often(error, doubts, "status")
            if error.status in GONE:
                yield await _forgotten(means, job, error, is_believed=is_believed)
            elif is_believed:
                yield await _over(means, job, request, error)
            else:
                raise
            return
        doubts["status"] = 0
        yield (job := await _observe(means, job, status, seen))
        if not isinstance(status, Completed):
            return
        completed = status
    yield (job := await means.noted(job, means.line_of(job)))
    yield await _collect(means, job, request, completed, doubts)


async def _streamed(means: Means, job: Job, request: Request) -> AsyncGenerator[Status, None]:
    """What a stream says, where one is to be had. One that breaks is no news: a status tells what is the matter."""
    line = means.line_of(job)
    if job.mode is Mode.QUEUE and not line.obstacle and means.streams.has_room(job.id):
        if job.seconds(now()) < FRESH_SECONDS:
            line.spend_status()  # What a person has just begun does not stand in line behind a thousand others.
        else:
            await line.afford_status()
        with contextlib.suppress(errors.FalError):
            async with contextlib.aclosing(means.streams.watch(means.gateway, request, job.id)) as statuses:
                async for status in statuses:
                    yield status


async def _observe(means: Means, job: Job, status: Status, seen: Counter[LogLine]) -> Job:
    """Records what the service says; writes nothing when it says nothing new."""
    lines = transitions.new_lines(status.logs, seen)
    observed = transitions.observed(job, status, lines)
    return await means.save(observed, logs=lines) if lines or observed != job else job


async def _collect(means: Means, job: Job, request: Request, completed: Completed, doubts: Counter[str]) -> Job:
    """Stores the result, whose own status and body decide how the job ended (rule 4), unless its status has failed.

    `completed` is the status that promises one; `doubts` counts the errors that may be the request's or the way's.
    """
    try:
        async with means.line_of(job).turn():
            answer = await _answer(means, job, request, completed)
    except (errors.NotFound, errors.NotReady) as error:
        if completed.output is not None and completed.error is None:
            return await complete(means, job, completed.output)
        if isinstance(error, errors.NotFound):
            is_believed = _is_said_often(error, doubts, "result")
            return await _forgotten(means, job, error, completed, is_believed=is_believed)
        if completed.error is None:
            raise
        return await means.save(transitions.failed_by_status(job, completed))
    except errors.Refused as error:
        doubts[error.message] += 1
        return await _doubted(means, job, error, completed, doubts[error.message])
    if isinstance(answer, errors.Refused):
        return await means.save(transitions.refused(job, completed, answer), result=answer.body)
    job = replace(job, cost=transitions.billed(job.cost, answer.billable_units))
    if completed.has_failed:
        return await means.save(transitions.failed_by_status(job, completed), result=answer.body)
    return await complete(means, job, answer.body)


async def _answer(means: Means, job: Job, request: Request, completed: Completed) -> Result | errors.Refused:
    """What the model answered, its own refusal included, which is no obstacle for anybody. Raises FalError."""
    try:
        return await means.gateway.result(request)
    except errors.Refused as error:
        if not transitions.is_own(error, job, completed):
            raise
        return error


async def _doubted(means: Means, job: Job, error: errors.Refused, completed: Completed, times: int) -> Job:
    """Ends a job whose result is refused by whoever it may be, said so often; raises the error for another try."""
    if transitions.is_the_end(error, completed, times):
        is_told = completed.has_failed and error.status in transitions.NO_ENDS
        ended = transitions.failed_by_status(job, completed) if is_told else transitions.refused(job, completed, error)
        return await means.save(ended, result=error.body)
    if error.status == 410:
        is_believed = times >= (GONE_TIMES if statuses.is_forgotten(error) else STRAY_TIMES)
        return await _forgotten(means, job, error, completed, is_believed=is_believed)
    if error.status in transitions.REFUSALS and times >= STRAY_TIMES:
        return await means.save(transitions.expired(job, error))
    raise error


async def _over(means: Means, job: Job, request: Request, error: errors.Refused) -> Job:
    """Ends a job whose status page keeps refusing it, in those words, unless the result is there or still to come.

    Raises FalError where the result cannot be asked for now, NotReady where it says that it is still to come.
    """
    try:
        async with means.line_of(job).turn():
            answer = await _answer(means, job, request, Completed(error=error.message))
    except (errors.Busy, errors.ServerFault):
        raise
    except errors.Refused:
        answer = error
    if isinstance(answer, errors.Refused):
        told = answer if statuses.is_own(answer, job.request_id) else error
        return await means.save(transitions.refused(job, None, told), result=told.body)
    return await complete(means, replace(job, cost=transitions.billed(job.cost, answer.billable_units)), answer.body)


def _is_said_often(error: errors.Refused, doubts: Counter[str], place: str) -> bool:
    """Counts one more answer in a row that says at this place that there is no such request."""
    doubts[place] += 1
    return doubts[place] >= (GONE_TIMES if error.body is not None else STRAY_TIMES)


async def _forgotten(
    means: Means,
    job: Job,
    error: errors.Refused,
    completed: Completed | None = None,
    *,
    is_believed: bool,
) -> Job:
    """Ends a job that the queue has forgotten: with what the account's list still holds of it (rule 5), or expired.

    Raises `error` instead of the latter while it is not to be believed, or the job so fresh that it may still turn
    up; and FalError where the list cannot be asked now, or shows the request as running.
    """
    async with means.list_line.turn(keyed=False):
        answer = await reconcile.forgotten_answer(means.gateway, job)
    if isinstance(answer, errors.Refused):
        return await means.save(transitions.refused(job, completed, answer), result=answer.body)
    if answer is not None:
        return await complete(means, job, answer)
    if completed is not None and completed.error is not None:
        return await means.save(transitions.failed_by_status(job, completed))
    may_turn_up = completed is None and error.status == 404 and job.seconds(now()) <= SETTLING_SECONDS
    if not is_believed or may_turn_up:
        raise error
    return await means.save(transitions.expired(job, error))
