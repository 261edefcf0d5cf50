"""The event stream format, fed by hand; the names are the standard's own examples where there is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldeck.fal.sse import Decoder, Event, Lines


def events(*chunks: bytes, max_line: int = 1_000, max_event: int = 2_000) -> list[Event]:
    lines, decoder = Lines(max_line), Decoder(max_event)
    fed = (decoder.feed(line) for chunk in chunks for line in lines.feed(chunk))
    return [event for event in fed if event]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_ends_a_line(end: bytes) -> None:
    text = b"data: one" + end + b"data: two" + end + end + b"data: three" + end + end
    assert events(text) == [Event("one\ntwo"), Event("three")]
    assert events(*(bytes([byte]) for byte in text)) == [Event("one\ntwo"), Event("three")]


def test_comments_and_unknown_fields_are_ignored() -> None:
    assert events(b": keep-alive\n\nretry: 5\nid: 1\nother\ndata: x\n\n") == [Event("x")]


def test_one_space_after_the_colon_is_not_data() -> None:
    assert events(b"data:x\n\ndata:  y\n\ndata\n\n") == [Event("x"), Event(" y"), Event("")]


def test_an_event_may_have_a_name() -> None:
    assert events(b"event: error\ndata: x\n\ndata: y\n\n") == [Event("x", "error"), Event("y")]


def test_an_event_that_is_cut_off_is_not_dispatched() -> None:
    assert events(b"data: x\n\ndata: y\n") == [Event("x")]


def test_separators_of_other_alphabets_are_text() -> None:
    text = "a\u2028b\x85c\x0bd"
    assert events(f"data: {text}\n\n".encode()) == [Event(text)]


def test_bytes_that_are_no_utf_8_become_marks() -> None:
    assert events(b"data: \xff!\n\n") == [Event("\ufffd!")]


def test_an_overlong_line_is_dropped_and_the_next_event_comes() -> None:
    pieces = [b"data: ", *[b"x" * 64_000] * 160, b"\n\n", b"data: y\n\n"]
    assert events(*pieces, max_line=4_000, max_event=8_000) == [Event("y")]


def test_an_overlong_line_is_not_gathered() -> None:
    lines = Lines(max_bytes=1_000)
    for _ in range(100):
        lines.feed(b"x" * 1_000)
    assert len(lines._rest) <= 1_000


def test_an_event_of_too_many_lines_is_dropped() -> None:
    assert events(b"data: 123456789\n" * 300 + b"\ndata: y\n\n") == [Event("y")]


@given(st.lists(st.sampled_from([b"data: x", b"\n", b"\r", b"\r\n", b":", b"event: e", b" ", b"\xc3\xa9"])), st.data())
def test_where_the_bytes_are_cut_changes_nothing(parts: list[bytes], data: st.DataObject) -> None:
    text = b"".join(parts)
    cut = data.draw(st.integers(0, len(text)))
    assert events(text[:cut], text[cut:]) == events(text)
