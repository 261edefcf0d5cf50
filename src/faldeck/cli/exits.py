"""How a command ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses of design §9."""

    DONE = 0
    FAILED = 1
    """The job failed, or this machine could not do its part."""
    USAGE = 2
    REFUSED = 3
    """No key, or one that was refused."""
    NOT_FOUND = 4
    NO_ANSWER = 5
    """No answer in time, or no network."""
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ends that did not end well."""

    message: str
    status: Exit
    type: str
    """One word for the sort of error, the same for ever."""
    hint: str | None = None
    """A command that helps."""
    usage: str = ""
    """How the command is called, as lines, where it was called wrongly."""


class Stop(Exception):
    """The command ends here: a sentence for the person, the exit status, and a command that helps."""

    def __init__(self, message: str, status: Exit, *, hint: str | None = None, usage: str = "") -> None:
        super().__init__(message)
        self.ending = Ending(message, status, status.name.lower(), hint, usage)
