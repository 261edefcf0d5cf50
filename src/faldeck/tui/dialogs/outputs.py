"""The dialog in which a file that any job has made is picked: a searched list over the whole history."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from faldeck.app import wording
from faldeck.history import History, HistoryError, Query, Store
from faldeck.job import Job, Output, State, now
from faldeck.safety import sanitize
from faldeck.tui.dialogs.picker import TALLEST, PickerItem, PickerList
from faldeck.tui.panes.search_line import SearchLine

MOST = 200
"""Files that are listed: more are found by typing."""

PAGE, MOST_JOBS = 500, 10_000
"""Jobs read at once, and looked through in all, for files that fit."""

_TYPES: Mapping[str, tuple[str, ...]] = {
    "image": ("image/",),
    "video": ("video/", "image/gif", "image/webp"),
    "audio": ("audio/",),
    "mask": ("image/", "video/"),
    "archive": ("application/zip", "application/x-zip-compressed", "application/x-tar", "application/gzip"),
    "3d": ("model/",),
}
"""Medium of a field → how the types of its files begin; other media take any file."""


class OutputFileList(PickerList[str]):
    """The files, newest first; what is typed searches the prompts of their jobs."""

    def __init__(self, history: History, medium: str) -> None:
        super().__init__("A file of a job" if medium == "any" else f"A job's {medium}", [], 0, is_searched=True)
        self._history = history
        self._medium = medium

    def on_mount(self) -> None:
        super().on_mount()
        self._find()

    def _find(self) -> None:
        self._look(self.query_one(SearchLine).value.strip())

    @work(exclusive=True)
    async def _look(self, text: str) -> None:
        try:
            items = await self._history.read(lambda store: found(store, text, self._medium))
        except HistoryError as error:
            self.say_unreadable(error)
            return
        self.cursor = self.scrolled = 0
        self.show(items)


class OutputPicker(ModalScreen["str | None"]):
    """The URL, or else the path, of the file that was picked; None where none was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "dismiss(None)", "Close", id="outputs.close", tooltip="Pick nothing"),
    ]

    def __init__(self, history: History, medium: str) -> None:
        super().__init__()
        self._list = OutputFileList(history, medium)
        self._list.styles.width, self._list.styles.height = 76, TALLEST

    def compose(self) -> ComposeResult:
        with Vertical(classes="popup"):
            yield self._list

    def on_picker_list_picked(self, event: PickerList.Picked) -> None:
        event.stop()
        self.dismiss(str(event.item.value))


def found(store: Store, text: str, medium: str) -> list[PickerItem[str]]:
    """The newest files of jobs whose prompt is like `text`, as far as they fit into a field of a medium."""
    items: list[PickerItem[str]] = []
    before: str | None = None
    for _ in range(MOST_JOBS // PAGE):
        jobs = store.page(Query(state=State.COMPLETED, text=text), limit=PAGE, before=before)
        items += [item for job in jobs for item in _items(job, medium)]
        if len(jobs) < PAGE or len(items) >= MOST:
            break
        before = jobs[-1].id
    return items[:MOST]


def _items(job: Job, medium: str) -> Iterator[PickerItem[str]]:
    for output in job.outputs:
        place = output.url or output.path
        if place and fits(output, medium):
            hint = f"{sanitize.clean_line(_kind(output))} · {wording.date(job.created_at, now())}"
            yield PickerItem(sanitize.clean_line(job.title, limit=60) or job.endpoint_id, place, hint)


def fits(output: Output, medium: str) -> bool:
    """Whether an output may stand where a file of a medium is wanted; one of an unknown type may."""
    kind = _kind(output)
    return medium not in _TYPES or not kind or kind.startswith(_TYPES[medium])


def _kind(output: Output) -> str:
    """The type of an output's file: as the service says or, where that says nothing, as its name does."""
    said = (output.content_type or "").partition(";")[0].strip().lower()
    if said and said not in ("application/octet-stream", "binary/octet-stream"):
        return said
    return mimetypes.guess_type(output.file_name or output.path or (output.url or "").partition("?")[0])[0] or ""
