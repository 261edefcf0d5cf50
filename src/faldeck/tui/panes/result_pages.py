"""The pages of a result as rows of text, wrapped to a width. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from faldeck.app import lineage as kin
from faldeck.app import wording
from faldeck.app.lineage import Lineage
from faldeck.history import LogLine
from faldeck.job import Body, FileState, Job, Output, State, now
from faldeck.safety import sanitize
from faldeck.schema.json_value import spell
from faldeck.tui.panes import progress_bar
from faldeck.tui.panes.lines import cut
from faldeck.tui.panes.page_text import JSON_CHARACTERS, LineRow, Row, json_rows, paragraph

BAR_WORDS = 26
"""Cells that a progress bar leaves for its numbers."""

WIDE = 60
"""A page of at least this many cells shows a file's URL on its own line."""

SMALL_PICTURE = (44, 14)
"""Columns and rows of the picture next to the list: about 6 kB are sent for it."""

TALL = 40
"""Lines of the page from which on the pane has a column of its own, on a very wide screen."""

PICTURE_IN_A_COLUMN = (72, 30)
"""Columns and rows of the picture there: about 25 kB in half blocks."""

LEAST_PICTURE_ROWS = 8
"""Rows of a picture if the rest of the page leaves no room: then the page is scrolled."""

UNSURE = """\
The service may or may not have this request, so faldeck does not send it again automatically.
L looks for it in the account's list, S sends it once more (you may pay twice), x dismisses it."""

LEVELS = {"ERROR": "bad", "STDERR": "head", "WARN": "busy", "WARNING": "busy", "DEBUG": "dim"}

KEPT = {
    FileState.REMOTE: ("not fetched; d fetches it", "dim"),
    FileState.WAITING: ("waiting to be fetched; x gives it up", "busy"),
    FileState.FETCHING: ("being fetched; x gives it up", "busy"),
}


NO_LINEAGE = Lineage()

MOST_CHILDREN_SHOWN = 5

MOST_LINKS_SHOWN = 10


class ResultView(NamedTuple):
    """Everything that a pane shows of one job."""

    job: Job
    body: Body
    logs: Sequence[LogLine]
    """The newest log lines, oldest first."""
    chosen: int = 0
    """The index of the output that keys act on."""
    picture: Sequence[Row] = ()
    """That output as a picture, if it has one and there is room."""
    meant: str = ""
    """The nearest model of the catalogue, if the service does not know the job's endpoint id."""
    lineage: Lineage = NO_LINEAGE
    """The jobs that it was made from and used in."""


def picture_size(width: int, height: int, others: int, *, is_large: bool) -> tuple[int, int]:
    """The most columns and rows of the picture on a page of `height` lines that has `others` other rows."""
    columns, rows = max(4, width), max(LEAST_PICTURE_ROWS, height - others - 3)
    if is_large:
        return columns, rows
    most_columns, most_rows = PICTURE_IN_A_COLUMN if height >= TALL else SMALL_PICTURE
    return min(most_columns, columns), min(most_rows, rows)


def facts(job: Job) -> list[tuple[str, str]]:
    """The job's times and cost, shown next to its state."""
    spans = []
    if job.completed_at:
        spans.append((f" in {wording.duration(job.seconds(job.completed_at))}", "head"))
    if job.inference_seconds:
        spans.append((f" · {job.inference_seconds:.1f}s inference", "dim"))
    if cost := wording.cost(job.cost):
        spans.append((f" · {cost}", "good"))
    return spans


def output_page(shown: ResultView, width: int) -> list[Row]:
    """The files and texts. Before they exist, the job's progress; if they never will, the reason."""
    from faldeck.schema import results  # Only where needed: the first frame needs no schema.

    job, body = shown.job, shown.body
    rows: list[Row] = [[]]
    if notice := wording.notice(job):
        rows += _paragraph(notice, "busy", width)
    if job.state is State.UNCONFIRMED:
        rows += [[], *_paragraph(UNSURE, "head", width)]
    if job.error:
        rows += _failure(job, width)
    if shown.meant:
        rows += [*_paragraph(f"The nearest model of the catalogue is {shown.meant}", "head", width), []]
    for index, output in enumerate(job.outputs):
        is_chosen = index == shown.chosen
        rows += _file(job, output, index, is_chosen and len(job.outputs) > 1, width)
        rows += [*shown.picture, []] if is_chosen and shown.picture else []
    for name, text in texts(job, body).items():
        rows += [[(sanitize.clean_line(name), "accent")], *_paragraph(text, "", width), []]
    rows += _other_links(shown, width) if job.state is State.COMPLETED else []
    seed = results.seed(body.result) if job.state is State.COMPLETED else None
    if seed is not None:
        rows += [[("seed ", "dim"), (str(seed), "")]]
    rows += _lineage(shown.lineage, width)
    rows += _labels(job, width)
    if job.state is State.RUNNING and (progress := progress_bar.read(job.progress)):
        rows += [[*progress_bar.spans(progress, max(8, width - BAR_WORDS), str)], []]
    if job.state.is_followed:
        rows += [[(sanitize.clean_line(line.message, limit=width), "head")] for line in shown.logs[-12:]]
    rows += [[], *_paragraph(job.title, "head", width)] if job.title else []
    return rows


def _other_links(shown: ResultView, width: int) -> list[Row]:
    """The links in the result that are not its files. They are never fetched by themselves."""
    from faldeck.schema import results

    found = results.other_links(shown.body.result, {output.url for output in shown.job.outputs})
    rows: list[Row] = []
    for link in found[:MOST_LINKS_SHOWN]:
        name, url = sanitize.clean_line(spell(link.path)), sanitize.address(link.text)
        rows += [[(cut(name, width), "accent")], [(cut(url, width), f"link {url}")]]
    if (more := len(found) - MOST_LINKS_SHOWN) > 0:
        rows.append([(f"and {more:,} more links, on the page JSON", "dim")])
    return [*rows, []] if rows else []


def _lineage(lineage: Lineage, width: int) -> list[Row]:
    """The job that it was made from, and the newest of those that it was used in, with the keys that go there."""
    rows: list[Row] = []
    if lineage.made_from:
        key = "< " if lineage.parent else ""
        rows.append([(f"{key}made from ", "dim"), (cut(lineage.made_from, width - 12), "")])
    for child in lineage.children[:MOST_CHILDREN_SHOWN]:
        rows.append([("> used in ", "dim"), (cut(kin.name(child), width - 10), "")])
    if (more := len(lineage.children) - MOST_CHILDREN_SHOWN) > 0:
        rows.append([(f"  and {more} more", "dim")])
    return rows


def _labels(job: Job, width: int) -> list[Row]:
    """The tags and the note that a person gave the job."""
    tags = " ".join(f"#{sanitize.clean_line(tag)}" for tag in job.tags)
    rows = paragraph(tags, "accent", width, lead="tags ") if tags else []
    return rows + (paragraph(sanitize.clean_line(job.note), "", width, lead="note ") if job.note else [])


def texts(job: Job, body: Body) -> dict[str, str]:
    """What the model wrote, with its path in the result. For a streamed request, the text so far."""
    from faldeck.schema import results

    if job.state not in (State.COMPLETED, State.RUNNING):
        return {}
    found = results.written(body.result, body.arguments)
    return {".".join(str(step) for step in text.path): text.text for text in found}


def log_page(shown: ResultView, width: int) -> list[Row]:
    """Every log line, newest last."""
    if not shown.logs:
        return [[], [("This job has written no logs.", "dim")]]
    rows: list[Row] = []
    for log in shown.logs:
        rows += paragraph(log.message, LEVELS.get(log.level, ""), width, lead=f"{log.timestamp[11:19]} ")
    return rows


def input_page(shown: ResultView, width: int) -> list[Row]:
    """The arguments as they were sent."""
    from faldeck.schema.links import is_whole_link

    job, body = shown.job, shown.body
    rows: list[Row] = []
    for name, value in body.arguments.items():
        rows.append(LineRow([(sanitize.clean_line(name), "accent")], name, (name,)))
        if isinstance(value, str):
            text = sanitize.clean(value[:JSON_CHARACTERS])
            rows += paragraph(text, "", width, path=(name,), link=text if is_whole_link(text) else "")
        else:
            rows += json_rows(value, width, (name,))
    ids = [("request", job.request_id or "none yet"), ("job", job.id), ("profile", job.profile)]
    rows += [[], *([(f"{name} ", "dim"), (sanitize.clean_line(text), "head")] for name, text in ids)]
    return rows


def json_page(shown: ResultView, width: int) -> list[Row]:
    """The whole answer."""
    if shown.body.result is None:
        return [[], [("There is no result yet.", "dim")]]
    return json_rows(shown.body.result, width)


PAGES: tuple[tuple[str, Callable[[ResultView, int], list[Row]]], ...] = (
    ("Output", output_page),
    ("Logs", log_page),
    ("Input", input_page),
    ("JSON", json_page),
)


def _paragraph(text: str, style: str, width: int) -> list[Row]:
    return paragraph(sanitize.clean(text), style, width)


def _failure(job: Job, width: int) -> list[Row]:
    """Why the job failed: field by field if the service named fields, or in its own words."""
    if job.error is None:
        return []
    texts = [f"{_place(field.loc)}: {field.message}" for field in job.error.fields] or [job.error.message]
    style = "bad" if job.state is State.FAILED else "head"
    rows = [row for text in texts for row in _paragraph(text, style, width)]
    kind = " · ".join(str(part) for part in (job.error.type, job.error.status) if part)
    return [*rows, [(sanitize.clean_line(kind), "dim")], []]


def _place(loc: Sequence[str | int]) -> str:
    """A field's path in the input; services only name fields of the input (protocol §4.1)."""
    steps = loc[1:] if loc and loc[0] == "body" else loc
    return ".".join(str(step) for step in steps) or "the input"


def _file(job: Job, output: Output, index: int, is_chosen: bool, width: int) -> list[Row]:
    size = f"{output.width}×{output.height}" if output.width and output.height else ""
    kind = sanitize.clean_line(output.content_type or "file", limit=40)
    amount = wording.file_size(output.size_bytes) if output.size_bytes else ""
    head = "  ".join(part for part in (kind, size, amount) if part)
    rows: list[Row] = [[("▸ " if is_chosen else "  ", "accent"), (f"{index + 1} ", "dim"), (head, "strong")]]
    if life := wording.link_life(job, output, now()):
        rows[0].append((f"  link {life}", "busy" if output.gone_ms is not None else "dim"))
    url = sanitize.address(output.url or "")
    if output.state is FileState.SAVED and output.path:
        rows.append([("    ", ""), ("↓ ", "good"), (cut(output.path, width - 6, keep_end=True), "")])
        if problem := wording.other_content(output):
            rows.append([("      ", ""), (cut(problem, width - 6), "busy")])
    elif output.state is FileState.FAILED:
        rows.append([("    ", ""), (f"✗ {output.problem}", "bad")])
        if output.gone_ms is not None:
            rows.append(
                [("      ", ""), (cut("d fetches it if the account's list has a newer link", width - 6), "dim")]
            )
    else:
        words_, style = KEPT[output.state]
        rows.append([("    ", ""), (words_, style)])
    if url and width >= WIDE:  # On a narrow page it would be cut, and sent again at every move of the cursor.
        rows.append([("    ", ""), (cut(url, width - 4), f"link {url}")])
    return [*rows, []]
