"""Turns any exception into a CommandError: a sentence for the person and an exit status."""

from __future__ import annotations

from faldeck.app import wording
from faldeck.app.demo import DemoUnavailable
from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.app.job_actions import ActionRefused
from faldeck.app.origin import UnknownOrigin
from faldeck.config import credentials
from faldeck.config.settings import ConfigError
from faldeck.engine.gateways import NoKey
from faldeck.fal import errors
from faldeck.history import HistoryError, is_locked
from faldeck.history.file_header import NewerHistory
from faldeck.safety import redact, sanitize
from faldeck.schema.document import BrokenSchema
from faldeck.system import log_file

_KINDS: tuple[tuple[type[Exception], ExitStatus, str, str | None], ...] = (
    (ConfigError, ExitStatus.USAGE, "config", "faldeck config path"),
    (DemoUnavailable, ExitStatus.USAGE, "demo_unavailable", None),
    (NoKey, ExitStatus.REFUSED, "no_key", None),
    (ActionRefused, ExitStatus.USAGE, "unsuitable_job", None),
    (UnknownOrigin, ExitStatus.NOT_FOUND, "unknown_origin", None),
    (BrokenSchema, ExitStatus.NOT_FOUND, "broken_schema", None),
    (errors.InvalidRequest, ExitStatus.USAGE, "unsendable", None),
    (errors.NotSupported, ExitStatus.USAGE, "not_offered", None),
    (errors.ForeignHost, ExitStatus.REFUSED, "foreign_host", None),
    (errors.Unauthorized, ExitStatus.REFUSED, "unauthorized", "faldeck key show"),
    (errors.Forbidden, ExitStatus.REFUSED, "forbidden", None),
    (errors.NotFound, ExitStatus.NOT_FOUND, "not_found", "faldeck models"),
    (errors.Busy, ExitStatus.NO_ANSWER, "busy", None),
    (errors.ServerError, ExitStatus.NO_ANSWER, "server_fault", None),
    (errors.ErrorResponse, ExitStatus.FAILED, "refused", None),
    (errors.FalError, ExitStatus.NO_ANSWER, "no_answer", None),
    (NewerHistory, ExitStatus.FAILED, "newer_history", None),
    (HistoryError, ExitStatus.FAILED, "history", None),
    (OSError, ExitStatus.FAILED, "system", None),
)
"""Kind of error, exit status, type and hint. The first match counts."""


def command_error(error: Exception) -> CommandError | None:
    """The CommandError for this error; None if the error was not expected."""
    for kind, status, word, hint in _KINDS:
        if isinstance(error, kind):
            hint = credentials.key_add_command(error.profile.name) if isinstance(error, NoKey) else hint
            return CommandError(sanitize.clean(_sentence(error)), status, type=word, hint=hint)
    return None


def expected_sentence(error: Exception) -> str | None:
    """What happened, as a sentence for the person; None if the error was not expected."""
    return _sentence(error) if isinstance(error, tuple(kind for kind, *_ in _KINDS)) else None


def unexpected_error(error: Exception, *, is_recorded: bool) -> CommandError:
    """The CommandError for an error that was not expected. Keys are removed from its text."""
    what = redact.redacted(f"{type(error).__name__}: {error}")
    more = f"Details are in {log_file.path()}" if is_recorded else f"{log_file.path()} cannot be written."
    words = sanitize.clean(f"An unexpected error: {what}. {more}")
    return CommandError(words, ExitStatus.FAILED, type="unforeseen", hint="faldeck doctor")


def _sentence(error: Exception) -> str:
    if isinstance(error, ActionRefused):
        return wording.refusal(error.reason)
    if isinstance(error, HistoryError) and is_locked(error):
        return "Another faldeck is busy writing to the history, so nothing was changed. Try again in a moment."
    if isinstance(error, HistoryError):
        return f"The history cannot be used: {error}."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    return str(error)
