"""Pictures beside the list and at full height: drawn after a rest, given up when the cursor moves on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import Person, at_the_deck

from faldeck.tui.panes import picture_slot
from faldeck.tui.pictures import blocks
from faldeck.tui.pictures.blocks import UPPER_HALF
from faldeck.tui.pictures.decode import Room


async def test_the_picture_stands_beside_the_list_and_fills_the_screen_at_full_height(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await made(person)
        await person.sees(UPPER_HALF * 2, "1 Models")
        small = width_of_picture(person)
        assert small <= 44
        await person.press("enter")
        await person.until(lambda: width_of_picture(person) > small)
        await person.press("right")
        await person.sees_no(UPPER_HALF)
        await person.press("left", "escape")
        await person.sees("1 Models", UPPER_HALF * 2)


async def test_a_cursor_that_moves_on_draws_nothing(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def noted(path: str, room: Room) -> Sequence[blocks.Row]:
        drawn.append(path)
        return rows(path, room)

    rows = blocks.rows
    monkeypatch.setattr(blocks, "rows", noted)
    monkeypatch.setattr(picture_slot, "REST_SECONDS", 3600.0)
    async with at_the_deck(emulator.url, tmp_path) as person:
        await made(person, "a fox")
        await made(person, "a hare")
        await person.press("down", "up", "down", "up")
        assert drawn == []
        assert UPPER_HALF not in person.screen
        await person.press("4", "3")  # The result of the job under the cursor is shown at once.
        monkeypatch.setattr(picture_slot, "REST_SECONDS", 0.01)
        await person.press("down")
        await person.sees(UPPER_HALF)
        assert drawn == [person.jobs[1].outputs[0].path]


async def test_a_picture_that_is_seen_again_is_not_decoded_again_until_its_file_changes(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await made(person)
        await person.sees(UPPER_HALF)
        monkeypatch.setattr(blocks, "rows", lambda path, room: [[("drawn anew", "")]])
        await person.press("right")
        await person.press("left")
        await person.sees(UPPER_HALF)
        path = Path(person.jobs[0].outputs[0].path or "")
        await asyncio.to_thread(path.write_bytes, await asyncio.to_thread(path.read_bytes) + b" ")
        await person.press("enter")
        await person.sees("drawn anew")


async def test_a_sound_shows_its_waveform_beside_the_list(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/tune/text-to-music")
        await person.fill("prompt", "a piano")
        await person.press("ctrl+j")
        job = await person.job()
        await person.press("escape", "3")
        await person.until(lambda: person.highlighted == job)
        await person.sees("audio/", "███")


async def test_without_pictures_nothing_is_drawn(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, pictures="off") as person:
        await made(person)
        await person.press("enter")
        await person.sees("image/png")
        assert UPPER_HALF not in person.screen


async def test_a_picture_that_is_broken_on_disk_is_a_sentence(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await made(person)
        await asyncio.to_thread(Path(person.jobs[0].outputs[0].path or "").write_bytes, b"no more")
        await person.press("enter")
        await person.sees("Only PNG, JPEG, WebP and GIF can be")


async def test_a_file_that_was_deleted_is_said_to_be_gone(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await made(person)
        await asyncio.to_thread(Path(person.jobs[0].outputs[0].path or "").unlink)
        await person.press("enter")
        await person.sees("The file is gone from the disk")


def width_of_picture(person: Person) -> int:
    """Half blocks in the line that has most of them."""
    return max(line.count(UPPER_HALF) for line in person.screen.splitlines())


async def made(person: Person, prompt: str = "a fox") -> None:
    """Makes a picture, and puts the cursor of the Jobs pane on it."""
    await person.open_form("demo/sketch/fast")
    await person.fill("prompt", prompt)
    await person.press("ctrl+j")
    job = await person.job()
    await person.press("escape", "3")
    await person.until(lambda: person.highlighted == job)
