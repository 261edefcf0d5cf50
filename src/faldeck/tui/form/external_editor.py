"""Edits a text in the person's own editor, which gets the terminal while the deck is suspended."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from faldeck.system import desktop

FALLBACK_EDITORS = ("nano", "vim", "vi")
"""Tried in this order if neither $VISUAL nor $EDITOR is set."""


def editor_command(environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The words of the editor's command, or None. Raises OSError if the variable holds no command."""
    for variable in ("VISUAL", "EDITOR"):
        if named := environ.get(variable):
            return desktop.command_words(named, f"${variable}")
    return next(([name] for name in FALLBACK_EDITORS if shutil.which(name)), None)


async def edit(app: App[Any], text: str) -> str | None:
    """Returns the edited text, or None after it has told the person what went wrong."""
    try:
        editor = editor_command()
    except OSError as error:
        app.notify(f"{error}.", title="Not edited", severity="error", markup=False)
        return None
    if editor is None:
        app.notify("There is no editor. Set $EDITOR to the one you like.", severity="error")
        return None
    try:
        with tempfile.TemporaryDirectory(prefix="faldeck-", ignore_cleanup_errors=True) as folder:
            written, problem = await _edit_file(app, editor, text, Path(folder) / "text.txt")
    except OSError as error:
        written, problem = None, f"there is no room for its file: {error.strerror or error}"
    if problem:
        app.notify(f"{editor[0]}: {problem}.", title="Not edited", severity="error", markup=False)
    elif written == text:
        app.notify(f"{editor[0]} ended and changed nothing.", title="The text is as it was", markup=False)
    return written


async def _edit_file(app: App[Any], editor: Sequence[str], text: str, file: Path) -> tuple[str | None, str]:
    """Returns the text and "", or None and the problem. Raises OSError if the file cannot be written."""
    _write(file, text)
    try:
        problem = await run_on_terminal(app, [*editor, str(file)])
    except (SuspendNotSupported, NotImplementedError):
        problem = "this terminal cannot be lent to it"
    if problem:
        return None, problem
    try:
        written = _read(file)
    except OSError:
        return None, "it has removed the file, and the text is as it was"
    # Editors add a newline at the end of the file.
    return (written if text.endswith("\n") else written.removesuffix("\n")), ""


def _write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8", "replace")


def _read(file: Path) -> str:
    return file.read_text("utf-8-sig", "replace")


async def run_on_terminal(app: App[Any], words: Sequence[str]) -> str:
    """Runs a command while the deck is suspended. Returns the problem, or ""."""
    problem = ""
    # batch_update keeps the deck from painting while the command has the terminal.
    with app.batch_update(), app.suspend():
        # Caught inside the block: an error that leaves it would leave the deck suspended.
        try:
            status = await asyncio.to_thread(subprocess.call, words)
            problem = f"it ended with status {status}" if status else ""
        except OSError as error:
            problem = str(error.strerror)
    return problem
