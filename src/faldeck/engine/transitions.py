"""The steps of a job: pure functions from `fal` values, or a person's wish, to the next snapshot."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from faldeck import money
from faldeck.engine import error_meaning
from faldeck.fal import errors
from faldeck.fal.values import Completed, Log, Queued, Result, Running, Status, SubmitReceipt
from faldeck.history import LogLine
from faldeck.job import NOT_SENT, Cost, Failure, FileState, Job, Output, State, now
from faldeck.safety import sanitize
from faldeck.schema import json_value

if TYPE_CHECKING:
    from faldeck.schema.results import FoundFile


MAX_LINES = 10_000
"""Different log lines that are kept for one job."""

NO_MORE_LINES = LogLine("", "WARNING", f"More than {MAX_LINES:,} lines came; the rest is not kept.")

MAX_OUTPUTS = 1_000
"""Files of one result that are fetched; all of them stay in the result."""

ANSWERS_DIRECTLY = LogLine(
    "",
    "WARNING",
    "This gateway answered the submit with the result itself, so there was no job to follow. "
    "Set its URL as the profile's run_url, and send with --sync.",
)

GUESSING_SECONDS = 24 * 3600.0
"""How long an unknown status counts as queued (seconds; protocol §9.3)."""


def ended(job: Job, state: State, error: Failure | None) -> Job:
    """The job, ended now, or when the account's list says so (an adopted job)."""
    completed_at = job.completed_at or now()
    return job._replace(
        state=state, error=error, completed_at=completed_at, queue_position=None, waiting=None, notice=""
    )


def completed(job: Job, files: Sequence[FoundFile], keeping: FileState) -> tuple[Job, tuple[LogLine, ...]]:
    """The completed job, with the files found in its result as outputs, and the new lines of its log."""
    outputs = tuple(output(file, keeping) for file in files[:MAX_OUTPUTS])
    left = f"The result names {len(files):,} files; {len(outputs):,} of them are fetched."
    logs = (LogLine("", "WARNING", left),) if files[len(outputs) :] else ()
    return ended(job, State.COMPLETED, None)._replace(outputs=outputs), logs


def failed(job: Job, error: errors.FalError) -> Job:
    """The job, failed with an error."""
    return ended(job, State.FAILED, error_meaning.failure(error))


def failed_by_status(job: Job, completed: Completed) -> Job:
    """The job that failed according to its status, if there is no result that says more."""
    failure = Failure(
        message=error_meaning.clean_text(completed.error or "It ended without a result."), type=completed.error_type
    )
    return ended(job, _end_state(completed.error_type), failure)


def refused(job: Job, completed: Completed | None, error: errors.ErrorResponse) -> Job:
    """The job whose result is an error: it was cancelled (protocol §2.6), or it failed."""
    is_cancelled = isinstance(error, errors.Cancelled)
    kind = error.error_type or (completed.error_type if completed else None)
    state = State.CANCELLED if is_cancelled else _end_state(kind)
    return ended(
        job._replace(cost=with_billed_units(job.cost, error.billable_units)), state, error_meaning.failure(error)
    )


def _end_state(error_type: str | None) -> State:
    return State.CANCELLED if error_type == "client_cancelled" else State.FAILED


def expired(job: Job, error: errors.ErrorResponse) -> Job:
    """The job whose request the service no longer knows, or whose result it refuses. It can be asked for again."""
    if error.status in (404, 410):
        message = "The service no longer knows this request."
    else:
        message = f"The service refuses to give the result: {error_meaning.clean_text(error).rstrip('.')}."
    return ended(job, State.EXPIRED, Failure(message=message, status=error.status))


def unreadable(job: Job, error: errors.InvalidResponse) -> Job:
    """The job whose service answers, but never with something that can be read. It can be asked for again."""
    message = f"{error_meaning.clean_text(error)} No result could be read; the request may be done there, and paid."
    return ended(job, State.EXPIRED, Failure(message=message, status=error.status))


def not_understood(job: Job, word: str) -> Job:
    """The job whose service has sent only an unknown status for a day."""
    sentence = f"For a day the service has only sent the status “{error_meaning.clean_text(word)}”."
    message = f"{sentence} The request may still run there: adopt it to look."
    return ended(job, State.FAILED, Failure(message=message))


def observed(job: Job, status: Status, lines: Sequence[LogLine]) -> Job:
    """The job after a status; `lines` are its new log lines."""
    progress = sanitize.clean_line(lines[-1].message, limit=300) if lines else job.progress
    observed = job._replace(waiting=None, notice="", progress=progress, queue_position=None)
    match status:
        case Queued(unknown_word=word) if word and job.seconds(now()) > GUESSING_SECONDS:
            return not_understood(observed, word)
        case Queued(position=position, unknown_word=word):
            words = f"the service says {sanitize.clean_line(word)}" if word and not lines else progress
            return observed._replace(state=State.QUEUED, queue_position=position, progress=words)
        case Running():
            return observed._replace(state=State.RUNNING, started_at=job.started_at or now())
        case Completed(inference_seconds=seconds):
            return observed._replace(inference_seconds=seconds)


def is_minor(before: Job, after: Job) -> bool:
    """Whether only the place in the queue or the progress is another."""
    return before._replace(queue_position=after.queue_position, progress=after.progress) == after


def accepted(job: Job, submitted: SubmitReceipt) -> Job:
    """The job after the service has accepted it."""
    request = submitted.request
    return job._replace(
        state=State.QUEUED,
        request_id=request.request_id,
        status_url=request.status_url,
        response_url=request.response_url,
        cancel_url=request.cancel_url,
        queue_position=submitted.position,
        looking_up=False,
        waiting=None,
        notice="",
    )


def answered(job: Job, result: Result) -> Job:
    """The direct call with the request id and the cost of its answer."""
    return job._replace(
        request_id=result.request_id, cost=with_billed_units(job.cost, result.billable_units), progress=""
    )


def accepted_late(stored: Job, accepted_job: Job) -> Job | None:
    """The accepted job, if its process lost the lease while it was sending; None if another answer is recorded."""
    if stored.request_id is not None or stored.state not in (State.UNCONFIRMED, State.DISMISSED):
        return None
    return accepted_job


def followed_elsewhere(job: Job, other_id: str) -> Job:
    """The job whose request is recorded as another job, because it was found in the account's list first."""
    left = job._replace(request_id=None, status_url=None, response_url=None, cancel_url=None, queue_position=None)
    return left._replace(state=State.DISMISSED, waiting=None, notice=f"Its request is followed as the job {other_id}.")


def unconfirmed(job: Job, reason: str) -> Job:
    """The job whose POST may or may not have been accepted (rule 2): it is looked up."""
    return job._replace(
        state=State.UNCONFIRMED, looking_up=True, waiting=None, notice=f"It may have been accepted: {reason}"
    )


def not_found(job: Job, reason: str) -> Job:
    """The unconfirmed job that was not found in the account's list. A person decides what happens to it."""
    return job._replace(looking_up=False, waiting=None, notice=f"It may have been accepted: {reason}.")


def recovered(job: Job) -> Job:
    """The job of a process that has ended. Nothing is sent again without a person."""
    is_answered = job.request_id is not None or job.state not in (State.SUBMITTING, State.RUNNING)
    if is_answered:
        return job if job.looking_up else job._replace(waiting=None, notice="")
    if job.submitted_at is not None:
        return unconfirmed(job, "faldeck ended before the answer came.")
    unsent = Failure(message="It was never sent, so nothing was paid: faldeck ended before.", type=NOT_SENT)
    return ended(job, State.FAILED, unsent)


def output(file: FoundFile, keeping: FileState) -> Output:
    """The output for a file found in a result; a data URI stays in the result only."""
    return Output(
        at=json_value.spell(file.path),
        url=None if file.is_data else file.url,
        content_type=file.content_type or (_type_of_data(file.url) if file.is_data else None),
        file_name=file.file_name,
        size_bytes=file.size_bytes,
        declared_bytes=file.size_bytes,
        width=file.width,
        height=file.height,
        state=keeping,
    )


def _type_of_data(uri: str) -> str | None:
    """The media type of a data URI."""
    return uri.removeprefix("data:").partition(",")[0].partition(";")[0] or None


def with_billed_units(estimate: Cost | None, units: str | None) -> Cost | None:
    """The cost after the service has said how many units it bills, at the price known at the submit."""
    if units is None:
        return estimate
    quantity = money.decimal_of(units)
    cost = (estimate or Cost())._replace(units=quantity, is_estimate=False)
    if quantity is None or cost.unit_price_usd is None:
        return cost
    total = money.shortest(quantity * cost.unit_price_usd)
    return cost._replace(total_usd=total if 0 <= total <= money.MAX_USD else None)


def new_lines(logs: Sequence[Log], log_counts: Counter[LogLine]) -> list[LogLine]:
    """The lines of `logs` that are not in `log_counts` yet, up to `MAX_LINES`; adds them to `log_counts`.

    A status holds the whole log so far; a stream holds only the new lines (protocol §2.3, §2.4).
    """
    window: Counter[LogLine] = Counter()
    fresh = []
    for log in logs:
        if len(log_counts) > MAX_LINES:
            break
        line = LogLine(
            error_meaning.clean_text(log.timestamp),
            error_meaning.clean_text(log.level),
            sanitize.clean(log.message, limit=20_000),
        )
        if len(log_counts) == MAX_LINES and line not in log_counts:
            line = NO_MORE_LINES
        window[line] += 1
        if window[line] > log_counts[line]:
            log_counts[line] += 1
            fresh.append(line)
    return fresh


def dismissed(job: Job) -> Job | None:
    """The unconfirmed job, dismissed; None for any other."""
    if job.state is not State.UNCONFIRMED:
        return None
    return job._replace(state=State.DISMISSED, looking_up=False, waiting=None, notice="")


def looked_up_again(job: Job) -> Job | None:
    """The job to be looked up once more: an unconfirmed or expired one; None for any other."""
    if job.state is State.EXPIRED and job.request_id is not None:
        return job._replace(state=State.QUEUED, error=None, completed_at=None)
    return job._replace(looking_up=True) if job.state is State.UNCONFIRMED else None


def ended_unsent(job: Job) -> Job | None:
    """The job that is not to be sent any more: failed, or unconfirmed if its POST has just left."""
    return recovered(job) if job.state is State.SUBMITTING else None


def ended_by_cancel(job: Job) -> Job | None:
    """The same for a job that a person has cancelled."""
    if job.state is State.SUBMITTING and job.submitted_at is None:
        return ended(job, State.CANCELLED, None)
    return ended_unsent(job)


def with_files_requested(job: Job, links: Mapping[str, str] | None = None) -> Job | None:
    """The job with its missing files to be fetched, also those that failed or were deleted; None if none is missing.

    `links` are newer URLs, by `Output.at`, for those that are gone.
    """
    newer = links or {}
    outputs = tuple(
        output._replace(
            state=FileState.WAITING,
            path=None,
            problem=None,
            url=output.url if output.gone_ms is None else newer.get(output.at, output.url),
        )
        if output.state in (FileState.REMOTE, FileState.FAILED) or _is_gone(output)
        else output
        for output in job.outputs
    )
    return None if outputs == job.outputs else job._replace(outputs=outputs)


def with_files_left(job: Job) -> Job | None:
    """The job with its missing files left at their URLs until a person asks for them; None if none is missing."""
    outputs = tuple(
        output._replace(state=FileState.REMOTE, path=None)
        if output.state in (FileState.WAITING, FileState.FETCHING)
        else output
        for output in job.outputs
    )
    return None if outputs == job.outputs else job._replace(outputs=outputs, waiting=None, notice="")


def _is_gone(output: Output) -> bool:
    return output.state is FileState.SAVED and not os.path.exists(output.path or "")
