"""Texts cut into lines: at spaces where it can be, and never with more work than there is text."""

from __future__ import annotations

import pytest

from faldeck.tui import lines
from faldeck.tui.lines import width_of, wrap


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
