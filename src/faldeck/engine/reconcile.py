"""Asks the account's own request list for what the queue cannot tell (protocol §7).

Requests whose answer was lost, results that the queue has forgotten, and requests that this history does not know.
It reads only: nothing here sends a request that costs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from faldeck.fal import answers, errors
from faldeck.fal.answers import Answer
from faldeck.fal.values import PastRequest
from faldeck.history import History
from faldeck.job import Job
from faldeck.schema.jsonvalue import JsonValue

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway

EARLIER = timedelta(minutes=5)
LATER = timedelta(minutes=15)
"""How far the service's clock may be from ours, and how long a submit may be on its way."""

NO_LIST = (errors.NotOffered, errors.Unauthorized, errors.Forbidden, errors.NotFound)
"""What says that there is no such list, or none for this key."""


class Ambiguous(Exception):
    """More than one request may be the one that is looked for."""


async def lost_request(gateway: Gateway, history: History, job: Job, arguments: JsonValue) -> PastRequest | None:
    """The one request of the account that must be this unconfirmed job's; None where there is none, or none yet.

    It has equal input, was sent when the job was, and is no other job's. Raises Ambiguous, HistoryError, FalError
    (one of `NO_LIST` where the key shows no list).
    """
    sent = job.submitted_at or job.created_at
    listed = gateway.past_requests(job.endpoint_id, start=_stamp(sent - EARLIER), payloads=True)
    alike = [past async for past in listed if past.arguments == arguments and _is_near(past.sent_at, sent)]
    if not alike:
        return None
    ids = {past.request_id for past in alike}
    known = await history.read_settled(lambda store: store.known(job.profile, ids))
    matches = [past for past in alike if past.request_id not in known]
    if len(matches) > 1:
        raise Ambiguous(f"{len(matches)} requests of the account are alike")
    return matches[0] if matches else None


async def forgotten_answer(gateway: Gateway, job: Job) -> JsonValue | errors.Refused:
    """What a request ended with, as the account's list keeps it after the queue forgot it; None where it does not.

    Raises FalError where the list cannot be asked now.
    """
    try:
        listed = gateway.past_requests(job.endpoint_id, request_id=job.request_id, payloads=True)
        kept = [past async for past in listed if past.request_id == job.request_id]
    except NO_LIST:
        return None
    for past in kept:
        if past.output is not None and past.status_code is not None and past.status_code >= 400:
            body = json.dumps(past.output).encode()
            return answers.refusal(Answer("the account's list", past.status_code, {}, body))
    return next((past.output for past in kept if past.output is not None), None)


async def strangers(gateway: Gateway, history: History, profile: str, since: datetime) -> AsyncIterator[PastRequest]:
    """The account's requests since then, to the models that `profile` was used with here, which are no jobs here.

    Each with its input where that is still stored; newest end first within a model. Raises FalError (one of
    `NO_LIST` where the key shows no list) and HistoryError.
    """
    for endpoint_id in await history.read_settled(lambda store: store.endpoint_ids(profile)):
        async for past in gateway.past_requests(endpoint_id, start=_stamp(since), payloads=True):
            if not await _is_known(history, profile, past.request_id):
                yield past


async def _is_known(history: History, profile: str, request_id: str) -> bool:
    return bool(await history.read_settled(lambda store: store.known(profile, [request_id])))


def moment(text: str) -> datetime | None:
    """An instant as the list writes it: ISO 8601, UTC where it does not say; None for what is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _is_near(sent_at: str, sent: datetime) -> bool:
    at = moment(sent_at)
    return at is not None and sent - EARLIER <= at <= sent + LATER


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
