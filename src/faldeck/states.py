"""The words for where a job is in its life, by which way it is sent, and what became of a file."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a job is in its life (design §6)."""

    SUBMITTING = "submitting"
    """Recorded on disk; the POST has not been answered."""
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"
    """The POST may have been accepted: its answer was lost. Never sent again by itself."""
    DISMISSED = "dismissed"
    """An unconfirmed job that the person has put aside."""
    EXPIRED = "expired"
    """The service no longer knows the request."""

    @property
    def is_followed(self) -> bool:
        """True while the service is still to be asked about the request."""
        return self in (State.SUBMITTING, State.QUEUED, State.RUNNING)

    @property
    def is_final(self) -> bool:
        """True when nothing but a person's action changes the state."""
        return not self.is_followed


class Mode(StrEnum):
    """By which way a request is sent (the option `mode`)."""

    QUEUE = "queue"
    """Submitted, and asked about until it is done."""
    SYNC = "sync"
    """Answered with its output, after as long as that takes."""
    STREAM = "stream"
    """The same, told while it comes into being."""
    IMAGES = "images"
    """The same, by a relay's OpenAI Images page."""
    VIDEOS = "videos"
    """Submitted to a relay's video page, and asked about there until it is done."""

    @property
    def is_direct(self) -> bool:
        """Whether the one answer is all there ever is: what is lost with the connection is lost."""
        return self in (Mode.SYNC, Mode.STREAM, Mode.IMAGES)


class Keeping(StrEnum):
    """What became of an output's file."""

    REMOTE = "remote"
    """Left at its URL until a person asks for it."""
    WAITING = "waiting"
    """To be fetched."""
    FETCHING = "fetching"
    SAVED = "saved"
    FAILED = "failed"
