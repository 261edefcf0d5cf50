"""The prose of schemas as plain text."""

import pytest

from faldeck.schema import prose


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("\n    The same seed\n    gives the same image.\n", "The same seed gives the same image."),
        ("**Bold** and `code`", "Bold and code"),
        ("See [the docs](https://x.org/a) now", "See the docs (https://x.org/a) now"),
        ('<a href="https://x.org">here</a><br/>then<p>on</p>', "here (https://x.org)\n\nthen\n\non"),
        ("Options:\n- one\n- two\n\nAnd more", "Options:\n- one\n- two\n\nAnd more"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("# Title\ntext", "Title text"),
        ("Use [laughs] or <lora:name> &amp; 2 < 3", "Use [laughs] or <lora:name> & 2 < 3"),
        ("a_snake_case and __init__", "a_snake_case and __init__"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("evil \x1b[31mred\x07 \u202etxt", "evil [31mred txt"),
        ("", ""),
    ],
)
def test_marks_go_and_the_sense_stays(written: str, plain: str) -> None:
    assert prose.plain(written) == plain


def test_a_label_is_one_line() -> None:
    assert prose.line("Guidance\n  scale `(CFG)`") == "Guidance scale (CFG)"


def test_a_count_has_its_noun() -> None:
    assert [prose.count(number, "item") for number in (1, 2_000)] == ["1 item", "2,000 items"]
