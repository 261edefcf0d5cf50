"""Moving through a list or a page: the actions that the keys of the scope `move` run."""

from __future__ import annotations

ALL = 1_000_000_000
"""More rows than any list or page has."""


class Moves:
    """A pane's actions of moving. Subclasses give `page_size` and `move_by`."""

    @property
    def page_size(self) -> int:
        """Rows on the screen."""
        return 1

    def move_by(self, rows: int) -> None:
        """Moves the cursor, or a page without one, by some rows; stops at the ends."""
        raise NotImplementedError

    def action_move(self, rows: int) -> None:
        self.move_by(rows)

    def action_page(self, pages: int) -> None:
        self.move_by(pages * self.page_size)

    def action_half_page(self, halves: int) -> None:
        self.move_by(halves * max(1, self.page_size // 2))

    def action_first(self) -> None:
        self.move_by(-ALL)

    def action_last(self) -> None:
        self.move_by(ALL)

    def action_row(self, number: int) -> None:
        """Goes to a row, counted from 1."""
        self.move_by(-ALL)
        self.move_by(number - 1)
