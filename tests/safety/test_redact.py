"""What gives a key away, in whatever spelling, is known."""

import base64
import json
from urllib.parse import quote

import pytest

from faldeck.safety import redact

KEY = "0f1e2d3c-canary:5ecre7/ca9a7y+zz"


def without(text: str, key: str = KEY) -> str:
    """The text without what gives the key away."""
    for spelling in redact.spellings(key):
        text = text.replace(spelling, redact.MARK)
    return text


@pytest.mark.parametrize("part", [KEY, *KEY.split(":")])
@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "Key "])
def test_no_spelling_of_any_part_of_a_key_stays(part: str, before: str) -> None:
    said = f"{before}{part}"
    spelled = (said, quote(said, safe=""), json.dumps(said).replace("/", "\\/"))
    encoded = (base64.b64encode(f"{said} end".encode()), base64.urlsafe_b64encode(said.encode()))
    for text in (*spelled, *(one.decode() for one in encoded)):
        assert redact.MARK in without(text)
        assert not set(redact.spellings(KEY)) & {without(text)}
        assert "ca9a7y" not in without(text)


def test_short_parts_are_ordinary_words() -> None:
    assert redact.spellings("me:secret") == redact.spellings("me:secret")
    assert without("me and a secret, me:secret", "me:secret") == "me and a secret, ***"
    assert redact.spellings("short") == ()


def test_a_whole_key_is_one_mark() -> None:
    assert without(f"Authorization: Key {KEY}") == "Authorization: Key ***"
