"""Reads the account's request list for facts that the queue does not have (protocol §7).

Requests whose answer was lost, results that the queue has forgotten, and requests that this history does not know.
It reads only: nothing here sends a request that costs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from faldeck.fal import errors, refusals
from faldeck.fal.responses import HttpResponse
from faldeck.fal.values import PastRequest
from faldeck.history import History, Store
from faldeck.job import Job, State, instant, now
from faldeck.query import Key, Query, Term
from faldeck.schema.json_value import JsonValue

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway

EARLIER = timedelta(minutes=5)
LATER = timedelta(minutes=15)
"""How much earlier or later than our submit a request may be listed: clock error, and time on the way."""

REMEMBERED = timedelta(days=30)
"""How long a service keeps the inputs by which a lost request is found (protocol §2.7)."""

SAME_TIME = timedelta(hours=1)
"""Equal requests that were sent further apart cannot be confused."""

MOST_NAMED = 5
"""The most request ids that a notice names."""

RUNNING_SECONDS = 24 * 3600.0
"""How long a request without an end in the list counts as running (seconds)."""

NO_LIST = (errors.NotSupported, errors.Unauthorized, errors.Forbidden, errors.NotFound)
"""Errors that mean that the service has no list, or none for this key."""


_UNANSWERED_STATES = (State.SUBMITTING, State.RUNNING, State.UNCONFIRMED)
"""States of a job that may have been sent and has no answer."""


class _Clock(NamedTuple):
    """How the service's clock compares with ours."""

    offset: timedelta
    """The service's clock minus ours, now; zero if it is not known."""
    was_behind: bool = False
    """Whether our clock may have been behind when a job was sent, and was corrected since."""

    @classmethod
    def of(cls, gateway: Gateway, *, was_behind: bool = False) -> _Clock:
        """The known facts about a service's clock."""
        service_time = gateway.service_time
        return cls(service_time - now() if service_time else timedelta(), was_behind)


class AmbiguousRequest(Exception):
    """More than one request may be the lost one."""


class ContestedRequest(Exception):
    """The request found may belong to another job, whose answer is still awaited."""


async def find_lost_request(
    gateway: Gateway, history: History, job: Job, arguments: JsonValue, *, was_behind: bool = False
) -> PastRequest | None:
    """Returns the one request of the account that must be this unconfirmed job's; None if it is not listed (yet).

    The request has equal input, was sent when the job was, and belongs to no other job, nor to one whose answer is
    still awaited. Equal requests are interchangeable: if there are as many lost jobs as requests, each job takes one,
    in the order in which they were sent. With `was_behind` the request may have been sent at any time since then: our
    clock may have been behind by an unknown time.

    Raises AmbiguousRequest, ContestedRequest, HistoryError, FalError (one of `NO_LIST` if the key may not list
    requests).
    """
    rivals = await history.read_settled(lambda store: _equal_jobs(store, job, arguments))
    clock = _Clock.of(gateway, was_behind=was_behind)
    candidates = await _candidates(gateway, job, rivals, arguments, clock)
    # The service's time may only be known from this very answer.
    newest = _Clock.of(gateway, was_behind=was_behind)
    if abs(newest.offset - clock.offset) > EARLIER / 2:
        clock = newest
        candidates = await _candidates(gateway, job, rivals, arguments, clock)
    if not any(_may_match(past, job, arguments, clock) for past in candidates):
        return None
    # Read after the list: every request in the list was on disk before it was sent.
    rivals = await history.read_settled(lambda store: _equal_jobs(store, job, arguments))
    if any(one.state is not State.UNCONFIRMED for one in rivals):
        raise ContestedRequest("the answer to an equal request is still awaited")
    known = await history.read_settled(lambda store: store.known(job.profile, {past.request_id for past in candidates}))
    unknown = [past for past in candidates if past.request_id not in known]
    jobs, requests = _contested_requests(job, rivals, unknown, arguments, clock)
    if not requests:
        return None
    mine = requests[jobs.index(job)] if len(jobs) == len(requests) else None
    if mine and _may_match(mine, job, arguments, clock):
        return mine
    which = ", ".join(past.request_id for past in requests[:MOST_NAMED])
    more = f" and {len(requests) - MOST_NAMED} more" if requests[MOST_NAMED:] else ""
    words = f"{len(requests)} requests of the account are alike, for {len(jobs)} lost here: {which}{more}"
    # The list may lag behind and show the others later.
    raise ContestedRequest(words) if len(requests) < len(jobs) else AmbiguousRequest(words)


def _contested_requests(
    job: Job, rivals: list[Job], unknown: list[PastRequest], arguments: JsonValue, clock: _Clock
) -> tuple[list[Job], list[PastRequest]]:
    """Returns the lost jobs and the unknown requests that may match, starting from this job; both in order of time."""
    jobs, requests = {job.id: job}, dict[str, PastRequest]()
    while True:
        near = [past for past in unknown if any(_may_match(past, one, arguments, clock) for one in jobs.values())]
        reached = {past.request_id: past for past in near}
        joined = {one.id: one for one in rivals if any(_may_match(past, one, arguments, clock) for past in near)}
        if reached.keys() <= requests.keys() and joined.keys() <= jobs.keys():
            break
        requests, jobs = reached, {**jobs, **joined}
    return (
        sorted(jobs.values(), key=lambda one: (one.submitted_at or one.created_at, one.id)),
        sorted(requests.values(), key=lambda past: (past.sent_at, past.request_id)),
    )


async def _candidates(
    gateway: Gateway, job: Job, rivals: list[Job], arguments: JsonValue, clock: _Clock
) -> list[PastRequest]:
    """Returns the account's requests that may be the job's or a rival's."""
    since, _ = _window(job, clock)
    jobs = [job, *(one for one in rivals if abs(_window(one, clock)[0] - since) <= SAME_TIME)]
    start = min(_window(one, clock)[0] for one in jobs)
    listed = gateway.past_requests(job.endpoint_id, start=_timestamp(start), payloads=True)
    return [past async for past in listed if any(_may_match(past, one, arguments, clock) for one in jobs)]


async def past_request(gateway: Gateway, endpoint_id: str, request_id: str) -> PastRequest | None:
    """Returns the entry of one request in the account's list; None if there is no list, or no such entry.

    Raises FalError if the list cannot be asked now.
    """
    try:
        listed = gateway.past_requests(endpoint_id, request_id=request_id, payloads=True)
        found = [past async for past in listed if past.request_id == request_id]
    except NO_LIST:
        return None
    return found[0] if found else None


async def find_forgotten_answer(gateway: Gateway, job: Job) -> JsonValue | errors.ErrorResponse:
    """Returns how a request ended that the queue has forgotten, from the account's list; None if that is not listed.

    Raises FalError if the list cannot be asked now, NotReady if it shows a request of today that still runs.
    """
    past = await past_request(gateway, job.endpoint_id, job.request_id or "")
    if past and past.output is None and past.ended_at is None and job.seconds(now()) < RUNNING_SECONDS:
        raise errors.NotReady("The queue does not know the request, but the account's list shows that it still runs.")
    return listed_answer(past) if past else None


def listed_answer(past: PastRequest) -> JsonValue | errors.ErrorResponse:
    """Returns how a request ended, from its entry in the account's list; None if the entry does not show it."""
    if past.output is None:
        return None
    if past.status_code is not None and past.status_code >= 400:
        body = json.dumps(past.output).encode()
        return refusals.refusal(HttpResponse("the account's list", past.status_code, {}, body))
    return past.output


async def unknown_requests(
    gateway: Gateway, history: History, profile: str, since: datetime, endpoint_ids: Iterable[str] = ()
) -> AsyncIterator[PastRequest]:
    """Yields the account's requests since `since` that are no jobs here, of `endpoint_ids` and all models known here.

    Each has its input if that is still stored; the last to end comes first within a model. Leaves out what may be the
    request of a job without an answer: that job waits for it, or looks it up itself. Raises FalError (one of
    `NO_LIST` if the key may not list requests) and HistoryError.
    """
    known = await history.read_settled(lambda store: store.endpoint_ids(profile))
    unlisted: list[errors.NotFound] = []
    models = sorted({*known, *endpoint_ids})
    for endpoint_id in models:
        try:
            async for past in gateway.past_requests(endpoint_id, start=_timestamp(since), payloads=True):
                if await _is_known(history, profile, past.request_id):
                    continue
                # Read after the list: every request in the list was on disk before it was sent.
                unanswered = await history.read_settled(lambda store: _unanswered(store, profile))
                clock = _Clock.of(gateway)
                if not any(_may_match(past, job, arguments, clock) for job, arguments in unanswered):
                    yield past
        except errors.NotFound as error:
            unlisted.append(error)  # The service may have dropped the model, or never had it.
    if unlisted and len(unlisted) == len(models):
        raise unlisted[0]


def _unanswered(store: Store, profile: str) -> list[tuple[Job, JsonValue]]:
    """Returns the jobs that may have been sent and have no request id, each with its input."""
    jobs = [job for state in _UNANSWERED_STATES for job in store.page(Query((Term(Key.STATE, state),)), limit=-1)]
    sent = [job for job in jobs if job.profile == profile and job.request_id is None and job.submitted_at is not None]
    return [(job, store.body(job.id).arguments) for job in sent]


def _equal_jobs(store: Store, job: Job, arguments: JsonValue) -> list[Job]:
    """Returns the other jobs with the same input and no request id: lost, or still waiting for the answer."""
    return [
        other
        for other, its_arguments in _unanswered(store, job.profile)
        if other.id != job.id and other.endpoint_id == job.endpoint_id and its_arguments == arguments
    ]


async def _is_known(history: History, profile: str, request_id: str) -> bool:
    return bool(await history.read_settled(lambda store: store.known(profile, [request_id])))


def parse_time(text: str) -> datetime | None:
    """Parses a time of the list; None if it is malformed."""
    try:
        return instant(text)
    except ValueError:
        return None


def _may_match(past: PastRequest, job: Job, arguments: JsonValue, clock: _Clock) -> bool:
    """Whether a request may be this job's, by its input and the time when it was sent."""
    at, (earliest, latest) = parse_time(past.sent_at), _window(job, clock)
    is_near = at is not None and earliest <= at <= latest
    return past.endpoint_id in (job.endpoint_id, "") and past.arguments == arguments and is_near


def _window(job: Job, clock: _Clock) -> tuple[datetime, datetime]:
    """The earliest and latest time of the service's clock at which the job was sent.

    A job with a future time was sent before our clock was set back by an unknown time.
    """
    sent, present = job.submitted_at or job.created_at, now()
    if sent > present + EARLIER:
        return present + clock.offset - REMEMBERED, present + clock.offset + EARLIER
    earliest, latest = sent - EARLIER, sent + LATER
    if clock.was_behind:
        earliest, latest = max(earliest, present - REMEMBERED), max(latest, present + EARLIER)
    return earliest + clock.offset, latest + clock.offset


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
