"""A text in the person's own editor, for which the deck leaves the terminal; jobs are followed meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from faldeck import desktop

if TYPE_CHECKING:
    from faldeck.tui.app import DeckApp

USUAL = ("nano", "vim", "vi")
"""What is looked for where neither $VISUAL nor $EDITOR says."""


def command(environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The editor's command; None where there is none. Raises OSError where the one that is set is no command."""
    for variable in ("VISUAL", "EDITOR"):
        if named := environ.get(variable):
            return desktop.command_words(named, f"${variable}")
    return next(([name] for name in USUAL if shutil.which(name)), None)


async def edited(app: DeckApp, text: str) -> str | None:
    """The text as it is when the editor ends; None, and a notice, where it could not be edited."""
    try:
        editor = command()
    except OSError as error:
        app.notify(f"{error}.", title="Not edited", severity="error", markup=False)
        return None
    if editor is None:
        app.notify("There is no editor. Set $EDITOR to the one you like.", severity="error")
        return None
    try:
        with tempfile.TemporaryDirectory(prefix="faldeck-", ignore_cleanup_errors=True) as folder:
            written, problem = await _written(app, editor, text, Path(folder) / "text.txt")
    except OSError as error:
        written, problem = None, f"there is no room for its file: {error.strerror or error}"
    if problem:
        app.notify(f"{editor[0]}: {problem}.", title="Not edited", severity="error", markup=False)
    elif written == text:
        app.notify(f"{editor[0]} ended and changed nothing.", title="The text is as it was", markup=False)
    return written


async def _written(app: DeckApp, editor: Sequence[str], text: str, file: Path) -> tuple[str | None, str]:
    """What the editor leaves in the file, or None and what went wrong; raises OSError where none can be made."""
    _write(file, text)
    try:
        problem = await lent(app, [*editor, str(file)])
    except (SuspendNotSupported, NotImplementedError):
        problem = "this terminal cannot be lent to it"
    if problem:
        return None, problem
    try:
        written = _read(file)
    except OSError:
        return None, "it has taken the file away, and the text is as it was"
    # Editors end a file with a newline that nobody has typed.
    return (written if text.endswith("\n") else written.removesuffix("\n")), ""


def _write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8", "replace")


def _read(file: Path) -> str:
    return file.read_text("utf-8-sig", "replace")


async def lent(app: DeckApp, words: Sequence[str]) -> str:
    """Runs a command on the terminal while the deck is away; gives what went wrong."""
    problem = ""
    # A batch keeps frames from a terminal that is not ours.
    with app.batch_update(), _deaf_to_ctrl_c(app), app.suspend():
        # Caught in here: what leaves the block would leave the deck suspended.
        try:
            status = await asyncio.to_thread(subprocess.call, words)
            problem = f"it ended with status {status}" if status else ""
        except OSError as error:
            problem = str(error.strerror)
    return problem


@contextlib.contextmanager
def _deaf_to_ctrl_c(app: DeckApp) -> Iterator[None]:
    """Lets Ctrl-C be the editor's: the terminal tells everybody on it."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    try:
        yield
    finally:
        loop.add_signal_handler(signal.SIGINT, app.leave)
