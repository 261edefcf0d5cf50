"""Charts of text: as long and as high as their values, and never wider than their room."""

import pytest

from faldeck.tui.panes import charts


@pytest.mark.parametrize(
    ("value", "drawn"),
    [(0, ""), (0.001, "╸"), (1, "━"), (1.5, "━╸"), (4, "━━━━"), (9, "━━━━"), (-1, "")],
)
def test_a_bar_is_as_long_as_its_value(value: float, drawn: str) -> None:
    assert charts.bar(value, 4, 4) == drawn


def test_without_a_value_or_without_room_there_is_no_bar() -> None:
    assert charts.bar(1, 0, 4) == charts.bar(1, 1, 0) == ""


def test_a_column_is_as_high_as_its_value_and_the_least_is_seen() -> None:
    assert charts.columns([0, 0.001, 3.5, 7], 4) == " ▁▄▇"
    assert charts.columns([0, 0], 2) == "  "
    assert charts.columns([], 9) == charts.columns([1], 0) == ""


def test_columns_fill_their_room_without_leaving_it() -> None:
    assert charts.columns([7, 3.5], 7) == "▇▇▇▄▄▄"
    assert charts.columns([1], 80) == "▇" * charts.WIDEST_COLUMN
    assert charts.columns([1, 1, 1, 1, 2], 2) == "▇▇"
    assert all(len(charts.columns([1.0] * days, 53)) <= 53 for days in range(1, 400))
