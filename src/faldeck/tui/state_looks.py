"""The glyph and the colour of each state of a job. A state is never shown by its colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from faldeck.job import Job, State


class Look(NamedTuple):
    """How a state is drawn."""

    glyph: str
    style: str
    """The name of an ink of the theme."""

    @property
    def sign_style(self) -> str:
        """The ink of the glyph: that of a text may have less colour, to be readable."""
        return "good-sign" if self.style == "good" else self.style


LOOKS: Mapping[State, Look] = {
    State.SUBMITTING: Look("◌", "busy"),
    State.QUEUED: Look("○", "accent"),
    State.RUNNING: Look("●", "busy"),
    State.COMPLETED: Look("✓", "good"),
    State.FAILED: Look("✗", "bad"),
    State.CANCELLED: Look("⊘", "dim"),
    State.UNCONFIRMED: Look("?", "busy"),
    State.DISMISSED: Look("–", "dim"),
    State.EXPIRED: Look("†", "dim"),
}

CANCELLING = Look("⊘", "busy")


def look(job: Job) -> Look:
    """How the job's state is drawn."""
    return CANCELLING if job.cancel_requested and job.state.is_followed else LOOKS[job.state]
