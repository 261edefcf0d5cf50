"""Texts cut into lines: at spaces where it can be, and never with more work than there is text."""

from __future__ import annotations

import pytest
from rich.style import Style

from faldeck.tui.panes import lines
from faldeck.tui.panes.lines import line, line_starts, width_of, wrap


def test_a_text_is_broken_at_spaces_and_a_long_word_anywhere() -> None:
    assert wrap("a fox in the snow", 7) == ["a fox", "in the", "snow"]
    assert wrap("the snowdrift", 5) == ["the", "snowd", "rift"]
    assert wrap("snowdrift a b", 5) == ["snowd", "rift", "a b"]
    assert wrap("漢字漢字漢 a", 5) == ["漢字", "漢字", "漢 a"]


@pytest.mark.parametrize("text", ["漢字" * 10_000, "é" * 20_000, "a\u0301" * 10_000, "\u3000" * 5_000], ids=ascii)
def test_a_text_without_spaces_is_measured_piece_by_piece(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = 0

    def counted(text: str) -> int:
        nonlocal measured
        measured += len(text)
        return width_of(text)

    monkeypatch.setattr(lines, "width_of", counted)
    rows = wrap(text, 40)
    assert "".join(rows) == text
    assert all(width_of(row) <= 40 for row in rows)
    assert measured < 20 * len(text)


def test_an_edited_text_is_broken_behind_spaces_and_every_character_keeps_its_place() -> None:
    assert line_starts("", 5) == line_starts("a fox", 6) == [0]
    assert line_starts("a fox", 5) == [0, 2]
    assert line_starts("a fox in the snow", 7) == [0, 6, 13]
    assert line_starts("snowdrift", 4) == [0, 4, 8]
    assert line_starts("漢字漢字", 4) == [0, 2, 4]
    text = "a fox  in 漢字 the snowdrift, at dawn"
    for width in range(2, 40):
        starts = line_starts(text, width)
        lines_ = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
        assert "".join(lines_) == text and all(width_of(line) <= width for line in lines_)


@pytest.mark.parametrize(
    ("left", "right", "shown"),
    [
        (["The seaside at dawn"], "1/3", "The sea… 1/3"),
        (["The seaside at dawn"], " 1/3", "The sea… 1/3"),
        (["The ", "seaside at dawn"], "1/3", "The sea… 1/3"),
        (["The sea "], "1/3", "The sea  1/3"),
        (["The sea at dawn"], "", "The sea at…"),
        (["漢字漢字漢字漢字"], "1/3", "漢字漢…  1/3"),
    ],
)
def test_a_blank_stands_between_a_text_that_is_cut_and_the_words_behind_it(
    left: list[str], right: str, shown: str
) -> None:
    drawn = line(12, Style(), [(text, Style()) for text in left], [(right, Style())])
    assert drawn.text.rstrip() == shown
    assert drawn.cell_length == 12
