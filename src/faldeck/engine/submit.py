"""From a recorded job to an accepted request: uploads, the one POST, and the lookup after a lost answer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from faldeck.engine import error_meaning, follow, local_files, reconcile, send_modes, transitions
from faldeck.engine.job_context import JobContext
from faldeck.engine.unsaved import Snapshot
from faldeck.engine.upload import FileUpload
from faldeck.fal import errors
from faldeck.fal.values import Result, StreamProgress, SubmitReceipt
from faldeck.history import Duplicate, LeaseLost
from faldeck.job import Job, State
from faldeck.safety import sanitize
from faldeck.schema import json_value

_PASSING_FAULTS = (errors.NotSent, errors.ResponseLost, errors.Busy, errors.ServerError)
"""Errors after which an upload is tried again."""


async def upload(context: JobContext, job: Job) -> AsyncIterator[Job]:
    """Uploads the local files in the arguments and replaces their paths by the URLs."""
    gate = context.gate_for_url(context.gateway.hosts.rest_url)
    faults = 0
    while job.state is State.SUBMITTING and job.uploads:
        file, *later = job.uploads
        yield (job := await context.record_block(job, gate))
        try:
            place = local_files.path_of(file.path)
            stay = send_modes.storage_of(job.options)
            async with (
                gate.slot(keyed=False, bounded=False) as slot,
                FileUpload(context.uploads, place, stay, slot.answered) as transfer,
            ):
                while True:
                    if job.progress != transfer.words:
                        yield (
                            job := await context.save(job._replace(progress=transfer.words, waiting=None, notice=""))
                        )
                    if await transfer.has_ended():
                        break
                value = transfer.value
        except (errors.FalError, OSError) as error:
            if isinstance(error, _PASSING_FAULTS) or error_meaning.is_short_of_handles(error):
                faults += 1
                job, delay = await context.record_fault(job._replace(progress=""), error, faults)
                yield job
                await gate.wait(delay)
                continue
            yield (job := await context.save(transitions.ended(job, State.FAILED, error_meaning.upload_failure(error))))
        else:
            faults = 0
            arguments = json_value.put((await context.body(job)).arguments, file.loc, value)
            job = job._replace(uploads=tuple(later), progress="", waiting=None, notice="")
            yield (job := await context.save(job, arguments=arguments))


async def submit(context: JobContext, job: Job) -> AsyncIterator[Job]:
    """Sends the one POST (rules 1 and 2). Sends it again only if it certainly was not accepted."""
    if job.state is not State.SUBMITTING:
        return
    arguments = (await context.body(job)).arguments
    send_mode = send_modes.SEND_MODES[job.mode]
    gate = context.gate_for(job)
    faults = 0
    while job.state is State.SUBMITTING:
        yield (job := await context.record_block(job, gate))
        try:
            async with gate.slot(keyed=False):
                if await context.cancel_is_requested(job):
                    yield await context.save(transitions.ended(job, State.CANCELLED, None))
                    return
                submission = send_modes.Submission(job.endpoint_id, arguments, send_modes.submit_options(job.options))
                async with contextlib.aclosing(send_mode.send(context.gateway, submission)) as answered:
                    yield (job := await context.save(send_modes.marked_sent(job)))
                    async for reply in answered:
                        yield (job := await _record_reply(context, job, reply))
        except (errors.NotSent, errors.Busy) as error:
            faults += 1
            job, delay = await context.record_fault(send_modes.marked_unsent(job), error, faults)
            yield job
            await gate.wait(delay)
        except (errors.ResponseLost, errors.InvalidResponse, errors.ServerError) as error:
            yield (job := await context.save(transitions.unconfirmed(job, error_meaning.clean_text(error))))
        except errors.FalError as error:
            yield (job := await context.save(transitions.failed(job._replace(submitted_at=None), error)))
        if job.state is State.QUEUED and await context.cancel_is_requested(job):
            yield (job := await _cancel_accepted(context, job))


async def find_lost(context: JobContext, job: Job) -> AsyncIterator[Job]:
    """Looks for a request with a lost answer in the account's list (rule 2). If it is not there, a person decides."""
    if not job.looking_up:
        return
    arguments = (await context.body(job)).arguments
    why = "the account's list does not show it"
    pauses, faults = list(context.timing.looks), 0
    while pauses:
        await context.list_gate.wait(pauses[0])
        try:
            async with context.list_gate.slot(keyed=False):
                gateway, history = context.gateway, context.history
                found = await reconcile.find_lost_request(gateway, history, job, arguments)
                if found is None and not pauses[1:]:
                    found = await reconcile.find_lost_request(gateway, history, job, arguments, was_behind=True)
            pauses.pop(0)
            if found is not None:
                request = context.gateway.handle(job.endpoint_id, found.request_id)
                yield await context.save(transitions.accepted(job, SubmitReceipt(request, None)))
                return
        except reconcile.NO_LIST as error:
            why = f"the account's list cannot be read ({error_meaning.clean_text(error).rstrip('.')})"
            break
        except reconcile.AmbiguousRequest as error:
            why = str(error)
            break
        except reconcile.ContestedRequest as error:
            why = str(error)
            pauses.pop(0)
        except Duplicate:
            continue  # Another job with the same input has just taken this request.
        except errors.FalError as error:
            faults += 1
            await context.list_gate.wait(context.timing.retry(error, faults))
    yield await context.save(transitions.not_found(job, why))


async def _record_reply(context: JobContext, job: Job, reply: send_modes.Reply) -> Job:
    """Records one answer to the sent request."""
    match reply:
        case SubmitReceipt():
            return await _save_accepted(context, transitions.accepted(job, reply))
        case StreamProgress(text=text, events=events):
            progress = sanitize.clean_line(text[-1_000:], limit=300) or f"{events} events"
            return await context.save(job._replace(progress=progress), result={"output": text} if text else None)
        case Result(body=body):
            logs = () if job.mode.is_direct else (transitions.ANSWERS_DIRECTLY,)
            try:
                return await follow.complete(context, transitions.answered(job, reply), body, logs=logs)
            except Duplicate:  # Some relays repeat an id. The result is this job's, so record it without the id.
                job = transitions.answered(job, reply._replace(request_id=None))
                return await follow.complete(context, job, body, logs=logs)
        case errors.ErrorResponse():
            return await context.save(transitions.refused(job, None, reply), result=reply.body)


async def _save_accepted(context: JobContext, job: Job) -> Job:
    """Records an accepted submit, even if this process has lost the job meanwhile.

    If the request is recorded as another job, this job is dismissed: sent again, it would be paid again.
    """
    try:
        return await context.save(job)
    except LeaseLost:
        await context.retry_write(
            Snapshot(job), lambda store: store.change(job.id, lambda stored: transitions.accepted_late(stored, job))
        )
        raise
    except Duplicate:
        other = await context.history.read_settled(lambda store: store.find(job.request_id or ""))
        return await context.save(transitions.followed_elsewhere(job, other.id if other else ""))


async def _cancel_accepted(context: JobContext, job: Job) -> Job:
    """Asks the service once to cancel a job that a person cancelled before it was accepted."""
    try:
        await context.ask_to_cancel(job)
    except errors.FalError as error:
        return await context.save(
            job._replace(waiting=None, notice=f"not cancelled: {error_meaning.clean_text(error)}")
        )
    return job
