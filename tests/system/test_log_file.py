"""The program's own log: private, bounded, harmless to a terminal, and without keys."""

import base64
import logging
import os
import stat
from urllib.parse import quote

import pytest

from faldeck.safety import redact
from faldeck.system import log_file

KEY = "0f1e2d3c-canary:5ecre7ca9a7y"
LOG = logging.getLogger("faldeck.test")


def written() -> str:
    """What stands in the log."""
    return log_file.path().read_text() if log_file.path().exists() else ""


def raised(message: str) -> Exception:
    """An error with a traceback."""
    try:
        raise RuntimeError(message)
    except RuntimeError as error:
        return error


def test_no_file_is_made_before_there_is_something_to_tell() -> None:
    log_file.open_log()
    LOG.debug("nothing of interest")

    assert not log_file.path().parent.exists()


def test_an_unexpected_error_is_written_down_with_its_traceback() -> None:
    log_file.open_log()
    log_file.record(raised("the roof fell in"), "while drawing")

    assert "while drawing" in written()
    assert "RuntimeError: the roof fell in" in written()
    assert "in raised" in written()


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_the_log_is_for_its_owner_alone() -> None:
    log_file.open_log()
    log_file.record(raised("x"), "y")

    assert stat.S_IMODE(log_file.path().stat().st_mode) == 0o600
    assert stat.S_IMODE(log_file.path().parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(("debug", "environ"), [(True, {}), (False, {"FALDECK_DEBUG": "1"})])
def test_exchanges_are_told_where_that_is_asked_for(debug: bool, environ: dict[str, str]) -> None:
    log_file.open_log(debug=debug, environ=environ)
    LOG.debug("GET queue.fal.run")

    assert "GET queue.fal.run" in written()


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Key {KEY}",
        f"it said {KEY.split(':')[1]} twice",
        "Bearer eyJhbGciOi.eyJzdWIiOi.c2lnbmF0",
        "sk-abcdefgh12345",
        "01234567-89ab-cdef-0123-456789abcdef:0123456789abcdef0123456789abcdef",
        "https://x.example/f?signature=abcdef&x=1",
        f"the id {KEY.split(':')[0]} alone",
        f"Basic {base64.b64encode(f'me:{KEY}'.encode()).decode()} and {quote(KEY, safe='')}",
    ],
)
def test_what_is_or_looks_like_a_key_is_not_written(text: str) -> None:
    redact.hide(KEY)
    log_file.open_log()
    log_file.record(raised(text), text)

    secrets = (
        *KEY.split(":"),
        quote(KEY, safe=""),
        "NWVjcmU3Y",
        "eyJhbGciOi",
        "abcdefgh12345",
        "0123456789abcdef0123",
        "abcdef&",
    )
    assert "***" in written()
    assert not any(secret in written() for secret in secrets)


def test_a_log_that_cannot_be_written_says_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    log_file.path().parent.parent.mkdir(parents=True)
    log_file.path().parent.write_text("a file where the folder should be")
    log_file.open_log(debug=True)
    LOG.debug("key %s", KEY)

    assert not log_file.record(raised(KEY), "while drawing")
    assert capfd.readouterr() == ("", "")


def test_an_error_before_the_log_was_begun_is_written_down_all_the_same(capfd: pytest.CaptureFixture[str]) -> None:
    assert log_file.record(raised("too early"), "while starting")

    assert "RuntimeError: too early" in written()
    assert capfd.readouterr() == ("", "")


def test_ordinary_words_stay() -> None:
    for text in ("The key of the profile is missing.", "Key x", "a token, and 12:34", "?x=1&y=2"):
        assert redact.redacted(text) == text


def test_nothing_written_can_touch_a_terminal() -> None:
    log_file.open_log()
    log_file.record(raised("\x1b]0;title\x07\x1b[31mred \u202e \ud800"), "x")

    assert "\x1b" not in written() and "\u202e" not in written()
    assert "red" in written()


def test_the_log_is_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "MAX_BYTES", 10_000)
    log_file.open_log(debug=True)
    for number in range(2_000):
        LOG.debug("line %d", number)

    files = list(log_file.path().parent.iterdir())
    assert len(files) == 1 + log_file.KEPT_FILES
    assert sum(file.stat().st_size for file in files) <= 4 * 10_000
    assert "line 1999" in written()
