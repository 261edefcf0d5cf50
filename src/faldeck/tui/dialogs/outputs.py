"""The dialog that picks a file made by an earlier job: a searchable list of the history's files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, NamedTuple

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from faldeck.app import output_as_input, wording
from faldeck.history import History, HistoryError, Store
from faldeck.job import Job, Output, State, now
from faldeck.query import Key, Query, Term, parse
from faldeck.safety import sanitize
from faldeck.tui.bindings import bindings
from faldeck.tui.dialogs.picker import TALLEST, PickerItem, PickerList
from faldeck.tui.panes.pane import notify_unreadable
from faldeck.tui.panes.search_line import SearchLine

MAX_FILES = 200
"""The most files that are listed; a search finds others."""

PAGE, MAX_JOBS = 500, 10_000
"""Jobs read at once, and most jobs read in all."""

_CONTENT_TYPES: Mapping[str, tuple[str, ...]] = {
    "image": ("image/",),
    "video": ("video/", "image/gif", "image/webp"),
    "audio": ("audio/",),
    "mask": ("image/", "video/"),
    "archive": ("application/zip", "application/x-zip-compressed", "application/x-tar", "application/gzip"),
    "3d": ("model/",),
}
"""Medium of a field → how the content types of its files begin. Other media take any file."""


class PickedFile(NamedTuple):
    """A file of a job."""

    place: str
    """Its URL, or its path on this machine; see `output_as_input.place`."""
    job_id: str


class OutputFileList(PickerList[PickedFile]):
    """The files, newest first. Typing searches the prompts of their jobs."""

    def __init__(self, history: History, medium: str) -> None:
        super().__init__("A file of a job" if medium == "any" else f"A job's {medium}", [], 0, is_searched=True)
        self._history = history
        self._medium = medium

    def on_mount(self) -> None:
        super().on_mount()
        self._find()

    def _find(self) -> None:
        self._load(self.query_one(SearchLine).value.strip())

    @work(exclusive=True)
    async def _load(self, text: str) -> None:
        try:
            items = await self._history.read(lambda store: find_files(store, text, self._medium))
        except HistoryError as error:
            notify_unreadable(self, self._history, error)
            return
        self.cursor = self.scrolled = 0
        self.show(items)


class OutputPicker(ModalScreen["PickedFile | None"]):
    """Returns the picked file; None if none was picked."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("outputs")

    def __init__(self, history: History, medium: str) -> None:
        super().__init__()
        self._list = OutputFileList(history, medium)
        self._list.styles.width, self._list.styles.height = 76, TALLEST

    def compose(self) -> ComposeResult:
        with Vertical(classes="popup"):
            yield self._list

    def on_picker_list_picked(self, event: PickerList.Picked) -> None:
        event.stop()
        assert isinstance(event.item.value, PickedFile)
        self.dismiss(event.item.value)


def find_files(store: Store, text: str, medium: str) -> list[PickerItem[PickedFile]]:
    """The newest files of a medium, of jobs whose prompt matches `text`."""
    items: list[PickerItem[PickedFile]] = []
    before: str | None = None
    query = Query((Term(Key.STATE, State.COMPLETED), *parse(text).query.terms))
    for _ in range(MAX_JOBS // PAGE):
        jobs = store.page(query, limit=PAGE, before=before)
        items += [item for job in jobs for item in _items(job, medium)]
        if len(jobs) < PAGE or len(items) >= MAX_FILES:
            break
        before = jobs[-1].id
    return items[:MAX_FILES]


def _items(job: Job, medium: str) -> Iterator[PickerItem[PickedFile]]:
    for output in job.outputs:
        place = output_as_input.place(job, output, now())
        if place and fits(output, medium):
            kind = sanitize.clean_line(output_as_input.content_type_of(output))
            hint = f"{kind} · {wording.date(job.created_at, now())}"
            yield PickerItem(
                sanitize.clean_line(job.title, limit=60) or job.endpoint_id, PickedFile(place, job.id), hint
            )


def fits(output: Output, medium: str) -> bool:
    """Whether an output fits a field of a medium. One of unknown type does."""
    kind = output_as_input.content_type_of(output)
    return medium not in _CONTENT_TYPES or not kind or kind.startswith(_CONTENT_TYPES[medium])
