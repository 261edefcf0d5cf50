"""What went wrong, as a sentence and an exit status: the one place that knows every kind of error."""

from __future__ import annotations

from dataclasses import dataclass

from faldeck import hostile
from faldeck.cli.exits import Exit, Stop
from faldeck.config import ConfigError
from faldeck.demo import DemoUnavailable
from faldeck.fal import errors
from faldeck.history import HistoryError
from faldeck.job import Job, State
from faldeck.schema.document import BrokenSchema
from faldeck.services import NoKey


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ends that did not end well."""

    message: str
    status: Exit


_STATUSES: tuple[tuple[type[Exception], Exit], ...] = (
    (ConfigError, Exit.USAGE),
    (DemoUnavailable, Exit.USAGE),
    (NoKey, Exit.REFUSED),
    (BrokenSchema, Exit.NOT_FOUND),
    (errors.Unsendable, Exit.USAGE),
    (errors.NotOffered, Exit.USAGE),
    (errors.ForeignHost, Exit.REFUSED),
    (errors.Unauthorized, Exit.REFUSED),
    (errors.Forbidden, Exit.REFUSED),
    (errors.NotFound, Exit.NOT_FOUND),
    (errors.Busy, Exit.NO_ANSWER),
    (errors.ServerFault, Exit.NO_ANSWER),
    (errors.Refused, Exit.FAILED),
    (errors.FalError, Exit.NO_ANSWER),
    (OSError, Exit.FAILED),
)
"""The first that fits counts."""


def ending(error: Exception) -> Ending | None:
    """How a command ends with this error; None for one that nobody foresaw."""
    if isinstance(error, Stop):
        return Ending(str(error), error.status)
    if isinstance(error, HistoryError):
        return Ending(f"The history cannot be used: {error}.", Exit.FAILED)
    for kind, status in _STATUSES:
        if isinstance(error, kind):
            return Ending(hostile.clean(_sentence(error)), status)
    return None


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    return str(error)


_BY_STATE = {
    State.COMPLETED: Exit.DONE,
    State.EXPIRED: Exit.NOT_FOUND,
    State.UNCONFIRMED: Exit.NO_ANSWER,
    State.SUBMITTING: Exit.NO_ANSWER,
    State.QUEUED: Exit.NO_ANSWER,
    State.RUNNING: Exit.NO_ANSWER,
}
_BY_HTTP_STATUS = {401: Exit.REFUSED, 403: Exit.REFUSED, 404: Exit.NOT_FOUND}


def of(job: Job) -> Exit:
    """The exit status of a command that wanted this job done."""
    if job.state is State.FAILED and job.request_id is None and job.error and job.error.status:
        return _BY_HTTP_STATUS.get(job.error.status, Exit.FAILED)
    return _BY_STATE.get(job.state, Exit.FAILED)
