"""The Compare pane: two to four jobs next to each other, with keys to keep the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, work
from textual.binding import BindingType
from textual.strip import Strip

from faldeck.app import job_documents, wording
from faldeck.app.job_documents import Comparison
from faldeck.history import History, HistoryError
from faldeck.job import Job, Output
from faldeck.tui.bindings import bindings
from faldeck.tui.panes import compare_page
from faldeck.tui.panes.compare_page import ShownOutputs
from faldeck.tui.panes.lines import Span, cut
from faldeck.tui.panes.moves import Moves
from faldeck.tui.panes.page_text import PageText, Row, text_of
from faldeck.tui.panes.page_view import PageView
from faldeck.tui.panes.pane import PLAIN, Pane, PaneMessage, SearchTarget, notify_unreadable
from faldeck.tui.pictures.decode import CannotShow, Room
from faldeck.tui.pictures.gallery import DrawnPicture, Gallery
from faldeck.tui.pictures.kinds import kind_of

MOST_JOBS = 4
"""Jobs that are compared at once."""

PICTURE_SHARE = 0.55
"""The share of the pane's height for pictures if all jobs are in one row."""


class ComparePane(Moves, Pane):
    """A column for each job; one job is chosen."""

    NAME = "Compare"
    HELP = (
        "Jobs next to each other. ≠ marks an argument that differs from the first job's, = one that does not."
        " n and p show the other outputs of a job, ] and [ those of every job."
    )

    has_rule = False
    is_active = True

    BINDINGS: ClassVar[list[BindingType]] = bindings("move", "compare")

    @dataclass
    class JobAsked(PaneMessage):
        """The person wants something done with the chosen job."""

        what: str
        """`star`, `delete` or `open`."""
        job: Job

    def __init__(self, history: History, job_ids: Sequence[str], gallery: Gallery) -> None:
        super().__init__(id="compare")
        self._history = history
        self._job_ids = job_ids
        self._gallery = gallery
        self._compared: Comparison | None = None
        self._chosen = 0
        self._pictures: dict[str, DrawnPicture] = {}
        """Job id → its output that is shown, in the size of its column."""
        self._outputs = ShownOutputs()
        self._view = PageView()

    def on_mount(self) -> None:
        self.screen.set_focus(self)
        self.read()

    @work(exclusive=True, group="compare")
    async def read(self) -> None:
        """Reads the jobs, which may have changed, and shows them."""
        try:
            found = await self._history.read(
                lambda store: [(job, store.body(one)) for one in self._job_ids if (job := store.job(one))]
            )
        except HistoryError as error:
            notify_unreadable(self, self._history, error)
            return
        self._compared = job_documents.compare([job for job, _ in found], [body for _, body in found])
        self._chosen = max(0, min(self._chosen, len(found) - 1))
        self._lay_out()
        self._draw_pictures()

    # Drawing

    @property
    def jobs(self) -> Sequence[Job]:
        """The compared jobs that still exist."""
        return self._compared.jobs if self._compared else ()

    @property
    def _picture_rows(self) -> int:
        has_pictures = any(kind_of(output) for job in self.jobs for output in job.outputs)
        if not has_pictures or self._gallery.is_off:
            return 0
        width = compare_page.column_width(len(self.jobs), self._width)
        return max(4, min(width // 2, int(self.body_height * PICTURE_SHARE)))

    @property
    def _filled_rows(self) -> int:
        """The rows that the pictures take: once all are drawn, those of the tallest."""
        drawn = [self._pictures[job.id] for job in self.jobs if job.id in self._pictures]
        rows = self._picture_rows
        return min(rows, max(len(one.rows) for one in drawn)) if drawn and len(drawn) == len(self.jobs) else rows

    @property
    def _width(self) -> int:
        return max(10, self.line_width - 2)

    def _lay_out(self) -> None:
        rows: list[Row] = []
        self._starts: Sequence[int] = ()
        pictures = {job_id: drawn.rows for job_id, drawn in self._pictures.items()}
        if self._compared and self.jobs and self.size.width:
            rows, self._starts = compare_page.compare_rows(
                self._compared, self._outputs, pictures, self._width, self._filled_rows, self._chosen
            )
        self._view.show(PageText(rows), self.body_height)
        if self.find_line:
            self.find_line.again()
        self.refresh()

    @work(exclusive=True, group="pictures")
    async def _draw_pictures(self) -> None:
        if not (rows := self._picture_rows):
            return
        width = compare_page.column_width(len(self.jobs), self._width)
        room = Room(width, rows, self.background_colors[1].rgb)
        for job in self.jobs:
            self._pictures[job.id] = await self._drawn(self._outputs.output(job), room)
            self._lay_out()

    async def _drawn(self, output: Output | None, room: Room) -> DrawnPicture:
        kind = kind_of(output)
        if output is None or output.path is None or kind is None:
            return DrawnPicture([[("  no picture here", "dim")]])
        try:
            return await self._gallery.draw(output.path, room, kind)
        except CannotShow as error:
            return DrawnPicture([[(cut(f"  {error}", room.columns), "dim")]])

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        return ((f" {wording.jobs(len(self.jobs))}", PLAIN),), ()

    def body_line(self, y: int) -> Strip:
        row = self._view.row_at(y)
        if row is None:
            text = (
                "  These jobs are deleted. U restores them, Esc goes back."
                if self._compared and not self.jobs and y == 1
                else ""
            )
            return self.drawn(((text, self.ink("dim")),))
        is_found = self.find_line is not None and self.find_line.matches.here == self._view.text.line_at(row)
        spans = ((text, self.styled(style)) for text, style in self._view.rows[row])
        return self.drawn(((" ", PLAIN), *spans), over=self.cursor_style if is_found else "")

    # Keys

    def action_choose(self, steps: int) -> None:
        if self.jobs:
            self._chosen = (self._chosen + steps) % len(self.jobs)
            self._lay_out()
            start = self._starts[self._chosen]
            if not self._view.scrolled <= start < self._view.scrolled + self._view.height:
                self._view.scrolled = min(start, self._view.last)
                self.refresh()

    def action_next(self, steps: int) -> None:
        if self.find_line and self.find_line.matches.words:
            self.find_line.step(steps)
        else:
            self.action_step(steps)

    def action_step(self, steps: int) -> None:
        self._step(self.jobs[self._chosen : self._chosen + 1], steps)

    def action_step_all(self, steps: int) -> None:
        self._step(self.jobs, steps)

    def _step(self, jobs: Sequence[Job], steps: int) -> None:
        if self._outputs.step(jobs, steps):
            self._lay_out()
            self._draw_pictures()

    def action_ask(self, what: str) -> None:
        if self.jobs:
            self.post_message(self.JobAsked(what, self.jobs[self._chosen]))

    @property
    def page_size(self) -> int:
        return self._view.height

    def move_by(self, rows: int) -> None:
        self._view.scroll(rows)
        self.refresh()

    def search_target(self) -> SearchTarget:
        return SearchTarget(
            lambda: [text_of(row) for row in self._view.rows], lambda: self._view.search_start, self._show_match
        )

    def _show_match(self, line: int | None) -> None:
        if line is not None and self.find_line:
            self._view.show_match(line, self.find_line.matches.words.split()[0])
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self._pictures = {}
        self._lay_out()
        self._draw_pictures()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.move_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.move_by(-3)
