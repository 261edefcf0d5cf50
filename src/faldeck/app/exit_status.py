"""How a command ends."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit status of a command."""

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


class CommandInterrupted(KeyboardInterrupt):
    """A person, or the system, has ended the command while it waited; `hint` is the command that goes on."""

    def __init__(self, hint: str | None) -> None:
        super().__init__()
        self.hint = hint


class CommandError(Exception):
    """The command ends here: a sentence for the person, the exit status, and what else there is to say of it."""

    def __init__(
        self, message: str, status: ExitStatus, *, type: str | None = None, hint: str | None = None, usage: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type or status.name.lower()
        """One word for the sort of error, the same for ever."""
        self.hint = hint
        """A command that helps."""
        self.usage = usage
        """How the command is called, as lines, where it was called wrongly."""
        self.job: dict[str, object] | None = None
        """The job that it is about, as commands print it."""
