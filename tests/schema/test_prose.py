"""The prose of schemas as plain text."""

import pytest

from faldeck.schema import plain_text


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
    assert plain_text.plain(written) == plain


def test_a_label_is_one_line() -> None:
    assert plain_text.line("Guidance\n  scale `(CFG)`") == "Guidance scale (CFG)"


def test_a_count_has_its_noun() -> None:
    assert [plain_text.count(number, "item") for number in (1, 2_000)] == ["1 item", "2,000 items"]


@pytest.mark.parametrize(
    "hostile", ["<a " + "href=x " * 3_000, "<a " + "href=x " * 3_000 + ">", "**a " * 5_000, "[a](http://" * 2_000]
)
def test_prose_that_is_made_to_take_for_ever_does_not(hostile: str) -> None:
    for _ in range(20):
        assert len(plain_text.plain(hostile)) <= len(hostile)


def test_endless_prose_is_cut() -> None:
    assert len(plain_text.plain("word " * 10**6)) < 20_001
