"""Outputs out of the deck: opened where there is a desktop, copied to the terminal's clipboard where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App

from faldeck import desktop, hostile
from faldeck.job import Job, Output, State
from faldeck.tui import states


def open_output(app: App[Any], open_command: str | None, job: Job, output: Output | None) -> None:
    """Opens the output's URL, or its file where there is no URL; where nothing can be opened the URL is copied."""
    target = _target(output)
    if not target:
        app.notify(nothing(job))
        return
    try:
        is_open = desktop.show(target, open_command)
    except OSError as error:
        app.notify(str(error), title="Not opened", severity="error", markup=False)
        return
    if is_open:
        app.notify(hostile.clean_line(target, limit=200), title="Opened", markup=False)
    else:
        copy(app, job, output)


def copy(app: App[Any], job: Job, output: Output | None, texts: Sequence[str] = ()) -> None:
    """Sends the output's URL, or its path where there is none, to the terminal's clipboard (OSC 52).

    Of a job without outputs it is the texts of its result.
    """
    target = _target(output) or "\n\n".join(texts)
    if target:
        app.copy_to_clipboard(target)
        app.notify(hostile.clean_line(target, limit=400), title="Sent to the terminal's clipboard", markup=False)
    else:
        app.notify(nothing(job))


def nothing(job: Job) -> str:
    """Why a job has no output, as a sentence."""
    if job.state is State.COMPLETED:
        return "The result of this job has no file."
    return f"This job has no output {f'({states.look(job).word})' if job.state.is_final else 'yet'}."


def _target(output: Output | None) -> str:
    """Where the output is to be had; empty where that is nowhere."""
    if output is None:
        return ""
    return hostile.address(output.url) if output.url else output.path or ""
