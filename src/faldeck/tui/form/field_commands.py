"""What keys, pastes and clicks do to the fields of a form. Dialogs for a field start here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from textual.actions import SkipAction

from faldeck.safety import sanitize
from faldeck.schema.json_value import JsonPath, JsonValue
from faldeck.tui import workers
from faldeck.tui.form import pasting, row_values
from faldeck.tui.form.rows_pane import RowsPane

if TYPE_CHECKING:
    from faldeck.tui.form.rows import FormRow
    from faldeck.tui.form.state import FormState

Change: TypeAlias = "Callable[[FormState, FormRow], object]"


class FieldCommands:
    """Changes the form of a pane at its current row."""

    def __init__(
        self,
        pane: RowsPane,
        *,
        on_change: Callable[[], None] = lambda: None,
        handle_request: Callable[[str], bool] = lambda text: False,
    ) -> None:
        """`on_change` is called after every change. `handle_request` gets each paste first, and says if it took it."""
        self._pane = pane
        self._on_change = on_change
        self._handle_request = handle_request
        self._commands: dict[str, Callable[..., None]] = {
            "clipboard": self.paste_clipboard,
            "duplicate": self.duplicate,
            "edit": self.edit,
            "example": self.set_example,
            "leave": self.leave,
            "long_text": self.edit_long,
            "null": self.set_null,
            "own_editor": self.edit_in_own_editor,
            "reset": self.reset,
            "reset_all": self.reset_all,
            "shift": self.shift,
            "step": self.step,
            "type": self.type,
            "undo": self.undo,
        }
        """The name of a key's action, as in the scope `field` of the table of keys, and what it does."""

    @property
    def names(self) -> frozenset[str]:
        """The names that `run` takes."""
        return frozenset(self._commands)

    def run(self, name: str, *arguments: int) -> None:
        """Runs the command of a key."""
        self._commands[name](*arguments)

    # Typing in a row

    def start_typing(self, row: FormRow) -> None:
        """Puts the input on the current row."""
        pane = self._pane
        if pane.state:
            pane.line_editor.begin(pane.state, row)
            pane.share_lines()
            pane.place_editor()
            pane.refresh_title()

    def stop_typing(self) -> None:
        """Removes the input; the typed value stays."""
        pane = self._pane
        if pane.line_editor.end():
            pane.refresh_title()
            pane.share_lines()
            if pane.state and pane.state.end_typing():
                pane.refresh_rows()

    def type_here(self) -> None:
        """Starts to type in the current row, if its value is typed there."""
        if self._pane.here and self._pane.here.is_inline:
            self.start_typing(self._pane.here)

    def type_next_row(self) -> None:
        """Moves the typing to the row below; after the last row the typing ends."""
        before = self._pane.cursor
        self._pane.move_to(before + 1)
        if self._pane.cursor == before:
            self.stop_typing()

    def cursor_moved(self) -> None:
        """Ends the typing in the row that was left, and starts it in the new one."""
        was_typing = self._pane.line_editor.is_active
        self.stop_typing()
        if was_typing:
            self.type_here()

    def set_typed(self, text: str) -> None:
        """Takes the text of the input as the value of its row."""
        if row := self._pane.line_editor.row:
            self.set_text(row, text)

    # Changing values

    def changed(self, typed: FormRow | None = None) -> None:
        """Paints the form after a change; `typed` is the row that was typed in, if that was the change."""
        self._pane.refresh_rows(typed)
        self._on_change()

    def change(self, change: Change) -> None:
        """Changes something about the current row."""
        pane = self._pane
        if pane.state and pane.here and pane.here.field:
            change(pane.state, pane.here)
            self.changed()

    def set_text(self, row: FormRow, text: str) -> None:
        """Sets a row's value to what a text means there."""
        if self._pane.state:
            self._pane.state.set_text(row, text)
            self.changed(row)

    def choose(self, row: FormRow, choice: JsonValue) -> None:
        """Sets a row to one of its choices. A chosen variant whose value is one line is typed next."""
        if self._pane.state is None:
            return
        is_to_be_typed = self._pane.state.choose(row, choice)
        self.changed()
        if is_to_be_typed:
            self.start_typing(row)

    def add_files(self, files: Sequence[str]) -> None:
        """Puts files into the current row, which is a file's or a list of files."""
        self.stop_typing()
        self.change(lambda state, row: state.add_files(row, files))

    def fill(self, arguments: JsonValue) -> None:
        """Replaces the whole input."""
        if self._pane.state:
            self.stop_typing()
            self._pane.state.set((), arguments)
            self.changed()

    def show_problems(self, general: Sequence[str]) -> None:
        """Puts the cursor on the first field with a problem. `general` are the problems of no field."""
        pane = self._pane
        if general:
            pane.notify("; ".join(general), title="The input is not right", severity="error", markup=False)
        pane.refresh_rows()
        wrong = pane.state.problems if pane.state else {}
        pane.go_to(next((row.path for row in pane.rows if row.path in wrong), None))
        pane.refresh()

    # Pasting

    def paste(self, text: str) -> None:
        """Takes a pasted text into the current row."""
        pane = self._pane
        text = sanitize.plain(text)
        if self.handle_paste(text) or pane.here is None:
            return
        if not pane.line_editor.is_active:
            self.type_here()
        pane.line_editor.insert(text)

    def handle_paste(self, text: str) -> bool:
        """Handles a paste that is not for the input: a request, files, or several lines. False if the input gets it."""
        if self._handle_request(text):
            return True
        row = self._pane.here
        if row is None:
            return False
        if row_values.file_kind(row) and (files := pasting.file_paths(text)):
            self.add_files(files)
            return True
        if row.is_text and ("\n" in text.strip() or not row.is_inline):
            before, after = self._around_cursor()
            self.edit_long(f"{before}{text}{after}")
            return True
        return False

    def _around_cursor(self) -> tuple[str, str]:
        """The current row's text before and after the place where a paste goes."""
        pane = self._pane
        if pane.line_editor.is_active:
            return pane.line_editor.around_cursor()
        row, state = pane.here, pane.state
        has_text = row and state and (state.is_set(row.path) or state.rejected_text(row.path))
        return (row_values.edit_text(state, row) if row and state and has_text else ""), ""

    def paste_clipboard(self) -> None:
        """Pastes the desktop's clipboard, or else the last text copied in the deck."""
        workers.start(self._pane, self._paste_clipboard)

    async def _paste_clipboard(self) -> None:
        from faldeck.system import desktop

        text = await asyncio.to_thread(desktop.clipboard) or self._pane.app.clipboard
        if text:
            self.paste(text)
        else:
            self._pane.notify("The clipboard cannot be read from here. Use your terminal's own paste key.")

    # Keys

    def edit(self) -> None:
        """Edits the current row in the way of its kind: types, picks, switches or opens."""
        row, state = self._pane.here, self._pane.state
        if row is None or state is None:
            return
        if row.field is None:
            self._unfold(state)
        elif row.is_open or row.is_nested:
            self._open(row)
        elif row.is_toggle:
            self.step(1)
        elif options := row_values.picker_options(row):
            workers.start(self._pane, partial(self._pick, row, options, row_values.current_option(state, row)))
        elif row.is_inline:
            self.start_typing(row)
        else:
            self.edit_long()

    def _unfold(self, state: FormState) -> None:
        """Shows the hidden fields and goes to the first of them, or hides them again."""
        pane = self._pane
        before = {row.path for row in pane.rows}
        state.tree.toggle_hidden()
        pane.refresh_rows()
        pane.move_to(next((index for index, row in enumerate(pane.rows) if row.path not in before), pane.cursor))

    def _open(self, row: FormRow) -> None:
        """Opens or closes a row, and scrolls to what is inside. A new item is typed at once."""
        pane = self._pane
        self.change(lambda state, row: state.toggle_open(row))
        below = pane.rows[pane.cursor + 1 :]
        here = pane.here
        inside = next((count for count, other in enumerate(below) if here and other.depth <= here.depth), len(below))
        scrolled = max(pane.scrolled, min(pane.cursor, pane.cursor + inside + 1 - pane.page_size))
        if scrolled != pane.scrolled:
            pane.scrolled = scrolled
            pane.refresh()
        if row.is_new:
            pane.move_to(pane.cursor + 1)
            self.type_here()

    async def _pick(self, row: FormRow, options: Sequence[tuple[str, JsonValue]], current: str) -> None:
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        items = [PickerItem(text, value) for text, value in options]
        index = next((index for index, item in enumerate(items) if item.label == current), 0)
        picked = await self._pane.app.push_screen_wait(Picker(row.label, items, current=index))
        if picked:
            self.choose(row, picked.value)

    def type(self) -> None:
        """Types in the current row."""
        if self._pane.here and self._pane.here.is_text:
            self.edit()
        else:
            self._pane.notify("This field is not typed into; Enter changes it.")

    def leave(self) -> None:
        """Ends the typing. If nothing is typed, the screen handles the key."""
        if not self._pane.line_editor.is_active:
            raise SkipAction
        self.stop_typing()

    def edit_long(self, text: str | None = None) -> None:
        """Edits the current row in a dialog of many lines, which starts with `text` if given."""
        pane = self._pane
        if pane.state and pane.here and pane.here.field:
            self.stop_typing()  # The input would keep the text as it was.
            kept = row_values.edit_text(pane.state, pane.here)
            workers.start(pane, partial(self._edit_long, pane.here, kept if text is None else text, kept))

    async def _edit_long(self, row: FormRow, text: str, kept: str) -> None:
        from faldeck.tui.dialogs.text import TextDialog

        dialog = TextDialog(row.label, text, kept=kept, check=row_values.text_check(row))
        written = await self._pane.app.push_screen_wait(dialog)
        if written is not None:
            self.set_text(row, written)

    def edit_in_own_editor(self) -> None:
        """Edits the current row in the person's own editor."""
        row, state = self._pane.here, self._pane.state
        if row and state and row.field and row.is_text:
            self.stop_typing()
            workers.start(self._pane, partial(self._edit_in_own_editor, row, row_values.edit_text(state, row)))

    async def _edit_in_own_editor(self, row: FormRow, text: str) -> None:
        from faldeck.tui.form import external_editor

        written = await external_editor.edit(self._pane.app, text)
        if written is not None:
            self.set_text(row, written)

    def step(self, steps: int) -> None:
        """Changes a number or goes to another choice."""
        self.change(lambda state, row: state.step(row, steps))

    def reset(self) -> None:
        """Unsets the current row, or removes the item."""
        self.change(lambda state, row: state.unset(row.path))

    def reset_all(self) -> None:
        """Empties the form."""
        if self._pane.state:
            self._pane.state.set((), {})
            self.changed()
        self._pane.notify("The form is empty; u undoes that.")

    def set_null(self) -> None:
        """Sets the current row to null."""
        if self._pane.here and self._pane.here.field and self._pane.here.field.nullable:
            self.change(lambda state, row: state.set(row.path, None))
        else:
            self._pane.notify("This field cannot be null.")

    def set_example(self) -> None:
        """Sets the current row to the schema's first example."""
        row = self._pane.here
        if row and row.field and (examples := row.field.examples):
            self.change(lambda state, row: state.set(row.path, examples[0]))
        else:
            self._pane.notify("The schema gives no example of this field.")

    def duplicate(self) -> None:
        """Copies the current item of a list."""
        self._move_item(lambda state, path: state.duplicate(path))

    def shift(self, step: int) -> None:
        """Moves the current item of a list up or down."""
        self._move_item(lambda state, path: state.move(path, step))

    def _move_item(self, change: Callable[[FormState, JsonPath], JsonPath]) -> None:
        """Changes the order of a list; the cursor follows the current item."""
        pane = self._pane
        if pane.state and pane.here and pane.here.path:
            path = change(pane.state, pane.here.path)
            self.changed()
            pane.go_to(path)

    def undo(self) -> None:
        """Undoes the last change."""
        if self._pane.state and self._pane.state.undo():
            self.changed()
