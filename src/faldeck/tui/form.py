"""The Form pane: one row a field, made from the model's schema, with one editor that is moved to the row at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.suggester import SuggestFromList
from textual.timer import Timer
from textual.widgets import Input

from faldeck import hostile
from faldeck.fal.values import Price
from faldeck.schema import arguments, jsonvalue
from faldeck.schema.arguments import Arguments, Values
from faldeck.schema.document import Model
from faldeck.schema.fields import Field, Problem, Switch, Text
from faldeck.schema.jsonvalue import Invalid, JsonValue
from faldeck.tui import form_rows, words
from faldeck.tui.form_rows import Fold
from faldeck.tui.lines import Span, joined, pad, wrap
from faldeck.tui.list_pane import ListPane
from faldeck.tui.pane import PLAIN

HELP_LINES = 2
WIDEST_NAME = 26
HELD_KEY_SECONDS = 1.0
"""For so long after a submit the same request is taken for a key that is held down: every submit costs."""

DRAFT_SECONDS = 0.5
"""How long typing must rest before the draft is put on disk."""


class Editor(Input):
    """The line in which the value of the row at hand is typed."""

    @dataclass
    class LinesPasted(Message):
        """Text of several lines was pasted, which this line cannot hold."""

        text: str

    def _on_paste(self, event: events.Paste) -> None:
        if "\n" in event.text.strip():
            event.stop()
            event.prevent_default()
            before, after = self.value[: self.cursor_position], self.value[self.cursor_position :]
            self.post_message(self.LinesPasted(f"{before}{event.text}{after}"))
        else:
            super()._on_paste(event)


class FormPane(ListPane):
    """The input of one model. Only what was set, or is required, is sent."""

    HELP = "One row a field. What is dim is the model's own default and is not sent."
    NUMBER, NAME = "2", "Form"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j", "submit", "Submit", id="form.submit", tooltip="Send the request"),
        Binding("enter", "edit", "Edit", id="form.edit", tooltip="Edit, pick or switch the field"),
        Binding("left", "cycle(-1)", "Previous", show=False, id="form.previous", tooltip="The choice before"),
        Binding("right,space", "cycle(1)", "Next", show=False, id="form.next", tooltip="The next choice"),
        Binding("ctrl+o", "long_text", "Long text", id="form.long", tooltip="Edit the field on many lines"),
        Binding("delete,backspace", "reset", "Reset", show=False, id="form.reset", tooltip="Back to the default"),
        Binding("J", "json", "JSON", id="form.json", tooltip="Edit the whole input as JSON"),
        Binding("X", "reset_all", "Reset all", show=False, id="form.reset-all", tooltip="Empty the form"),
        Binding("escape", "leave", "Back", show=False, id="form.leave", tooltip="Leave the text field"),
    ]

    @dataclass
    class Submitted(Message):
        """The request is to be sent."""

        endpoint_id: str
        arguments: Arguments
        model: Model

    @dataclass
    class Edited(Message):
        """The values have changed and typing has rested."""

        endpoint_id: str
        values: JsonValue

    @dataclass
    class ChoiceWanted(Message):
        """One of the field's choices is to be picked."""

        field: Field
        current: str

    @dataclass
    class TextWanted(Message):
        """A text is to be edited on many lines; the answer goes to `FormPane.enter`."""

        field: Field | None
        """None for the whole input."""
        text: str

    def __init__(self) -> None:
        super().__init__(id="form")
        self.endpoint_id = ""
        self._model: Model | None = None
        self._values = Values()
        self._price: Price | None = None
        self._rows: list[Field | Fold] = []
        self._is_unfolded = False
        self._problems: Mapping[str, str] = {}
        self._notice: tuple[str, str] = ("", "")
        self._editing: Field | None = None
        self._draft_timer: Timer | None = None
        self._submitted: tuple[str, Arguments] | None = None
        self._submitted_at = 0.0

    def compose(self) -> ComposeResult:
        editor = Editor(id="editor", compact=True, select_on_focus=False)
        editor.cursor_blink = False
        yield editor

    @property
    def editor(self) -> Editor:
        """The one line editor."""
        return self.query_one(Editor)

    # What the form is for

    def wait_for(self, endpoint_id: str, notice: str) -> None:
        """Shows that the form of a model is on its way."""
        self._stop_editing()
        self.endpoint_id, self._model, self._rows = endpoint_id, None, []
        self._notice = (notice, "dim")
        self.refresh()

    def show_model(self, model: Model, values: JsonValue, price: Price | None) -> None:
        """Shows a model's form with the values entered before, and puts the cursor on the first thing to fill in."""
        self._stop_editing()
        self.endpoint_id, self._model, self._price = model.endpoint_id, model, price
        self._values = Values(values if isinstance(values, dict) else {})
        self._notice = (model.fault, "busy")
        self._problems, self._is_unfolded = {}, False
        self.cursor = self.scrolled = 0
        self._build_rows()
        first = next((place for place, row in enumerate(self._rows) if self._is_unfilled(row)), 0)
        self.move_to(first)

    def show_problems(self, body: JsonValue) -> None:
        """Shows what a service found wrong with the input (protocol §4.1), each at its field."""
        if self._model:
            self._say_problems(arguments.server_problems(self._model, body))

    @property
    def price(self) -> Price | None:
        """The model's price."""
        return self._price

    @price.setter
    def price(self, price: Price | None) -> None:
        self._price = price
        self.refresh()

    @property
    def field(self) -> Field | None:
        """The field under the cursor."""
        row = self._rows[self.cursor] if self.cursor < len(self._rows) else None
        return row if isinstance(row, Field) else None

    def _is_unfilled(self, row: Field | Fold) -> bool:
        return isinstance(row, Field) and row.required and (row.name,) not in self._values

    def _build_rows(self) -> None:
        here = self.field
        self._rows = form_rows.rows(self._model, self._values, unfolded=self._is_unfolded) if self._model else []
        if here in self._rows:
            self.cursor = self._rows.index(here)
        self.move_to(self.cursor)
        self.refresh()

    # Drawing

    @property
    def foot(self) -> int:
        return 2 + HELP_LINES if self._model and self.body_height >= 10 else 0

    @property
    def _name_width(self) -> int:
        widest = max((len(row.name) for row in self._rows if isinstance(row, Field)), default=0)
        return min(WIDEST_NAME, widest + 2)

    def row_count(self) -> int:
        return len(self._rows)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        category = self._model.category if self._model else ""
        left = joined([(self.endpoint_id, PLAIN), (category, PLAIN)], (" · ", PLAIN))
        return ((" ", PLAIN), *left), ((words.price(self._price), PLAIN),)

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        row = self._rows[index]
        if isinstance(row, Fold):
            text = f" ▸ {row.hidden} more" if row.hidden else " ▾ fewer"
            return [(text, self.ink("accent"))], ()
        text, is_set = form_rows.shown(row, self._values)
        problem = self._problems.get(row.name, "")
        mark = "*" if row.required else " "
        name = pad(f"{row.name or 'input'}{mark}", self._name_width)
        arrow = " ▾" if form_rows.choices(row) and not isinstance(row.kind, Switch) else ""
        if isinstance(row.kind, Switch):
            text = f"{'◉' if text == 'true' else '○'} {text}" if text in ("true", "false") else text
        style = PLAIN if is_set else self.ink("bad") if problem else self.ink("dim")
        left = [(f" {name} ", self.ink("strong" if is_set else "head")), (text, style), (arrow, self.ink("dim"))]
        if problem:
            return left, ((f"  {problem} ", self.ink("bad")),)
        is_here = index == self.cursor
        return left, ((f"  {row.limits} ", self.ink("dim")),) if is_here and row.limits and len(row.limits) < 30 else ()

    def foot_line(self, y: int) -> Strip:
        dim = self.ink("dim")
        if y == 0:
            return self.drawn((("─" * self.line_width, self.ink("rule")),))
        field = self.field
        lines = wrap(hostile.clean(field.help), self.line_width - 2, limit=HELP_LINES) if field else []
        if y <= HELP_LINES:
            return self.drawn(((f" {lines[y - 1]}", self.ink("head")),) if y - 1 < len(lines) else ())
        facts = self._facts(field) if field else []
        return self.drawn(
            ((" ", PLAIN), *joined(facts, (" · ", dim))), (("^J", self.ink("accent")), (" Submit ", self.ink("head")))
        )

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
            text, style = self._notice
            return ((), *(((f"  {row}", self.ink(style or "dim")),) for row in wrap(text, self.line_width - 4)))
        return (
            (),
            (("  No model is chosen.", dim),),
            (("  /", strong), (" searches the models, ", dim), ("Enter", strong), (" opens the form of one.", dim)),
        )

    def body_line(self, y: int) -> Strip:
        text, style = self._notice
        if self._model and text and y == self.top + self.page_size - 1 and len(self._rows) < self.page_size:
            return self.drawn(((f" {text}", self.ink(style)),))
        return super().body_line(y)

    # Editing

    def begin(self) -> None:
        """Takes the focus; typing goes into the field at hand where it is one to type in."""
        self.focus()
        if self.field and form_rows.is_typed(self.field):
            self.action_edit()

    def action_edit(self) -> None:
        row = self._rows[self.cursor] if self._rows else None
        if isinstance(row, Fold):
            self._is_unfolded = bool(row.hidden)
            self._build_rows()
        elif row is None:
            return
        elif self._editing:
            self.move_to(self.cursor + 1)
        elif isinstance(row.kind, Switch):
            self.action_cycle(1)
        elif form_rows.choices(row):
            self.post_message(self.ChoiceWanted(row, form_rows.shown(row, self._values)[0]))
        elif form_rows.is_structured(row) or "\n" in self._text(row):
            self.action_long_text()
        elif form_rows.is_typed(row):
            self._start_editing(row)

    def _text(self, field: Field) -> str:
        """The field's value as it is edited; empty while it is unset."""
        path = (field.name,) if field.name else ()
        return field.show(self._values.get(path)) if path in self._values and (path or self._values.tree) else ""

    def _start_editing(self, field: Field) -> None:
        self._editing = field
        editor = self.editor
        suggestions = field.kind.suggestions if isinstance(field.kind, Text) else ()
        editor.suggester = SuggestFromList(suggestions, case_sensitive=False) if suggestions else None
        with editor.prevent(Input.Changed):
            editor.value = self._text(field)
        default = field.show(field.default) if field.has_default and field.default is not None else ""
        editor.placeholder = hostile.clean_line(default, limit=200)
        editor.cursor_position = len(editor.value)
        self._place_editor()
        editor.display = True
        editor.focus()

    def _place_editor(self) -> None:
        left = self._name_width + 2 + self.has_rule
        self.editor.styles.offset = (left, 1 + self.top + self.cursor - self.scrolled)
        self.editor.styles.width = max(8, self.size.width - left - 1)

    def _stop_editing(self) -> None:
        if self._editing:
            self._editing = None
            if self.editor.has_focus:
                self.focus()
            self.editor.display = False

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._editing:
            self.enter(self._editing, event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.move_to(self.cursor + 1)

    def on_editor_lines_pasted(self, event: Editor.LinesPasted) -> None:
        event.stop()
        if self._editing:
            self.post_message(self.TextWanted(self._editing, event.text))

    def enter(self, field: Field | None, text: str) -> None:
        """Takes a typed text as a field's value (None: the whole input); an empty text unsets it."""
        try:
            if field is None or not field.name:
                whole = jsonvalue.read(text) if text.strip() else {}
                if not isinstance(whole, dict):
                    raise Invalid("must be a JSON object")
                self._values, problem = Values(whole), ""
            elif text == "":
                self._values, problem = self._values.unset((field.name,)), ""
            else:
                value = field.parse(text)
                self._values = self._values.set((field.name,), value)
                problem = "; ".join(hostile.clean_line(found.message) for found in field.check(value)[:1])
        except Invalid as error:
            problem = hostile.clean_line(str(error))
            if field is None or not field.name:
                self.notify(problem, title="The input was not changed", severity="error")
                return
        name = field.name if field else ""
        self._problems = {**{key: text for key, text in self._problems.items() if key != name}}
        if problem:
            self._problems = {**self._problems, name: problem}
        self._after_change()

    def choose(self, field: Field, value: JsonValue) -> None:
        """Sets a field to one of its choices."""
        self._values = self._values.set((field.name,), value)
        self._problems = {key: text for key, text in self._problems.items() if key != field.name}
        self._after_change()

    def _after_change(self) -> None:
        self._build_rows()
        if self._draft_timer:
            self._draft_timer.stop()
        self._draft_timer = self.set_timer(DRAFT_SECONDS, self._tell_edited)

    def _tell_edited(self) -> None:
        self.post_message(self.Edited(self.endpoint_id, self._values.tree))

    def moved(self) -> None:
        was_typing = self._editing is not None
        self._stop_editing()
        if was_typing and self.field and form_rows.is_typed(self.field) and "\n" not in self._text(self.field):
            self._start_editing(self.field)
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        if self._editing:
            self._place_editor()

    # Actions

    def action_leave(self) -> None:
        self._stop_editing()

    def action_cycle(self, step: int) -> None:
        field = self.field
        picked = form_rows.choices(field) if field else ()
        if field is None or not picked:
            return
        current = self._values.get((field.name,), field.default)
        place = picked.index(current) + step if current in picked else 0
        self.choose(field, picked[place % len(picked)])

    def action_reset(self) -> None:
        if self.field and self.field.name:
            self.enter(self.field, "")

    def action_reset_all(self) -> None:
        before = self._values
        self._values, self._problems = Values(), {}
        self._after_change()
        if before.tree:
            self.notify("The form is empty. Open the model again to begin anew.", title="Reset")

    def action_long_text(self) -> None:
        if field := self.field:
            path = (field.name,) if field.name else ()
            value = self._values.get(path, field.default if field.has_default else None)
            text = self._text(field)
            if form_rows.is_structured(field):
                text = json.dumps(value, indent=2, ensure_ascii=False) if value is not None else ""
            self.post_message(self.TextWanted(field, text))

    def action_json(self) -> None:
        if self._model:
            composed = arguments.compose(self._model, self._values)
            self.post_message(self.TextWanted(None, json.dumps(composed, indent=2, ensure_ascii=False)))

    def action_submit(self) -> None:
        if self._model is None:
            return
        if unfinished := {name: text for name, text in self._problems.items() if text}:
            self._go_to(next(iter(unfinished)))
            return
        composed = arguments.compose(self._model, self._values)
        if problems := arguments.problems(self._model, composed):
            self._say_problems(problems)
            return
        self._stop_editing()
        self._tell_edited()
        at, request = monotonic(), (self.endpoint_id, composed)
        is_repeat = request == self._submitted and at - self._submitted_at < HELD_KEY_SECONDS
        self._submitted, self._submitted_at = request, at
        if is_repeat:
            self.notify("The same request was sent a moment ago. ^J again, after a moment, sends another.")
            return
        self.post_message(self.Submitted(self.endpoint_id, composed, self._model))

    def _say_problems(self, problems: Sequence[Problem]) -> None:
        """Shows each problem at its field and goes to the first; what belongs to no field is a notification."""
        told: dict[str, str] = {}
        for problem in problems:
            name = str(problem.loc[0]) if problem.loc else ""
            below = jsonvalue.write(list(problem.loc[1:])) + " " if len(problem.loc) > 1 else ""
            told.setdefault(name, hostile.clean_line(f"{below}{problem.message}"))
        self._problems = {name: text for name, text in told.items() if self._model and self._model.field(name)}
        loose = [text for name, text in told.items() if name not in self._problems]
        if loose:
            self.notify("; ".join(loose), title="The input is not right", severity="error", markup=False)
        if self._problems:
            self._go_to(next(iter(self._problems)))

    def _go_to(self, name: str) -> None:
        """Puts the cursor on the field called `name`, unfolding what hides it."""
        if not any(isinstance(row, Field) and row.name == name for row in self._rows):
            self._is_unfolded = True
            self._build_rows()
        place = next((i for i, row in enumerate(self._rows) if isinstance(row, Field) and row.name == name), 0)
        self.move_to(place)
        self.refresh()
