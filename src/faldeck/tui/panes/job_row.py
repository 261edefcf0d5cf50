"""One job as a line of the list: state, age, model, and what matters most. Also the lines of an empty list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from rich.style import Style

from faldeck.app import wording
from faldeck.history import IndexingProgress
from faldeck.job import Job, State, now
from faldeck.safety import sanitize
from faldeck.tui import state_looks
from faldeck.tui.panes import progress_bar
from faldeck.tui.panes.lines import Span, cut, cut_middle, pad
from faldeck.tui.panes.pane import PLAIN

WIDE = 100
"""A list of at least this many cells shows more about the files."""

MARK = "▌"
"""The sign before a marked job."""

STATE_CELLS = 17
"""Cells of the state with the job's age: `unconfirmed 23h59` fits."""

BAR_CELLS = (8, 16)
"""Cells of a progress bar in a narrow and in a wide list."""

MINUTE, DAY = 60, 86_400


def spans(
    job: Job, width: int, ink: Callable[[str], Style], *, is_marked: bool = False, is_current: bool = False
) -> tuple[Sequence[Span], Sequence[Span]]:
    """The line's spans, and those flush right, for a list of `width` cells.

    The row under the cursor, `is_current`, dims no text: that is easier to read on the cursor's ground, and a move of
    the cursor sends two colours fewer.
    """
    if is_current:
        ink = partial(_undimmed, ink)
    look, dim = state_looks.look(job), ink("dim")
    is_wide = width >= WIDE
    model_width = max(13, min(32, width // 5))
    model = pad(cut_middle(wording.model_name(job.endpoint_id), model_width), model_width)
    age = wording.ago(job.created_at, now())
    when = f"{age} ago" if is_wide and age[-1] in "mhd" else age
    left = [
        (MARK if is_marked else " ", ink("accent")),
        ("★ " if job.starred else "  ", ink("accent")),
        (f"{look.glyph} ", ink(look.sign_style)),
        (f"{_state_and_age(job)}  ", ink(look.style)),
        (f"{model}  ", PLAIN),
        *_story(job, BAR_CELLS[is_wide], ink),
    ]
    files = wording.files(job) if is_wide else wording.files_mark(job)
    labels = f"  {_labels(job, width)}" if job.tags or job.note else ""
    return left, ((labels, ink("accent")), (f"  {files}", dim), (f" {when:>{8 if is_wide else 6}} ", dim))


def _undimmed(ink: Callable[[str], Style], name: str) -> Style:
    return PLAIN if name in ("head", "dim") else ink(name)


def _labels(job: Job, width: int) -> str:
    """The job's tags, and a pencil if it has a note, cut to an eleventh of the list."""
    words = [f"#{sanitize.clean_line(tag)}" for tag in job.tags]
    return cut(" ".join([*words, *(["✎"] if job.note else [])]), max(7, width // 11))


def _state_and_age(job: Job) -> str:
    """The state on the left and the age on the right. If there is no room, the queue position is shown alone."""
    is_known = job.completed_at or job.state is not State.COMPLETED
    age = wording.short_duration(job.seconds(now())) if is_known else ""
    words = wording.state_with_place(job)
    if len(words) + 1 + len(age) > STATE_CELLS and job.queue_position:
        words = wording.queue_place(job)
    room = STATE_CELLS - 1 - len(age)
    return f"{pad(words, room)} {age}"


class RowTimes:
    """The times in the lines: which lines look different a second later.

    A live job's time runs, unless the person wants no motion. How long ago a job was made changes once a minute.
    """

    def __init__(self, *, has_motion: bool = True) -> None:
        self._has_motion = has_motion
        self._seconds = 0

    def due(self, jobs: Sequence[Job], first: int, count: int) -> list[int]:
        """The lines to draw again, of the `count` that are shown from the `first` on. Called once a second."""
        self._seconds += 1
        is_minute = self._seconds % MINUTE == 0
        return [
            index
            for index in range(first, min(len(jobs), first + count))
            if (jobs[index].state.is_followed and (self._has_motion or is_minute))
            or (is_minute and (now() - jobs[index].created_at).total_seconds() < DAY)
        ]


def _story(job: Job, bar_cells: int, ink: Callable[[str], Style]) -> list[Span]:
    """The most important text about the job."""
    if notice := wording.notice(job):
        return [(notice, ink("busy"))]
    if job.error and job.state is State.FAILED:
        return [(job.error.message, ink("bad"))]
    if job.state is State.RUNNING and (progress := progress_bar.read(job.progress)):
        return [*progress_bar.spans(progress, bar_cells, ink), ("  ", PLAIN), (job.title, ink("head"))]
    if job.state.is_followed and job.progress:
        return [(job.progress, ink("busy")), ("  ", PLAIN), (job.title, ink("dim"))]
    if problem := next(filter(None, map(wording.other_content, job.outputs)), ""):
        return [(problem, ink("busy")), ("  ", PLAIN), (job.title, ink("dim"))]
    return [(job.title, ink("head"))]


def being_read(at_work: str, ink: Callable[[str], Style]) -> Sequence[Sequence[Span]]:
    """What stands in place of the rows until they are read: how far slow work on the file is."""
    return ((), ((f"  {at_work}", ink("dim")),)) if at_work else ()


def no_jobs_yet(ink: Callable[[str], Style]) -> Sequence[Sequence[Span]]:
    """The lines of an empty history: how to make a job."""
    dim, strong = ink("dim"), ink("accent")
    return (
        (),
        (("  No jobs yet. ", dim), ("1", strong), (" finds a model, ", dim), ("Enter", strong), (" opens its", dim)),
        (("  form, ", dim), ("^J", strong), (" submits it. Its job appears here and stays.", dim)),
    )


def none_like_that(asked: str, way_out: str, ink: Callable[[str], Style]) -> Sequence[Sequence[Span]]:
    """The lines of a list in which no job matches; `asked` is the filter, `way_out` says which terms hide jobs."""
    dim = ink("dim")
    return (
        (),
        (("  No job matches. ", dim), ("Esc", ink("accent")), (" shows all.", dim)),
        ((f"  The filter: {sanitize.clean_line(asked, limit=200)}", dim),),
        ((f"  {sanitize.clean_line(way_out, limit=200)}", dim),),
    )


def not_adopted(request_id: str, ink: Callable[[str], Style]) -> Sequence[Sequence[Span]]:
    """The lines after a search for a request by its URL that is not in the history: how to adopt it."""
    dim, strong = ink("dim"), ink("accent")
    named = sanitize.clean_line(request_id, limit=40)
    return (
        (),
        ((f"  The request {named} is not in the history.", dim),),
        (("  ", dim), ("Enter", strong), (" adopts it, ", dim), ("Esc", strong), (" shows all jobs.", dim)),
    )


def summary(live: int, total: int, spent_usd: Decimal, indexing: IndexingProgress | None) -> str:
    """How many jobs there are, what they cost this month, and how far they are indexed."""
    spent = f" · {wording.usd(spent_usd)} this month" if spent_usd else ""
    behind = ""
    if indexing:
        behind = f"{indexing.done:,} of {indexing.total:,}" if not indexing.is_of_import else f"{indexing.total:,}"
        behind = f" · indexing {behind}"
    return f"{live:,} live · {total:,} all{spent}{behind}"
