"""From an accepted request to its stored result: streams, polls, and requests that the queue has forgotten."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from faldeck.engine import address_fallback, error_meaning, reconcile, transitions
from faldeck.engine.error_meaning import STRAY_TIMES
from faldeck.engine.job_context import JobContext
from faldeck.engine.timing import QueueForecast
from faldeck.fal import errors, statuses
from faldeck.fal.values import Completed, RequestHandle, Result, Status
from faldeck.history import LogLine
from faldeck.job import FileState, Job, Mode, now
from faldeck.schema import results
from faldeck.schema.json_value import JsonValue

SETTLING_SECONDS = 60.0
"""How long after its submit an unknown request may still appear (seconds)."""

GONE_TIMES = 3
"""How many "unknown" answers in a row are needed before they are believed if they are from the service itself, in JSON
(protocol §4.1). From something else, such as a proxy, it takes `STRAY_TIMES`."""

UNREADABLE_TIMES = 7
"""How many answers in a row that are no JSON (204, plain text) are needed before no more are asked for. The pauses
grow; it takes a minute. A web page counts as a stray answer: `STRAY_TIMES`."""

GONE = (404, 410)
"""Statuses of a request that the queue does not keep."""

OVER = (400, 422)
"""Statuses of a status page that gives no more statuses; believed after as many times as a service's 404."""

FRESH_SECONDS = 3.0
"""How long a job counts as just submitted (seconds)."""


async def follow(context: JobContext, job: Job) -> AsyncIterator[Job]:
    """Follows the request until its result is stored (rules 3, 4 and 5)."""
    if not job.state.is_followed:
        return
    log_counts = await context.log_counts(job)
    doubts: Counter[str] = Counter()
    forecast = QueueForecast()
    faults = 0
    while job.state.is_followed:
        try:
            async for snapshot in _follow_once(context, job, log_counts, doubts):
                if snapshot is not job:
                    yield (job := snapshot)
            faults = 0
        except errors.FalError as error:
            faults += 1
            job, delay = await context.record_fault(job, error, faults)
            yield job
        else:
            age = job.seconds(now())
            queued = forecast.seconds(job.queue_position, age)
            delay = context.timing.poll(age, queued if context.streams.is_full else 0.0)
        if job.state.is_followed:
            await context.gate_for(job).wait(delay)


async def poll_once(context: JobContext, job: Job) -> Job:
    """Asks for the status of an accepted job once, and for its result if there is one; saves and returns the job.

    Raises FalError, HistoryError, LeaseLost.
    """
    # The status is asked only once here, so one answer of the service itself is believed.
    doubts = Counter(status=GONE_TIMES - 1, result=GONE_TIMES - 1)
    doubts.update(dict.fromkeys(("status address", "result address"), address_fallback.STRAYED_TIMES - 1))
    try:
        job, status = await address_fallback.ask(context, job, doubts, "status address", context.gateway.status)
    except errors.ErrorResponse as error:
        if error.status not in GONE:
            raise
        return await _end_forgotten(context, job, error, is_believed=_count_doubt(error, doubts, "status"))
    job = await _record_status(context, job, status, await context.log_counts(job))
    return await _record_result(context, job, status, doubts) if isinstance(status, Completed) else job


async def complete(context: JobContext, job: Job, body: JsonValue, *, logs: Sequence[LogLine] = ()) -> Job:
    """Ends the job with a result and records the files in it as outputs to fetch; `logs` are added to its log."""
    home = await context.file_home(job)
    files = await asyncio.to_thread(results.files, body, home)
    keeping = FileState.WAITING if context.fetch_files else FileState.REMOTE
    ended, further = transitions.completed(job, files, keeping)
    return await context.save(ended, result=body, logs=[*logs, *further])


async def _follow_once(
    context: JobContext, job: Job, log_counts: Counter[LogLine], doubts: Counter[str]
) -> AsyncIterator[Job]:
    """One round: the statuses of a stream, or else one status; then the result if there is one.

    `log_counts` are the log lines so far; `doubts` counts the answers that may mean the end. Raises FalError.
    """
    completed: Completed | None = None
    async with contextlib.aclosing(_stream_statuses(context, job, context.request(job))) as statuses:
        async for status in statuses:
            yield (job := await _record_status(context, job, status, log_counts))
            completed = status if isinstance(status, Completed) else None
    if completed is None:
        yield (job := await context.record_block(job, context.gate_for(job)))
        await context.gate_for(job).acquire_status()
        try:
            async with context.gate_for(job).slot():
                asked = address_fallback.ask(context, job, doubts, "status address", context.gateway.status)
                job, status = await asked
        except errors.ErrorResponse as error:
            if error.status not in (*GONE, *OVER) or (error.status in OVER and error.body is None):
                raise
            is_believed = _count_doubt(error, doubts, "status")
            if error.status in GONE:
                yield await _end_forgotten(context, job, error, is_believed=is_believed)
            elif is_believed:
                yield await _end_refused_status(context, job, error)
            else:
                raise
            return
        except errors.InvalidResponse as error:
            # A network that asks to be signed in to answers everything with a web page. It is waited for (rule 3).
            if error.is_web_page or not _is_unreadable_for_long(error, doubts, "status"):
                raise
            yield await context.save(transitions.unreadable(job, error))
            return
        doubts["status"] = doubts["unreadable status"] = 0
        yield (job := await _record_status(context, job, status, log_counts))
        if not isinstance(status, Completed):
            return
        completed = status
    yield (job := await context.record_block(job, context.gate_for(job)))
    yield await _record_result(context, job, completed, doubts)


async def _stream_statuses(context: JobContext, job: Job, request: RequestHandle) -> AsyncGenerator[Status, None]:
    """Yields the statuses of a stream, if the job gets one. Ignores its errors: the next status shows what is wrong."""
    gate = context.gate_for(job)
    if job.mode is Mode.QUEUE and not gate.blocked and context.streams.has_free_slot(job.id):
        if job.seconds(now()) < FRESH_SECONDS:
            gate.reserve_status()  # A job just submitted does not wait behind a thousand others.
        else:
            await gate.acquire_status()
        with contextlib.suppress(errors.FalError):
            async with contextlib.aclosing(context.streams.watch(context.gateway, request, job.id)) as statuses:
                async for status in statuses:
                    yield status


async def _record_status(context: JobContext, job: Job, status: Status, log_counts: Counter[LogLine]) -> Job:
    """Records a status; writes nothing if nothing is new."""
    lines = transitions.new_lines(status.logs, log_counts)
    observed = transitions.observed(job, status, lines)
    if lines or not transitions.is_minor(job, observed):
        return await context.save(observed, logs=lines)
    return await context.save_progress(observed) if observed != job else job


async def _record_result(context: JobContext, job: Job, completed: Completed, doubts: Counter[str]) -> Job:
    """Asks for the result and ends the job as the result's own status and body say (rule 4).

    `completed` is the status that promises the result; `doubts` counts the errors that may come from a proxy.
    """
    try:
        async with context.gate_for(job).slot():
            asked = address_fallback.ask(
                context,
                job,
                doubts,
                "result address",
                lambda request: _request_result(context, job, request, completed),
            )
            job, answer = await asked
    except (errors.NotFound, errors.NotReady) as error:
        if completed.output is not None and completed.error is None:
            return await complete(context, job, completed.output)
        if isinstance(error, errors.NotFound):
            is_believed = _count_doubt(error, doubts, "result")
            return await _end_forgotten(context, job, error, completed, is_believed=is_believed)
        if completed.error is None:
            raise
        return await context.save(transitions.failed_by_status(job, completed))
    except errors.InvalidResponse as error:
        if completed.output is not None and completed.error is None:
            return await complete(context, job, completed.output)
        if not _is_unreadable_for_long(error, doubts, "result"):
            raise
        is_failed = completed.error is not None
        ended = transitions.failed_by_status(job, completed) if is_failed else transitions.unreadable(job, error)
        return await context.save(ended)
    except errors.ErrorResponse as error:
        doubts[error.message] += 1
        doubts["refusals"] += 1
        return await _end_if_believed(context, job, error, completed, doubts)
    if isinstance(answer, errors.ErrorResponse):
        return await context.save(transitions.refused(job, completed, answer), result=answer.body)
    job = job._replace(cost=transitions.with_billed_units(job.cost, answer.billable_units))
    if completed.has_failed:
        return await context.save(transitions.failed_by_status(job, completed), result=answer.body)
    return await complete(context, job, answer.body)


async def _request_result(
    context: JobContext, job: Job, request: RequestHandle, completed: Completed
) -> Result | errors.ErrorResponse:
    """Returns the model's answer, also if it is an error of the model's own: the host is fine then. Raises FalError."""
    try:
        return await context.gateway.result(request)
    except errors.ErrorResponse as error:
        if not error_meaning.is_model_answer(error, job, completed):
            raise
        return error


async def _end_if_believed(
    context: JobContext, job: Job, error: errors.ErrorResponse, completed: Completed, doubts: Counter[str]
) -> Job:
    """Ends a job whose result was refused, if `doubts` counts enough refusals; else raises the error to try again."""
    times = doubts[error.message]
    if error_meaning.ends_request(error, completed, times):
        is_reported = completed.error is not None and (error.body is None or error.status in error_meaning.NO_ENDS)
        ended = (
            transitions.failed_by_status(job, completed) if is_reported else transitions.refused(job, completed, error)
        )
        return await context.save(ended, result=error.body)
    if error.status == 410:
        is_believed = times >= (GONE_TIMES if statuses.is_forgotten(error) else STRAY_TIMES)
        return await _end_forgotten(context, job, error, completed, is_believed=is_believed)
    if error_meaning.is_left_for_later(error, doubts["refusals"]):
        return await context.save(transitions.expired(job, error))
    raise error


async def _end_refused_status(context: JobContext, job: Job, error: errors.ErrorResponse) -> Job:
    """Ends a job whose status page keeps refusing it: with the result if there is one, else with that error.

    Raises FalError if the result cannot be asked for now, NotReady if it is still to come.
    """
    try:
        async with context.gate_for(job).slot():
            answer = await _request_result(context, job, context.request(job), Completed(error=error.message))
    except (errors.Busy, errors.ServerError):
        raise
    except errors.ErrorResponse:
        answer = error
    if isinstance(answer, errors.ErrorResponse):
        own_error = answer if statuses.is_own(answer, job.request_id) else error
        return await context.save(transitions.refused(job, None, own_error), result=own_error.body)
    return await complete(
        context, job._replace(cost=transitions.with_billed_units(job.cost, answer.billable_units)), answer.body
    )


def _count_doubt(error: errors.ErrorResponse, doubts: Counter[str], place: str) -> bool:
    """Counts one more answer that there is no such request; returns True if it is believed now."""
    doubts[place] += 1
    return doubts[place] >= (GONE_TIMES if error.body is not None else STRAY_TIMES)


def _is_unreadable_for_long(error: errors.InvalidResponse, doubts: Counter[str], place: str) -> bool:
    """Counts one more answer that cannot be read; returns True if no better one is expected."""
    doubts[f"unreadable {place}"] += 1
    return doubts[f"unreadable {place}"] >= (STRAY_TIMES if error.is_web_page else UNREADABLE_TIMES)


async def _end_forgotten(
    context: JobContext,
    job: Job,
    error: errors.ErrorResponse,
    completed: Completed | None = None,
    *,
    is_believed: bool,
) -> Job:
    """Ends a job that the queue has forgotten: with its entry in the account's list (rule 5), or as expired.

    Instead of expiring the job, raises `error` while it is not believed yet, or while the job is so new that the list
    may still show it. Raises FalError if the list cannot be asked now, or shows the request as running.
    """
    async with context.list_gate.slot(keyed=False):
        answer = await reconcile.find_forgotten_answer(context.gateway, job)
    if isinstance(answer, errors.ErrorResponse):
        return await context.save(transitions.refused(job, completed, answer), result=answer.body)
    if answer is not None:
        return await complete(context, job, answer)
    if completed is not None and completed.error is not None:
        return await context.save(transitions.failed_by_status(job, completed))
    may_turn_up = completed is None and error.status == 404 and job.seconds(now()) <= SETTLING_SECONDS
    if not is_believed or may_turn_up:
        raise error
    return await context.save(transitions.expired(job, error))
