"""The job of a request that was made elsewhere, with its true times and, if the account's list shows it, its result."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from faldeck.engine import reconcile, transitions
from faldeck.fal import errors
from faldeck.fal.values import PastRequest, RequestHandle
from faldeck.history.record import Record
from faldeck.job import UNKNOWN_INPUT, Body, FileState, Job, State, headline, now
from faldeck.job_ids import id_at
from faldeck.schema import json_value, results
from faldeck.schema.json_value import JsonValue
from faldeck.schema.results import Home

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway

LIST_SECONDS = 5.0
"""How long to wait for the account's request list (seconds)."""

FIRST_REQUEST = datetime(2020, 1, 1, tzinfo=UTC)
"""The earliest time of a request: an earlier time in a request id is not a time."""


def adopted(
    profile: str,
    request: RequestHandle,
    past: PastRequest | None,
    arguments: Mapping[str, JsonValue],
    *,
    hosts: Sequence[str],
    fetch_files: bool,
) -> Record:
    """Returns the job of `request` with all known facts.

    `past` is its entry in the account's list, or None. If the entry shows the whole answer, the job has ended and the
    service is not asked again (protocol §7). `arguments` are the input if the entry has none.
    `hosts` are the service's own, and `fetch_files` says whether files in the result are fetched.
    """
    arguments = dict(past.arguments if past and isinstance(past.arguments, dict) else arguments)
    created_at = made_at(request.request_id, past)
    job = Job(
        id=_id(created_at, request.request_id),
        profile=profile,
        endpoint_id=request.endpoint_id,
        state=State.QUEUED,
        created_at=created_at,
        submitted_at=created_at,
        started_at=_time(past.started_at) if past else None,
        completed_at=_time(past.ended_at) if past else None,
        title=headline(arguments) or UNKNOWN_INPUT,
        input_known=bool(arguments),
        request_id=request.request_id,
        status_url=request.status_url,
        response_url=request.response_url,
        cancel_url=request.cancel_url,
    )
    answer = reconcile.listed_answer(past) if past and is_whole(past) else None
    if isinstance(answer, errors.ErrorResponse):
        return Record(transitions.refused(job, None, answer), Body(arguments, answer.body))
    if answer is None:
        return Record(job, Body(arguments))
    keeping = FileState.WAITING if fetch_files else FileState.REMOTE
    ended, logs = transitions.completed(
        job, results.files(answer, Home.of(hosts, results.links_in(arguments))), keeping
    )
    return Record(ended, Body(arguments, answer), logs)


def with_other_id(record: Record, number: int) -> Record:
    """The same job under another id, if the first is in use: two requests of one millisecond."""
    other = _id(record.job.created_at, f"{record.job.request_id} {number}")
    return record._replace(job=record.job._replace(id=other))


async def find_past(gateway: Gateway, endpoint_id: str, request_id: str) -> PastRequest | None:
    """Returns a request's entry in the account's list; None without an entry or without an answer in `LIST_SECONDS`."""
    with suppress(errors.FalError, TimeoutError):  # A request can be followed without it.
        async with asyncio.timeout(LIST_SECONDS):
            return await reconcile.past_request(gateway, endpoint_id, request_id)
    return None


async def account_links(gateway: Gateway, job: Job) -> dict[str, str]:
    """Returns the links that the account's list shows for a job's outputs, by `Output.at` (protocol §7).

    Empty if the list does not have the whole request, or does not answer in `LIST_SECONDS`.
    """
    past = await find_past(gateway, job.endpoint_id, job.request_id) if job.request_id else None
    answer = reconcile.listed_answer(past) if past and is_whole(past) else None
    if answer is None or isinstance(answer, errors.ErrorResponse):
        return {}
    home = Home.of(gateway.hosts.every, results.links_in(past.arguments) if past else ())
    found = await asyncio.to_thread(results.files, answer, home)
    return {json_value.spell(file.path): file.url for file in found if not file.is_data}


def is_whole(past: PastRequest) -> bool:
    """Whether an entry of the list shows that a request has ended, and its answer."""
    return past.ended_at is not None and past.output is not None


def made_at(request_id: str, past: PastRequest | None) -> datetime:
    """Returns when a request was made: from the list, or else from its id, or else now. Never a future time."""
    present = now()
    return min((_time(past.sent_at) if past else None) or time_in(request_id) or present, present)


def time_in(request_id: str) -> datetime | None:
    """Returns the time in a request id of version 7 (protocol §2.2); None for any other id."""
    try:
        uuid = UUID(request_id)
    except ValueError:
        return None
    if uuid.version != 7:
        return None
    at = datetime.fromtimestamp((uuid.int >> 80) / 1000, UTC)
    return at if FIRST_REQUEST <= at <= now() + timedelta(days=1) else None


def _time(text: str | None) -> datetime | None:
    return reconcile.parse_time(text) if text else None


def _id(at: datetime, key: str) -> str:
    return id_at(round(at.timestamp() * 1000), key)
