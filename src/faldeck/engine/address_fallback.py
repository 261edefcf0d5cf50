"""Asks about a request at the URLs that the service gave, and at the usual ones (protocol §9.2).

Some gateways give a wrong URL, although the usual one, which is built from the ids, works.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

from faldeck.engine.job_context import JobContext
from faldeck.fal import errors
from faldeck.fal.values import RequestHandle
from faldeck.history import LogLine
from faldeck.job import Job

STRAYED_TIMES = 2
"""How often a URL must lead nowhere before the usual one is tried, too."""

PATIENT_TIMES = 20
"""How often the usual URL is tried again if it cannot be asked."""

NOTHING_THERE = (404, 405, 410, 501)
"""Statuses that may mean a wrong URL, even if the body says something else."""

Answer = TypeVar("Answer")


async def ask(
    context: JobContext,
    job: Job,
    strays: Counter[str],
    place: str,
    question: Callable[[RequestHandle], Awaitable[Answer]],
) -> tuple[Job, Answer]:
    """Asks a question about the job's request; returns the job and the answer.

    If the URL leads nowhere several times (`strays` counts by `place`), the usual URL is asked, too. If that one
    answers, it is saved in the job's row. Raises FalError: the first error, unless the second says more.
    """
    try:
        answer = await question(context.request(job))
    except errors.FalError as error:
        usual = context.request_by_rule(job)
        if usual is None or not _leads_nowhere(error):
            raise
        strays[place] += 1
        if strays[place] < STRAYED_TIMES:
            raise
        try:
            answer = await question(usual)
        except errors.FalError as second:
            is_waited_for = _is_no_answer(second) and strays[place] < PATIENT_TIMES
            if isinstance(second, errors.NotReady) or is_waited_for:
                raise
            raise error from second
        moved = job._replace(status_url=usual.status_url, response_url=usual.response_url, cancel_url=usual.cancel_url)
        warning = LogLine("", "WARNING", "The addresses that the service gave lead nowhere; its usual ones are used.")
        return await context.save(moved, logs=[warning]), answer
    strays[place] = 0
    return job, answer


def _leads_nowhere(error: errors.FalError) -> bool:
    """Whether an error may mean that the URL is wrong, not the request."""
    if isinstance(error, errors.ErrorResponse):
        return error.status in NOTHING_THERE or error.body is None
    return isinstance(error, errors.InvalidResponse)


def _is_no_answer(error: errors.FalError) -> bool:
    """Whether the service could not be asked now, so that the URL may still be right."""
    return isinstance(error, errors.NotSent | errors.ResponseLost | errors.Busy | errors.ServerError)
