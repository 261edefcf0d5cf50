"""`Q`, `O` and `Ctrl+Y`: an output on the phone, in a program, in the clipboard."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from support.deck_jobs import SKETCH, finished
from support.emulator import Emulator
from support.person import at_the_deck

from faldeck.app import sharing

SMALL = {"image_size": {"width": 64, "height": 48}}


async def test_the_url_is_shown_as_a_code_that_fits_a_small_screen(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        url = str((await finished(person, SKETCH, prompt="a fox", **SMALL)).outputs[0].url)
        await person.press("Q")
        await person.sees("QR code", "Esc Close")
        await person.sees(*(line.strip() for line in sharing.qr_lines(url, 80, 22)))
        await person.press("y")
        assert person.app.clipboard == url
        await person.resize(100, 12)
        await person.sees("The URL is too long", "y copies the URL")
        await person.press("Q")
        await person.sees_no("QR code")


async def test_the_file_is_opened_and_its_path_copied(emulator: Emulator, tmp_path: Path) -> None:
    noted = tmp_path / "opened"
    command = shlex.join([sys.executable, "-c", f"import sys; open({str(noted)!r}, 'w').write(sys.argv[1])"])
    async with at_the_deck(emulator.url, tmp_path, open_command=command) as person:
        job = await finished(person, SKETCH, prompt="a fox", **SMALL)
        await person.press("O", "ctrl+y")
        assert await person.until(lambda: noted.exists() and noted.read_text()) == job.outputs[0].path
        assert person.app.clipboard == job.outputs[0].path


async def test_what_is_missing_is_told_with_the_key_that_helps(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_deck(emulator.url, tmp_path, download="manual") as person:
        job = await finished(person, SKETCH, prompt="a fox", **SMALL)
        for key in ("O", "ctrl+y"):
            await person.press(key)
            await person.sees("This file is not on this machine. d fetches it.")
        monkeypatch.setattr(type(person.result), "output", job.outputs[0]._replace(url=None))
        await person.press("Q")
        await person.sees("This output has no URL")
        assert len(person.app.screen_stack) == 1
