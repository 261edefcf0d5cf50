"""The Result pane: the outputs, logs, input or raw JSON of the highlighted job."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import events, work
from textual.binding import BindingType
from textual.geometry import Region
from textual.reactive import var
from textual.strip import Strip

from faldeck.app import job_documents, lineage, wording
from faldeck.history import History, HistoryError, LogLine
from faldeck.job import Body, Job, Output
from faldeck.schema import json_value
from faldeck.tui import state_looks
from faldeck.tui.bindings import bindings
from faldeck.tui.panes import result_pages
from faldeck.tui.panes.debounce import Debounce
from faldeck.tui.panes.job_keys import JobAction, JobActionRequested
from faldeck.tui.panes.jumping import JumpTarget
from faldeck.tui.panes.lines import Span, width_of
from faldeck.tui.panes.moves import Moves
from faldeck.tui.panes.page_text import PageText, Row
from faldeck.tui.panes.page_view import PageView
from faldeck.tui.panes.pane import PLAIN, Pane, PaneMessage, SearchTarget, notify_unreadable
from faldeck.tui.panes.picture_slot import PictureSlot
from faldeck.tui.panes.result_pages import NO_LINEAGE, PAGES, ResultView, input_page, log_page, output_page
from faldeck.tui.pictures.decode import Room
from faldeck.tui.pictures.gallery import Gallery
from faldeck.tui.pictures.kinds import MediaKind, kind_of

NEWEST_LOGS = 500
"""The most log lines that are shown."""

INDENT = 4
"""Cells before a picture."""


class ResultPane(Moves, Pane):
    """One job in full."""

    HELP = "The outputs, logs, input and raw result of the job that the Jobs pane has highlighted."
    NUMBER, NAME = "4", "Result"

    BINDINGS: ClassVar[list[BindingType]] = bindings("move", "job", "result")

    is_enlarged = var(False, bindings=True)
    """Whether it has the full height of the screen."""

    has_cursor = var(False, bindings=True)
    """Whether lines of the page can be chosen: each is a place in a document."""

    @dataclass
    class TextCopied(PaneMessage):
        """The person copies a text of the page."""

        text: str
        what: str = ""
        """What it is, instead of the text itself: `the logs`."""
        then: str = ""
        """A sentence on what another key does now."""

    @dataclass
    class KinWanted(PaneMessage):
        """The person goes to the job that this one was made from, or to one that it was used in."""

        jobs: Sequence[Job]
        question: str
        """What is asked where there are several."""

    @dataclass
    class LinkOpened(PaneMessage):
        """The person opens a link of the page."""

        url: str

    class SizeToggled(PaneMessage):
        """The person pressed the key for full height, or back."""

    class Left(PaneMessage):
        """The person left the pane."""

    def __init__(
        self,
        history: History,
        meant_by: Callable[[Job], Awaitable[str | None]],
        gallery: Gallery,
        on_job_shown: Callable[[Job | None], None] = lambda job: None,
    ) -> None:
        """`meant_by` suggests a model for a job whose service does not know its endpoint id.

        `on_job_shown` is called with each job that is shown.
        """
        super().__init__(id="result")
        self._on_job_shown = on_job_shown
        self._meant_by = meant_by
        self._meant: str | None = None
        self._history = history
        self._job: Job | None = None
        self._body = Body({})
        self._logs: list[LogLine] = []
        self._lineage = NO_LINEAGE
        self._page = 0
        self._output = 0
        self._view = PageView()
        self._gallery = gallery
        self._picture = PictureSlot(self, gallery, self._lay_out)
        self._debounce = Debounce(self, self._follow)

    @property
    def job(self) -> Job | None:
        """The job that is shown."""
        return self._job

    @property
    def output(self) -> Output | None:
        """The output that keys act on."""
        outputs = self._job.outputs if self._job else ()
        return outputs[self._output] if self._output < len(outputs) else None

    def show(self, job: Job | None) -> None:
        """Shows a job. Its documents are read in the background.

        Keys act on the job at once. It is drawn when the cursor of the list rests on it.
        """
        self._on_job_shown(job)
        is_other = (job and job.id) != (self._job and self._job.id)
        can_wait = is_other and job is not None and self._job is not None and not self.is_active
        before, self._job = self._job, job
        if before and job and before != job == before._replace(queue_position=job.queue_position):
            self.refresh(Region(0, 1, self.size.width, 1))  # The state line alone tells the place in the queue.
            return
        if is_other:
            self._body, self._logs, self._output, self._lineage = Body({}), [], 0, NO_LINEAGE
            self._view.to_start()
            self._meant = None
        if can_wait:
            self._debounce.restart()
        else:
            self._follow()

    def _follow(self) -> None:
        """Draws the job, and reads its documents."""
        self._debounce.cancel()
        self._lay_out()
        if self._job:
            self._read(self._job)

    def watch_is_active(self) -> None:
        super().watch_is_active()
        self._debounce.fire()

    @work(exclusive=True, group="result")
    async def _read(self, job: Job) -> None:
        try:
            body, logs, kin = await self._history.read(
                lambda store: (store.body(job.id), store.logs(job.id, newest=NEWEST_LOGS), lineage.of_job(store, job))
            )
        except HistoryError as error:
            notify_unreadable(self, self._history, error)
            return
        meant = await self._meant_by(job)
        if self._job and self._job.id == job.id:
            self._meant = meant
            follows = self._logs and PAGES[self._page][1] is log_page and self._view.scrolled >= self._view.last
            self._body, self._logs, self._lineage = body, logs, kin
            self._lay_out()
            if follows:
                self._view.scrolled = self._view.last

    def _lay_out(self) -> None:
        """Makes the rows of the page again for the pane's width."""
        rows: list[Row] = []
        if self._job and self.size.width:
            width = max(10, self.line_width - 2)
            shown = ResultView(
                self._job, self._body, self._logs, self._output, meant=self._meant or "", lineage=self._lineage
            )
            page = PAGES[self._page][1]
            rows = page(shown, width)
            if page is output_page and (drawn := self._drawn_picture(len(rows))):
                rows = page(shown._replace(picture=drawn), width)
        self._view.show(PageText(rows), self.body_height - 2)
        self.has_cursor = self._view.has_cursor
        if self.find_line:
            self.find_line.again()
        self.refresh()

    # The picture

    def _drawn_picture(self, others: int) -> Sequence[Row]:
        """The chosen output as a picture, if it is drawn already: small next to the list, large at full height.

        `others` is the number of other rows on the page.
        """
        is_large = self.screen.has_class("-enlarged")
        size = result_pages.picture_size(self.line_width - INDENT - 2, self.body_height, others, is_large=is_large)
        output = self.output
        kind = None if self._gallery.is_off else kind_of(output)
        room = Room(*size, self.background_colors[1].rgb)
        path = output.path if output and kind else None
        drawn = self._picture.rows(path, room, kind or MediaKind.IMAGE, is_large=is_large)
        return [[(" " * INDENT, ""), *row] for row in drawn]

    # Drawing

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        if not self._job:
            return (), ()
        return ((f" {wording.model_name(self._job.endpoint_id)}", PLAIN),), ()

    def _empty(self, y: int) -> Sequence[Span]:
        """The lines without a job: where one comes from."""
        dim, key = self.ink("dim"), self.ink("accent")
        lines: Sequence[Sequence[Span]] = (
            (),
            (("  A job's result is shown here.", dim),),
            (("  3", key), (" goes to the jobs, ", dim), ("1", key), (" finds a model.", dim)),
        )
        return lines[y] if y < len(lines) else ()

    def body_line(self, y: int) -> Strip:
        if not self._job:
            return self.drawn(self._empty(y))
        if y == 0:
            return self._state_line(self._job)
        if y == 1:
            return self._tabs()
        index = self._view.row_at(y - 2)
        if index is None:
            return self.drawn(())
        spans = ((text, self.styled(style)) for text, style in self._view.rows[index])
        is_here = self._view.text.line_at(index) == self._current_line
        return self.drawn(((" ", PLAIN), *spans), over=self.cursor_style if is_here else "")

    @property
    def _current_line(self) -> int | None:
        """The highlighted line: the one with the cursor, or the one that was found."""
        if self.has_cursor:
            return self._view.line if self.is_active else None
        return self.find_line.matches.here if self.find_line else None

    def _state_line(self, job: Job) -> Strip:
        look = state_looks.look(job)
        left = [
            (f" {look.glyph} ", self.ink(look.sign_style)),
            (wording.state_with_place(job), self.ink(look.style)),
        ]
        return self.drawn([*left, *((text, self.ink(style)) for text, style in result_pages.facts(job))])

    def _tabs(self) -> Strip:
        spans: list[Span] = []
        for number, (name, _) in enumerate(PAGES):
            is_here = number == self._page
            spans.append((f" {name} ", self.ink("tab" if is_here else "dim")))
            spans.append((" ", PLAIN))
        return self.drawn([(" ", PLAIN), *spans])

    # Actions

    def action_turn(self, step: int) -> None:
        self._page = (self._page + step) % len(PAGES)
        self._view.to_start()
        self._lay_out()

    def search_target(self) -> SearchTarget:
        return SearchTarget(lambda: self._view.text.lines, lambda: self._view.search_start, self._show_match)

    def _show_match(self, line: int | None) -> None:
        if line is not None and self.find_line:
            self._view.show_match(line, self.find_line.matches.words.split()[0])
        self.refresh()

    def action_next(self, step: int) -> None:
        if self.find_line and self.find_line.matches.words:
            self.find_line.step(step)
        else:
            self.action_output(step)

    def action_output(self, step: int) -> None:
        if self._job and self._job.outputs:
            self._output = (self._output + step) % len(self._job.outputs)
            self._lay_out()

    def action_kin(self, step: int) -> None:
        kin = self._lineage
        jobs = kin.children if step > 0 else (kin.parent,) if kin.parent else ()
        if jobs:
            self.post_message(self.KinWanted(jobs, "Used in"))
        elif step > 0:
            self.notify("No job has an output of this one as its input.")
        else:
            missing = f"It was made from {kin.made_from}." if kin.made_from else "No other job's output is its input."
            self.notify(missing, markup=False)

    def action_act(self, action: str) -> None:
        if not self._job:
            return
        if action == JobAction.COPY and PAGES[self._page][1] is not output_page:
            self._copy_page(self._job)
        else:
            self.post_message(JobActionRequested(JobAction(action), self._job))

    @work(exclusive=True, group="copy")
    async def _copy_page(self, job: Job) -> None:
        """Copies the whole text of the page, or the value whose path was copied before."""
        page = PAGES[self._page][1]
        if page is log_page:
            try:
                logs = await self._history.read(lambda store: store.logs(job.id))
            except HistoryError as error:
                notify_unreadable(self, self._history, error)
                return
            text = "\n".join(f"{log.timestamp} {log.message}" for log in logs)
            self.post_message(self.TextCopied(text, "the logs"))
            return
        document = self._body.arguments if page is input_page else self._body.result
        if self._view.named is not None:
            value = job_documents.text(json_value.get(document, self._view.named))
            self.post_message(self.TextCopied(value))
        else:
            text = "" if document is None else json.dumps(document, indent=2, ensure_ascii=False)
            self.post_message(self.TextCopied(text, "the input" if page is input_page else "the JSON"))

    def action_copy_path(self) -> None:
        path = self._view.text.path(self._view.line)
        if path:
            self._view.named = path
            self.post_message(self.TextCopied(json_value.spell(path), then="y copies its value."))
        elif path is not None:
            self.notify("This line is the whole document, which has no path. y copies it.")

    @property
    def page_size(self) -> int:
        return max(1, self.body_height - 3)

    def move_by(self, rows: int) -> None:
        self._view.scroll(rows)
        self.refresh()

    def jump_targets(self) -> Iterator[JumpTarget]:
        """The tabs of the pages, the links, and the lines of a document."""
        yield from super().jump_targets()
        if not self._job:
            return
        x = self.has_rule + 1
        for number, (name, _) in enumerate(PAGES):
            yield JumpTarget(x, 2, partial(self._show_page, number), len(name) + 2)
            x += len(name) + 3
        for y, row in enumerate(self._view.rows[self._view.scrolled :][: self._view.height], 3):
            x = self.has_rule + 1
            for text, style in row:
                if url := style.partition("link ")[2]:
                    yield JumpTarget(x, y, partial(self.post_message, self.LinkOpened(url)), width_of(text))
                x += width_of(text)
            if self.has_cursor:
                line = self._view.text.line_at(self._view.scrolled + y - 3)
                yield JumpTarget(int(self.has_rule), y, partial(self._go_to_line, line), self.line_width)

    def _show_page(self, number: int) -> None:
        self.begin()
        self.action_turn(number - self._page)

    def _go_to_line(self, line: int) -> None:
        self.begin()
        self._view.go_to(line)
        self.refresh()

    def action_enlarge(self) -> None:
        self.post_message(self.SizeToggled())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "copy_path":
            return self.has_cursor
        # In other states the key quits.
        return self.is_enlarged if action == "close" else super().check_action(action, parameters)

    def action_close(self) -> None:
        self.post_message(self.Left())

    def action_leave(self) -> None:
        if self.find_line and self.find_line.matches.words:
            self.find_line.forget()
            return
        self.post_message(self.Left())

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.move_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.move_by(-3)
