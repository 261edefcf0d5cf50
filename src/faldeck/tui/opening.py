"""Outputs out of the deck: opened where there is a desktop, copied to the terminal's clipboard where there is none."""

from __future__ import annotations

from typing import Any

from textual.app import App

from faldeck import desktop, hostile
from faldeck.job import Output


def open_output(app: App[Any], open_command: str | None, output: Output | None) -> None:
    """Opens the output's URL, or its file where there is no URL; where nothing can be opened the URL is copied."""
    target = _target(app, output)
    if target is None:
        return
    try:
        is_open = desktop.show(target, open_command)
    except OSError as error:
        app.notify(str(error), title="Not opened", severity="error", markup=False)
        return
    if is_open:
        app.notify(hostile.clean_line(target, limit=200), title="Opened", markup=False)
    else:
        copy(app, output)


def copy(app: App[Any], output: Output | None) -> None:
    """Sends the output's URL, or its path where there is none, to the terminal's clipboard (OSC 52)."""
    target = _target(app, output)
    if target is not None:
        app.copy_to_clipboard(target)
        app.notify(hostile.clean_line(target), title="Sent to the terminal's clipboard", markup=False)


def _target(app: App[Any], output: Output | None) -> str | None:
    """Where the output is to be had; None, and a notice, where there is none."""
    if output is None or not (output.url or output.path):
        app.notify("This job has no output yet.")
        return None
    return hostile.address(output.url) if output.url else output.path
