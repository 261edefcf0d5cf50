"""One glance at one job without an event loop: the quick way of a command that asks once and ends.

It decides nothing that is hard: whatever is not plainly a request that goes on is left to `following`.
"""

from __future__ import annotations

from collections import Counter

from faldeck.engine import transitions
from faldeck.engine.leases import LeaseHolder, now_ms
from faldeck.fal import plain
from faldeck.fal.errors import FalError
from faldeck.fal.statuses import status_of
from faldeck.fal.urls import QueueAddress, with_query
from faldeck.fal.values import Completed
from faldeck.history.store import Store
from faldeck.job import Job, Mode

HOLD_SECONDS = 10.0
"""For so long the job is held while its snapshot is written."""


def glance(store: Store, job: Job, *, queue_url: str, authorization: str) -> Job | None:
    """A request that goes on, as its service sees it now, asked once and saved; as recorded where others follow it.

    None where that takes more than a question: then nothing has been changed. Raises HistoryError.
    """
    if job.request_id is None or job.mode is not Mode.QUEUE or not job.state.is_followed:
        return None
    try:
        request = QueueAddress(queue_url).restored(
            job.endpoint_id, job.request_id, job.status_url, job.response_url, job.cancel_url
        )
        url = with_query(request.status_url, {"logs": "1"})
        answer = plain.ask(url, home=queue_url, authorization=authorization)
        status = status_of(answer) if answer else None
    except FalError:
        return None
    if status is None or isinstance(status, Completed):
        return None
    lines = transitions.new_lines(status.logs, Counter(store.logs(job.id)))
    if not lines and transitions.observed(job, status, lines) == job:
        return job
    holder = LeaseHolder(HOLD_SECONDS)
    for held in store.leases.claim(holder.lease(), [job.id], [job.profile], now_ms(), is_over=holder.is_over):
        try:
            if held.state.is_followed:  # Its follower may have brought it to its end since, and let go of it.
                lines = transitions.new_lines(status.logs, Counter(store.logs(job.id)))
                store.save(transitions.observed(held, status, lines), owner=holder.name, logs=lines)
        finally:
            store.leases.release(holder.name)
    return store.job(job.id) or job
