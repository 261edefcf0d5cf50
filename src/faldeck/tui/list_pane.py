"""A pane of rows with a cursor: moving, scrolling, and painting nothing but what changed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip

from faldeck.tui.lines import Span
from faldeck.tui.pane import Pane


class ListPane(Pane):
    """Rows, of which one has the cursor. Subclasses say how many there are and draw one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="list.up", tooltip="The row above"),
        Binding("down,j", "move(1)", "Down", show=False, id="list.down", tooltip="The row below"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="list.page-up", tooltip="A page up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="list.page-down", tooltip="A page down"),
        Binding("home,g", "first", "First", show=False, id="list.first", tooltip="The first row"),
        Binding("end,G", "last", "Last", show=False, id="list.last", tooltip="The last row"),
    ]

    cursor = 0
    """The row that keys act on."""

    scrolled = 0
    """The first row shown."""

    @property
    def top(self) -> int:
        """Body lines above the rows."""
        return 0

    @property
    def foot(self) -> int:
        """Body lines below the rows."""
        return 0

    @property
    def page_size(self) -> int:
        """Rows that fit."""
        return max(1, self.body_height - self.top - self.foot)

    @abstractmethod
    def row_count(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        """The spans of a row, and those flush right."""

    def head_line(self, y: int) -> Strip:
        """A body line above the rows."""
        return self.drawn(())

    def foot_line(self, y: int) -> Strip:
        """A body line below the rows."""
        return self.drawn(())

    def empty(self) -> Sequence[Sequence[Span]]:
        """What is said, line by line, where there are no rows: what to do next."""
        return ()

    def body_line(self, y: int) -> Strip:
        y -= self.top
        if y < 0:
            return self.head_line(y + self.top)
        if y >= self.page_size:
            return self.foot_line(y - self.page_size)
        if not self.row_count():
            words = self.empty()
            return self.drawn(words[y] if y < len(words) else ())
        index = self.scrolled + y
        if index >= self.row_count():
            return self.drawn(())
        left, right = self.row(index)
        return self.drawn(left, right, over=self.cursor_style if index == self.cursor else "")

    def move_to(self, index: int) -> None:
        """Puts the cursor on a row, scrolling as little as needed."""
        before, scrolled = self.cursor, self.scrolled
        self.cursor = max(0, min(index, self.row_count() - 1))
        last_page = max(0, self.row_count() - self.page_size)
        self.scrolled = max(self.cursor - self.page_size + 1, min(self.scrolled, self.cursor, last_page))
        if self.scrolled != scrolled:
            self.refresh()
        elif self.cursor != before:
            for row in (before, self.cursor):
                self.refresh_row(row)
        if self.cursor != before:
            self.moved()

    def refresh_row(self, index: int) -> None:
        """Paints one row again."""
        y = 1 + self.top + index - self.scrolled
        self.refresh(Region(0, y, self.size.width, 1))

    def refresh_foot(self) -> None:
        """Paints the lines below the rows again."""
        self.refresh(Region(0, self.size.height - self.foot, self.size.width, self.foot))

    def moved(self) -> None:
        """Called after the cursor has come to another row."""

    def action_move(self, rows: int) -> None:
        self.move_to(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        self.move_to(self.cursor + pages * self.page_size)

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(self.row_count() - 1)

    def found_lines(self) -> Sequence[str]:
        return ["".join(text for text, _ in self.row(index)[0]) for index in range(self.row_count())]

    def found_from(self) -> int:
        return self.cursor

    def go_to_found(self, place: int | None) -> None:
        if place is not None:
            self.move_to(place)

    def on_resize(self, event: events.Resize) -> None:
        self.move_to(self.cursor)

    def on_click(self, event: events.Click) -> None:
        index = self.clicked_row(event)
        if index is not None:
            self.move_to(index)

    def clicked_row(self, event: events.Click) -> int | None:
        """The row that a click is on; None beside the rows."""
        y = event.y - 1 - self.top
        index = self.scrolled + y
        return index if 0 <= y < self.page_size and index < self.row_count() else None

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.move_to(self.cursor + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.move_to(self.cursor - 3)
