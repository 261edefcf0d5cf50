"""From bytes to JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldeck.fal.responses import MAX_DEPTH, parse


def test_integers_stay_exact() -> None:
    assert parse(b'{"seed": 18446744073709551615}') == {"seed": 18446744073709551615}


def test_numbers_that_json_cannot_hold_stay_as_their_text() -> None:
    assert parse(b"[NaN, -Infinity, 1e400, 1.5]") == ["NaN", "-Infinity", "1e400", 1.5]


def test_bytes_that_are_no_utf_8_and_lone_surrogates_become_marks() -> None:
    body = parse(b'\xef\xbb\xbf{"a\\ud800": "\xff \\ud83d\\ude00 \\udc00"}')
    assert body == {"a?": "\ufffd \U0001f600 ?"}
    json.dumps(body, ensure_ascii=False).encode()


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 5_000, 1_000_000])
@pytest.mark.parametrize("pair", [("[", "]"), ('{"a":', "}")])
def test_json_bombs_are_named_and_not_swallowed(depth: int, pair: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        parse((pair[0] * depth + "1" + pair[1] * depth).encode())


def test_wide_json_is_no_bomb() -> None:
    assert parse(b"[" + b"{}," * 10_000 + b"{}]") == [{}] * 10_001


@pytest.mark.parametrize(
    ("text", "name"),
    [(b"", "no content"), (b"{'a': 1}", "not JSON"), (b"<html>nginx</html>", "HTML"), (b"1" * 5_000, "number")],
)
def test_what_came_instead_of_json_is_named(text: bytes, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        parse(text)


@given(st.binary())
def test_no_bytes_break_the_parser(text: bytes) -> None:
    try:
        body = parse(text)
    except ValueError:
        return
    json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
