"""Which rows of a page are on the screen, and which line has the cursor. Draws nothing."""

from __future__ import annotations

from faldeck.schema.json_value import JsonPath
from faldeck.tui.panes.page_text import PageText, Row


class PageView:
    """A window of some rows over the text of a page. A page of JSON has a cursor; any other is only scrolled."""

    def __init__(self) -> None:
        self.text = PageText()
        self.height = 1
        """Rows on the screen."""
        self.scrolled = 0
        """The first row on the screen."""
        self.line = 0
        """The line with the cursor, if the page has one."""
        self.named: JsonPath | None = None
        """The copied path, until the cursor moves. The next copy copies its value."""

    @property
    def rows(self) -> list[Row]:
        """All rows of the page."""
        return self.text.rows

    @property
    def has_cursor(self) -> bool:
        """Whether a line can be chosen: each is a place in a document."""
        return self.text.has_paths

    @property
    def last(self) -> int:
        """The first row on the screen when the page is at its end."""
        return max(0, len(self.rows) - self.height)

    @property
    def search_start(self) -> int:
        """The line at which a search starts."""
        return self.line if self.has_cursor else self.text.line_at(self.scrolled)

    def show(self, text: PageText, height: int) -> None:
        """Shows another text, or the same text for another width, at the same position."""
        self.text, self.height = text, max(1, height)
        self.scrolled = max(0, min(self.scrolled, len(self.rows) - 1))
        self.line = max(0, min(self.line, len(text.lines) - 1))

    def to_start(self) -> None:
        """Goes to the first line."""
        self.scrolled = self.line = 0
        self.named = None

    def scroll(self, lines: int) -> None:
        """Moves the cursor by some lines, or the page by some rows if it has no cursor."""
        if self.has_cursor:
            self.go_to(self.line + lines)
        else:
            self.scrolled = max(0, min(self.scrolled + lines, self.last))

    def go_to(self, line: int) -> None:
        """Puts the cursor on a line, and scrolls as little as possible."""
        self.line, self.named = max(0, min(line, len(self.text.lines) - 1)), None
        rows = self.text.rows_of(self.line)
        self.scrolled = max(min(self.scrolled, rows.start), min(rows.start, rows.stop - self.height))

    def show_match(self, line: int, word: str) -> None:
        """Shows the row of a line in which a word starts, with some rows around it."""
        self.line, self.named = line, None
        row = self.text.row_with(line, word)
        if not self.scrolled <= row < self.scrolled + self.height:
            self.scrolled = max(0, min(row - self.height // 3, self.last))

    def row_at(self, y: int) -> int | None:
        """The row on the line `y` of the window; None below the end of the page."""
        row = self.scrolled + y
        return row if 0 <= y < self.height and row < len(self.rows) else None
