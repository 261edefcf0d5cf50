"""How many colours a terminal has, and whether its background is light, from what it and the environment say."""

from __future__ import annotations

from time import monotonic

import pytest

from faldeck.tui.terminal import colours
from faldeck.tui.terminal.colours import BackgroundQuestion


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "xterm-kitty"}, "truecolor"),
        ({"TERM": "screen", "STY": "1.x", "COLORTERM": "truecolor"}, "standard"),
        ({"TERM": "screen-256color", "STY": "1.x", "COLORTERM": "truecolor"}, "256"),
        ({"TERM": "linux"}, "standard"),
        ({"TERM": "xterm"}, "standard"),
        ({"TERM": "no-such-terminal"}, "standard"),
        ({}, "standard"),
    ],
)
def test_the_number_of_colours_is_what_the_terminal_has(environment: dict[str, str], expected: str) -> None:
    assert colours.color_system(environment) == expected


@pytest.mark.parametrize(
    ("value", "is_light"),
    [("15;0", False), ("0;15", True), ("0;default;15", True), ("default;default", None), ("", None)],
)
def test_colorfgbg_names_the_background(value: str, is_light: bool | None) -> None:
    assert colours.is_light({"COLORFGBG": value}) is is_light


@pytest.mark.parametrize(
    ("answer", "is_light"),
    [
        ("\x1b]11;rgb:ffff/ffff/dddd\x1b\\", True),
        ("\x1b]11;rgb:1e/1e/2e\x07", False),
        ("\x1b]11;rgba:0000/0000/0000/ffff\x1b\\", False),
    ],
)
def test_the_answer_of_the_terminal_is_heard_once(answer: str, is_light: bool) -> None:
    heard: list[bool] = []
    question = BackgroundQuestion(heard.append)
    for text in ("\x1b[?62;22c", "\x1b]11;nonsense\x1b\\", answer, answer):
        question.hear(text)

    assert heard == [is_light]


def test_a_late_answer_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bool] = []
    question = BackgroundQuestion(heard.append)
    later = monotonic() + colours.ANSWER_SECONDS + 1
    monkeypatch.setattr("faldeck.tui.terminal.colours.monotonic", lambda: later)
    question.hear("\x1b]11;rgb:ffff/ffff/ffff\x1b\\")

    assert heard == []


@pytest.mark.parametrize("environment", [{"TERM": "linux"}, {"TERM": "xterm", "STY": "1.x"}, {"TERM": "vt220"}, {}])
def test_a_terminal_that_might_print_the_question_is_not_asked(environment: dict[str, str]) -> None:
    assert not colours.can_be_asked(environment)
