"""How the states of jobs look: a glyph, a word and the name of a style, never a colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from faldeck.job import Job, Keeping, State
from faldeck.tui import words


@dataclass(frozen=True, slots=True)
class Look:
    """What stands for a state."""

    glyph: str
    word: str
    style: str


LOOKS: Mapping[State, Look] = {
    State.SUBMITTING: Look("◌", "sending", "busy"),
    State.QUEUED: Look("○", "queued", "accent"),
    State.RUNNING: Look("●", "running", "busy"),
    State.COMPLETED: Look("✓", "done", "good"),
    State.FAILED: Look("✗", "failed", "bad"),
    State.CANCELLED: Look("⊘", "cancelled", "dim"),
    State.UNCONFIRMED: Look("?", "unsure", "busy"),
    State.DISMISSED: Look("–", "dismissed", "dim"),
    State.EXPIRED: Look("†", "expired", "dim"),
}

CANCELLING = Look("⊘", "cancelling", "busy")


def look(job: Job) -> Look:
    """What stands for the job's state now."""
    return CANCELLING if job.cancel_requested and job.state.is_followed else LOOKS[job.state]


def state_words(job: Job) -> str:
    """The state in a word, with the place in the queue: `queued #3`."""
    word = look(job).word
    return f"{word} #{job.queue_position}" if job.queue_position and word == "queued" else word


def model_name(endpoint_id: str) -> str:
    """An endpoint id without its owner, as lists show it."""
    return endpoint_id.partition("/")[2] or endpoint_id


def files(job: Job) -> str:
    """The job's files in brief: `1024×768 png ↓`, with an arrow once they are on disk."""
    if not job.outputs:
        return ""
    first = job.outputs[0]
    size = f"{first.width}×{first.height}" if first.width and first.height else ""
    kind = (first.content_type or "").rpartition("/")[2].partition(";")[0]
    count = f"{len(job.outputs)} files" if len(job.outputs) > 1 else ""
    return " ".join(part for part in (count, size, kind[:10], mark(job)) if part)


def mark(job: Job) -> str:
    """Whether the job's files are on disk: an arrow once they are."""
    states = {output.state for output in job.outputs}
    if states == {Keeping.SAVED}:
        return "↓"
    return "✗" if Keeping.FAILED in states else "…" if states and job.is_open else " "


def age(job: Job, at: datetime) -> str:
    """How long the job has been going on, or how long it took."""
    return words.duration(job.seconds(at))
