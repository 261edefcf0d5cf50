"""Jobs next to each other as rows of text: pictures, facts, and the arguments that differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from faldeck.app import job_documents, wording
from faldeck.app.job_documents import Comparison, Given
from faldeck.job import Job, Output
from faldeck.safety import sanitize
from faldeck.schema import json_value
from faldeck.tui import state_looks
from faldeck.tui.panes.lines import cut, width_of, wrap
from faldeck.tui.panes.page_text import Row

LEAST_WIDTH = 24
"""The least cells for a job. If there are fewer, some jobs are shown below the others."""

GAP = 2
"""Cells between two jobs."""

VALUE_LINES = 8
"""The most lines that are shown of one value."""


@dataclass(frozen=True, slots=True)
class ShownOutputs:
    """Which output of each job is shown: at first the first."""

    _places: dict[str, int] = field(default_factory=dict)

    def place(self, job: Job) -> int:
        """The index of the job's output; 0 also if it has none."""
        place = self._places.get(job.id, 0)
        return place if place < len(job.outputs) else 0

    def output(self, job: Job) -> Output | None:
        """The job's output; None if it has none."""
        return job.outputs[self.place(job)] if job.outputs else None

    def step(self, jobs: Sequence[Job], steps: int) -> list[Job]:
        """Goes on to another output of each job; after the last comes the first. Returns the jobs that have another."""
        stepped = [job for job in jobs if len(job.outputs) > 1]
        for job in stepped:
            self._places[job.id] = (self.place(job) + steps) % len(job.outputs)
        return stepped


def jobs_across(jobs: int, width: int) -> int:
    """How many jobs are in one row: all of them, or as many as make full rows."""
    fitting = max(1, (width + GAP) // (LEAST_WIDTH + GAP))
    rows = -(-jobs // fitting)
    return -(-jobs // rows)


def column_width(jobs: int, width: int) -> int:
    """Cells of each job."""
    across = jobs_across(jobs, width)
    return max(4, (width - GAP * (across - 1)) // across)


def compare_rows(
    compared: Comparison,
    outputs: ShownOutputs,
    pictures: Mapping[str, Sequence[Sequence[tuple[str, str]]]],
    width: int,
    picture_rows: int,
    chosen: int,
) -> tuple[list[Row], list[int]]:
    """The rows of the page, and the row at which each job starts.

    `pictures` are by job id; each has `picture_rows` rows. `≠` marks a value that differs from the first job's.
    """
    count = len(compared.jobs)
    across, column = jobs_across(count, width), column_width(count, width)
    rows: list[Row] = []
    starts: list[int] = []
    for first in range(0, count, across):
        places = range(first, min(first + across, count))
        starts += [len(rows)] * len(places)
        heads = [_head(compared.jobs[at], at, outputs, column, is_chosen=at == chosen) for at in places]
        rows += _beside(heads, column)
        if picture_rows:
            drawn = [pictures.get(compared.jobs[at].id, ())[:picture_rows] for at in places]
            shown = [[[*row] for row in one] for one in drawn]
            rows += _beside([[*one, *([[]] * (picture_rows - len(one)))] for one in shown], column)
            rows.append([])
        for difference in compared.differences:
            rows.append([(cut(json_value.spell(difference.path), width), "accent")])
            values = [_value(compared.jobs[at], difference.given[at], difference.given[0], column) for at in places]
            rows += _beside(values, column)
        rows.append([])
    rows.append([(_summary(compared), "dim")])
    return rows, starts


def _head(job: Job, at: int, outputs: ShownOutputs, width: int, *, is_chosen: bool) -> list[Row]:
    """The job's model, how it went and what it cost, and which of its outputs is shown."""
    look = state_looks.look(job)
    star = " ★" if job.starred else ""
    name = cut(f"{'▸' if is_chosen else ' '}{at + 1} {wording.model_name(job.endpoint_id)}", width - len(star))
    took = f" in {wording.duration(job.seconds(job.completed_at))}" if job.completed_at else ""
    went = cut(f"{wording.state(job)}{took}", width - 4)
    cost = wording.cost(job.cost)
    return [
        [(name, "strong"), (star, "busy")],
        [
            (f"  {look.glyph} ", look.sign_style),
            (went, look.style),
            (cut(f" · {cost}" if cost else "", width - 4 - width_of(went)), "head"),
        ],
        [(cut(f"  {_output_facts(job, outputs)}", width), "dim")],
    ]


def _output_facts(job: Job, outputs: ShownOutputs) -> str:
    """Which output is shown, and what it is: `2 of 4 · 1024×768 · image/png · 1.2 MB`."""
    output = outputs.output(job)
    if output is None:
        return "no files"
    place = f"{outputs.place(job) + 1} of {len(job.outputs)}" if len(job.outputs) > 1 else ""
    size = wording.file_size(output.size_bytes) if output.size_bytes else ""
    pixels = wording.dimensions(output)
    kind = sanitize.clean_line(output.content_type or "", limit=40).rpartition("/")[2]
    return " · ".join(part for part in (place, f"{pixels} {kind}".strip(), "" if pixels == size else size) if part)


def _value(job: Job, given: Given, first: Given, width: int) -> list[Row]:
    """A job's value of an argument. The mark before it says whether it equals the first job's."""
    if not given.is_set:
        text = "(not set)" if job.input_known else "(not known)"
    else:
        text = sanitize.clean(job_documents.text(given.value))
    is_first = given is first
    is_same = given.is_set is first.is_set and json_value.same(given.value, first.value)
    mark, style = ("  ", "") if is_first else ("= ", "dim") if is_same else ("≠ ", "strong")
    lines = wrap(text, max(1, width - 2), limit=VALUE_LINES)
    return [[(mark if not number else "  ", style), (line, style)] for number, line in enumerate(lines)]


def _summary(compared: Comparison) -> str:
    same = f"{compared.same} argument{'s are' if compared.same != 1 else ' is'} the same."
    if not compared.same:
        return "No argument is the same." if compared.differences else "There are no arguments."
    return same if compared.differences else f"The arguments do not differ: {same}"


def _beside(columns: Sequence[Sequence[Row]], width: int) -> list[Row]:
    """Rows of several columns as rows of the page."""
    rows: list[Row] = []
    for cells in zip_longest(*columns, fillvalue=[]):
        row: Row = []
        for cell in cells:
            row += cell
            row.append((" " * (width + GAP - sum(width_of(text) for text, _ in cell)), ""))
        rows.append(row[:-1])
    return rows
