"""The one text line of the form, which is moved to the row at hand."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.app import App, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.strip import Strip
from textual.suggester import Suggester, SuggestFromList

from faldeck.engine import local_files
from faldeck.safety import sanitize
from faldeck.system import desktop
from faldeck.tui.form.one_line import SingleLineInput
from faldeck.tui.panes.lines import line_starts, width_of


class PathSuggester(Suggester):
    """Suggests the first file or folder whose path begins with what is typed, or else what `words` suggests.

    Names that cannot be drawn as they are are left out: the line would show another.
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
    """The line in which a field's value is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "line(-1)", show=False),
        Binding("down", "line(1)", show=False),
        Binding("tab", "complete", "Complete", show=False, id="editor.complete", tooltip="Take what is suggested"),
    ]

    def __init__(self, typed: Callable[[str], None], pasted: Callable[[str], bool]) -> None:
        """`typed` gets the text at every change of it, `pasted` what is pasted, and says whether it took that."""
        super().__init__(id="editor", compact=True, select_on_focus=False)
        self._typed = typed
        self._pasted = pasted
        self._pointed_line = 0
        """The line, from the top of what is shown, that the mouse was on last."""
        self.cursor_blink = False

    def take(self, text: str, default: str, suggestions: Sequence[str], *, is_path: bool) -> None:
        """Begins to edit a value; the default stands there in grey until something is typed."""
        words = SuggestFromList(suggestions, case_sensitive=False) if suggestions else None
        self.suggester = PathSuggester(words) if is_path else words
        self.placeholder = default
        self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.screen.set_focus(self)

    def watch_value(self, value: str) -> None:
        """Tells of the change before the next key acts; an Input.Changed message may come after it."""
        if self.is_mounted:
            self._typed(value)

    def action_complete(self) -> None:
        """Takes the suggestion; where there is none the key is the screen's."""
        if not self.cursor_at_end or len(self._suggestion) <= len(self.value):
            raise SkipAction
        self.action_cursor_right()

    def action_paste(self) -> None:
        """The line's own clipboard holds only what was cut here: the key is the form's."""
        raise SkipAction

    # A text that is longer than the line goes on below it

    @property
    def starts(self) -> list[int]:
        """Where the lines begin on which the text is shown."""
        return line_starts(self.value, self.size.width)

    def lines_in(self, width: int) -> int:
        """How many lines the text needs in a width."""
        return len(line_starts(self.value, width))

    def _place(self, starts: list[int]) -> tuple[int, int]:
        """The line that the cursor is on, and its cell there."""
        line = bisect_right(starts, self.cursor_position) - 1
        return line, width_of(self.value[starts[line] : self.cursor_position])

    def _first(self, line: int) -> int:
        """The first line shown, where the cursor is on `line`."""
        return max(0, line - self.size.height + 1)

    @property
    def _cursor_offset(self) -> int:
        return self._place(self.starts)[1]

    @property
    def content_width(self) -> int:
        """Never wider than the line: nothing is scrolled sideways."""
        return min(super().content_width, max(1, self.size.width))

    @property
    def cursor_screen_offset(self) -> Offset:
        x, y, _, _ = self.content_region
        line, cell = self._place(self.starts)
        return Offset(x + cell, y + line - self._first(line))

    def render_line(self, y: int) -> Strip:
        starts = self.starts
        if len(starts) == 1:
            return super().render_line(y)
        index = self._first(self._place(starts)[0]) + y
        if index >= len(starts):
            return Strip.blank(self.size.width, self.rich_style)
        text = self._value
        text.append(" ")
        if self.has_focus:
            text.stylize_before(self.get_component_rich_style("input--selection"), *sorted(self.selection))
            place = self.cursor_position
            text.stylize(self.get_component_rich_style("input--cursor"), place, place + 1)
        shown = text[starts[index] : starts[index + 1] if index + 1 < len(starts) else len(text)]
        shown.end, shown.no_wrap = "", True  # A slice has forgotten both.
        segments = self.app.console.render(shown, self.app.console_options.update_width(self.size.width + 1))
        return Strip(segments).adjust_cell_length(self.size.width).apply_style(self.rich_style)

    def action_line(self, step: int) -> None:
        """Moves the cursor to the line above or below; from the first and the last the key is the form's."""
        starts = self.starts
        line, cell = self._place(starts)
        if not 0 <= line + step < len(starts):
            raise SkipAction
        self.cursor_position = self._index(starts, line + step, cell)

    def _index(self, starts: list[int], line: int, cell: int) -> int:
        """The place in the text of a cell of a line, or of the line's last character."""
        end = starts[line + 1] - 1 if line + 1 < len(starts) else len(self.value)
        index = starts[line]
        while index < end and width_of(self.value[starts[line] : index + 1]) <= cell:
            index += 1
        return index

    def _cell_offset_to_index(self, offset: int) -> int:
        starts = self.starts
        line = min(self._first(self._place(starts)[0]) + max(0, self._pointed_line), len(starts) - 1)
        return self._index(starts, line, offset)

    def _on_mouse_down(self, event: events.MouseDown) -> None:  # type: ignore[override]
        # Textual calls the handler of Input as well, which asks for the place in the text.
        self._pointed_line = event.get_content_offset_capture(self).y

    def _on_mouse_move(self, event: events.MouseMove) -> None:  # type: ignore[override]
        self._pointed_line = event.get_content_offset_capture(self).y

    def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handlers of the other classes as well, unless it is prevented.
        if self._pasted(event.text):
            event.stop()
            event.prevent_default()

    @property
    def _value(self) -> Text:
        """What is drawn: an adopted job's input may hold anything."""
        return Text(sanitize.visible(self.value), no_wrap=True, overflow="ignore", end="")


USUAL = ("nano", "vim", "vi")
"""What is looked for where neither $VISUAL nor $EDITOR says."""


def command(environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The editor's command; None where there is none. Raises OSError where the one that is set is no command."""
    for variable in ("VISUAL", "EDITOR"):
        if named := environ.get(variable):
            return desktop.command_words(named, f"${variable}")
    return next(([name] for name in USUAL if shutil.which(name)), None)


async def edited(app: App[Any], text: str) -> str | None:
    """The text as it is when the editor ends; None, and a notice, where it could not be edited."""
    try:
        editor = command()
    except OSError as error:
        app.notify(f"{error}.", title="Not edited", severity="error", markup=False)
        return None
    if editor is None:
        app.notify("There is no editor. Set $EDITOR to the one you like.", severity="error")
        return None
    try:
        with tempfile.TemporaryDirectory(prefix="faldeck-", ignore_cleanup_errors=True) as folder:
            written, problem = await _written(app, editor, text, Path(folder) / "text.txt")
    except OSError as error:
        written, problem = None, f"there is no room for its file: {error.strerror or error}"
    if problem:
        app.notify(f"{editor[0]}: {problem}.", title="Not edited", severity="error", markup=False)
    elif written == text:
        app.notify(f"{editor[0]} ended and changed nothing.", title="The text is as it was", markup=False)
    return written


async def _written(app: App[Any], editor: Sequence[str], text: str, file: Path) -> tuple[str | None, str]:
    """What the editor leaves in the file, or None and what went wrong; raises OSError where none can be made."""
    _write(file, text)
    try:
        problem = await lent(app, [*editor, str(file)])
    except (SuspendNotSupported, NotImplementedError):
        problem = "this terminal cannot be lent to it"
    if problem:
        return None, problem
    try:
        written = _read(file)
    except OSError:
        return None, "it has taken the file away, and the text is as it was"
    # Editors end a file with a newline that nobody has typed.
    return (written if text.endswith("\n") else written.removesuffix("\n")), ""


def _write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8", "replace")


def _read(file: Path) -> str:
    return file.read_text("utf-8-sig", "replace")


async def lent(app: App[Any], words: Sequence[str]) -> str:
    """Runs a command on the terminal while the deck is away; gives what went wrong."""
    problem = ""
    # A batch keeps frames from a terminal that is not ours.
    with app.batch_update(), app.suspend():
        # Caught in here: what leaves the block would leave the deck suspended.
        try:
            status = await asyncio.to_thread(subprocess.call, words)
            problem = f"it ended with status {status}" if status else ""
        except OSError as error:
            problem = str(error.strerror)
    return problem
