"""How the lines of a form are given to long texts."""

from __future__ import annotations

import pytest

from faldeck.tui.form.row_lines import RowLines


def test_a_long_text_grows_into_the_lines_that_are_free() -> None:
    lines = RowLines([3, 1, 1], room=10)

    assert lines.heights == [3, 1, 1]
    assert [lines.at(line) for line in range(6)] == [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0), None]
    assert lines.start(1) == 3


def test_the_row_that_is_typed_is_served_first() -> None:
    assert RowLines([9, 4], room=6, first=1).heights == [2, 4]
    assert RowLines([9, 4], room=6).heights == [5, 1]


@pytest.mark.parametrize("room", [0, 1, 3])
def test_without_free_lines_every_row_has_one(room: int) -> None:
    lines = RowLines([5, 5, 5], room)

    assert lines.heights == [1, 1, 1] and lines.is_even


def test_a_click_below_the_rows_is_on_none() -> None:
    assert RowLines([2], room=5).at(2) is None
    assert RowLines([], room=5).at(0) is None
