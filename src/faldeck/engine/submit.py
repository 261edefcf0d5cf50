"""From the submit key to a request that the service has: uploads, the one POST, and what becomes of a lost answer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

from faldeck.engine import follow, local_files, reconcile, send_modes, transitions
from faldeck.engine.job_context import Means
from faldeck.engine.unwritten import Snapshot
from faldeck.engine.upload import Sending
from faldeck.fal import errors
from faldeck.fal.values import Result, Spoken, Submitted
from faldeck.history import Duplicate, LeaseLost
from faldeck.job import Job, State
from faldeck.safety import sanitize
from faldeck.schema import json_value

_PASSING_FAULTS = (errors.NotSent, errors.AnswerLost, errors.Busy, errors.ServerFault)
"""After which an upload is tried again."""


async def upload(means: Means, job: Job) -> AsyncIterator[Job]:
    """Brings the local files that stand in the arguments to the service, and puts their URLs in their places."""
    line = means.line_to(means.gateway.hosts.rest_url)
    faults = 0
    while job.state is State.SUBMITTING and job.uploads:
        file, *rest = job.uploads
        yield (job := await means.noted(job, line))
        try:
            place = local_files.place(file.path)
            stay = send_modes.stay_of(job.options)
            async with (
                line.turn(keyed=False, bounded=False) as turn,
                Sending(means.uploads, place, stay, turn.answered) as sending,
            ):
                while True:
                    if job.progress != sending.words:
                        yield (job := await means.save(replace(job, progress=sending.words, notice="")))
                    if await sending.has_ended():
                        break
                value = sending.value
        except (errors.FalError, OSError) as error:
            if isinstance(error, _PASSING_FAULTS) or transitions.is_short_of_handles(error):
                faults += 1
                job, delay = await means.hindered(replace(job, progress=""), error, faults)
                yield job
                await line.rest(delay)
                continue
            yield (job := await means.save(transitions.ended(job, State.FAILED, transitions.upload_failure(error))))
        else:
            faults = 0
            arguments = json_value.put((await means.body(job)).arguments, file.loc, value)
            job = replace(job, uploads=tuple(rest), progress="", notice="")
            yield (job := await means.save(job, arguments=arguments))


async def submit(means: Means, job: Job) -> AsyncIterator[Job]:
    """Sends the one POST (rules 1 and 2): again only after it certainly was not accepted."""
    if job.state is not State.SUBMITTING:
        return
    arguments = (await means.body(job)).arguments
    way = send_modes.WAYS[job.mode]
    line = means.line_of(job)
    faults = 0
    while job.state is State.SUBMITTING:
        yield (job := await means.noted(job, line))
        try:
            async with line.turn(keyed=False):
                if await means.cancel_is_requested(job):
                    yield await means.save(transitions.ended(job, State.CANCELLED, None))
                    return
                parcel = send_modes.Parcel(job.endpoint_id, arguments, send_modes.submit_options(job.options))
                async with contextlib.aclosing(way.send(means.gateway, parcel)) as answered:
                    yield (job := await means.save(send_modes.leaving(job)))
                    async for news in answered:
                        yield (job := await _hear(means, job, news))
        except (errors.NotSent, errors.Busy) as error:
            faults += 1
            job, delay = await means.hindered(send_modes.unsent(job), error, faults)
            yield job
            await line.rest(delay)
        except (errors.AnswerLost, errors.Unreadable, errors.ServerFault) as error:
            yield (job := await means.save(transitions.unconfirmed(job, transitions.words(error))))
        except errors.FalError as error:
            yield (job := await means.save(transitions.failed(replace(job, submitted_at=None), error)))
        if job.state is State.QUEUED and await means.cancel_is_requested(job):
            yield (job := await _cancel_accepted(means, job))


async def look(means: Means, job: Job) -> AsyncIterator[Job]:
    """Looks for a request whose answer was lost in the account's list (rule 2); in vain, a person decides."""
    if not job.sought:
        return
    arguments = (await means.body(job)).arguments
    why = "the account's list does not show it"
    looks, faults = list(means.pace.looks), 0
    while looks:
        await means.list_line.rest(looks[0])
        try:
            async with means.list_line.turn(keyed=False):
                found = await reconcile.lost_request(means.gateway, means.history, job, arguments)
            looks.pop(0)
            if found is not None:
                request = means.gateway.named(job.endpoint_id, found.request_id)
                yield await means.save(transitions.accepted(job, Submitted(request, None)))
                return
        except reconcile.NO_LIST as error:
            why = f"the account's list cannot be seen ({transitions.words(error).rstrip('.')})"
            break
        except reconcile.Ambiguous as error:
            why = str(error)
            break
        except reconcile.Disputed as error:
            why = str(error)
            looks.pop(0)
        except Duplicate:
            continue  # A job with the same input was found at the same time, as the same request.
        except errors.FalError as error:
            faults += 1
            await means.list_line.rest(means.pace.retry(error, faults))
    yield await means.save(transitions.not_found(job, why))


async def _hear(means: Means, job: Job, news: send_modes.JobUpdates) -> Job:
    """Records what a sent request was answered with."""
    match news:
        case Submitted():
            return await _save_accepted(means, transitions.accepted(job, news))
        case Spoken(text=text, events=events):
            said = sanitize.clean_line(text[-1_000:], limit=300) or f"{events} events"
            return await means.save(replace(job, progress=said), result={"output": text} if text else None)
        case Result(body=body):
            logs = () if job.mode.is_direct else (transitions.ANSWERS_DIRECTLY,)
            try:
                return await follow.complete(means, transitions.answered(job, news), body, logs=logs)
            except Duplicate:  # Some relays repeat an id: the result is this job's all the same.
                job = transitions.answered(job, replace(news, request_id=None))
                return await follow.complete(means, job, body, logs=logs)
        case errors.Refused():
            return await means.save(transitions.refused(job, None, news), result=news.body)


async def _save_accepted(means: Means, job: Job) -> Job:
    """Records the service's answer to a submit, even where the job has been given up meanwhile.

    Where the request is another job's already, this one is put aside for it: sent again, it would be paid again.
    """
    try:
        return await means.save(job)
    except LeaseLost:
        await means.insist(
            Snapshot(job), lambda store: store.change(job.id, lambda kept: transitions.accepted_late(kept, job))
        )
        raise
    except Duplicate:
        other = await means.history.read_settled(lambda store: store.find(job.request_id or ""))
        return await means.save(transitions.taken(job, other.id if other else ""))


async def _cancel_accepted(means: Means, job: Job) -> Job:
    """Asks once for a cancel that was wanted before there was a request; the person can ask again."""
    try:
        await means.ask_to_cancel(job)
    except errors.FalError as error:
        return await means.save(replace(job, notice=f"not cancelled: {transitions.words(error)}"))
    return job
