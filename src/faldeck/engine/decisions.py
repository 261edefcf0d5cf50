"""What a person's decision makes of a job as it is by then; None where it is too late for it. Asks the disk alone."""

from __future__ import annotations

import os
from dataclasses import replace

from faldeck.engine import verdicts
from faldeck.job import Job, Keeping, Output, State


def dismissed(job: Job) -> Job | None:
    """The unconfirmed job put aside."""
    if job.state is not State.UNCONFIRMED:
        return None
    return replace(job, state=State.DISMISSED, sought=False, notice="")


def sought(job: Job) -> Job | None:
    """The job to be looked for once more: an unconfirmed one, or one that its service once did not know."""
    if job.state is State.EXPIRED and job.request_id is not None:
        return replace(job, state=State.QUEUED, error=None, completed_at=None)
    return replace(job, sought=True) if job.state is State.UNCONFIRMED else None


def withdrawn(job: Job) -> Job | None:
    """The job that shall not be sent any more; it may have left in the very last moment."""
    return verdicts.woken(job) if job.state is State.SUBMITTING else None


def cancelled_unsent(job: Job) -> Job | None:
    """The same, where a person has cancelled it."""
    if job.state is State.SUBMITTING and job.submitted_at is None:
        return verdicts.ended(job, State.CANCELLED, None)
    return withdrawn(job)


def with_files_wanted(job: Job) -> Job | None:
    """The job whose files are to be fetched, those too whose fetching has failed, and those that are gone by now."""
    outputs = tuple(
        replace(output, state=Keeping.WAITING, path=None, problem=None)
        if output.state in (Keeping.REMOTE, Keeping.FAILED) or _is_gone(output)
        else output
        for output in job.outputs
    )
    return None if outputs == job.outputs else replace(job, outputs=outputs)


def without_files(job: Job) -> Job | None:
    """The job whose missing files are not waited for any more: they stay at their URLs until they are asked for."""
    outputs = tuple(
        replace(output, state=Keeping.REMOTE, path=None)
        if output.state in (Keeping.WAITING, Keeping.FETCHING)
        else output
        for output in job.outputs
    )
    return None if outputs == job.outputs else replace(job, outputs=outputs, notice="")


def _is_gone(output: Output) -> bool:
    return output.state is Keeping.SAVED and not os.path.exists(output.path or "")
