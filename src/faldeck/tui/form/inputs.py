"""Text inputs: one line that takes a whole paste, completion of paths, and the input that is moved to a form's row."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.geometry import Offset
from textual.strip import Strip
from textual.suggester import Suggester, SuggestFromList
from textual.widget import Widget
from textual.widgets import Input

from faldeck.engine import local_files
from faldeck.safety import sanitize
from faldeck.tui.bindings import bindings
from faldeck.tui.panes.lines import line_starts, width_of


def single_line(text: str) -> str:
    """Joins the lines of a text with blanks; line breaks at its ends are dropped."""
    return text.strip("\n").replace("\n", " ")


class SingleLineInput(Input):
    """An input that keeps all lines of a paste. Textual's own keeps only the first."""

    def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handler of Input after this one.
        event.text = single_line(event.text)


class PathSuggester(Suggester):
    """Completes paths of this machine; other texts are completed by `words`.

    Names with characters that cannot be drawn are skipped: the input would show another name.
    """

    def __init__(self, words: Suggester | None = None) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._words = words

    async def get_suggestion(self, value: str) -> str | None:
        if not value.startswith(("/", "~", ".")):
            return await self._words.get_suggestion(value.casefold()) if self._words else None
        return await asyncio.to_thread(_completed, value)


def _completed(typed: str) -> str | None:
    folder, _, start = typed.rpartition("/")
    try:
        names = sorted(
            path.name + ("/" if path.is_dir() else "")
            for path in local_files.path_of(f"{folder}/").iterdir()
            if path.name.startswith(start) and (start or not path.name.startswith(".")) and path.name.isprintable()
        )
    except (OSError, ValueError):
        return None
    return f"{folder}/{names[0]}" if names and "/" in typed else None


class FieldInput(SingleLineInput):
    """The input in which a form's values are typed. It wraps a long text over several lines."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("editor")

    def __init__(self, on_change: Callable[[str], None], on_paste: Callable[[str], bool]) -> None:
        """`on_change` gets the text after every change. `on_paste` gets a paste and returns whether it handled it."""
        super().__init__(id="editor", compact=True, select_on_focus=False)
        self._report_change = on_change
        self._handle_paste = on_paste
        self._pointed_line = 0
        """The line under the mouse, counted from the first line shown."""
        self.cursor_blink = False
        # Nobody listens, and on its way up it would take a tenth of the time of a key.
        self.disable_messages(Input.Changed)

    def show(self, text: str, *, placeholder: str, suggestions: Sequence[str], completes_paths: bool) -> None:
        """Shows a text, puts the cursor at its end and takes the focus. `placeholder` is shown while it is empty."""
        words = SuggestFromList(suggestions, case_sensitive=False) if suggestions else None
        self.suggester = PathSuggester(words) if completes_paths else words
        self.placeholder = placeholder
        self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.screen.set_focus(self)

    def hide(self) -> None:
        """Hides the input. Its pane gets the focus if the input had it."""
        # `has_focus` changes only after the event loop has run.
        if self.screen.focused is self:
            self.screen.set_focus(self.parent if isinstance(self.parent, Widget) else None)
        self.display = False

    def replace_selection(self, text: str) -> None:
        """Replaces the selected text, or inserts at the cursor."""
        self.replace(text, *self.selection)

    def watch_value(self, value: str) -> None:
        """Reports a change at once: an `Input.Changed` message could arrive after the next key has acted."""
        if self.is_mounted:
            self._report_change(value)

    def action_complete(self) -> None:
        """Takes the suggestion. Without one the screen handles the key."""
        if not self.cursor_at_end or len(self._suggestion) <= len(self.value):
            raise SkipAction
        self.action_cursor_right()

    def action_paste(self) -> None:
        """Leaves the key to the form: the input's own clipboard holds only what was cut in it."""
        raise SkipAction

    # Wrapping: a text wider than the input continues on the lines below

    @property
    def line_starts(self) -> list[int]:
        """The index of the first character of each wrapped line."""
        return line_starts(self.value, self.size.width)

    def lines_in(self, width: int) -> int:
        """The number of lines the text needs at a width in cells."""
        return len(line_starts(self.value, width))

    def _cursor_cell(self, starts: list[int]) -> tuple[int, int]:
        """The line and the cell of the cursor."""
        line = bisect_right(starts, self.cursor_position) - 1
        return line, width_of(self.value[starts[line] : self.cursor_position])

    def _first_shown(self, line: int) -> int:
        """The first line shown while the cursor is on `line`."""
        return max(0, line - self.size.height + 1)

    @property
    def _cursor_offset(self) -> int:
        return self._cursor_cell(self.line_starts)[1]

    @property
    def content_width(self) -> int:
        """The width of the input: nothing scrolls sideways, and no character makes Textual lay out the screen again."""
        return max(1, self.size.width)

    @property
    def cursor_screen_offset(self) -> Offset:
        x, y, _, _ = self.content_region
        line, cell = self._cursor_cell(self.line_starts)
        return Offset(x + cell, y + line - self._first_shown(line))

    def render_line(self, y: int) -> Strip:
        starts = self.line_starts
        if len(starts) == 1:
            return super().render_line(y)
        index = self._first_shown(self._cursor_cell(starts)[0]) + y
        if index >= len(starts):
            return Strip.blank(self.size.width, self.rich_style)
        text = self._value
        text.append(" ")
        if self.has_focus:
            text.stylize_before(self.get_component_rich_style("input--selection"), *sorted(self.selection))
            place = self.cursor_position
            text.stylize(self.get_component_rich_style("input--cursor"), place, place + 1)
        shown = text[starts[index] : starts[index + 1] if index + 1 < len(starts) else len(text)]
        shown.end, shown.no_wrap = "", True  # Slicing drops both.
        segments = self.app.console.render(shown, self.app.console_options.update_width(self.size.width + 1))
        return Strip(segments).adjust_cell_length(self.size.width).apply_style(self.rich_style)

    def action_cursor_line(self, step: int) -> None:
        """Moves the cursor one line up or down. From the first and the last line the form handles the key."""
        starts = self.line_starts
        line, cell = self._cursor_cell(starts)
        if not 0 <= line + step < len(starts):
            raise SkipAction
        self.cursor_position = self._index_at(starts, line + step, cell)

    def _index_at(self, starts: list[int], line: int, cell: int) -> int:
        """The index of the character in a cell of a line, or of the line's last character."""
        end = starts[line + 1] - 1 if line + 1 < len(starts) else len(self.value)
        index = starts[line]
        while index < end and width_of(self.value[starts[line] : index + 1]) <= cell:
            index += 1
        return index

    def _cell_offset_to_index(self, offset: int) -> int:
        starts = self.line_starts
        line = min(self._first_shown(self._cursor_cell(starts)[0]) + max(0, self._pointed_line), len(starts) - 1)
        return self._index_at(starts, line, offset)

    def _on_mouse_down(self, event: events.MouseDown) -> None:  # type: ignore[override]
        # Textual calls Input's handler too, and that one asks `_cell_offset_to_index`.
        self._pointed_line = event.get_content_offset_capture(self).y

    def _on_mouse_move(self, event: events.MouseMove) -> None:  # type: ignore[override]
        self._pointed_line = event.get_content_offset_capture(self).y

    def _on_paste(self, event: events.Paste) -> None:
        # Without prevent_default Textual calls the base classes' handlers too.
        if self._handle_paste(event.text):
            event.stop()
            event.prevent_default()

    @property
    def _value(self) -> Text:
        """The text as it is drawn. Input from other programs may hold control characters."""
        return Text(sanitize.visible(self.value), no_wrap=True, overflow="ignore", end="")
