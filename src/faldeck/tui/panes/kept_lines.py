"""Keeps the drawn lines of a widget until something in it changes."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class KeptLines(Widget):
    """A widget that is not asked for lines that are as they were.

    For each change anywhere, Textual asks every widget on the screen for all its lines. Even if it has kept each of
    them, this takes longer than to draw the one line that has changed.
    """

    _kept: tuple[Region, list[Strip]] | None = None
    """The part that was drawn last, and its lines; None once any of them may have changed."""

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._kept is None or self._kept[0] != crop:
            self._kept = crop, super().render_lines(crop)
        return self._kept[1]

    def _set_dirty(self, *regions: Region) -> None:
        self._kept = None
        super()._set_dirty(*regions)
