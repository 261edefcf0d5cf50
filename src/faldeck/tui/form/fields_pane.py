"""Fields filled in by keys: typed, picked, switched, opened, pasted into, and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import events, work
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.widgets import Input

from faldeck.safety import sanitize
from faldeck.schema.json_value import JsonPath, JsonValue
from faldeck.tui.form import dropped, row_values
from faldeck.tui.form.editor import FieldInput
from faldeck.tui.form.one_line import one_line
from faldeck.tui.form.view import CARRIED, FormView
from faldeck.tui.panes.lines import Span, width_of
from faldeck.tui.panes.pane import PLAIN

if TYPE_CHECKING:
    from faldeck.tui.form.rows import FormRow
    from faldeck.tui.form.state import FormState


class FieldsPane(FormView):
    """The rows of a filling, each edited in the way of its kind; `FIELD_KEYS` are its keys."""

    _editing: FormRow | None = None
    """The row that the text line is on."""

    def compose(self) -> ComposeResult:
        yield FieldInput(self._typed, self.takes_pasted)

    @property
    def editor(self) -> FieldInput:
        """The text line."""
        return self.query_one(FieldInput)

    def show_problems(self, loose: Sequence[str]) -> None:
        """Puts the cursor on the first field that is wrong; `loose`, which belongs to no field, is a notification."""
        if loose:
            self.notify("; ".join(loose), title="The input is not right", severity="error", markup=False)
        self.build()
        wrong = self.state.problems if self.state else {}
        self.move_to_path(next((row.path for row in self.rows if row.path in wrong), None))
        self.refresh()

    # Typing

    def type_here(self) -> None:
        """Begins to type into the row at hand, where its value is typed on the row."""
        if self.here and self.here.is_typed:
            self.start_editing(self.here)

    def start_editing(self, row: FormRow) -> None:
        """Puts the text line on the row at hand; a text from before is selected, so that the next key replaces it."""
        if self.state:
            text = row_values.typed(self.state, row)
            suggestions = row_values.suggestions(row)
            self.editor.take(text, row_values.default(row), suggestions, is_path=row_values.is_file(row))
            if self.state.is_from_before(row.path):
                self.editor.select_all()
            self._editing = row
            self._place_editor()
            self.refresh_title()

    def _place_editor(self) -> None:
        left = self.name_width + 2 + self.has_rule
        self.editor.styles.offset = (left, 1 + self.top + self.cursor - self.scrolled)
        said = self.row(self.cursor)[1]
        width = max(8, self.size.width - left - sum(width_of(text) for text, _ in said))
        self.editor.styles.width = width
        # A long text grows over the rows below it.
        room = self.page_size - (self.cursor - self.scrolled)
        self.editor.styles.height = max(1, min(self.editor.lines_in(width), room))

    def stop_editing(self) -> None:
        """Takes the text line away; what was typed stays."""
        if self._editing:
            self._editing = None
            if self.screen.focused is self.editor:  # Its own has_focus follows behind.
                self.screen.set_focus(self)
            self.editor.display = False
            self.refresh_title()
            if self.state and self.state.pause():
                self.build()

    def _typed(self, text: str) -> None:
        if self._editing:
            self.enter(self._editing, text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        before = self.cursor
        self.move_to(before + 1)
        if self.cursor == before:  # There is no row below to go on with.
            self.stop_editing()

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        left, right = super().title()
        if not self.is_typing:
            return left, right
        return left[:2], (("typing", self.ink("strong")), (" · Esc ends   ", PLAIN), *right)

    def _said(self, row: FormRow, *, is_here: bool) -> Sequence[Span]:
        said = super()._said(row, is_here=is_here)
        if self._editing is None or self.state is None or row.path not in self.state.kept:
            return said
        return (*said, (f"{CARRIED} ", self.ink("busy")))  # The text line hides the mark behind the value.

    def moved(self) -> None:
        was_typing = self._editing is not None
        self.stop_editing()
        if was_typing and self.here and self.here.is_typed:
            self.start_editing(self.here)
        self.refresh_foot()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        if self._editing:
            self._place_editor()

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()  # The list's own handler would come after this one.
        super().on_click(event)
        if self.clicked_row(event) is not None:
            self.type_here()

    # Pasting

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.paste(event.text)

    def paste(self, text: str) -> None:
        """Takes a text that comes as a whole into the row at hand."""
        text = sanitize.plain(text)
        if self.takes_pasted(text) or self.here is None:
            return
        if not self._editing and self.here.is_typed:
            self.start_editing(self.here)
        if self._editing:
            self.editor.replace(one_line(text), *self.editor.selection)

    def takes_pasted(self, text: str) -> bool:
        """Takes a pasted text that is not for the text line, which gets it where this is False."""
        if row := self.here:
            if row_values.file_kind(row) and (files := dropped.files(text)):
                self.take_files(files)
                return True
            if row.is_text and ("\n" in text.strip() or not row.is_typed):
                before, after = self._around_cursor()
                self.edit_long(f"{before}{text}{after}")
                return True
        return False

    def _around_cursor(self) -> tuple[str, str]:
        """What stands before and after the cursor of the text line, or before it where there is none."""
        if self._editing:
            place = self.editor.cursor_position
            return self.editor.value[:place], self.editor.value[place:]
        row, state = self.here, self.state
        is_held = row and state and (state.is_set(row.path) or state.refused(row.path))
        return (row_values.typed(state, row) if row and state and is_held else ""), ""

    def take_files(self, files: Sequence[str]) -> None:
        """Puts files into the row at hand, which takes some."""
        self.stop_editing()
        self.change(lambda state, row: state.add_files(row, files))

    # Changing

    def enter(self, row: FormRow | None, text: str) -> None:
        """Takes a typed text as a row's value, or as the whole input."""
        if self.state is None:
            return
        if row:
            self.state.enter(row, text)
        elif problem := self.state.enter_all(text):
            self.notify(problem, title="The input was not changed", severity="error", markup=False)
        self.changed(row)

    def choose(self, row: FormRow, choice: JsonValue) -> None:
        """Gives a row one of its choices, or one of its shapes, whose value is then typed where it is a line."""
        if self.state is None:
            return
        is_to_be_typed = self.state.choose(row, choice)
        self.changed()
        if is_to_be_typed:
            self.start_editing(row)

    def change(self, change: Callable[[FormState, FormRow], object]) -> None:
        """Changes something about the row at hand."""
        if self.state and self.here and self.here.field:
            change(self.state, self.here)
            self.changed()

    @property
    def is_typing(self) -> bool:
        """Whether the text line is on a row."""
        return self._editing is not None

    def changed(self, typed: FormRow | None = None) -> None:
        """Called after every change: of a row in which something was typed, or of anything."""
        self.rebuild(typed)

    def rebuild(self, typed: FormRow | None = None) -> None:
        """Makes the rows anew, the text line on its own."""
        self.build(typed)
        if self._editing:
            self._place_editor()

    # Dialogs

    @work
    async def _pick(self, row: FormRow, offers: Sequence[tuple[str, JsonValue]], current: str) -> None:
        """Lets the person pick one of the row's offers."""
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        items = [PickerItem(text, value) for text, value in offers]
        place = next((place for place, item in enumerate(items) if item.label == current), 0)
        if picked := await self.app.push_screen_wait(Picker(row.label, items, current=place)):
            self.choose(row, picked.value)

    def edit_long(self, text: str | None = None) -> None:
        """Lets the person edit the value of the row at hand on many lines, which begin as `text` where it is given."""
        if self.state and self.here and self.here.field:
            self.stop_editing()  # Its line would go on with the text as it was.
            held = row_values.typed(self.state, self.here)
            self._write(self.here, held if text is None else text, held)

    @work
    async def _write(self, row: FormRow, text: str, held: str) -> None:
        from faldeck.tui.dialogs.text import TextDialog

        dialog = TextDialog(row.label, text, held=held, check=row_values.fault_finder(row))
        written = await self.app.push_screen_wait(dialog)
        if written is not None:
            self.enter(row, written)

    # Actions

    def action_edit(self) -> None:
        row, state = self.here, self.state
        if row is None or state is None:
            return
        if row.field is None:
            self._unfold(state)
        elif row.is_open or row.is_opened:
            self._open(row)
        elif row.is_switched:
            self.action_step(1)
        elif offers := row_values.offers(row):
            self._pick(row, offers, row_values.current(state, row))
        elif row.is_typed:
            self.start_editing(row)
        else:
            self.action_long_text()

    def action_type(self) -> None:
        if self.here and self.here.is_text:
            self.action_edit()
        else:
            self.notify("This field is not typed into; Enter changes it.")

    def _unfold(self, state: FormState) -> None:
        """Unfolds the form, and goes to the first row that this brings into sight; or folds it again."""
        before = {row.path for row in self.rows}
        state.outline.unfold()
        self.build()
        self.move_to(next((place for place, row in enumerate(self.rows) if row.path not in before), self.cursor))

    def _open(self, row: FormRow) -> None:
        self.change(lambda state, row: state.open(row))
        self.show_inside()
        if row.is_new:
            self.move_to(self.cursor + 1)
            self.type_here()

    def action_leave(self) -> None:
        if not self._editing:
            raise SkipAction
        self.stop_editing()

    def action_step(self, steps: int) -> None:
        self.change(lambda state, row: state.step(row, steps))

    def action_reset(self) -> None:
        self.change(lambda state, row: state.unset(row.path))

    def action_null(self) -> None:
        if self.here and self.here.field and self.here.field.nullable:
            self.change(lambda state, row: state.set(row.path, None))
        else:
            self.notify("This field cannot be null.")

    def action_example(self) -> None:
        if self.here and self.here.field and (examples := self.here.field.examples):
            self.change(lambda state, row: state.set(row.path, examples[0]))
        else:
            self.notify("The schema gives no example of this field.")

    def action_duplicate(self) -> None:
        self._move_item(lambda state, path: state.duplicate(path))

    def action_shift(self, step: int) -> None:
        self._move_item(lambda state, path: state.move(path, step))

    def _move_item(self, change: Callable[[FormState, JsonPath], JsonPath]) -> None:
        """Changes where the list's item at hand stands, and follows it."""
        if self.state and self.here and self.here.path:
            path = change(self.state, self.here.path)
            self.changed()
            self.move_to_path(path)

    def action_undo(self) -> None:
        if self.state and self.state.undo():
            self.changed()

    def action_reset_all(self) -> None:
        self.enter(None, "")
        self.notify("The form is empty; u takes that back.")

    def action_long_text(self) -> None:
        self.edit_long()

    @work
    async def action_own_editor(self) -> None:
        from faldeck.tui.form.editor import edited

        row, state = self.here, self.state
        if row and state and row.field and row.is_text:
            self.stop_editing()
            written = await edited(self.app, row_values.typed(state, row))
            if written is not None:
                self.enter(row, written)

    @work
    async def action_clipboard(self) -> None:
        from faldeck.system import desktop

        text = await asyncio.to_thread(desktop.clipboard) or self.app.clipboard
        if text:
            self.paste(text)
        else:
            self.notify("No clipboard can be read from here. Your terminal's own paste key puts its text in.")
