"""Knows what a terminal shows and makes the shortest output that turns it into another screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from faldeck.tui.terminal.abilities import Abilities
from faldeck.tui.terminal.grid import CellRow, Grid
from faldeck.tui.terminal.pen import Pen
from faldeck.tui.terminal.placements import Placements, Shelf
from faldeck.tui.terminal.sgr import PLAIN, Style
from faldeck.tui.terminal.strokes import Stroke, strokes_of

_MOST_ORDERED = 300
"""Up to this many strokes are ordered by style. More are a new screen: the order would take longer than it saves."""

_PARTNER_PRICE = 6
"""A stroke is drawn this many characters later if its colour also waits on another background: both are then drawn one
after the other, with one colour changed between them."""


class ScreenDiff:
    """The rows a terminal shows, and the output that changes them."""

    def __init__(self, *, erases_in_colour: bool = True, shelf: Shelf | None = None) -> None:
        """`erases_in_colour`: whether erased cells get the current background (terminfo's `bce`).

        `shelf` has the pictures that cells may refer to.
        """
        self._placements = Placements(shelf or Shelf())
        self._rows: list[CellRow | None] = []
        self._pen = Pen(erases_in_colour=erases_in_colour)

    def use(self, abilities: Abilities) -> None:
        """From now on the output may use what the terminal can do."""
        self._pen.abilities = abilities

    def forget(self) -> None:
        """Treats every row as unknown until it is drawn again. Called when another program may have drawn."""
        self._rows = []
        self._pen.lose()
        self._placements.forget()

    def follow(self, wanted: Grid) -> str:
        """Returns the output that makes the terminal show `wanted`; empty if it already does."""
        if (self._pen.width, len(self._rows)) != wanted.size:
            self._pen.width, self._rows = wanted.width, [None] * len(wanted.rows)
            self._placements.forget()
        shown = self._rows
        strokes: list[Stroke] = []
        for y, row in enumerate(wanted.rows):
            if shown[y] != row:
                changes = list(strokes_of(y, shown[y], row, self._placements.as_text))
                for stroke in changes:
                    self._placements.overwritten(row.glyphs[stroke.x : stroke.end])
                strokes += changes
                shown[y] = row.copy()
                self._placements.row_changed(y, row)
        self._draw(strokes)
        for output in self._placements.follow():
            if output.at:
                self._pen.move(*output.at)
            self._pen.send_picture(output.data)
        if shown and wanted.cursor:
            self._pen.move(*wanted.cursor)
        return self._pen.take()

    def rest(self) -> str:
        """Returns the output to send before any other text, so that this text does not inherit a style or a link."""
        if self._pen.style is not None:
            self._pen.restyle(PLAIN)
        return self._pen.take()

    def cleared(self) -> str:
        """Returns the output that removes all pictures."""
        self._rows = []
        cleared = self._placements.cleared()
        return f"{self.rest()}{cleared}" if cleared else ""

    def _draw(self, strokes: Sequence[Stroke]) -> None:
        """Draws strokes in the shorter of two orders: from left to right in each row, or by style."""
        if 2 < len(strokes) <= _MOST_ORDERED:
            row_by_row, by_style = self._pen.copy(), self._pen.copy()
            for stroke in strokes:
                row_by_row.draw(stroke)
            ordered = _by_style(by_style, strokes)
            if by_style.length < row_by_row.length:
                strokes = ordered
        for stroke in strokes:
            self._pen.draw(stroke)


def _by_style(pen: Pen, strokes: Iterable[Stroke]) -> list[Stroke]:
    """Draws the strokes with `pen`, each time one that is near in style and position; returns them in this order.

    A change of colours takes twenty characters or more, a move seven.
    """
    waiting: dict[tuple[Style, bool], dict[tuple[int, int], Stroke]] = {}
    tails: dict[tuple[int, int], list[Stroke]] = {}
    head = (0, 0)
    for stroke in strokes:
        if stroke.follows:
            tails.setdefault(head, []).append(stroke)
        else:
            head = (stroke.x, stroke.y)
            waiting.setdefault((stroke.style, stroke.is_blank), {})[head] = stroke
    drawn: list[Stroke] = []
    last: Stroke | None = None
    while waiting:
        stroke = _next(pen, waiting, last)
        same = waiting[stroke.style, stroke.is_blank]
        del same[stroke.x, stroke.y]
        if not same:
            del waiting[stroke.style, stroke.is_blank]
        for last in (stroke, *tails.get((stroke.x, stroke.y), ())):
            pen.draw(last)
            drawn.append(last)
    return drawn


def _next(pen: Pen, waiting: dict[tuple[Style, bool], dict[tuple[int, int], Stroke]], last: Stroke | None) -> Stroke:
    """The waiting stroke to draw after `last`."""
    beside = None
    if last:
        place = (last.end, last.y)
        beside = next((strokes[place] for strokes in waiting.values() if place in strokes), None)
        if same := waiting.get((last.style, last.is_blank)):
            stroke = next(iter(same.values()))
            if (below := same.get((last.x, last.y + 1))) and pen.distance(below) < pen.distance(stroke):
                stroke = below
            return beside if beside and pen.cost(beside) <= pen.distance(stroke) else stroke
    firsts = [next(iter(strokes.values())) for strokes in waiting.values()]
    colours = Counter(style.foreground for style, is_blank in waiting if not is_blank)

    def price(stroke: Stroke) -> int:
        return pen.cost(stroke) + (_PARTNER_PRICE if colours[stroke.style.foreground] > 1 else 0)

    return min([beside, *firsts] if beside else firsts, key=price)
