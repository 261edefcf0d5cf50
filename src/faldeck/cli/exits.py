"""How a command ends."""

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


class Stop(Exception):
    """The command ends here: a sentence for the person, and the exit status."""

    def __init__(self, message: str, status: Exit) -> None:
        super().__init__(message)
        self.status = status
