"""Tells the person that jobs have ended: with the terminal's bell and, if it has them, a notification."""

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
    """Rings once for all jobs and names them, with OSC 9 and OSC 777. Terminals without these ignore them."""
    text = notice(jobs)
    write_to_terminal(app, f"\a\x1b]9;{text}\x1b\\\x1b]777;notify;faldeck;{text}\x1b\\")


def notice(jobs: Sequence[Job]) -> str:
    """The text of the notification, without characters that would end the sequence."""
    job = jobs[0]
    what = job.title or wording.model_name(job.endpoint_id)
    text = f"{wording.state_with_place(job)}: {what}" if len(jobs) == 1 else f"{len(jobs)} jobs have ended"
    return sanitize.clean_line(text, limit=LONGEST).replace(";", ",")
