"""Opens and copies outputs: on a desktop it opens them; without one it copies them to the terminal's clipboard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from textual.app import App

from faldeck.app import sharing, wording
from faldeck.job import Job, Output, State
from faldeck.safety import sanitize
from faldeck.system import desktop
from faldeck.tui import workers


def open_output(app: App[Any], open_command: str | None, job: Job, output: Output | None) -> None:
    """Opens the output's URL, or its file if it has no URL. Copies it if nothing can be opened here."""
    _open(app, open_command, _target(output), no_output(job))


def open_link(app: App[Any], open_command: str | None, url: str) -> None:
    """Opens a link of a page. Copies it if nothing can be opened here."""
    _open(app, open_command, url, "")


def open_file(app: App[Any], open_command: str | None, job: Job, output: Output | None) -> None:
    """Opens the output's file. Copies its path if nothing can be opened here."""
    _open(app, open_command, sharing.file_of(output) if output else "", _no_file(job, output))


def open_url(app: App[Any], open_command: str | None, url: str) -> None:
    """Opens a page on the web. Copies its address if nothing can be opened here."""
    _open(app, open_command, url, "There is no address.")


def _open(app: App[Any], open_command: str | None, target: str, otherwise: str) -> None:
    if not target:
        app.notify(otherwise)
        return
    try:
        words = desktop.command(target, open_command)
        if words is None:
            _copy(app, target, why=desktop.why_nothing_opens(target))
        elif desktop.takes_terminal(words):
            workers.start(app, partial(_browse, app, words))
        else:
            desktop.begin(words)
            app.notify(sanitize.clean_line(target, limit=200), title="Opened", markup=False)
    except OSError as error:
        _copy(app, target, why=f"{sanitize.clean_line(str(error))}.")


def copy_path(app: App[Any], job: Job, output: Output | None) -> None:
    """Copies the path of the output's file."""
    if output and (path := sharing.file_of(output)):
        _copy(app, path)
    else:
        app.notify(_no_file(job, output))


async def show_qr(app: App[Any], job: Job, output: Output | None) -> None:
    """Shows the output's URL as a QR code."""
    from faldeck.tui.dialogs.qr import QrScreen

    if output is None:
        app.notify(no_output(job))
    elif not (url := sharing.url_of(output)):
        app.notify("This output has no URL: the result holds the file itself. O opens the file.")
    else:
        await app.push_screen_wait(QrScreen(url, lambda: copy_text(app, url)))


def _no_file(job: Job, output: Output | None) -> str:
    """Why there is no file, as a sentence."""
    return no_output(job) if output is None else "This file is not on this machine. d fetches it."


async def _browse(app: Any, words: Sequence[str]) -> None:
    """Runs a text browser on the terminal."""
    from faldeck.tui.form import external_editor

    if problem := await external_editor.run_on_terminal(app, words):
        app.notify(f"{words[0]}: {problem}.", title="Not opened", severity="error", markup=False)


def copy(app: App[Any], job: Job, output: Output | None, texts: Sequence[str] = ()) -> None:
    """Copies the output's URL, or its path if it has no URL; without an output, the texts of the result."""
    if target := _target(output) or "\n\n".join(texts):
        copy_text(app, target)
    else:
        app.notify(no_output(job))


def copy_text(app: App[Any], text: str, *, what: str = "", then: str = "") -> None:
    """Copies a text and reports it: by its name, `what`, if it is long. `then` is a sentence on the next step."""
    if not text:
        app.notify("There is nothing to copy yet.")
        return
    summary = f"{what}, {len(text):,} characters" if what else ""
    workers.start(app, partial(_copied, app, sanitize.plain(text), summary=summary, then=then))


def _copy(app: App[Any], text: str, *, why: str = "") -> None:
    workers.start(app, partial(_copied, app, sanitize.plain(text), why=why))


async def _copied(app: App[Any], text: str, *, why: str = "", summary: str = "", then: str = "") -> None:
    """Copies a text and reports where it is. `why` says why it was not opened."""
    place = await asyncio.to_thread(desktop.copy, text)
    if not place:
        # OSC 52 has no answer: it is unknown whether the terminal accepts the text.
        app.copy_to_clipboard(text)
        place = "your terminal's clipboard, if the terminal allows it"
    words = f"Copied to {place}: {summary or sanitize.clean_line(text, limit=400)}"
    words = " ".join(part for part in (why, f"{words}." if then else words, then) if part)
    app.notify(words, title="Not opened" if why else "", markup=False)


def no_output(job: Job) -> str:
    """Why a job has no output, as a sentence."""
    if job.state is State.COMPLETED:
        return "The result of this job has no file."
    return f"This job has no output {f'({wording.state(job)})' if job.state.is_final else 'yet'}."


def _target(output: Output | None) -> str:
    """The output's URL or path; empty if it has neither."""
    return sharing.url_or_file_of(output) if output else ""
