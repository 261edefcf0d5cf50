"""Long texts and JSON in the Form pane: dialogs of many lines, the person's own editor, odd characters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.forms import SKETCH, submitted, write
from support.person import at_the_deck

from faldeck.tui.form.pane import FormPane


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_long_text_wraps_and_grows_where_it_is_typed(
    size: tuple[int, int], emulator: Emulator, tmp_path: Path
) -> None:
    words = [f"word{number:02}" for number in range(30)]
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        await person.open_form(SKETCH)
        await person.type(" ".join(words))
        assert all(word in person.screen for word in words)
        assert "at most 2,500 characters" in person.screen
        await person.press("up", "up")
        await person.type("X")
        await person.press("home")
        await person.type("Y")
        await person.press("up")
        assert person.here == "prompt", "there is no row above"
        await person.press("end", "down")
        assert person.here == "image_size"
        assert size[1] < 40 or all(word in person.screen for word in words), "the free lines show the rest of it"
        got = await submitted(person, emulator)
        assert isinstance(got, dict)
        assert got["prompt"].startswith("Yword00 word01") and got["prompt"].count("X") == 1
        assert got["prompt"].replace("X", "")[1:] == " ".join(words)


async def test_a_form_that_loads_in_place_of_one_with_a_long_text_says_so(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox in the snow " * 20)
        await person.press("escape")
        person.app.screen.query_one(FormPane).opening.show_loading("demo/sketch/pro", "Loading the schema…")
        await person.sees("2 Form  demo/sketch/pro", "Loading the schema…")


@pytest.mark.parametrize("key", "qwPa{")
async def test_a_letter_in_a_form_without_a_schema_begins_its_text(
    key: str, emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("acme/unheard-of")
        person.burst(key, *"x y")
        await person.rest()
        await person.sees("^J keeps the text", f"{key}x y")


async def test_a_long_text_is_edited_on_many_lines(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("ctrl+o")
        await person.sees("prompt", "a fox", "^J keeps the text")
        await person.press("enter")
        await person.type("in the snow")
        await person.press("ctrl+j")
        assert "a fox in the snow" in person.row("prompt")
        await person.press("x")
        assert await submitted(person, emulator) == {"prompt": "a fox\nin the snow"}


async def test_a_changed_text_is_left_by_a_second_escape_and_an_unchanged_one_by_the_first(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("ctrl+o", "x", "escape")
        await person.sees("The text is not kept yet")
        await person.press("y", "escape")
        await person.sees("The text is not kept yet")
        await person.press("escape")
        await person.sees_no("^J keeps")
        assert "a fox " in person.row("prompt")
        await person.press("ctrl+o", "escape")
        assert "^J keeps" not in person.screen


async def test_half_a_surrogate_pair_may_be_edited_and_copied(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "true")
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "J")
        await write(person, '{"prompt": "a \\ud83d fox"}')
        await person.press("enter", "ctrl+g")
        await person.sees("this terminal cannot be lent")
        await person.press("enter", "home", "shift+end", "ctrl+c")
        assert person.app.clipboard == "a ? fox"


@pytest.mark.parametrize("editor", ["vi 'unclosed", " "])
async def test_an_editor_that_is_no_command_is_told(
    editor: str, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", editor)
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("ctrl+g")
        await person.sees("$EDITOR is not a command")
        assert "a fox" in person.row("prompt")


async def test_an_input_of_control_characters_is_drawn_harmlessly_and_sent_as_it_is(
    emulator: Emulator, tmp_path: Path
) -> None:
    prompt = "a \x1b[31mred\x07 \u202efox\x9b"
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "J")
        await write(person, json.dumps({"prompt": prompt}))
        await person.press("enter")
        await person.sees("a ␛[31mred␇ �fox␛")
        assert not set(person.screen) & set(prompt) - set("a [31mredfox ")
        await person.press("ctrl+o")
        await person.sees("^J keeps the text", "a ␛[31mred␇ �fox␛")
        assert not set(person.screen) & {"\x1b", "\x07", "\x9b", "\u202e"}
        await person.press("ctrl+j")
        assert await submitted(person, emulator) == {"prompt": prompt}


async def test_json_that_is_wrong_is_told_with_its_place_and_gone_to(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "J")
        await write(person, '{\n  "prompt": "a lake",\n  "seed": 7x\n}')
        await person.sees("line 3, column 12")
        await person.press("delete", "ctrl+j")
        assert await submitted(person, emulator) == {"prompt": "a lake", "seed": 7}


async def test_the_whole_input_can_be_read_and_written_as_json(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.fill("seed", "7")
        await person.press("escape", "J")
        await person.sees('"prompt": "a fox"', '"seed": 7')
        await write(person, '{"prompt": "a lake", "image_size": {"width": 64, "height": 48}, "num_images": 2}')
        assert "a lake" in person.row("prompt")
        assert "64×48" in person.row("image_size")
        assert "random" in person.row("seed")
        got = await submitted(person, emulator)
        assert got == {"prompt": "a lake", "image_size": {"width": 64, "height": 48}, "num_images": 2}


async def test_json_that_is_none_is_told_and_nothing_is_lost(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("escape", "J")
        await write(person, '{"prompt": "a l')
        assert "✗" in person.screen
        await person.press("escape", "escape")
        assert "a fox" in person.row("prompt")
        await person.press("J")
        await write(person, '["no object"]')
        await person.sees("must be a JSON object")
        await person.press("escape", "escape")
        assert "a fox" in person.row("prompt")


async def test_a_member_that_the_schema_does_not_know_is_sent_too(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "J")
        await write(person, '{"unheard_of": true, "prompt": "a lake"}')
        got = await submitted(person, emulator)
        assert isinstance(got, dict)
        assert got["unheard_of"] is True


async def test_an_endpoint_without_a_schema_takes_json(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("acme/unheard-of")
        await person.press("enter")
        await write(person, '{"prompt": "a lake"}')
        await person.press("ctrl+j")
        job = await person.job(lambda job: not job.state.is_followed)
        assert person.store.body(job.id).arguments == {"prompt": "a lake"}
        assert [line["path"] for line in emulator.posts()] == ["/queue/acme/unheard-of"]
