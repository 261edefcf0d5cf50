"""A list of a form's rows that keys act on. The Form pane and the dialog of the options share it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Input

from faldeck.tui.form.inputs import FieldInput
from faldeck.tui.form.line_editor import LineEditor
from faldeck.tui.form.renderer import FOOT_LINES, FormRenderer
from faldeck.tui.form.row_lines import RowLines
from faldeck.tui.panes.debounce import Debounce
from faldeck.tui.panes.lines import Span
from faldeck.tui.panes.pane import ListPane

if TYPE_CHECKING:
    from faldeck.fal.values import Price
    from faldeck.schema.json_value import JsonPath
    from faldeck.tui.form.rows import FormRow
    from faldeck.tui.form.state import FormState

MIN_EDITOR_WIDTH = 8
"""The least cells of the input."""

PAUSE_SECONDS = 0.3
"""After this pause in the typing the costs of the request are estimated again."""

MIN_HEIGHT_WITH_FOOT = 10
"""Lines that a form needs before it shows the help below its rows."""


class RowCommands(Protocol):
    """What keys, pastes and clicks do to the rows; see `FieldCommands`."""

    def run(self, name: str, *arguments: int) -> None:
        """Runs the command of a key."""

    def set_typed(self, text: str) -> None:
        """Takes the text of the input as the value of its row."""

    def handle_paste(self, text: str) -> bool:
        """Handles a paste that is not for the input; False if the input gets it."""

    def paste(self, text: str) -> None:
        """Takes a pasted text into the current row."""

    def type_next_row(self) -> None:
        """Goes on to type in the row below."""

    def type_here(self) -> None:
        """Starts to type in the current row, if its value is typed there."""

    def cursor_moved(self) -> None:
        """Called after the cursor has come to another row."""


class RowsPane(ListPane):
    """Draws a form's rows and passes keys, pastes and clicks to its `commands`. Subclasses set those."""

    commands: RowCommands

    def __init__(self, *, id: str) -> None:
        self.editor = FieldInput(
            on_change=lambda text: self.commands.set_typed(text), on_paste=lambda text: self.commands.handle_paste(text)
        )
        super().__init__(self.editor, id=id)
        self.endpoint_id = ""
        self.state: FormState | None = None
        """The form's values and problems; None while there is no form."""
        self.price: Price | None = None
        self.notice = ""
        """A remark on the form, shown if the rows leave room."""
        self.rows: list[FormRow] = []
        self._drawn_problems: dict[JsonPath, str] = {}
        self.lines = RowLines((), 0)
        """The lines of the rows: a long text takes those that are free."""
        self._placed: tuple[int, int] | None = None
        """Width and lines of the text in the input when it was placed."""
        self._beside_input: tuple[Span, Sequence[Span]] | None = None
        """What was drawn beside the input then."""
        self._debounce = Debounce(self, self._refresh_costs, seconds=PAUSE_SECONDS)
        self.line_editor = LineEditor(self.editor)
        self.renderer = FormRenderer(self)

    @property
    def cursor_style(self) -> str:
        style = super().cursor_style
        # Next to a reversed name nobody sees the reversed cell where the letters go.
        return "cursor-blurred" if self.line_editor.is_active and self.ink(style).reverse else style

    @property
    def here(self) -> FormRow | None:
        """The current row: the one under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def refresh_rows(self, typed: FormRow | None = None) -> None:
        """Makes the rows again and paints them; the cursor stays on its field.

        `typed` is the row whose value was typed, if nothing else has changed.
        """
        if typed and self._keeps_rows(typed):
            self._refresh_typed()
            return
        path = self.here.path if self.here else None
        self.rows = self.state.rows() if self.state else []
        self._drawn_problems = dict(self.state.problems) if self.state else {}
        self.go_to(path)
        self.share_lines()
        self.refresh()
        self.place_editor()

    def _keeps_rows(self, typed: FormRow) -> bool:
        """Whether a typed value changes nothing but its own row and what is shown below the rows."""
        state = self.state
        return (
            state is not None
            and typed == self.here
            and self._drawn_problems == state.problems
            and state.tree.keeps(typed, state.value(typed.path))
            and self._placed == self._editor_size
        )

    def _refresh_typed(self) -> None:
        """Paints what a typed character can have changed; the costs follow when the typing pauses."""
        beside = self.renderer.beside_value(self.cursor)
        if beside != self._beside_input:
            self._beside_input = beside
            self.refresh_row(self.cursor)
        self._debounce.restart()

    def _refresh_costs(self) -> None:
        self.refresh(Region(0, self.size.height - 1, self.size.width, 1))

    def share_lines(self) -> None:
        """Gives the free lines of the body to long texts, first to the one that is typed."""
        is_typing = self.line_editor.is_active
        needs = [self.renderer.lines_needed(row) for row in self.rows] if self.row_count() < self.page_size else []
        if is_typing and self.cursor < len(needs):
            needs[self.cursor] = max(1, self._editor_size[1])
        lines = RowLines(needs, self.page_size, self.cursor if is_typing else None)
        if lines != self.lines:
            self.lines = lines
            self.refresh()

    @property
    def _editor_size(self) -> tuple[int, int]:
        """Cells of the input, and the lines that its text fills."""
        width = max(MIN_EDITOR_WIDTH, self.renderer.text_width(self.cursor))
        return width, self.editor.lines_in(width)

    def go_to(self, path: JsonPath | None) -> None:
        """Puts the cursor on the row of a place in the arguments, if there is one."""
        index = next((index for index, row in enumerate(self.rows) if row.field and row.path == path), self.cursor)
        self.move_to(index)

    def place_editor(self) -> None:
        """Moves the input, while it is shown, over the value of the current row."""
        if not self.line_editor.is_active:
            return
        self._beside_input = self.renderer.beside_value(self.cursor)
        left = self.renderer.name_width + 2 + self.has_rule
        y = self.cursor - self.scrolled if self.lines.is_even else self.lines.start(self.cursor)
        self._placed = width, lines = self._editor_size
        self.editor.styles.offset = (left, 1 + self.top + y)
        self.editor.styles.width = width
        # A long text covers the rows below.
        self.editor.styles.height = max(1, min(lines, self.page_size - y))

    # Drawing

    @property
    def foot(self) -> int:
        return FOOT_LINES if self.state and self.body_height >= MIN_HEIGHT_WITH_FOOT else 0

    def row_count(self) -> int:
        return len(self.rows)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        return self.renderer.title()

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        return self.renderer.row(index)

    def empty(self) -> Sequence[Sequence[Span]]:
        return self.renderer.empty()

    def foot_line(self, y: int) -> Strip:
        return self.drawn(*self.renderer.foot_line(y))

    def body_line(self, y: int) -> Strip:
        is_free = y == self.page_size - 1 and len(self.rows) < self.page_size
        if self.state and self.notice and is_free:
            return self.drawn(((f" {self.notice}", self.ink("busy")),))
        if self.lines.is_even or y >= self.page_size:
            return super().body_line(y)
        if (place := self.lines.at(y)) is None:
            return self.drawn(())
        row, part = place
        left, right = self.renderer.lines(row, self.lines.heights[row])[part]
        return self.drawn(left, right, over=self.cursor_style if row == self.cursor else "")

    def refresh_row(self, index: int) -> None:
        if self.lines.is_even:
            super().refresh_row(index)
        else:
            self.refresh(Region(0, 1 + self.lines.start(index), self.size.width, self.lines.heights[index]))

    def clicked_row(self, event: events.Click) -> int | None:
        if self.lines.is_even:
            return super().clicked_row(event)
        place = self.lines.at(event.y - 1) if 0 < event.y <= self.page_size else None
        return place[0] if place else None

    # Keys, pastes, clicks

    def action_field(self, name: str, *arguments: int) -> None:
        self.commands.run(name, *arguments)

    def moved(self) -> None:
        self.commands.cursor_moved()
        self.refresh_foot()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.commands.type_next_row()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.commands.paste(event.text)

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()  # Textual would call the handler of ListPane after this one.
        super().on_click(event)
        if self.clicked_row(event) is not None:
            self.commands.type_here()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.share_lines()
        self.place_editor()
