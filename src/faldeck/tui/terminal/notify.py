"""Tells a person who looks elsewhere that jobs have ended: by the terminal's bell and, where it has any, a notice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App

from faldeck.app import wording
from faldeck.job import Job
from faldeck.safety import sanitize
from faldeck.tui.terminal.textual_private import write_to_terminal

LONGEST = 100
"""Characters of a notice."""


def ring(app: App[Any], jobs: Sequence[Job]) -> None:
    """Rings once for all the jobs, and names them: with OSC 9 and OSC 777, which terminals without them pass over."""
    text = notice(jobs)
    write_to_terminal(app, f"\a\x1b]9;{text}\x1b\\\x1b]777;notify;faldeck;{text}\x1b\\")


def notice(jobs: Sequence[Job]) -> str:
    """What there is to say of jobs that have ended, without anything that a terminal would take for its end."""
    job = jobs[0]
    what = job.title or wording.model_name(job.endpoint_id)
    text = f"{wording.state_with_place(job)}: {what}" if len(jobs) == 1 else f"{len(jobs)} jobs have ended"
    return sanitize.clean_line(text, limit=LONGEST).replace(";", ",")
