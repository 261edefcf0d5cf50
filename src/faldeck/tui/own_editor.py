"""A text in the person's own editor, for which the deck leaves the terminal; jobs are followed meanwhile."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

USUAL = ("nano", "vim", "vi")
"""What is looked for where neither $VISUAL nor $EDITOR says."""


def command(environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The editor's command; None where there is none."""
    named = environ.get("VISUAL") or environ.get("EDITOR")
    if named:
        return shlex.split(named)
    return next(([name] for name in USUAL if shutil.which(name)), None)


async def edited(app: App[Any], text: str) -> str | None:
    """The text as it is when the editor ends; None, and a notice, where it could not be edited."""
    editor = command()
    if editor is None:
        app.notify("There is no editor. Set $EDITOR to the one you like.", severity="error")
        return None
    with tempfile.TemporaryDirectory(prefix="faldeck-") as folder:
        file = Path(folder) / "text.txt"
        file.write_text(text, "utf-8")
        try:
            problem = await _away(app, [*editor, str(file)])
        except SuspendNotSupported:
            problem = "this terminal cannot be lent to it"
        if problem:
            app.notify(f"{editor[0]}: {problem}.", title="Not edited", severity="error", markup=False)
            return None
        # Editors end a file with a newline that nobody has typed.
        written = file.read_text("utf-8", "replace")
        return written if text.endswith("\n") else written.removesuffix("\n")


async def _away(app: App[Any], words: Sequence[str]) -> str:
    """Runs a command on the terminal while the deck is away; gives what went wrong."""
    problem = ""
    # Only its main thread may be told of signals, and a batch keeps frames from a terminal that is not ours.
    with app.batch_update(), app.suspend():
        # Caught in here: what leaves the block would leave the deck suspended.
        before = signal.signal(signal.SIGINT, lambda number, frame: None)
        try:
            status = await asyncio.to_thread(subprocess.call, words)
            problem = f"it ended with status {status}" if status else ""
        except OSError as error:
            problem = str(error.strerror)
        finally:
            signal.signal(signal.SIGINT, before)
    return problem
