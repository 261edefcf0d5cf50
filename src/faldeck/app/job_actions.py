"""The actions on jobs, for both faces: run again, adopt, cancel, look up again, send again, dismiss, download, star.

An action returns what came of it as a value; `wording` has the sentences. Each raises ActionRefused if the job is not
one for it, and FalError, NoKey, ConfigError or HistoryError if the service or the history fails.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from faldeck.history import Store
from faldeck.job import Body, Job, State
from faldeck.query import EXACTLY, Key, Query, Term

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faldeck.app.session import Session
    from faldeck.fal.values import Price
    from faldeck.schema.json_value import JsonValue


class RefusalReason(Enum):
    """Why an action does nothing with a job."""

    INPUT_UNKNOWN = "input unknown"
    NOT_UNCONFIRMED = "not unconfirmed"


class ActionRefused(Exception):
    """The job is not one for this action. Nothing was sent and nothing was changed."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class CancelOutcome(Enum):
    """What came of a cancel. Only the job's state tells whether the service stops it (rule 7)."""

    REQUESTED = "requested"
    """The service was asked."""
    AFTER_SUBMIT = "after submit"
    """The service is asked as soon as it has answered the submit."""
    NEVER_SENT = "never sent"
    """The request had not left, and never will."""
    HAD_ENDED = "had ended"
    """The job had ended before; nothing was asked."""
    TOO_LATE = "too late"
    """The service says that the request has ended."""
    NOT_FOUND = "not found"
    """The service does not know the request."""


class AdoptedJob(NamedTuple):
    """The job of a request that was made elsewhere."""

    job: Job
    has_ended: bool
    """True if the service has the result."""


# Send


async def stored_request(session: Session, job: Job) -> tuple[Job, Body]:
    """A job as it is on disk, and its documents, to send or edit its request again."""
    job, body = await session.history.read(lambda store: session.sources.past_request(store, job))
    if not job.input_known:
        raise ActionRefused(RefusalReason.INPUT_UNKNOWN)
    return job, body


async def rerun(session: Session, job: Job, body: Body) -> Job:
    """Sends a stored request once more, as a new job of the same profile, and returns that."""
    from faldeck.app import pricing

    supervisor = await session.ready()
    from faldeck.engine.supervisor import Draft

    price = session.catalogue_of(job.profile).prices().get(job.endpoint_id)
    draft = Draft(
        profile=job.profile,
        endpoint_id=job.endpoint_id,
        arguments=body.arguments,
        uploads=job.uploads,
        options=job.options,
        cost=pricing.rate(price),
        parent=job.parent,
    )
    return await supervisor.submit(draft)


async def find_price(session: Session, endpoint_id: str, profile: str) -> Price | None:
    """The price of a model for a profile, from disk or from the service; None if it is not known soon."""
    from faldeck.app import requests

    catalogue = session.catalogue_of(profile)
    if price := catalogue.prices().get(endpoint_id):
        return price
    await session.ready()
    return await requests.find_price(catalogue, endpoint_id)


async def adopt(
    session: Session, endpoint_id: str, request_id: str, *, arguments: Mapping[str, JsonValue] | None = None
) -> AdoptedJob:
    """Adds a request of the active profile that was made elsewhere to the history, and follows it (rule 9).

    `arguments` are its input, as far as that is known here; what the account's list says of it comes first.

    It asks the service first, so that only existing requests are recorded: the account's list, or the queue if the list
    does not have the whole request.
    """
    supervisor = await session.ready()
    from faldeck.engine import adoption
    from faldeck.fal.errors import InvalidRequest
    from faldeck.fal.values import Completed

    profile = session.profile.name
    gateway = session.gateways.gateway(profile)
    request = gateway.handle(endpoint_id, request_id)
    if not set("/\\?#% ").isdisjoint(request_id):
        raise InvalidRequest(f"{request_id!r} is not a request id.")
    past = await adoption.find_past(gateway, endpoint_id, request_id)
    has_ended = past is not None and adoption.is_whole(past)
    if not has_ended:
        has_ended = isinstance(await gateway.status(request), Completed)
    return AdoptedJob(
        await supervisor.adopt(profile, endpoint_id, request_id, past=past, arguments=arguments), has_ended
    )


async def send_again(session: Session, job: Job) -> Job:
    """Sends an unconfirmed request once more, as a new job, and returns that."""
    _require_unconfirmed(job)
    return await (await session.ready()).send_again(job)


# Change


async def cancel(session: Session, job: Job) -> CancelOutcome:
    """Asks the service to cancel a job that has not ended."""
    if job.state.is_final:
        return CancelOutcome.HAD_ENDED
    supervisor = await session.ready()
    from faldeck.fal.values import Cancellation

    match await supervisor.cancel(job):
        case Cancellation.REQUESTED:
            return CancelOutcome.REQUESTED
        case Cancellation.TOO_LATE:
            return CancelOutcome.TOO_LATE
        case Cancellation.NOT_FOUND:
            return CancelOutcome.NOT_FOUND
        case None:
            stored = await session.history.read(lambda store: store.job(job.id))
            return CancelOutcome.NEVER_SENT if stored and stored.state.is_final else CancelOutcome.AFTER_SUBMIT


async def look_up_again(session: Session, job: Job) -> None:
    """Looks for an unconfirmed job in the account's list, or asks the service for an expired one again."""
    if job.state is not State.EXPIRED:
        _require_unconfirmed(job)
    await (await session.ready()).look_up_again(job)


async def dismiss(session: Session, job: Job) -> None:
    """Puts an unconfirmed job aside, or stops the download of a completed job's missing files."""
    if job.is_open and job.state is State.COMPLETED:
        await (await session.ready()).give_up_files(job)
        return
    _require_unconfirmed(job)
    await (await session.ready()).dismiss(job)


async def download(session: Session, job: Job) -> bool:
    """Starts to download the job's files that are not on disk; False if there are none."""
    return await (await session.ready()).fetch(job)


async def toggle_star(session: Session, job: Job) -> None:
    """Stars a job, or removes its star, by its state on disk: the screen may show an older one."""

    def turn(store: Store) -> None:
        if stored := store.job(job.id):
            store.mark(job.id, starred=not stored.starred)

    await session.history.write(turn)


def _require_unconfirmed(job: Job) -> None:
    if job.state is not State.UNCONFIRMED:
        raise ActionRefused(RefusalReason.NOT_UNCONFIRMED)


# Ask


async def ended(session: Session, job: Job) -> tuple[Job, Body] | None:
    """Waits until a job has ended, and returns it with its documents; None if it was deleted meanwhile."""
    supervisor = await session.ready()
    changed = asyncio.Event()
    with supervisor.events.subscribe_to_job(job.id, lambda _: changed.set()):
        while True:
            changed.clear()  # Before the job is read: a change while it is read counts.
            stored, body = await session.history.read(lambda store: (store.job(job.id), store.body(job.id)))
            if stored is None:
                return None
            if stored.state.is_final:
                return stored, body
            await changed.wait()


async def suggested_model(session: Session, job: Job) -> str | None:
    """The model that was probably meant by a job that failed because there is no such model; else None."""
    if job.state is not State.FAILED:
        return None
    return await asyncio.to_thread(lambda: session.catalogue_of(job.profile).suggested_model(job))


async def last_seed(session: Session, endpoint_id: str, preferred: Job | None) -> int | None:
    """The seed of the preferred job, if it is of this model, else of the newest one; None if no result has one."""
    completed = Query((Term(Key.STATE, State.COMPLETED), Term(Key.MODEL, f"{EXACTLY}{endpoint_id}")))
    newest = await session.history.read(lambda store: store.page(completed, limit=1))
    ids = [job.id for job in (preferred, *newest) if job and job.endpoint_id == endpoint_id]
    for body in await session.history.read(lambda store: [store.body(job_id) for job_id in ids]):
        seed = body.result.get("seed") if isinstance(body.result, dict) else None
        if isinstance(seed, int) and not isinstance(seed, bool):
            return seed
    return None
