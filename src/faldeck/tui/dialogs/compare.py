"""The screen of compared jobs, and its keys below it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from faldeck.history import History
from faldeck.job import Job
from faldeck.tui.bindings import bindings
from faldeck.tui.panes.compare import ComparePane
from faldeck.tui.panes.header_footer import KeyBar
from faldeck.tui.pictures.gallery import Gallery


class CompareScreen(Screen["Job | None"]):
    """Covers the deck until it is closed. Returns the job whose result the person wants to see."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("screen")

    def __init__(
        self,
        history: History,
        job_ids: Sequence[str],
        gallery: Gallery,
        star: Callable[[Job], Awaitable[None]],
        delete: Callable[[Job], Awaitable[None]],
        undelete: Callable[[], Awaitable[None]],
    ) -> None:
        """`star` stars a job or removes its star, `delete` asks and deletes it, `undelete` takes the deletion back."""
        super().__init__()
        self.pane = ComparePane(history, job_ids, gallery)
        self._star = star
        self._delete = delete
        self._undelete = undelete

    def compose(self) -> ComposeResult:
        yield self.pane
        yield KeyBar(id="keys")

    @on(ComparePane.JobAsked)
    def answer(self, message: ComparePane.JobAsked) -> None:
        """Does the chosen action on a job, and shows the result."""
        if message.what == "open":
            self.dismiss(message.job)
        else:
            self._change(partial(self._star if message.what == "star" else self._delete, message.job))

    def action_undelete(self) -> None:
        self._change(self._undelete)

    @work
    async def _change(self, change: Callable[[], Awaitable[None]]) -> None:
        """Changes jobs, and shows them as they are then."""
        await change()
        self.pane.read()

    def action_close(self) -> None:
        if self.pane.find_line and self.pane.find_line.matches.words:
            self.pane.find_line.forget()
        else:
            self.dismiss(None)

    @work
    async def action_commands(self) -> None:
        """Shows the keys, and runs the picked one."""
        from faldeck.tui import commands

        await commands.choose(self, commands.help_of(self, self.pane))
