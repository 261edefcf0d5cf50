"""The README's pictures are what the deck draws today."""

from __future__ import annotations

import re
from pathlib import Path

from support.emulator import Emulator
from support.pictures import FOLDER, draw


async def test_the_pictures_are_what_the_deck_draws_byte_for_byte(emulator: Emulator, tmp_path: Path) -> None:
    drawn = await draw(tmp_path / "deck", emulator.url)
    kept = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.svg")}
    assert drawn.keys() == kept.keys()
    changed = [name for name in drawn if drawn[name] != kept[name]]
    assert not changed, "the deck looks different now; see what python tests/support/pictures.py draws, and keep it"


def test_the_pictures_fetch_nothing_from_the_web() -> None:
    for path in FOLDER.glob("*.svg"):
        svg = path.read_text("utf-8")
        assert "@font-face" not in svg
        assert not re.search(r'(?:href|src)="|url\((?!#)|@import', svg)
