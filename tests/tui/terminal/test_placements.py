"""Pictures among text: placed, moved, covered in part, written over, and nothing left of them."""

from __future__ import annotations

import re

import pytest
from support.screen import Screen

from faldeck.tui.terminal.bitmaps import Bitmap, KittyBitmap, SixelBitmap
from faldeck.tui.terminal.diff import ScreenDiff
from faldeck.tui.terminal.graphics import CellSize
from faldeck.tui.terminal.grid import Grid
from faldeck.tui.terminal.placements import Shelf

CELL = CellSize(6, 12)
COLUMNS, ROWS = 4, 3


class Display:
    """A screen of 20 by 8 cells, and what is sent to it."""

    def __init__(self, bitmap: Bitmap) -> None:
        self.shelf = Shelf()
        self.bitmap = bitmap
        self._rows = self.shelf.add(bitmap)
        self._grid = Grid(20, 8)
        self.diff = ScreenDiff(shelf=self.shelf)

    def paint(self, x: int, y: int, rows: range = range(ROWS)) -> str:
        """Paints the picture's rows from the cell (x, y) on; gives what is sent."""
        pieces = []
        for line, row in enumerate(rows):
            ((text, _),) = self._rows[row]
            pieces.append(f"\x1b[{y + line + 1};{x + 1}H{text}")
        return self.text("".join(pieces))

    def text(self, frame: str) -> str:
        self._grid.paint(f"{frame}\x1b[1;1H")
        return self.diff.follow(self._grid)

    def blank(self) -> str:
        return self.text("".join(f"\x1b[{y + 1};1H{' ' * 20}" for y in range(8)))


@pytest.fixture
def kitty() -> Display:
    return Display(KittyBitmap(9, CELL, COLUMNS, ROWS, b"PNG"))


@pytest.fixture
def sixel() -> Display:
    pixels = bytes(COLUMNS * CELL.width * ROWS * CELL.height)
    return Display(SixelBitmap(9, CELL, COLUMNS, ROWS, pixels, bytes(3)))


def placed(sent: str) -> list[tuple[str, ...]]:
    """Row, column of the cursor, and x, y, w, h of the part, of each kitty placement."""
    return re.findall(r"\x1b\[(\d+)(?:;(\d+))?H\x1b_Ga=p,i=9,p=\d+,x=(\d+),y=(\d+),w=(\d+),h=(\d+)", sent)


def test_no_private_character_and_no_link_of_a_picture_is_sent(kitty: Display, sixel: Display) -> None:
    for display in (kitty, sixel):
        sent = display.paint(2, 1)
        assert "faldeck-picture" not in sent
        assert max(sent) < "\x80"


def test_kitty_is_sent_the_picture_once_and_moves_it_without_sending_it_again(kitty: Display) -> None:
    first = kitty.paint(2, 1)
    assert first.count("a=t") == 1
    assert placed(first) == [("2", "3", "0", "0", "24", "36")]
    assert kitty.text("\x1b[8;1Hwords").count("\x1b_G") == 0
    kitty.blank()
    assert kitty.paint(2, 1).count("a=t") == 1  # It was freed in between.
    moved = kitty.text(f"\x1b[2;1H{' ' * 20}") + kitty.paint(2, 2)
    assert "a=t" not in moved
    assert placed(moved)[-1] == ("3", "3", "0", "0", "24", "36")


def test_a_picture_that_is_scrolled_half_out_shows_its_rest(kitty: Display) -> None:
    kitty.paint(2, 0)
    kitty.text(f"\x1b[3;1H{' ' * 20}")
    sent = kitty.paint(2, 0, range(1, 3))
    assert placed(sent)[-1] == ("1", "3", "0", "12", "24", "24")


def test_what_covers_a_picture_leaves_the_rest_of_it_around(kitty: Display) -> None:
    kitty.paint(2, 1)
    covered = kitty.text("\x1b[3;4Hxx")
    assert sorted(part[2:] for part in placed(covered)) == [
        ("0", "0", "24", "12"),
        ("0", "12", "6", "12"),
        ("0", "24", "24", "12"),
        ("18", "12", "6", "12"),
    ]
    assert covered.count("d=i") == 1
    assert "a=t" not in covered


def test_what_takes_a_picture_away_frees_it(kitty: Display) -> None:
    kitty.paint(2, 1)
    assert kitty.blank().count("a=d,d=I,i=9") == 1
    assert "\x1b_G" not in kitty.text("\x1b[1;1Hwords")


def test_sixel_is_sent_again_only_where_text_was_written_over_it(sixel: Display) -> None:
    assert sixel.paint(2, 1).count("\x1bP") == 1
    assert sixel.text("\x1b[8;1Hwords").count("\x1bP") == 0
    assert sixel.text("\x1b[3;4Hxx").count("\x1bP") == 0  # The terminal itself takes away what is written over.
    assert sixel.paint(2, 1).count("\x1bP") == 1


def test_the_cells_under_sixel_are_written_over_when_it_goes(sixel: Display) -> None:
    sixel.paint(2, 1)
    screen = Screen(20, 8)
    screen.feed(("\r\n".join(["x" * 20] * 8) + "\x1b[H").encode())
    screen.feed(sixel.blank().encode())
    assert [row[2:6] for row in screen.text.splitlines()[1:4]] == ["    "] * ROWS


def test_a_screen_that_was_lost_is_placed_again(kitty: Display, sixel: Display) -> None:
    for display, mark in ((kitty, "a=t"), (sixel, "\x1bP")):
        display.paint(2, 1)
        display.diff.forget()
        assert mark in display.text("")


def test_leaving_takes_every_picture_away(kitty: Display, sixel: Display) -> None:
    kitty.paint(2, 1)
    assert kitty.diff.cleared().count("d=I,i=9") == 1
    assert kitty.diff.cleared() == ""
    sixel.paint(2, 1)
    assert sixel.diff.cleared().endswith("\x1b[2;3H\x1b[4X\x1b[3;3H\x1b[4X\x1b[4;3H\x1b[4X")


def test_private_characters_that_a_service_made_up_are_blanks(kitty: Display) -> None:
    sent = kitty.text("\x1b[1;1H\U0010fff0\U00100200x")
    assert placed(sent) == []
    assert max(sent) < "\x80"


def test_pictures_have_characters_of_their_own_for_as_long_as_they_are_kept() -> None:
    shelf = Shelf()
    kept = [KittyBitmap(number, CELL, 100, 200, b"") for number in range(3)]
    texts = ["".join(text for ((text, _),) in shelf.add(bitmap)) for bitmap in kept]
    assert len(set("".join(texts))) == 60_000
    assert [shelf.cell(text[101]) for text in texts] == [(bitmap, 1, 1) for bitmap in kept]
    with pytest.raises(LookupError):
        shelf.add(KittyBitmap(7, CELL, 100, 200, b""))
    kept[1] = KittyBitmap(8, CELL, 100, 200, b"")
    assert "".join(text for ((text, _),) in shelf.add(kept[1])) == texts[1]
