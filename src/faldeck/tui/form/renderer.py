"""Draws a form as spans of text: the title, one line per row, the help below. Knows no screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from rich.style import Style

from faldeck.app import wording
from faldeck.safety import sanitize
from faldeck.tui.form import row_values
from faldeck.tui.panes import welcome
from faldeck.tui.panes.lines import Span, cut, joined, line_starts, pad, width_of, wrap

if TYPE_CHECKING:
    from faldeck.fal.values import Price
    from faldeck.schema.fields import Field
    from faldeck.tui.form.line_editor import LineEditor
    from faldeck.tui.form.rows import FormRow
    from faldeck.tui.form.state import FormState

PLAIN = Style()
HELP_LINES = 2
FOOT_LINES = 2 + HELP_LINES
"""Lines below the rows: a rule, the help, and the facts of the field."""

MAX_NAME_WIDTH = 26
MAX_LIMITS_WIDTH = 30

MIN_VALUE_WIDTH = 20
"""The least cells for a row's value next to a problem's text."""

MIN_PROBLEM_WIDTH = 8
"""The least cells of a problem's text, even in a narrow form."""

CARRIED_OVER = " · carried over"
"""Marks a value that came from another model's form."""

Sides = tuple[Sequence[Span], Sequence[Span]]
"""The spans of a line that start at the left, and those flush right."""


class FormView(Protocol):
    """What the renderer draws: a pane, or a stand-in in a test."""

    endpoint_id: str
    state: FormState | None
    price: Price | None
    notice: str
    rows: list[FormRow]
    cursor: int
    line_editor: LineEditor

    @property
    def line_width(self) -> int:
        """Cells of a line."""

    @property
    def row_width(self) -> int:
        """Cells of a row: one less than a line has, beside a scroll bar."""

    def ink(self, name: str) -> Style:
        """The style of that name."""


class FormRenderer:
    """Draws the form that a view shows."""

    def __init__(self, view: FormView) -> None:
        self._view = view
        self._measured: tuple[list[FormRow], int] = ([], 0)
        """The rows whose names were measured last, and the width of their column."""
        self.ending: Callable[[], Sequence[Span]] = self.submit_ending
        """Returns the spans that are flush right in the last line."""

    def title(self) -> Sides:
        """The model's id and category, then the price, or how to end the typing."""
        view, state = self._view, self._view.state
        category = state.model.category if state else ""
        left = joined([(view.endpoint_id, PLAIN), (sanitize.clean_line(category), PLAIN)], (" · ", PLAIN))
        price = (wording.price(view.price), PLAIN)
        if view.line_editor.is_active:
            return ((" ", PLAIN), *left[:1]), (("typing", view.ink("strong")), (" · Esc ends   ", PLAIN), price)
        return ((" ", PLAIN), *left), (price,)

    @property
    def name_width(self) -> int:
        """Cells of the column of names."""
        rows, width = self._measured
        if rows is not self._view.rows:
            rows = self._view.rows
            width = min(MAX_NAME_WIDTH, max((len(_name(row)) for row in rows), default=0) + 1)
            self._measured = (rows, width)
        return width

    def row(self, index: int) -> Sides:
        """A row: its name and value, then its problem or its limits."""
        view = self._view
        row, state = view.rows[index], view.state
        if row.field is None or state is None:
            hidden = state.tree.hidden if state else 0
            return [(f" ▸ {hidden} more" if hidden else " ▾ fewer", view.ink("accent"))], ()
        value = row_values.displayed(state, row)
        right = self._remark(state, row, is_current=index == view.cursor and not self._is_long(row, value.text))
        before, after = _marks(row, value.text)
        swatch = [("██ ", Style(color=value.colour))] if value.colour else []
        mark = CARRIED_OVER if row.path in state.carried_over else ""
        room = view.row_width - self.name_width - 2 - width_of(mark) - sum(width_of(text) for text, _ in right)
        # A path's end says more than its start.
        is_file = row_values.file_kind(row) is not None
        text = cut(value.text, room, keep_end=is_file) if mark or is_file else value.text
        left = [
            (f" {pad(_name(row), self.name_width)} ", view.ink("strong" if value.is_set else "head")),
            *swatch,
            (f"{before}{text}", PLAIN if value.is_set else view.ink("dim")),
            (mark, view.ink("busy")),
            (after, view.ink("dim")),
        ]
        return left, right

    def lines(self, index: int, count: int) -> list[Sides]:
        """A row as `count` lines: the text of the value goes on below its start."""
        view = self._view
        left, right = self.row(index)
        if count == 1 or view.state is None:
            return [(left, right)]
        value = row_values.displayed(view.state, view.rows[index])
        width = self.value_width(view.rows[index])
        starts = [*line_starts(value.text, max(1, width)), len(value.text)]
        pieces = [value.text[start:end] for start, end in pairwise(starts)]
        shown = [*pieces[: count - 1], cut(" ".join(pieces[count - 1 :]), width)]
        ink = PLAIN if value.is_set else view.ink("dim")
        blank = " " * (self.name_width + 2)
        return [([left[0], (shown[0], ink)], right), *([((blank, PLAIN), (piece, ink)), ()] for piece in shown[1:])]  # type: ignore[list-item]

    def lines_needed(self, row: FormRow) -> int:
        """The lines that a row could fill: more than one for a long text."""
        state = self._view.state
        if state is None or not row.is_text:
            return 1
        text = row_values.displayed(state, row).text
        return len(line_starts(text, max(1, self.value_width(row)))) if self._is_long(row, text) else 1

    def value_width(self, row: FormRow) -> int:
        """Cells for a row's value, left of its problem."""
        state = self._view.state
        remark = self._remark(state, row, is_current=False) if state else ()
        return self._view.row_width - self.name_width - 2 - sum(width_of(text) for text, _ in remark)

    def text_width(self, index: int) -> int:
        """Cells for the text that is typed in a row, left of all that is flush right there."""
        row, state = self._view.rows[index], self._view.state
        text = row_values.displayed(state, row).text if state else ""
        return self.value_width(row) - (0 if self._is_long(row, text) else _limits_width(row))

    def _is_long(self, row: FormRow, text: str) -> bool:
        """Whether a text needs the whole line: beside it there is no room for the limits of the field."""
        return row.is_text and width_of(text) >= self.value_width(row) - _limits_width(row)

    def beside_value(self, index: int) -> tuple[Span, Sequence[Span]]:
        """The span before a row's value, and those flush right: what is seen while an input covers the value."""
        left, right = self.row(index)
        return left[0], right

    def _remark(self, state: FormState, row: FormRow, *, is_current: bool) -> Sequence[Span]:
        """The spans that are flush right in a row: the problem, or the limits if the cursor is there."""
        view = self._view
        remark: tuple[Span, ...] = ()
        if problem := state.problems.get(row.path, ""):
            remark = ((f"  {cut(problem, self._problem_width)} ", view.ink("bad")),)
        elif is_current and _limits_width(row):
            remark = ((f"  {row.limits} ", view.ink("dim")),)
        typed = view.line_editor.row
        if typed and typed.path == row.path and row.path in state.carried_over:
            # The input covers the mark behind the value.
            mark = CARRIED_OVER if remark else f"  {CARRIED_OVER.lstrip(' ·')}"
            remark = (*remark, (f"{mark} ", view.ink("busy")))
        return remark

    @property
    def _problem_width(self) -> int:
        """Cells in a row for its problem."""
        return max(MIN_PROBLEM_WIDTH, self._view.row_width - self.name_width - 5 - MIN_VALUE_WIDTH)

    def foot_line(self, y: int) -> Sides:
        """A line below the rows."""
        view, state = self._view, self._view.state
        row = view.rows[view.cursor] if view.cursor < len(view.rows) else None
        field = row.field if row else None
        if y == 0:
            return (("─" * view.line_width, view.ink("rule")),), ()
        if y <= HELP_LINES:
            problem = state.problems.get(row.path, "") if state and row else ""
            is_cut = width_of(problem) > self._problem_width
            text = problem if is_cut else sanitize.clean(field.help) if field else view.notice
            lines = wrap(text, view.line_width - 2, limit=HELP_LINES)
            style = view.ink("bad" if is_cut else "head")
            return (((f" {lines[y - 1]}", style),) if y - 1 < len(lines) else ()), ()
        return ((" ", PLAIN), *joined(self._facts(field), (" · ", view.ink("dim")))), self.ending()

    def _facts(self, field: Field | None) -> list[Span]:
        """The kind, the limits and the default of a field."""
        if field is None:
            return []
        view, dim = self._view, self._view.ink("dim")
        default = sanitize.clean_line(field.show(field.default), limit=40) if field.has_default else ""
        return [
            (field.kind.name, view.ink("accent")),
            ("deprecated" if field.deprecated else "", view.ink("busy")),
            (sanitize.clean_line(field.limits, limit=60), dim),
            (f"default {default}" if default and default != "null" else "", dim),
            ("may be null" if field.nullable else "", dim),
        ]

    def submit_ending(self) -> Sequence[Span]:
        """What a submit would send and cost, and its key."""
        view, state = self._view, self._view.state
        usd = state.request().estimate_usd(view.price) if state else None
        options = len(state.options) if state else 0
        carried_over = len(state.carried_over) if state else 0
        return (
            (f"{carried_over} carried over   " if carried_over else "", view.ink("busy")),
            (f"{options} option{'s' if options > 1 else ''}   " if options else "", view.ink("busy")),
            (f"about {wording.usd(usd)}   " if usd is not None else "", view.ink("good")),
            ("^J", view.ink("accent")),
            (" Submit ", view.ink("head")),
        )

    def empty(self) -> Sequence[Sequence[Span]]:
        """The lines shown instead of rows: why the form is empty and what to do next."""
        view = self._view
        dim = view.ink("dim")
        if view.endpoint_id:
            return ((), *(((f"  {line}", dim),) for line in wrap(view.notice, view.line_width - 4)))
        return welcome.lines(view.line_width, view.ink)


def _name(row: FormRow) -> str:
    return f"{'  ' * row.depth}{row.label}{'*' if row.is_required else ''}"


def _limits_width(row: FormRow) -> int:
    """Cells of the limits beside a row's value; 0 if they are not shown there."""
    return len(row.limits) + 3 if 0 < len(row.limits) < MAX_LIMITS_WIDTH else 0


def _marks(row: FormRow, text: str) -> tuple[str, str]:
    """The signs before and after a row's value: a switch, or an arrow."""
    if row.is_toggle:
        return ("◉ " if text == "true" else "○ "), ""
    if row.is_open or (row.is_nested and not row.is_new):
        return ("▾ " if row.is_open else "▸ "), ""
    return "", " ▾" if row.is_choice else ""
