"""Outputs out of the deck: opened where there is a desktop, copied to the terminal's clipboard where there is none."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from textual.app import App

from faldeck import hostile
from faldeck.job import Output


def opener(open_command: str | None, environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The command that opens a URL or a file on the person's desktop; None where there is no desktop here.

    Over SSH only a command that was set opens anything: the desktop's own would open on the wrong machine, and a
    text browser would run over the deck.
    """
    if open_command:
        return shlex.split(open_command)
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return shlex.split(environ["BROWSER"]) if environ.get("BROWSER") else None
    if sys.platform == "darwin":
        return ["open"]
    if sys.platform == "win32":
        return ["explorer"]
    has_desktop = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return ["xdg-open"] if has_desktop and shutil.which("xdg-open") else None


def open_output(app: App[Any], open_command: str | None, output: Output | None) -> None:
    """Opens the output's URL, or its file where there is no URL; where nothing can be opened the URL is copied."""
    target = (output.url or output.path) if output else None
    if target is None:
        app.notify("This job has no output to open.")
        return
    command = opener(open_command)
    if command is None or not target.startswith(("https://", "http://", "/")):
        copy(app, output)
        return
    try:
        subprocess.Popen(
            [*command, target],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        app.notify(f"{command[0]}: {error.strerror}", title="Not opened", severity="error", markup=False)
    else:
        app.notify(hostile.clean_line(target, limit=200), title="Opened", markup=False)


def copy(app: App[Any], output: Output | None) -> None:
    """Sends the output's URL, or its path where there is none, to the terminal's clipboard (OSC 52)."""
    target = (output.url or output.path) if output else None
    if target is None:
        app.notify("This job has no output to copy.")
        return
    clean = hostile.clean_line(target, limit=4_000)
    app.copy_to_clipboard(clean)
    app.notify(clean, title="Sent to the terminal's clipboard", markup=False)
