"""The Jobs pane: live rows over the whole history. The cursor stays on its job when others arrive."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from faldeck.app import wording
from faldeck.history import History, HistoryError, Interrupted
from faldeck.job import Job
from faldeck.query import EXACTLY, LIVE, Key, Query, Term, parse
from faldeck.safety import sanitize
from faldeck.tui.panes import job_row
from faldeck.tui.panes.filter_line import FilterLine
from faldeck.tui.panes.job_actions import JobAction, JobActionRequested, job_bindings
from faldeck.tui.panes.job_window import JobWindow
from faldeck.tui.panes.lines import Span, cut
from faldeck.tui.panes.pane import PLAIN, ListPane, PaneMessage, notify_unreadable

if TYPE_CHECKING:
    from faldeck.app.addresses import RequestAddress

FILTERS: tuple[tuple[str, Query], ...] = (
    ("all", Query()),
    ("live", LIVE),
    ("completed", Query.of("state:completed")),
    ("failed", Query.of("state:failed")),
    ("unconfirmed", Query.of("state:unconfirmed")),
    ("starred", Query.of("star:yes")),
)

REFRESH_SECONDS = 0.1
"""Changes that come within this time are painted together."""

EDGE = 60
"""Rows before the end of what is read at which more is read."""


class JobsPane(ListPane):
    """Jobs of the history, newest first."""

    HELP = "Every request you made, live and past. Nothing here is lost when faldeck ends."
    NUMBER, NAME = "3", "Jobs"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Result", id="jobs.open", tooltip="Show the result at full height"),
        *job_bindings("jobs"),
        Binding("f", "filter", "Filter", id="jobs.filter", tooltip="Show all jobs, or only live, completed, failed …"),
        Binding("m", "only_model", "This model", show=False, id="jobs.model", tooltip="Show this model's jobs only"),
        Binding(
            "slash",
            "search",
            "Search",
            id="jobs.search",
            tooltip="Search by words, ids and filters such as state:failed or model:flux; Tab completes",
        ),
        Binding("escape", "leave", "Back", show=False, id="jobs.leave", tooltip="Leave the search, show all"),
    ]

    @dataclass
    class Highlighted(PaneMessage):
        """The cursor is on another job, or the job under it has changed; None if there is no job."""

        job: Job | None

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, JobsPane.Highlighted)

    class ResultOpened(PaneMessage):
        """The person opened the highlighted job's result, at full height."""

    @dataclass
    class AdoptionRequested(PaneMessage):
        """The person opened a request that was searched for by its address and is not in the history."""

        request: RequestAddress

    @dataclass
    class JobsEnded(PaneMessage):
        """Jobs that were running have ended."""

        jobs: Sequence[Job]

    def __init__(self, history: History, request_of: Callable[[str], RequestAddress | None]) -> None:
        """`request_of` returns the request whose address a text is; None for any other text."""
        super().__init__(id="jobs")
        self._request_of = request_of
        self._request: RequestAddress | None = None
        """The request that is searched for by its address."""
        self._window = JobWindow(history)
        self._history = history
        self._filter = 0
        self._endpoint_id: str | None = None
        self._text = ""
        self._shown: Job | None = None
        self._wanted: str | None = None
        """The id of a new job that the cursor is to go to, until a reading shows it or the person moves elsewhere."""
        self._summary = ""
        self._is_dirty = False
        """Whether the jobs are to be read again soon."""
        self._is_behind = False
        """Whether the reading that was to show what has changed has not ended: another may have overtaken it."""
        self._is_searching = False

    def compose(self) -> ComposeResult:
        search = FilterLine(self._history, self._typed, self._unreadable, id="job-search")
        search.display = False
        yield search

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)

    @property
    def search(self) -> FilterLine:
        """The search line, which stands above the rows while it is used."""
        return self.query_one(FilterLine)

    @property
    def highlighted(self) -> Job | None:
        """The job under the cursor."""
        jobs = self._window.jobs
        return jobs[self.cursor] if self.cursor < len(jobs) else None

    @property
    def listed(self) -> Query:
        """Which jobs the list shows."""
        return self._window.query

    async def load(self) -> None:
        """Reads the first page; raises HistoryError."""
        await self._window.newest()
        await self._count()
        self._settle(None)

    def changed(self) -> None:
        """Tells the pane that jobs may have changed; it reads them again soon."""
        if not self._is_dirty:
            self._is_dirty = True
            self.set_timer(REFRESH_SECONDS, self._look_again)

    def show_job(self, job_id: str) -> None:
        """Puts the cursor on a job that has just been made, and shows all jobs where it would be left out."""
        self._wanted = job_id
        self._go_newest()

    # Drawing

    @property
    def top(self) -> int:
        return self._is_searching + bool(self._hint)

    def head_line(self, y: int) -> Strip:
        return self.drawn(self._hint if y else ((" / ", self.ink("accent")),))

    @property
    def _hint(self) -> Sequence[Span]:
        return self.search.hint(self.ink) if self._is_searching else ()

    def row_count(self) -> int:
        return len(self._window.jobs)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        name = FILTERS[self._filter][0]
        model = f" · {wording.model_name(self._endpoint_id)}" if self._endpoint_id else ""
        text = f" · “{cut(self._text, 20)}”" if self._text else ""
        return ((f"  {self._summary}", PLAIN),), ((f"{name}{model}{text}", PLAIN),)

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        return job_row.spans(self._window.jobs[index], self.size.width, self.ink)

    def empty(self) -> Sequence[Sequence[Span]]:
        if not self._summary:
            return ()
        if self._request:
            return job_row.not_adopted(self._request.request_id, self.ink)
        if FILTERS[self._filter][1] != Query() or self._endpoint_id or self._text:
            return job_row.none_like_that(self._asked, self.ink)
        return job_row.no_jobs_yet(self.ink)

    @property
    def _asked(self) -> list[str]:
        """What narrows the list, in words: the search, the filter and the model."""
        name, query = FILTERS[self._filter]
        return [
            *([f"“{sanitize.clean_line(self._text, limit=40)}” in prompt or id"] if self._text else []),
            *([name] if query != Query() else []),
            *([wording.model_name(self._endpoint_id)] if self._endpoint_id else []),
        ]

    def _tick(self) -> None:
        """Moves the clocks of the live rows on the screen."""
        last = min(self.row_count(), self.scrolled + self.page_size)
        for index in range(self.scrolled, last):
            if self._window.jobs[index].state.is_followed:
                self.refresh_row(index)

    # Reading

    def _look_again(self) -> None:
        # Not in the worker: one that another reading overtakes may never begin.
        self._is_dirty, self._is_behind = False, True
        self._read_again()

    @work(exclusive=True, group="jobs")
    async def _read_again(self) -> None:
        followed = {job.id for job in self._window.jobs if job.state.is_followed}
        await self._reading_done(self._newest_with_wanted() if self._wanted else self._window.again())
        if ended := [job for job in self._window.jobs if job.id in followed and job.state.is_final]:
            self.post_message(self.JobsEnded(ended))
        try:
            await self._count()
        except HistoryError as error:
            self._unreadable(error)
        self._is_behind = False

    @work(exclusive=True, group="jobs")
    async def _go_newest(self) -> None:
        await self._reading_done(self._newest_with_wanted())
        self._catch_up()

    async def _newest_with_wanted(self) -> None:
        """Reads the newest jobs; without a filter if the filter would hide the wanted job."""
        await self._window.newest()
        wanted = self._wanted
        if wanted is None or self._window.place(wanted) is not None:
            return
        self._wanted = None
        if self.search.has_focus:
            return  # The person goes on typing the search.
        self._let_all_through()
        self._wanted = wanted  # Until it has been read: letting all through may move the cursor.
        await self._window.newest()
        if self._window.place(wanted) is None:
            self._wanted = None

    @work(exclusive=True, group="jobs")
    async def _go_oldest(self) -> None:
        await self._reading_done(self._window.oldest(), to_end=True)
        self._catch_up()

    @work(exclusive=True, group="jobs")
    async def _read_on(self, older: bool) -> None:
        await self._reading_done(self._window.older() if older else self._window.newer())
        self._catch_up()

    def _catch_up(self) -> None:
        """Reads the changes that another reading has overtaken."""
        if self._is_behind:
            self.changed()

    async def _reading_done(self, reading: Awaitable[None], *, to_end: bool = False) -> None:
        """Waits for a reading and puts the cursor on the wanted job, at the end, or back on its job."""
        highlighted, shown = self.highlighted.id if self.highlighted else None, self._shown
        try:
            await reading
        except Interrupted:
            return  # Another question has been asked meanwhile.
        except HistoryError as error:
            self._unreadable(error)
            return
        jobs = self._window.jobs
        if self._wanted and self._window.place(self._wanted) is not None:
            # Kept until now: the reading that was begun for it may have been overtaken by another.
            highlighted, self._wanted = self._wanted, None
        elif to_end and jobs:
            highlighted = jobs[-1].id
        elif self._shown and self._shown is not shown:
            highlighted = self._shown.id  # The cursor has been moved meanwhile.
        self._settle(highlighted)

    def _settle(self, highlighted: str | None) -> None:
        """Puts the cursor on its job after a reading, and keeps it at the same height on the screen.

        Rows arrive above the cursor while a person reads or is about to press a key that costs money: neither the job
        under the cursor nor its place on the screen may change. At the top of the list the new rows must be seen,
        so there the list stays at the top as long as the cursor fits on the first page.
        """
        height = self.cursor - self.scrolled
        place = self._window.place(highlighted)
        is_at_top = self.scrolled == 0
        self.cursor = min(self.cursor, max(0, self.row_count() - 1)) if place is None else place
        self.scrolled = max(0, self.cursor - (self.cursor if is_at_top and self.cursor < self.page_size else height))
        self.move_to(self.cursor)
        self.refresh()
        self._announce()

    async def _count(self) -> None:
        summary = await self._window.summary()
        if summary != self._summary:
            self._summary = summary
            self.refresh()

    def moved(self) -> None:
        self._wanted = None
        self._announce()
        if self.cursor >= self.row_count() - EDGE and not self._window.at_oldest:
            self._read_on(True)
        elif self.cursor < EDGE and not self._window.at_newest:
            self._read_on(False)

    def _unreadable(self, error: HistoryError) -> None:
        notify_unreadable(self, self._history, error)

    def _announce(self) -> None:
        if self.highlighted != self._shown:
            self._shown = self.highlighted
            self.post_message(self.Highlighted(self.highlighted))

    # Actions

    def action_first(self) -> None:
        self._wanted = None
        if self._window.at_newest:
            super().action_first()
        else:
            self.cursor = self.scrolled = 0
            self._go_newest()

    def action_last(self) -> None:
        self._wanted = None
        if self._window.at_oldest:
            super().action_last()
        else:
            self._go_oldest()

    def action_open(self) -> None:
        if self.highlighted:
            self.post_message(self.ResultOpened())
        elif self._request:
            self.post_message(self.AdoptionRequested(self._request))

    def action_act(self, action: str) -> None:
        if job := self.highlighted:
            self.post_message(JobActionRequested(JobAction(action), job))

    def action_filter(self) -> None:
        self._filter = (self._filter + 1) % len(FILTERS)
        self._ask()

    def action_only_model(self) -> None:
        if self._endpoint_id:
            self._endpoint_id = None
        elif self.highlighted:
            self._endpoint_id = self.highlighted.endpoint_id
        self._ask()

    def action_search(self) -> None:
        self._search(True)
        self.search.begin()

    def action_leave(self) -> None:
        if self.search.has_focus:
            self._search(False)
            self.begin()
            if self.row_count():
                return  # What was found can be gone through.
        self._let_all_through()
        self._ask()

    def _let_all_through(self) -> None:
        """Clears the filter, the model and the search."""
        self._filter, self._endpoint_id, self._text, self._request = 0, None, "", None
        self.search.value = ""
        self._window.query = Query()
        self._search(False)

    def _search(self, is_on: bool) -> None:
        self._is_searching = self.search.display = is_on
        self.move_to(self.cursor)
        self.refresh()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._search(False)
        self.begin()
        if not self.row_count():
            self.action_open()

    def _typed(self) -> None:
        self.refresh()
        text = self.search.value.strip()
        if text != self._text:
            self._text, self._request = text, self._request_of(text)
            self._ask()

    def _ask(self) -> None:
        """Shows the jobs that match the filter, the model and the search."""
        text = self._request.request_id if self._request else self._text
        query = FILTERS[self._filter][1].also(parse(text).query)
        if self._endpoint_id:
            query = query.narrowed(Term(Key.MODEL, f"{EXACTLY}{self._endpoint_id}"))
        self._history.interrupt()
        self._wanted = None
        self._window.query = query
        self.cursor = self.scrolled = 0
        self._go_newest()
        self.refresh()
