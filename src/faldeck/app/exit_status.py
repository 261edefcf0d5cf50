"""The exit statuses of commands, and the errors that end a command."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit status of a command."""

    DONE = 0
    FAILED = 1
    """The job failed, or something failed on this machine."""
    USAGE = 2
    """Wrong words on the command line, or a mistake in the config."""
    REFUSED = 3
    """There is no key, or it was refused."""
    NOT_FOUND = 4
    """There is no such job, model, batch or key."""
    NO_ANSWER = 5
    """No answer in time, or no connection."""
    INTERRUPTED = 130


class CommandInterrupted(KeyboardInterrupt):
    """The command was interrupted while it waited. `hint` is the command that continues."""

    def __init__(self, hint: str | None) -> None:
        super().__init__()
        self.hint = hint


class CommandError(Exception):
    """Ends a command with a sentence for the person and an exit status."""

    def __init__(
        self, message: str, status: ExitStatus, *, type: str | None = None, hint: str | None = None, usage: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type or status.name.lower()
        """The kind of error in one word. It never changes."""
        self.hint = hint
        """A command that helps."""
        self.usage = usage
        """The usage lines, if the command line was wrong."""
        self.job: dict[str, object] | None = None
        """The job concerned, in the form of `--json`."""

    def document(self) -> dict[str, object]:
        """The error as `--json` prints it: alone, or in the place of the job's own error."""
        error = {"type": self.type, "message": self.message, "hint": self.hint, "exit_status": self.status}
        return {"error": error} if self.job is None else {**self.job, "error": {**error, "fields": []}}
