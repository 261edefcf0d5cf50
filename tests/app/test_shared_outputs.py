"""Outputs as URLs, files and QR codes. The codes are read back, module by module, as a reader does."""

import sys
from pathlib import Path

import pytest
import segno

from faldeck.app import sharing
from faldeck.job import FileState, Output

URL = "https://v3.fal.media/files/lion/aBcD_0123456789abcdef.png"
OUTPUT = Output(at="images[0]", url=URL)


def modules(lines: list[str], *, rows: int) -> list[list[bool]]:
    """The dark modules that half blocks draw."""
    halves = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}
    drawn = []
    for line in lines:
        drawn += [[halves[cell][half] for cell in line] for half in (0, 1)]
    return drawn[:rows]


def test_a_code_has_all_modules_and_a_quiet_zone_of_four() -> None:
    lines = sharing.qr_lines(URL)

    code = segno.make_qr(URL, error="l")
    wanted = [[bool(dark) for dark in row] for row in code.matrix_iter(border=4)]
    assert modules(lines, rows=len(wanted)) == wanted
    assert {len(line) for line in lines} == {code.symbol_size(border=4)[0]}


def test_a_usual_url_fits_a_small_terminal() -> None:
    lines = sharing.qr_lines(URL, 80, 22)

    assert len(lines) <= 22 and lines[0].strip() == ""


def test_the_quiet_zone_gives_way_before_the_code_does() -> None:
    url = "https://v3.fal.media/" + "a" * 85
    wide, narrow = sharing.qr_lines(url), sharing.qr_lines(url, 80, 22)

    assert len(wide) == 23 and len(narrow) <= 22 and len(narrow[0]) == len(wide[0]) - 2


@pytest.mark.parametrize(
    ("length", "said"),
    [(400, "its QR code needs 71×36 cells, and there is room for 80×23."), (9_000, "too long for a QR code")],
)
def test_a_url_that_does_not_fit_is_told(length: int, said: str) -> None:
    with pytest.raises(sharing.CannotDrawQr, match=said):
        sharing.qr_lines(URL.ljust(length, "a"), 80, 23)


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)

    with pytest.raises(sharing.CannotDrawQr, match=r"pip install 'faldeck\[images\]'"):
        sharing.qr_lines(URL)


@pytest.mark.parametrize(("background", "is_inverted"), [("", True), ("15;0", True), ("0;15", False), ("0;7", False)])
def test_without_colours_dark_modules_are_dark_on_both_backgrounds(background: str, is_inverted: bool) -> None:
    lines = sharing.qr_lines(URL)

    shown = sharing.without_colours(lines, {"COLORFGBG": background})

    assert (shown[0] == "█" * len(lines[0])) is is_inverted
    assert sharing.without_colours(shown, {}) == lines if is_inverted else shown == lines


def test_only_web_addresses_are_urls_and_only_files_that_exist_are_files(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    saved = OUTPUT._replace(state=FileState.SAVED, path=str(file))

    assert [sharing.url_of(OUTPUT._replace(url=url)) for url in ("javascript:x", "-rf", None)] == ["", "", ""]
    assert sharing.url_of(OUTPUT._replace(url="https://x.y/a b\n")) == "https://x.y/a%20b%0A"
    assert (sharing.file_of(saved), sharing.place_of(saved)) == ("", URL)
    file.write_bytes(b"x")
    assert sharing.file_of(saved) == sharing.place_of(saved) == str(file)
    assert sharing.place_of(OUTPUT._replace(url=None)) == "images[0] in the result"
