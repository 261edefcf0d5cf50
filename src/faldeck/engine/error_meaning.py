"""What an error means: the failure or the wait that a person reads, and whether to ask again. Pure."""

import errno
from datetime import timedelta

from faldeck.fal import errors, statuses
from faldeck.fal.values import Completed
from faldeck.job import NOT_SENT, Failure, FieldProblem, Job, Waiting, WaitingKind, now
from faldeck.safety import sanitize

PASSING = (408, 409, 425, 429)
"""4xx statuses that concern the moment only (protocol §4.4)."""

NO_ENDS = (401, 402, 403, 404, 407, 410, 413, 451, *PASSING)
"""Statuses that concern the key, a proxy or the moment, unless the model itself answered with them (protocol §2.5)."""

DOUBTED_AT_FILES = (401, 403, 404)
"""Statuses of a file that is not there yet, or is gone. The file is asked for again before it is given up."""

STRAY_TIMES, PASSING_TIMES = 20, 60
"""How many refusals of a result in a row are needed before it is left for later: of one that lasts, which takes a
quarter of an hour, and of one that should pass, which takes an hour."""


def failure(error: errors.FalError) -> Failure:
    """The failure that an error stands for (protocol §4)."""
    if not isinstance(error, errors.ErrorResponse):
        return Failure(message=clean_text(error))
    problems = tuple(FieldProblem(loc=one.loc, message=clean_text(one.message)) for one in error.problems)
    kind = error.error_type or next((one.type for one in error.problems if one.type), None)
    return Failure(message=clean_text(error), type=kind, status=error.status, fields=problems)


def upload_failure(error: errors.FalError | OSError) -> Failure:
    """The failure of a job whose file could not be uploaded; its request was not sent."""
    return Failure(message=f"A file could not be uploaded, so nothing was sent: {clean_text(error)}", type=NOT_SENT)


def is_outage(error: errors.FalError) -> bool:
    """Whether the error concerns the host and not this one request.

    An ingress fault has no JSON body (protocol §4.1 D); a rate limit concerns everything (protocol §7).
    """
    if isinstance(error, errors.NotSent | errors.ResponseLost):
        return True
    is_fault = isinstance(error, errors.Busy | errors.ServerError)
    return is_fault and isinstance(error, errors.ErrorResponse) and (error.body is None or error.status == 429)


def is_refused_for_good(error: Exception) -> bool:
    """Whether it is useless to ask for a file again until a person does."""
    is_final = isinstance(error, errors.ErrorResponse) and 400 <= error.status < 500
    if isinstance(error, errors.ErrorResponse) and error.status in (*PASSING, *DOUBTED_AT_FILES):
        return False
    return is_final or isinstance(error, errors.ForeignHost | errors.InvalidRequest)


def is_gone(error: Exception) -> bool:
    """Whether the service says that there is no file at a URL."""
    return isinstance(error, errors.ErrorResponse) and error.status in (404, 410)


def is_short_of_handles(error: Exception) -> bool:
    """Whether this process or the machine has too many open files."""
    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)


def is_model_answer(error: errors.ErrorResponse, job: Job, completed: Completed) -> bool:
    """Whether an error at the result is the model's own answer, according to the status or the answer itself."""
    if statuses.is_own(error, job.request_id):
        return True
    if completed.error is None or statuses.is_forgotten(error):
        return False
    if not isinstance(error.body, dict):
        return str(error.status) in completed.error
    # A gateway without a page for results answers 404 too, so the status has to speak of one.
    return error.status != 404 or "404" in completed.error


def ends_request(error: errors.ErrorResponse, completed: Completed, times: int) -> bool:
    """Whether an error at the result ends the request although it may not be the model's own answer.

    A proxy can answer with any 5xx. The same error is believed when it comes for the third time (`times`).
    """
    if error.body is None or error.status in NO_ENDS:
        return completed.error is not None and times >= 3
    return not isinstance(error, errors.Busy | errors.ServerError) or times >= 3


def is_left_for_later(error: errors.ErrorResponse, times: int) -> bool:
    """Whether a result that was refused so often, though not by the model, is not asked for any more by itself."""
    if isinstance(error, errors.Unauthorized | errors.Forbidden):
        return False  # They are about the key, which a person may change.
    should_pass = error.status in PASSING or error.status >= 500
    return times >= (PASSING_TIMES if should_pass else STRAY_TIMES)


def clean_text(error: Exception | str) -> str:
    """The text of an error or of a service, as one clean line."""
    return sanitize.clean_line(str(error), limit=1_000)


def file_problem(error: Exception) -> str:
    """Why a file is not on disk, as one clean line."""
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return clean_text(f"{where}{error.strerror or error}.")
    return clean_text(error)


def waiting_to_retry(error: Exception, delay: float) -> Waiting:
    """The wait of `delay` seconds before the service is asked again after an error."""
    is_unreachable = isinstance(error, errors.NotSent | errors.ResponseLost)
    kind = WaitingKind.OFFLINE if is_unreachable else WaitingKind.RETRY
    return Waiting(kind=kind, reason=clean_text(error), next_try_at=now() + timedelta(seconds=delay))


def waiting_for_key(error: errors.ErrorResponse, delay: float) -> Waiting:
    """The wait for a better key; the service is asked again after `delay` seconds, or when the config changes."""
    next_try_at = now() + timedelta(seconds=delay)
    return Waiting(kind=WaitingKind.KEY_REFUSED, reason=clean_text(error), next_try_at=next_try_at)
