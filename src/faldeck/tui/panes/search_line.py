"""Lines in which a search is typed: over a list, and over the lines that a pane shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.widget import Widget

from faldeck.tui.bindings import bindings
from faldeck.tui.form.inputs import SingleLineInput

COUNT_CELLS = 14
"""Cells of the title that are kept free for the number of lines found."""


class SearchLine(SingleLineInput):
    """A text line that tells its owner of every change at once, so that both are painted in one frame."""

    def __init__(self, typed: Callable[[], None], *, id: str, placeholder: str = "search") -> None:
        super().__init__(placeholder=placeholder, id=id, compact=True, select_on_focus=False)
        self._typed = typed
        self.cursor_blink = False
        self.disable_messages(SingleLineInput.Changed)  # Nobody listens.

    def begin(self) -> None:
        """Takes the focus; the old words are selected, so that the next key replaces them."""
        self.screen.set_focus(self)
        self.select_all()

    def watch_value(self) -> None:
        """Tells the owner; an Input.Changed message would cost a second frame."""
        if self.is_mounted:
            self._typed()

    def _on_paste(self, event: events.Paste) -> None:
        # A pasted request is no search: the screen offers to open its form.
        from faldeck.app import paste  # Imported when it is needed: it is large.

        if paste.is_code(event.text):
            event.prevent_default()


class Matches:
    """The lines with all the words; one of them is the current line."""

    def __init__(self) -> None:
        self.words = ""
        self.places: list[int] = []
        self._at = 0

    @property
    def here(self) -> int | None:
        """The current line; None if nothing is found."""
        return self.places[self._at] if self.places else None

    @property
    def position(self) -> str:
        """The number of lines found and the current one, as text; empty without words."""
        if not self.words:
            return ""
        return f"{self._at + 1} of {len(self.places)}" if self.places else "not found"

    def look(self, words: str, lines: Sequence[str], start: int) -> None:
        """Finds the lines with all of `words`. The first at or after line `start` becomes the current one."""
        self.words = words.strip().lower()
        wanted = self.words.split()
        found = (index for index, line in enumerate(lines) if all(word in line.lower() for word in wanted))
        self.places = list(found) if wanted else []
        self._at = next((at for at, index in enumerate(self.places) if index >= start), 0)

    def step(self, steps: int) -> None:
        """Makes another line the current one; the first follows the last."""
        if self.places:
            self._at = (self._at + steps) % len(self.places)


class FindLine(SearchLine):
    """The line in which the words are typed; the pane shows the current match at every key."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("find")

    def __init__(self, lines: Callable[[], Sequence[str]], place: Callable[[], int], go: Callable[[], None]) -> None:
        """`lines` returns the lines to search, `place` the line to start at; `go` shows the current line, or None."""
        super().__init__(self._look, id="find", placeholder="words on the page")
        self.matches = Matches()
        self._lines, self._place, self._go = lines, place, go
        self._start = 0
        self.display = False

    def open(self) -> None:
        """Starts a search; the old words are selected."""
        self._start = self._place()
        self.display = True
        self.styles.width = max(8, self.container_size.width - COUNT_CELLS)
        self.begin()

    def _look(self) -> None:
        self.matches.look(self.value, self._lines(), self._start)
        self._go()

    def again(self) -> None:
        """Searches again, after the lines have changed."""
        if self.matches.words:
            self.matches.look(self.matches.words, self._lines(), self.matches.here or 0)

    def step(self, steps: int) -> None:
        """Goes to the next line found, or to the one before."""
        self.matches.step(steps)
        self._go()

    def forget(self) -> None:
        """Ends the search."""
        self.value = ""
        self.display = False

    def action_submit(self) -> None:  # type: ignore[override]
        """Goes back to the pane, at the line that was found."""
        self.display = False
        self._back()

    def action_leave(self) -> None:
        self.forget()
        self._back()

    def _back(self) -> None:
        self.screen.set_focus(self.parent if isinstance(self.parent, Widget) else None)
