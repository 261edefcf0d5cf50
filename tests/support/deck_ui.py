"""A screen that is none: it keeps what actions ask of it and gives prepared answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.notifications import SeverityLevel
from textual.screen import Screen

from faldeck.job import Body, Job
from faldeck.schema.json_value import JsonValue
from faldeck.tui.dialogs.picker import PickerItem


class RecordingUi:
    """A `Ui` for tests. Dialogs get the next of `answers`; a bare value stands for the picked item's value."""

    def __init__(self, answers: Iterable[Any] = ()) -> None:
        self.answers = list(answers)
        self.dialogs: list[Screen[Any]] = []
        self.notices: list[str] = []
        self.panes: list[str] = []
        self.shown_jobs: list[str] = []
        self.forms: list[tuple[str, JsonValue]] = []

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        self.notices.append(message)

    async def ask(self, dialog: Screen[Any]) -> Any:
        self.dialogs.append(dialog)
        return self.answers.pop(0)

    def show_pane(self, name: str) -> None:
        self.panes.append(name)

    def show_job(self, job_id: str) -> None:
        self.shown_jobs.append(job_id)

    def open_form(self, endpoint_id: str, values: JsonValue = None, past: tuple[Job, Body] | None = None) -> None:
        self.forms.append((endpoint_id, values))


def picked(value: object) -> PickerItem[object]:
    """The answer of a picker in which the item of this value was picked."""
    return PickerItem("", value)
