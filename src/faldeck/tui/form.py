"""The Form pane: one row a field, made from the model's schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import Input

from faldeck import hostile
from faldeck.schema.jsonvalue import JsonValue
from faldeck.tui import words
from faldeck.tui.editor import Editor
from faldeck.tui.lines import Span, joined, pad, width_of, wrap
from faldeck.tui.list_pane import ListPane
from faldeck.tui.pane import PLAIN

if TYPE_CHECKING:
    from faldeck.fal.values import Price
    from faldeck.schema.fields import Field
    from faldeck.tui.filling import Filling
    from faldeck.tui.form_rows import Row

HELP_LINES = 2
WIDEST_NAME = 26
WIDEST_LIMITS = 30

DRAFT_SECONDS = 0.5
"""How long typing must rest before the draft is put on disk."""

HELD_KEY_SECONDS = 1.0
"""For so long after a submit the same request is taken for a key that is held down: every submit costs."""


class FormPane(ListPane):
    """The input of one model."""

    HELP = "One row a field. What is dim is the model's own default and is not sent."
    NUMBER, NAME = "2", "Form"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j", "submit", "Submit", id="form.submit", tooltip="Send the request"),
        Binding("enter", "edit", "Edit", id="form.edit", tooltip="Edit, pick, switch or open the field"),
        Binding("left", "cycle(-1)", "Previous", show=False, id="form.previous", tooltip="The choice before"),
        Binding("right,space", "cycle(1)", "Next", show=False, id="form.next", tooltip="The next choice"),
        Binding("ctrl+o", "long_text", "Long text", id="form.long", tooltip="Edit the field on many lines"),
        Binding("delete,backspace", "reset", "Reset", show=False, id="form.reset", tooltip="Unset, or remove the item"),
        Binding("N", "null", "Null", show=False, id="form.null", tooltip="Set the field to null"),
        Binding("E", "example", "Example", show=False, id="form.example", tooltip="Take the schema's example"),
        Binding("D", "duplicate", "Duplicate", show=False, id="form.duplicate", tooltip="Duplicate the list's item"),
        Binding("less_than_sign", "shift(-1)", "Up", show=False, id="form.item-up", tooltip="Move the item up"),
        Binding("greater_than_sign", "shift(1)", "Down", show=False, id="form.item-down", tooltip="Move the item down"),
        Binding("J", "json", "JSON", id="form.json", tooltip="The whole input as JSON; paste JSON, curl or code there"),
        Binding("X", "reset_all", "Reset all", show=False, id="form.reset-all", tooltip="Empty the form"),
        Binding("u", "undo", "Undo", show=False, id="form.undo", tooltip="Take back the last change"),
        Binding("slash", "screen.search", "Search", show=False, id="form.search", tooltip="Search the models"),
        Binding("escape", "leave", "Back", show=False, id="form.leave", tooltip="Leave the text field"),
    ]

    @dataclass
    class Submitted(Message):
        """The request is to be sent."""

        filling: Filling

    @dataclass
    class Edited(Message):
        """The values have changed and typing has rested."""

        endpoint_id: str
        values: JsonValue

    @dataclass
    class ChoiceWanted(Message):
        """One of the row's choices or shapes is to be picked; the answer goes to `FormPane.choose`."""

        row: Row
        choices: Sequence[tuple[str, JsonValue]]
        current: str

    @dataclass
    class TextWanted(Message):
        """A text is to be edited on many lines; the answer goes to `FormPane.enter`."""

        row: Row | None
        """None for the whole input."""
        name: str
        text: str
        check: Callable[[str], str]
        """Gives what is wrong with a text."""

    def __init__(self) -> None:
        super().__init__(id="form")
        self.endpoint_id = ""
        self.filling: Filling | None = None
        """What is being filled in."""
        self.price: Price | None = None
        self._rows: list[Row] = []
        self._notice = ""
        self._editing: Row | None = None
        self._draft_timer: Timer | None = None
        self._typed_ahead: str | None = None
        """What was typed since a form was asked for; None while none is expected."""
        self._submitted: object = None
        self._submitted_at = 0.0

    def compose(self) -> ComposeResult:
        yield Editor(self._typed)

    @property
    def editor(self) -> Editor:
        """The text line."""
        return self.query_one(Editor)

    # What the form is for

    def expect(self) -> None:
        """Takes the focus for a form that is about to come: what is typed until then goes into its first field."""
        self._stop_editing()
        self._typed_ahead = ""
        self.screen.set_focus(self)

    def wait_for(self, endpoint_id: str, notice: str) -> None:
        """Shows that the form of a model is on its way."""
        self._stop_editing()
        self.endpoint_id, self.filling, self._rows, self.price = endpoint_id, None, [], None
        self._notice = notice
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        if self._typed_ahead is not None:
            event.stop()
            is_text = event.is_printable and event.character
            self._typed_ahead = None if event.key == "escape" else self._typed_ahead + (is_text or "")

    def show(self, filling: Filling, price: Price | None) -> None:
        """Shows a model's form, the cursor on the first thing to fill in."""
        self._stop_editing()
        self.filling, self.price = filling, price
        self.endpoint_id, self._notice = filling.model.endpoint_id, filling.model.fault
        self.cursor = self.scrolled = 0
        self._build_rows()
        unfilled = (place for place, row in enumerate(self._rows) if row.is_required and not filling.is_set(row.path))
        self.move_to(next(unfilled, 0))

    def show_answer(self, body: JsonValue) -> None:
        """Shows what a service found wrong with the input, each at its field."""
        if self.filling:
            self._go_to_problem(self.filling.take_answer(body))

    def show_problems(self, loose: Sequence[str]) -> None:
        """Shows what was found wrong; `loose` is what belongs to no field."""
        self._go_to_problem(loose)

    def show_price(self, price: Price | None) -> None:
        """Shows what the model costs."""
        self.price = price
        self.refresh()

    @property
    def here(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    def _build_rows(self) -> None:
        path = self.here.path if self.here else None
        self._rows = self.filling.rows() if self.filling else []
        self._move_to_path(path)
        self.refresh()

    def _move_to_path(self, path: object) -> None:
        """Puts the cursor on the row at a place in the arguments, where there is one."""
        place = next((place for place, row in enumerate(self._rows) if row.field and row.path == path), self.cursor)
        self.move_to(place)

    # Drawing

    @property
    def foot(self) -> int:
        return 2 + HELP_LINES if self.filling and self.body_height >= 10 else 0

    @property
    def _name_width(self) -> int:
        return min(WIDEST_NAME, max((len(_name(row)) for row in self._rows), default=0) + 1)

    def row_count(self) -> int:
        return len(self._rows)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        category = self.filling.model.category if self.filling else ""
        left = joined([(self.endpoint_id, PLAIN), (hostile.clean_line(category), PLAIN)], (" · ", PLAIN))
        return ((" ", PLAIN), *left), ((words.price(self.price), PLAIN),)

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        row, filling = self._rows[index], self.filling
        if row.field is None or filling is None:
            hidden = filling.hidden if filling else 0
            return [(f" ▸ {hidden} more" if hidden else " ▾ fewer", self.ink("accent"))], ()
        shown = filling.shown(row)
        before, after = _marks(row, shown.text)
        swatch = [("██ ", Style(color=shown.colour))] if shown.colour else []
        left = [
            (f" {pad(_name(row), self._name_width)} ", self.ink("strong" if shown.is_set else "head")),
            *swatch,
            (f"{before}{shown.text}", PLAIN if shown.is_set else self.ink("dim")),
            (after, self.ink("dim")),
        ]
        if problem := filling.problems.get(row.path):
            return left, ((f"  {problem} ", self.ink("bad")),)
        is_said = index == self.cursor and 0 < len(row.limits) < WIDEST_LIMITS
        return left, ((f"  {row.limits} ", self.ink("dim")),) if is_said else ()

    def foot_line(self, y: int) -> Strip:
        if y == 0:
            return self.drawn((("─" * self.line_width, self.ink("rule")),))
        field = self.here.field if self.here else None
        if y <= HELP_LINES:
            text = hostile.clean(field.help) if field else self._notice
            lines = wrap(text, self.line_width - 2, limit=HELP_LINES)
            return self.drawn(((f" {lines[y - 1]}", self.ink("head")),) if y - 1 < len(lines) else ())
        facts = joined(self._facts(field), (" · ", self.ink("dim"))) if field else []
        about = self.filling.estimate_usd(self.price) if self.filling else None
        cost = (f"about {words.usd(about)}   " if about is not None else "", self.ink("good"))
        return self.drawn(((" ", PLAIN), *facts), (cost, ("^J", self.ink("accent")), (" Submit ", self.ink("head"))))

    def _facts(self, field: Field) -> list[Span]:
        dim = self.ink("dim")
        default = hostile.clean_line(field.show(field.default), limit=40) if field.has_default else ""
        return [
            (field.kind.name, self.ink("accent")),
            ("deprecated" if field.deprecated else "", self.ink("busy")),
            (hostile.clean_line(field.limits, limit=60), dim),
            (f"default {default}" if default and default != "null" else "", dim),
            ("may be null" if field.nullable else "", dim),
        ]

    def empty(self) -> Sequence[Sequence[Span]]:
        dim, strong = self.ink("dim"), self.ink("accent")
        if self.endpoint_id:
            return ((), *(((f"  {row}", dim),) for row in wrap(self._notice, self.line_width - 4)))
        return (
            (),
            (("  No model is chosen.", dim),),
            (("  /", strong), (" searches the models, ", dim), ("Enter", strong), (" opens the form of one.", dim)),
        )

    def body_line(self, y: int) -> Strip:
        is_free = y == self.page_size - 1 and len(self._rows) < self.page_size
        if self.filling and self._notice and is_free:
            return self.drawn(((f" {self._notice}", self.ink("busy")),))
        return super().body_line(y)

    # Editing

    def begin(self) -> None:
        """Takes the focus; typing goes into the field at hand where it is one to type in."""
        self.screen.set_focus(self)
        ahead, self._typed_ahead = self._typed_ahead, None
        if self.here and self.here.is_typed:
            self.action_edit()
            if ahead:
                self.editor.replace(ahead, *self.editor.selection)

    def enter(self, row: Row | None, text: str) -> None:
        """Takes a typed text as a row's value, or as the whole input."""
        if self.filling is None:
            return
        if row:
            self.filling.enter(row, text)
        elif problem := self.filling.enter_all(text):
            self.notify(problem, title="The input was not changed", severity="error", markup=False)
        self._after_change()

    def choose(self, row: Row, choice: JsonValue) -> None:
        """Gives a row one of its choices, or one of its shapes, whose value is then typed where it is a line."""
        if self.filling is None:
            return
        is_to_be_typed = self.filling.choose(row, choice)
        self._after_change()
        if is_to_be_typed:
            self._start_editing(row)

    def use_file(self, url: str) -> bool:
        """Puts a file into the field that is meant for one; False where the model takes none."""
        path = self.filling.file_place() if self.filling else None
        if self.filling is None or path is None:
            return False
        self.filling.set(path, url)
        self._after_change()
        self._move_to_path(path)
        return True

    def _after_change(self) -> None:
        self._build_rows()
        if self._editing:
            self._place_editor()
        if self._draft_timer:
            self._draft_timer.stop()
        self._draft_timer = self.set_timer(DRAFT_SECONDS, self._tell_edited)

    def _tell_edited(self) -> None:
        if edited := self.take_edited():
            self.post_message(edited)

    def take_edited(self) -> Edited | None:
        """What was changed a moment ago and has not been told; from now on it has."""
        if self._draft_timer is None or self.filling is None:
            return None
        self._draft_timer.stop()
        self._draft_timer = None
        return self.Edited(self.endpoint_id, self.filling.values.tree)

    def _start_editing(self, row: Row) -> None:
        if self.filling:
            filling = self.filling
            self.editor.take(
                filling.text(row), filling.default(row), filling.suggestions(row), is_path=filling.is_file(row)
            )
            if row.path in filling.kept:
                self.editor.select_all()
            self._editing = row
            self._place_editor()

    def _place_editor(self) -> None:
        left = self._name_width + 2 + self.has_rule
        self.editor.styles.offset = (left, 1 + self.top + self.cursor - self.scrolled)
        said = self.row(self.cursor)[1]
        self.editor.styles.width = max(8, self.size.width - left - 1 - sum(width_of(text) for text, _ in said))

    def _stop_editing(self) -> None:
        if self._editing:
            self._editing = None
            if self.editor.has_focus:
                self.screen.set_focus(self)
            self.editor.display = False

    def _typed(self, text: str) -> None:
        if self._editing:
            self.enter(self._editing, text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.move_to(self.cursor + 1)

    def on_editor_lines_pasted(self, event: Editor.LinesPasted) -> None:
        event.stop()
        if self._editing:
            self._want_text(self._editing, event.text)

    def moved(self) -> None:
        was_typing = self._editing is not None
        self._stop_editing()
        if was_typing and self.here and self.here.is_typed:
            self._start_editing(self.here)
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        if self._editing:
            self._place_editor()

    # Actions

    def action_edit(self) -> None:
        row, filling = self.here, self.filling
        if row is None or filling is None:
            return
        if row.field is None:
            filling.is_unfolded = not filling.is_unfolded
            self._build_rows()
        elif row.is_switched:
            self.action_cycle(1)
        elif offers := filling.offers(row):
            self.post_message(self.ChoiceWanted(row, offers, filling.shown(row).text))
        elif row.is_opened:
            filling.open(row)
            self._after_change()
            if row.is_new:
                self.move_to(self.cursor + 1)
                self.begin()
        elif row.is_typed:
            self._start_editing(row)
        else:
            self.action_long_text()

    def action_leave(self) -> None:
        self._stop_editing()

    def action_cycle(self, step: int) -> None:
        row, filling = self.here, self.filling
        if row and filling and (choices := filling.choices(row)):
            current = filling.value(row.path)
            place = choices.index(current) + step if current in choices else 0
            self.choose(row, choices[place % len(choices)])

    def _change(self, change: Callable[[Filling, Row], object]) -> None:
        """Changes something about the row at hand."""
        if self.filling and self.here and self.here.field:
            change(self.filling, self.here)
            self._after_change()

    def action_reset(self) -> None:
        self._change(lambda filling, row: filling.unset(row.path))

    def action_null(self) -> None:
        if self.here and self.here.field and self.here.field.nullable:
            self._change(lambda filling, row: filling.set(row.path, None))

    def action_example(self) -> None:
        if self.here and self.here.field and (examples := self.here.field.examples):
            self._change(lambda filling, row: filling.set(row.path, examples[0]))

    def action_duplicate(self) -> None:
        self._change(lambda filling, row: filling.duplicate(row.path))

    def action_shift(self, step: int) -> None:
        if self.filling and self.here and self.here.path:
            path = self.filling.move(self.here.path, step)
            self._after_change()
            self._move_to_path(path)

    def action_undo(self) -> None:
        if self.filling and self.filling.undo():
            self._after_change()

    def action_reset_all(self) -> None:
        self.enter(None, "")
        self.notify("The form is empty; u takes that back.")

    def action_long_text(self) -> None:
        if self.filling and self.here and self.here.field:
            self._want_text(self.here, self.filling.text(self.here))

    def action_json(self) -> None:
        if self.filling:
            text = json.dumps(self.filling.arguments(), indent=2, ensure_ascii=False)
            self._want_text(None, text)

    def _want_text(self, row: Row | None, text: str) -> None:
        if self.filling:
            self._stop_editing()  # Its line would go on with the text as it was.
            name = row.label if row else "The whole input: JSON, or a pasted curl command or code"
            self.post_message(self.TextWanted(row, name, text, self.filling.fault_finder(row)))

    def action_submit(self) -> None:
        filling = self.filling
        if filling is None:
            return
        loose = filling.check()
        if filling.problems or loose:
            self._go_to_problem(loose)
            return
        self._stop_editing()
        self._tell_edited()
        request, at = (self.endpoint_id, filling.arguments()), monotonic()
        is_held = request == self._submitted and at - self._submitted_at < HELD_KEY_SECONDS
        self._submitted, self._submitted_at = request, at
        if is_held:
            self.notify("The same request was sent a moment ago. ^J again, after a moment, sends another.")
        else:
            self.post_message(self.Submitted(filling))

    def _go_to_problem(self, loose: Sequence[str]) -> None:
        """Puts the cursor on the first field that is wrong; what belongs to no field is a notification."""
        if loose:
            self.notify("; ".join(loose), title="The input is not right", severity="error", markup=False)
        self._build_rows()
        wrong = self.filling.problems if self.filling else {}
        self._move_to_path(next((row.path for row in self._rows if row.path in wrong), None))
        self.refresh()


def _name(row: Row) -> str:
    return f"{'  ' * row.depth}{row.label}{'*' if row.is_required else ''}"


def _marks(row: Row, text: str) -> tuple[str, str]:
    """What stands before and after a row's value: a switch, an arrow."""
    if row.is_switched:
        return ("◉ " if text == "true" else "○ "), ""
    if row.is_opened and not row.is_new:
        return ("▾ " if row.is_open else "▸ "), ""
    return "", " ▾" if row.is_picked else ""
