"""Bytes as terminals and lines send them, cut into what was typed, sequences and pastes."""

from __future__ import annotations

import pytest

from faldeck.tui.terminal.input_reader import (
    CLOSING_SECONDS,
    ESCAPE_SECONDS,
    PASTE_SECONDS,
    SEQUENCE_SECONDS,
    SLOW_ESCAPE_SECONDS,
    STRING_SECONDS,
    EscapeSequence,
    InputReader,
    Part,
    PastedText,
    TypedText,
    escape_seconds,
)

Piece = bytes | float
"""Bytes that arrive together, or a silence in seconds."""


def read(*pieces: Piece, escape: float = SLOW_ESCAPE_SECONDS) -> list[Part]:
    """What is read of pieces, and of a long silence after them."""
    reader, now, parts = InputReader(escape), 0.0, list[Part]()
    for piece in (*pieces, 5.0):
        if isinstance(piece, bytes):
            parts += reader.feed(piece, now)
            continue
        end = now + piece
        while reader.deadline is not None and reader.deadline <= end:
            now = reader.deadline
            parts += reader.tick(now)
        now = end
    return parts


KEYS = [
    *("\x1b[A", "\x1bOP", "\x1b[1;5A", "\x1b[15~", "\x1b[3$", "\x1b[[A", "\x1b[M a!", "\x1b[<35;10;5M", "\x1b[32;9;9M"),
    *(
        "\x1b[97;5u",
        "\x1b[97:65;2:3;65u",
        "\x1b[I",
        "\x1b[?62;22c",
        "\x1b[>41;354;0c",
        "\x1b[?2026;2$y",
        "\x1b[?997;1n",
    ),
    *(
        "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
        "\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
        "\x1bP>|XTerm(380)\x1b\\",
        "\x1b_Gi=1;OK\x1b\\",
    ),
    *("\x1bx", "\x1b1", "\x1bé", "\x1b漢"),
]


@pytest.mark.parametrize("sequence", KEYS, ids=ascii)
def test_a_sequence_is_one_part_wherever_the_line_splits_it(sequence: str) -> None:
    data = sequence.encode()
    for place in range(1, len(data)):
        assert read(b"a" + data[:place], 0.1, data[place:] + b"b") == [
            TypedText("a"),
            EscapeSequence(sequence),
            TypedText("b"),
        ]
    assert read(*(data[place : place + 1] for place in range(len(data)))) == [EscapeSequence(sequence)]


def test_a_lone_escape_is_a_key_after_a_short_wait() -> None:
    assert read(b"\x1b") == [EscapeSequence("\x1b")]
    assert read(b"\x1b", 0.3, b"[") == [EscapeSequence("\x1b"), TypedText("[")]
    assert read(b"\x1b\x1b[A") == [EscapeSequence("\x1b"), EscapeSequence("\x1b[A")]
    assert read(b"\x1b\n") == [EscapeSequence("\x1b"), TypedText("\n")]
    assert escape_seconds({}) == ESCAPE_SECONDS
    assert escape_seconds({"SSH_TTY": "/dev/pts/1"}) == SLOW_ESCAPE_SECONDS
    assert escape_seconds({"SSH_TTY": "/dev/pts/1", "TMUX": "/tmp/tmux-0/default,1,0"}) == ESCAPE_SECONDS


def test_the_rest_of_a_sequence_that_comes_too_late_is_not_typed_and_the_next_is_waited_for() -> None:
    late = [EscapeSequence("\x1b"), EscapeSequence("\x1b[<0;10;5M")]
    assert read(b"\x1b", 0.1, b"[<0;10;5M", escape=ESCAPE_SECONDS) == late
    once = read(b"\x1b", 0.1, b"[A", 1.0, b"\x1b", 0.1, b"[B", escape=ESCAPE_SECONDS)
    assert once == [EscapeSequence("\x1b"), EscapeSequence("\x1b[A"), EscapeSequence("\x1b[B")]
    answer = b"]11;rgb:1e1e/1e1e/2e2e\x1b\\"
    assert read(b"\x1b", 0.1, answer, escape=ESCAPE_SECONDS) == [
        EscapeSequence("\x1b"),
        EscapeSequence(f"\x1b{answer.decode()}"),
    ]
    assert read(b"\x1b", 0.1, b"[200~a\x1b[201~", escape=ESCAPE_SECONDS) == [EscapeSequence("\x1b"), PastedText("a")]


def test_no_timer_runs_where_the_escape_key_sends_a_sequence() -> None:
    assert read(b"\x1b[97;;97u\x1b", 0.4, b"[A", escape=ESCAPE_SECONDS) == [
        EscapeSequence("\x1b[97;;97u"),
        EscapeSequence("\x1b[A"),
    ]


@pytest.mark.parametrize("begun", ["\x1b[1;", "\x1b[<0;1", "\x1b]11;rgb", "\x1bP>|XT", "\x1b[?62"], ids=ascii)
def test_a_sequence_that_never_ends_is_dropped(begun: str) -> None:
    assert read(begun.encode(), max(SEQUENCE_SECONDS, STRING_SECONDS) + 0.1, b"x") == [TypedText("x")]
    assert read(begun.encode() + b"\x1b[A") == [EscapeSequence("\x1b[A")]
    assert read(begun.encode() + b"\r") == [TypedText("\r")]


@pytest.mark.parametrize("character", "[O]P_")
def test_alt_and_a_character_that_begins_sequences_is_a_key(character: str) -> None:
    assert read(f"\x1b{character}".encode()) == [EscapeSequence(f"\x1b{character}")]


@pytest.mark.parametrize(
    ("data", "text"), [(b"\xe9x", "�x"), (b"\xff", "�"), (b"\xc3", ""), (b"\xe6\xbc\xa2", "漢"), (b"\xe6\xbcx", "�x")]
)
def test_bytes_that_are_no_text_are_replaced(data: bytes, text: str) -> None:
    assert "".join(part.text for part in read(data) if isinstance(part, TypedText)) == text
    assert "".join(part.text for part in read(*(bytes([one]) for one in data)) if isinstance(part, TypedText)) == text
    assert read(data + b"\x1b[A")[-1] == EscapeSequence("\x1b[A")


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        (b"a fox", "a fox"),
        (b"", ""),
        (b"caf\xe9!", "caf�!"),
        (b"log: \x1b[mread the notes", "log: \x1b[mread the notes"),
        (b"\x1b[A\x1b[200~\x03\r\n\x1b", "\x1b[A\x1b[200~\x03\r\n\x1b"),
    ],
)
def test_a_paste_is_one_part_wherever_the_line_splits_it(pasted: bytes, text: str) -> None:
    data = b"\x1b[200~" + pasted + b"\x1b[201~"
    for place in range(1, len(data)):
        for silence in (0.0, 0.03, 0.1):
            assert read(data[:place], silence, data[place:] + b"x") == [PastedText(text), TypedText("x")]


def test_a_paste_without_an_end_closes_after_a_silence_and_may_go_on() -> None:
    assert read(b"\x1b[200~a fox", 0.9, b" runs", PASTE_SECONDS, b"x") == [PastedText("a fox runs"), TypedText("x")]
    assert read(b"\x1b[200~a fox\x1b[20", PASTE_SECONDS, b"x") == [PastedText("a fox"), TypedText("x")]
    assert read(b"\x1b[200~a fox", 2.0, b" runs\r\x1b[201~x") == [
        PastedText("a fox"),
        PastedText(" runs\r"),
        TypedText("x"),
    ]
    rest = b" runs and a hare sits and waits\rfor another fox"
    assert read(b"\x1b[200~a fox", 2.0, rest) == [PastedText("a fox"), PastedText(rest.decode())]


@pytest.mark.parametrize("key", [b"\x03", b"\x1b", b"\x1b[27u", b"\x1b[99;5u"], ids=ascii)
def test_a_paste_without_an_end_closes_at_escape_and_at_ctrl_c(key: bytes) -> None:
    assert read(b"\x1b[200~a fox", 0.3, key, CLOSING_SECONDS, b"x") == [PastedText("a fox"), TypedText("x")]


@pytest.mark.parametrize("split", range(1, 9))
def test_the_one_byte_form_of_a_sequence_is_never_typed(split: int) -> None:
    answer = b"\x9b?62;22c"

    assert read(answer) == [EscapeSequence("\x1b[?62;22c")]
    assert read(answer[:split], 0.02, answer[split:]) == [EscapeSequence("\x1b[?62;22c")]


@pytest.mark.parametrize(
    ("short", "written"),
    [
        ("\x9b?62;22c", "\x1b[?62;22c"),
        ("\x9d11;rgb:0/0/0\x9c", "\x1b]11;rgb:0/0/0\x1b\\"),
        ("\x90>|XTerm\x9c", "\x1bP>|XTerm\x1b\\"),
        ("\x9fGi=31;OK\x9c", "\x1b_Gi=31;OK\x1b\\"),
        ("\x8fA", "\x1bOA"),
    ],
    ids=ascii,
)
def test_a_short_form_in_utf_8_is_never_typed(short: str, written: str) -> None:
    data = short.encode()

    assert read(data) == [EscapeSequence(written)]
    assert read(data[:1], 0.02, data[1:]) == read(data[:2], 0.02, data[2:]) == [EscapeSequence(written)]


@pytest.mark.parametrize("text", ["Û", "a曛b", "🛛", "ÛÛ7", "é\xa0¿\x85"])
def test_a_character_that_has_the_byte_of_a_sequence_in_it_is_typed(text: str) -> None:
    data = text.encode()

    for split in range(len(data)):
        parts = read(data[:split], data[split:])
        assert all(isinstance(part, TypedText) for part in parts)
        assert "".join(part.text for part in parts) == text
