"""The Jobs pane: live rows over the whole history. The cursor stays on its job when new ones arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from faldeck.app.job_sections import Section
from faldeck.history import History, HistoryError
from faldeck.job import Job
from faldeck.safety import sanitize
from faldeck.tui.bindings import bindings
from faldeck.tui.panes import job_row
from faldeck.tui.panes.filter_line import FilterLine
from faldeck.tui.panes.job_keys import JobAction, JobActionRequested, ListAction, ListActionRequested
from faldeck.tui.panes.job_list_state import MOST_MARKED, ORDERS, JobListState
from faldeck.tui.panes.job_reader import JobReader
from faldeck.tui.panes.job_window import JobWindow
from faldeck.tui.panes.jumping import JumpTarget
from faldeck.tui.panes.lines import Span, cut, joined, width_of
from faldeck.tui.panes.pane import PLAIN, ListPane, PaneMessage, notify_unreadable
from faldeck.tui.panes.section_tabs import SectionTabs

if TYPE_CHECKING:
    from faldeck.app.copied_url import RequestAddress

TITLE = " 3 Jobs "

EDGE = 60
"""So many rows before the end of those in memory, more are read."""


class JobsPane(ListPane):
    """The jobs of the history, newest first: those of a section that match the typed filter."""

    HELP = "Every request you made, live and past. Nothing here is lost when faldeck ends."
    NUMBER, NAME = "3", "Jobs"

    BINDINGS: ClassVar[list[BindingType]] = bindings("jobs", "job")

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

    def __init__(
        self,
        history: History,
        sections: Sequence[Section],
        request_of: Callable[[str], RequestAddress | None] = lambda text: None,
        times: job_row.RowTimes | None = None,
    ) -> None:
        """`request_of` returns the request whose address a text is; None for any other text."""
        super().__init__(id="jobs")
        self._window = JobWindow(history)
        self._history = history
        self.choice = JobListState(sections, request_of)
        """What the person has chosen: section, filter, marks."""
        self.tabs = SectionTabs()
        self._must_count = False
        """True if a job has changed since the sections were counted; each second they are counted again."""
        self._reader = JobReader(self, self._window)
        self._is_searching = False
        self._times = times or job_row.RowTimes()

    def compose(self) -> ComposeResult:
        search = FilterLine(self._history, self._typed, self.tell_unreadable, id="job-search")
        search.display = False
        yield search

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)

    @property
    def search(self) -> FilterLine:
        """The search line, shown above the rows while it is used."""
        return self.query_one(FilterLine)

    @property
    def highlighted(self) -> Job | None:
        """The job under the cursor."""
        return next(iter(self._window.jobs[self.cursor : self.cursor + 1]), None)

    async def load(self, section: str = "", text: str = "", job_id: str | None = None) -> None:
        """Reads the jobs of a section and a filter, from the job of this id if it is there; raises HistoryError."""
        self.choice.open_section(section)
        self.choice.text = self.search.value = text
        self._window.query = self.choice.query
        await self._window.newest_with(job_id)
        await self._count()
        self.settle(job_id)
        self._reader.newer()

    def changed(self, *, is_minor: bool = False) -> None:
        """Tells the pane that jobs may have changed; it reads them again soon. See `JobReader.changed`."""
        self._reader.changed(is_minor=is_minor)

    def show_job(self, job_id: str) -> None:
        """Puts the cursor on a new job, and shows all jobs if the filter would hide it."""
        self._reader.wanted = job_id
        self._reader.newest()

    # Drawing

    @property
    def top(self) -> int:
        return self._is_searching + bool(self._hint)

    def head_line(self, y: int) -> Strip:
        return self.drawn(((" / ", self.ink("accent")),) if self._is_searching and y == 0 else self._hint)

    @property
    def _hint(self) -> Sequence[Span]:
        """What can be typed, or what is wrong with the typed filter or the section's."""
        if self._is_searching:
            return self.search.hint(self.ink)
        problems = self.choice.problems
        return ((f" ✗ {sanitize.clean_line(problems[0].message, limit=200)}", self.ink("bad")),) if problems else ()

    def row_count(self) -> int:
        return len(self._window.jobs)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        choice = self.choice
        parts = (
            (f"{len(choice.marked):,} marked" if choice.marked else "", self.ink("strong")),
            (f"“{cut(choice.text, 24)}”" if choice.text and not self._is_searching else "", PLAIN),
            (self.place, PLAIN),
            (ORDERS[self._window.query.sort], PLAIN),
            (self.tabs.spent, PLAIN),
        )
        right = joined(parts, (" · ", PLAIN))
        self.tabs.width = self.line_width - len(TITLE) - sum(width_of(text) for text, _ in right)
        return self.tabs.spans(choice, self.tabs.width, self.ink), right

    @property
    def place(self) -> str:
        count = self._window.found if self.choice.text else self.tabs.of(self.choice.section)
        known = self.row_count() * self._window.at_newest
        return self.position.among(count, known, self.page_size, is_searched=bool(self.choice.text))

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        job = self._window.jobs[index]
        return job_row.spans(
            job, self.size.width, self.ink, is_marked=self.choice.is_marked(job.id), is_current=index == self.cursor
        )

    def empty(self) -> Sequence[Sequence[Span]]:
        if not self.tabs.are_counted:
            return job_row.being_read(self._history.at_work, self.ink)
        if request := self.choice.request:
            return job_row.not_adopted(request.request_id, self.ink)
        if self.choice.is_narrowed:
            return job_row.none_like_that(str(self.choice.query), self._window.way_out, self.ink)
        return job_row.no_jobs_yet(self.ink)

    def _tick(self) -> None:
        """Updates the times in the rows on the screen, and counts the sections again after a change."""
        for index in self._times.due(self._window.jobs, self.scrolled, self.page_size):
            self.refresh_row(index)
        if not self.tabs.are_counted:
            self.refresh()  # Reading the jobs for the first time may take long, and says how far it is.
        if self._must_count:
            self._must_count = False
            self._count_again()

    # Reading

    def jobs_read_again(self, ended: Sequence[Job]) -> None:
        """Announces the jobs that have ended."""
        if ended:
            self.post_message(self.JobsEnded(ended))
        self._must_count = True

    def matching_counted(self) -> None:
        """Shows how many jobs match; if none do, which terms hide how many."""
        (self.refresh_title if self.row_count() else self.refresh)()

    def tell_unreadable(self, error: HistoryError) -> None:
        """Reports that the history could not be read."""
        notify_unreadable(self, self._history, error)

    def settle(self, highlighted: str | None) -> None:
        """Puts the cursor on its job after a read, and keeps it at the same height on the screen.

        Rows arrive above the cursor while a person reads or is about to press a key that costs money: neither the job
        under the cursor nor its place on the screen may change. At the top of the list the new rows must be seen,
        so there the list stays at the top as long as the cursor fits on the first page.
        """
        height = self.cursor - self.scrolled
        index = self._window.index_of(highlighted)
        is_at_top = self.scrolled == 0
        self.cursor = min(self.cursor, max(0, self.row_count() - 1)) if index is None else index
        self.scrolled = max(0, self.cursor - (self.cursor if is_at_top and self.cursor < self.page_size else height))
        self.move_to(self.cursor)
        self.refresh_changed(self._window.jobs[self.scrolled : self.scrolled + self.page_size])
        self._announce()

    @work(exclusive=True, group="count")
    async def _count_again(self) -> None:
        try:
            await self._count()
        except HistoryError as error:
            self.tell_unreadable(error)

    async def _count(self) -> None:
        if await self.tabs.count(self._history, self.choice.sections):
            self.refresh()

    def moved(self) -> None:
        self._reader.wanted = None
        self._announce()
        if self.cursor >= self.row_count() - EDGE and not self._window.at_oldest:
            self._reader.older()
        elif self.cursor < EDGE and not self._window.at_newest:
            self._reader.newer()

    def _announce(self) -> None:
        if self.highlighted != self._reader.shown:
            self._reader.shown = self.highlighted
            self.post_message(self.Highlighted(self.highlighted))

    def action_first(self) -> None:
        self._reader.wanted = None
        if self._window.at_newest:
            super().action_first()
        else:
            self.cursor = self.scrolled = 0
            self._reader.first()

    def action_last(self) -> None:
        self._reader.wanted = None
        if self._window.at_oldest:
            super().action_last()
        else:
            self._reader.oldest()

    def action_open(self) -> None:
        if self.highlighted:
            self.post_message(self.ResultOpened())
        elif request := self.choice.request:
            self.post_message(self.AdoptionRequested(request))

    def action_act(self, action: str) -> None:
        if self.choice.marked:
            self.post_message(ListActionRequested(JobAction(action), self.choice.marked))
        elif job := self.highlighted:
            self.post_message(JobActionRequested(JobAction(action), job))

    def action_list_act(self, action: str) -> None:
        ids = self.choice.marked or ((self.highlighted.id,) if self.highlighted else ())
        self.post_message(ListActionRequested(ListAction(action), ids))

    def show_sections(self, sections: Sequence[Section], opened: str | None = None) -> None:
        """Shows other sections; opens the one called `opened`."""
        self.choice.sections = sections
        if opened:
            self.choice.open_section(opened)
            self.choice.text = self.search.value = ""
        self._count_again()
        self._ask()

    def unmark(self) -> None:
        """Removes all marks."""
        self.choice.unmark()
        self.refresh()

    def action_section(self, steps: int) -> None:
        self.choice.turn(steps)
        self._ask()

    def action_sort(self) -> None:
        self.choice.next_order()
        self.show_text()

    def action_only_model(self) -> None:
        if self.highlighted:
            self.choice.toggle_model(self.highlighted.endpoint_id)
            self.show_text()

    def open_section(self, name: str) -> None:
        """Shows the jobs of a section."""
        self.choice.open_section(name)
        self._ask()

    def show_text(self) -> None:
        """Shows the filter in the search line too, after something else has changed it."""
        self.search.value = self.choice.text
        self._ask()

    def action_mark(self) -> None:
        if job := self.highlighted:
            self.choice.toggle_mark(job.id)
            self.refresh()
            self.move_to(self.cursor + 1)

    @work(exclusive=True, group="marks")
    async def action_mark_matching(self, change: str) -> None:
        """Marks all matching jobs, those not in memory too, or inverts their marks: `mark` or `invert_marks`."""
        query = self._window.query
        try:
            ids = await self._history.read(lambda store: store.lists.ids(query, limit=MOST_MARKED))
        except HistoryError as error:
            self.tell_unreadable(error)
            return
        (self.choice.mark if change == "mark" else self.choice.invert_marks)(ids)
        self.refresh()

    def jump_targets(self) -> Iterator[JumpTarget]:
        yield from super().jump_targets()
        left = self.has_rule + len(TITLE)
        for x, width, section in self.tabs.places(self.choice):
            yield JumpTarget(left + x, 0, partial(self.open_section, section.name), width)

    def action_search(self) -> None:
        self._search(True)
        self.search.begin()

    def action_leave(self) -> None:
        if self.search.has_focus:
            self._search(False)
            self.begin()
            if self.row_count():
                return  # The jobs found stay listed.
        elif self.choice.marked:
            self.unmark()
            return
        self._clear()
        self._ask()

    def let_all_through(self) -> bool:
        """Clears what may hide a new job; False while the person types a search, which stays."""
        if self.search.has_focus:
            return False
        self._clear()
        return True

    def _clear(self) -> None:
        """Opens the first section and clears the search."""
        self.choice.show_all()
        self.search.value = ""
        self._window.query = self.choice.query
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
        if text != self.choice.text:
            self.choice.text = text
            self._ask()

    def _ask(self) -> None:
        """Shows the jobs of the section that match the search."""
        self._history.interrupt()
        self._reader.wanted = None
        self._window.query = self.choice.query
        self.cursor = self.scrolled = 0
        self._reader.newest()
        self.refresh()
