"""What went wrong, as a sentence and an exit status: the one place that knows every kind of error but our own Stop."""

from __future__ import annotations

from faldeck.app.demo import DemoUnavailable
from faldeck.app.exit_status import Exit, Stop
from faldeck.config import credentials
from faldeck.config.settings import ConfigError
from faldeck.engine.gateways import NoKey
from faldeck.fal import errors
from faldeck.history import HistoryError, is_locked
from faldeck.safety import redact, sanitize
from faldeck.schema.document import BrokenSchema
from faldeck.system import log_file

_KINDS: tuple[tuple[type[Exception], Exit, str, str | None], ...] = (
    (ConfigError, Exit.USAGE, "config", "faldeck config path"),
    (DemoUnavailable, Exit.USAGE, "demo_unavailable", None),
    (NoKey, Exit.REFUSED, "no_key", None),
    (BrokenSchema, Exit.NOT_FOUND, "broken_schema", None),
    (errors.Unsendable, Exit.USAGE, "unsendable", None),
    (errors.NotOffered, Exit.USAGE, "not_offered", None),
    (errors.ForeignHost, Exit.REFUSED, "foreign_host", None),
    (errors.Unauthorized, Exit.REFUSED, "unauthorized", "faldeck key show"),
    (errors.Forbidden, Exit.REFUSED, "forbidden", None),
    (errors.NotFound, Exit.NOT_FOUND, "not_found", "faldeck models"),
    (errors.Busy, Exit.NO_ANSWER, "busy", None),
    (errors.ServerFault, Exit.NO_ANSWER, "server_fault", None),
    (errors.Refused, Exit.FAILED, "refused", None),
    (errors.FalError, Exit.NO_ANSWER, "no_answer", None),
    (HistoryError, Exit.FAILED, "history", None),
    (OSError, Exit.FAILED, "system", None),
)
"""The first that fits counts."""


def ending(error: Exception) -> Stop | None:
    """How a command ends with this error; None for one that nobody foresaw."""
    for kind, status, word, hint in _KINDS:
        if isinstance(error, kind):
            hint = credentials.command(error.profile.name) if isinstance(error, NoKey) else hint
            return Stop(sanitize.clean(_sentence(error)), status, type=word, hint=hint)
    return None


def unforeseen(error: Exception, *, is_recorded: bool) -> Stop:
    """How a command ends with an error that nobody foresaw; keys that it speaks of are taken out."""
    what = redact.redacted(f"{type(error).__name__}: {error}")
    more = (
        f"More of it is written down in {log_file.path()}" if is_recorded else f"{log_file.path()} cannot be written."
    )
    words = sanitize.clean(f"This was not foreseen: {what}. {more}")
    return Stop(words, Exit.FAILED, type="unforeseen", hint="faldeck doctor")


def _sentence(error: Exception) -> str:
    if isinstance(error, HistoryError) and is_locked(error):
        return "Another faldeck is writing a great deal to the history, so nothing was changed. Try again in a moment."
    if isinstance(error, HistoryError):
        return f"The history cannot be used: {error}."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    return str(error)
