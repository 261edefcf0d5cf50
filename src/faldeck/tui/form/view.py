"""A form as it looks: one row a field, the value dim while it is the model's own default, and what is to be known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.style import Style
from textual.strip import Strip

from faldeck.app import wording
from faldeck.safety import sanitize
from faldeck.schema.json_value import JsonPath
from faldeck.tui.form import row_values
from faldeck.tui.panes.lines import Span, cut, joined, pad, width_of, wrap
from faldeck.tui.panes.pane import PLAIN, ListPane

if TYPE_CHECKING:
    from faldeck.fal.values import Price
    from faldeck.schema.fields import Field
    from faldeck.tui.form.rows import FormRow
    from faldeck.tui.form.state import FormState

HELP_LINES = 2
WIDEST_NAME = 26
WIDEST_LIMITS = 30

VALUE_CELLS = 20
"""What a reason leaves of a row's value, however long it is."""

CARRIED = " · carried over"
"""Marks a value that came from another model's form."""

SHORTEST_REASON = 8
"""What is shown of a reason, however narrow the form is."""


class FormView(ListPane):
    """The rows of one filling, of which one has the cursor."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.endpoint_id = ""
        self.state: FormState | None = None
        """What is being filled in."""
        self.price: Price | None = None
        self.notice = ""
        """What is said where the rows leave room."""
        self.rows: list[FormRow] = []
        self._problems: dict[JsonPath, str] = {}

    @property
    def here(self) -> FormRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def build(self, typed: FormRow | None = None) -> None:
        """Makes the rows anew; the cursor stays on its field. `typed` is the row that alone has another value now."""
        path = self.here.path if self.here else None
        before = self.rows, self._problems
        self.rows = self.state.rows() if self.state else []
        self._problems = dict(self.state.problems) if self.state else {}
        self.move_to_path(path)
        if typed and len(typed.path) == 1 and before == (self.rows, self._problems):
            # Each key typed comes here: what it cannot have changed is not painted.
            self.refresh_row(self.cursor)
            self.refresh_foot()
        else:
            self.refresh()

    def move_to_path(self, path: JsonPath | None) -> None:
        """Puts the cursor on the row at a place in the arguments, where there is one."""
        place = next((place for place, row in enumerate(self.rows) if row.field and row.path == path), self.cursor)
        self.move_to(place)

    def show_inside(self) -> None:
        """Scrolls so far that what is inside the row at hand is in sight, as far as it fits below it."""
        here, below = self.here, self.rows[self.cursor + 1 :]
        inside = next((place for place, row in enumerate(below) if here and row.depth <= here.depth), len(below))
        scrolled = max(self.scrolled, min(self.cursor, self.cursor + inside + 1 - self.page_size))
        if scrolled != self.scrolled:
            self.scrolled = scrolled
            self.refresh()

    @property
    def name_width(self) -> int:
        """The cells of the column of names."""
        return min(WIDEST_NAME, max((len(_name(row)) for row in self.rows), default=0) + 1)

    @property
    def foot(self) -> int:
        return 2 + HELP_LINES if self.state and self.body_height >= 10 else 0

    def row_count(self) -> int:
        return len(self.rows)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        category = self.state.model.category if self.state else ""
        left = joined([(self.endpoint_id, PLAIN), (sanitize.clean_line(category), PLAIN)], (" · ", PLAIN))
        return ((" ", PLAIN), *left), ((wording.price(self.price), PLAIN),)

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        row, state = self.rows[index], self.state
        if row.field is None or state is None:
            hidden = state.outline.hidden if state else 0
            return [(f" ▸ {hidden} more" if hidden else " ▾ fewer", self.ink("accent"))], ()
        shown = row_values.shown(state, row)
        right = self._said(row, is_here=index == self.cursor)
        before, after = _marks(row, shown.text)
        swatch = [("██ ", Style(color=shown.colour))] if shown.colour else []
        mark = CARRIED if row.path in state.kept else ""
        room = self.line_width - self.name_width - 2 - width_of(mark) - sum(width_of(text) for text, _ in right)
        # The end of a path tells more than its start.
        text = (
            cut(shown.text, room, keep_end=row_values.is_file(row)) if mark or row_values.is_file(row) else shown.text
        )
        left = [
            (f" {pad(_name(row), self.name_width)} ", self.ink("strong" if shown.is_set else "head")),
            *swatch,
            (f"{before}{text}", PLAIN if shown.is_set else self.ink("dim")),
            (mark, self.ink("busy")),
            (after, self.ink("dim")),
        ]
        return left, right

    def _said(self, row: FormRow, *, is_here: bool) -> Sequence[Span]:
        """What stands flush right: what is wrong, or the limits where the cursor is."""
        if problem := self._problem(row):
            return ((f"  {cut(problem, self._reason_room)} ", self.ink("bad")),)
        return ((f"  {row.limits} ", self.ink("dim")),) if is_here and 0 < len(row.limits) < WIDEST_LIMITS else ()

    def _problem(self, row: FormRow) -> str:
        """What is wrong with a row's value; empty where that is nothing."""
        return self.state.problems.get(row.path, "") if self.state else ""

    @property
    def _reason_room(self) -> int:
        """The cells that a row has for what is wrong with it."""
        return max(SHORTEST_REASON, self.line_width - self.name_width - 5 - VALUE_CELLS)

    def foot_line(self, y: int) -> Strip:
        if y == 0:
            return self.drawn((("─" * self.line_width, self.ink("rule")),))
        field = self.here.field if self.here else None
        if y <= HELP_LINES:
            problem = self._problem(self.here) if self.here else ""
            is_cut = width_of(problem) > self._reason_room
            text = problem if is_cut else sanitize.clean(field.help) if field else self.notice
            lines = wrap(text, self.line_width - 2, limit=HELP_LINES)
            ink = self.ink("bad" if is_cut else "head")
            return self.drawn(((f" {lines[y - 1]}", ink),) if y - 1 < len(lines) else ())
        return self.drawn(((" ", PLAIN), *joined(self._facts(field), (" · ", self.ink("dim")))), self.ending())

    def _facts(self, field: Field | None) -> list[Span]:
        if field is None:
            return []
        dim = self.ink("dim")
        default = sanitize.clean_line(field.show(field.default), limit=40) if field.has_default else ""
        return [
            (field.kind.name, self.ink("accent")),
            ("deprecated" if field.deprecated else "", self.ink("busy")),
            (sanitize.clean_line(field.limits, limit=60), dim),
            (f"default {default}" if default and default != "null" else "", dim),
            ("may be null" if field.nullable else "", dim),
        ]

    def ending(self) -> Sequence[Span]:
        """What stands flush right at the very bottom: what will happen, and the key for it."""
        about = self.state.request().estimate_usd(self.price) if self.state else None
        chosen = len(self.state.options) if self.state else 0
        carried = len(self.state.kept) if self.state else 0
        return (
            (f"{carried} carried over   " if carried else "", self.ink("busy")),
            (f"{chosen} option{'s' if chosen > 1 else ''}   " if chosen else "", self.ink("busy")),
            (f"about {wording.usd(about)}   " if about is not None else "", self.ink("good")),
            ("^J", self.ink("accent")),
            (" Submit ", self.ink("head")),
        )

    def empty(self) -> Sequence[Sequence[Span]]:
        dim, strong = self.ink("dim"), self.ink("accent")
        if self.endpoint_id:
            return ((), *(((f"  {row}", dim),) for row in wrap(self.notice, self.line_width - 4)))
        return (
            (),
            (("  No model is chosen.", dim),),
            (("  /", strong), (" searches the models, ", dim), ("Enter", strong), (" opens the form of one.", dim)),
        )

    def body_line(self, y: int) -> Strip:
        is_free = y == self.page_size - 1 and len(self.rows) < self.page_size
        if self.state and self.notice and is_free:
            return self.drawn(((f" {self.notice}", self.ink("busy")),))
        return super().body_line(y)


def _name(row: FormRow) -> str:
    return f"{'  ' * row.depth}{row.label}{'*' if row.is_required else ''}"


def _marks(row: FormRow, text: str) -> tuple[str, str]:
    """What stands before and after a row's value: a switch, an arrow."""
    if row.is_switched:
        return ("◉ " if text == "true" else "○ "), ""
    if row.is_open or (row.is_opened and not row.is_new):
        return ("▾ " if row.is_open else "▸ "), ""
    return "", " ▾" if row.is_picked else ""
