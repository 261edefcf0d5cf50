"""What actions need of the screen, and how they report what failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from textual.notifications import SeverityLevel
from textual.screen import Screen

from faldeck.history import History, HistoryError
from faldeck.job import Body, Job
from faldeck.safety import sanitize
from faldeck.schema.json_value import JsonValue

Answer = TypeVar("Answer")

REPORT_SECONDS = 10.0
"""How long a report of something that failed stays on the screen."""


class Notifier(Protocol):
    """Shows notifications: an app, a screen or a widget of Textual."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Shows a notification for `timeout` seconds."""


class Ui(Notifier, Protocol):
    """The screen as actions see it: the deck, or a stand-in in a test."""

    async def ask(self, dialog: Screen[Answer]) -> Answer:
        """Shows a dialog and returns its answer."""

    def show_pane(self, name: str) -> None:
        """Gives the focus to the pane with this id."""

    def show_job(self, job_id: str) -> None:
        """Puts the cursor of the job list on a new job."""

    def open_form(self, endpoint_id: str, values: JsonValue = None, past: tuple[Job, Body] | None = None) -> None:
        """Opens a model's form.

        `values` replace the saved draft. `past` is a request to edit: what the service rejected is shown at the fields.
        """


def report(ui: Notifier, sentence: str) -> None:
    """Shows what failed. The sentence may hold text from outside."""
    ui.notify(sanitize.clean_line(sentence), severity="error", markup=False, timeout=REPORT_SECONDS)


@contextmanager
def reporting(ui: Notifier, before: str = "") -> Iterator[None]:
    """Reports an expected error that is raised inside the block, and ends the block.

    `before` is a sentence that says what was not done; it comes before the error's.
    """
    try:
        yield
    except Exception as error:
        from faldeck.app import errors

        if (sentence := errors.expected_sentence(error)) is None:
            raise
        report(ui, f"{before} {sentence}".lstrip())


@contextmanager
def reporting_once(ui: Notifier, history: History) -> Iterator[None]:
    """Does the same for background work: each reason why the history fails is reported only once."""
    with reporting(ui):
        try:
            yield
        except HistoryError as error:
            if history.is_news(error):
                raise
