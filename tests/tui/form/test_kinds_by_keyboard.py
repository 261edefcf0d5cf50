"""Every kind of field that is more than a line of text, filled in with the keyboard alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import Person, at_the_deck, received

EVERY = "demo/every/field"
PROMPT = {"prompt": "a heron"}


@pytest.fixture
async def person(emulator: Emulator, tmp_path: Path) -> AsyncIterator[Person]:
    """Somebody with the form of every kind open, its prompt filled in, and room to see it."""
    async with at_the_deck(emulator.url, tmp_path, size=(120, 100)) as person:
        await person.open_form(EVERY)
        await person.type("a heron")
        await person.press("escape")
        yield person


async def sent(person: Person, emulator: Emulator) -> dict[str, object]:
    """What the service gets, beside the prompt, when the form is sent now."""
    await person.press("ctrl+j")
    got = received(emulator.url, await person.job(lambda job: job.request_id is not None))
    assert isinstance(got, dict)
    return {name: value for name, value in got.items() if name != "prompt"}


async def test_a_list_of_texts_is_typed_item_by_item(person: Person, emulator: Emulator) -> None:
    await person.go_to("tags")
    await person.press("enter", "down", "enter")
    await person.type("sea")
    await person.press("enter")
    await person.type("sky, blue")
    await person.press("enter")
    await person.type("2024")
    await person.press("up", "up", "escape", "delete")
    assert await sent(person, emulator) == {"tags": ["sky, blue", "2024"]}


async def test_a_list_of_choices_is_picked_item_by_item(person: Person, emulator: Emulator) -> None:
    await person.go_to("maps")
    await person.press("enter", "down", "down", "enter")
    await person.sees("albedo", "normal", "depth")
    await person.press("end", "enter")
    assert await sent(person, emulator) == {"maps": ["albedo", "depth"]}


async def test_a_list_of_numbers_keeps_their_types(person: Person, emulator: Emulator) -> None:
    await person.fill("target_pose", "1, 2.5, -3e2")
    got = await sent(person, emulator)
    assert json.dumps(got) == '{"target_pose": [1, 2.5, -300.0]}'


async def test_a_list_of_files_takes_paths_links_and_a_jobs_files(
    person: Person, emulator: Emulator, tmp_path: Path
) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    await person.go_to("image_urls")
    await person.press("enter", "down", "enter")
    await person.type(str(tmp_path / "a.pn"))
    await person.until(lambda: person.form.editor._suggestion.endswith("a.png"))
    await person.press("tab", "enter")
    await person.type("https://example.org/c.png")
    await person.press("enter")
    await person.type(str(tmp_path / "b.png"))
    await person.press("escape", "less_than_sign")
    got = await sent(person, emulator)
    files = got["image_urls"]
    assert isinstance(files, list) and len(files) == 3
    assert [file.startswith(emulator.url) for file in files] == [True, True, False]
    assert files[0] != files[1]


async def test_a_list_of_objects_is_added_to_copied_moved_and_taken_from(person: Person, emulator: Emulator) -> None:
    await person.go_to("loras")
    await person.press("enter", "down", "enter")
    await person.type("https://x.y/one")
    await person.press("down")
    await person.type("0.5")
    await person.press("escape", "up", "up", "D", "down", "down", "enter")
    await person.replace("0.7")
    await person.press("escape", "up", "up", "less_than_sign")
    first, second = {"path": "https://x.y/one", "scale": 0.7}, {"path": "https://x.y/one", "scale": 0.5}
    assert person.form.state and person.form.state.arguments()["loras"] == [first, second]
    await person.press("D", "delete")
    assert await sent(person, emulator) == {"loras": [first, second]}


async def test_objects_in_lists_in_objects_open_one_inside_the_other(person: Person, emulator: Emulator) -> None:
    await person.go_to("structured")
    await person.press("enter")
    await person.sees("Scene")
    await person.press("home", "enter", "down", "enter")
    await person.type("a quay")
    await person.press("down", "enter", "down", "enter")  # objects, its first
    await person.type("a boat")
    await person.press("down", "enter", "down", "enter")  # colors, its first
    await person.type("#ff8800")
    scene = {
        "short_description": "a quay",
        "objects": [{"description": "a boat", "colors": [{"r": 255, "g": 136, "b": 0}]}],
    }
    await person.press("escape")
    assert "██ #ff8800" in person.screen
    assert await sent(person, emulator) == {"structured": scene}


async def test_a_union_is_given_another_shape(person: Person, emulator: Emulator) -> None:
    await person.go_to("structured")
    await person.press("enter", "down", "down", "enter")
    await person.type("a quay at dusk")
    assert await sent(person, emulator) == {"structured": "a quay at dusk"}


async def test_a_field_that_may_be_null_is_set_to_it_by_one_key_and_left_out_by_another(
    person: Person, emulator: Emulator
) -> None:
    for name in ("note", "limit", "audio_url", "palette", "is_known"):
        await person.go_to(name)
        await person.press("N")
        assert "null" in person.row(name)
    await person.go_to("count")
    await person.press("N")
    await person.go_to("limit")
    await person.press("delete")
    await person.go_to("quality")
    await person.press("enter", "end", "enter")
    got = await sent(person, emulator)
    assert got == {"note": None, "audio_url": None, "palette": None, "is_known": None, "quality": None}


async def test_what_is_suggested_is_taken_by_tab_and_any_other_text_stays(person: Person, emulator: Emulator) -> None:
    await person.go_to("aspect_ratio")
    await person.press("enter")
    await person.type("4")
    await person.until(lambda: person.form.editor._suggestion == "4:3")
    await person.press("tab")
    assert "4:3" in person.row("aspect_ratio")
    await person.press("backspace")
    assert await sent(person, emulator) == {"aspect_ratio": "4:"}


async def test_a_size_is_typed_where_no_preset_will_do(person: Person, emulator: Emulator) -> None:
    await person.go_to("image_size")
    await person.press("enter", "end", "enter")
    await person.type("640x360")
    assert await sent(person, emulator) == {"image_size": {"width": 640, "height": 360}}


async def test_a_constant_is_sent_when_it_is_picked(person: Person, emulator: Emulator) -> None:
    await person.go_to("fixed_or_null")
    await person.press("right")
    assert await sent(person, emulator) == {"fixed_or_null": "on"}


async def test_a_default_that_breaks_its_own_schema_is_shown_and_not_sent(person: Person, emulator: Emulator) -> None:
    await person.go_to("frames")
    assert "1.5" in person.row("frames")
    await person.go_to("steps_text")
    assert "4" in person.row("steps_text")
    assert await sent(person, emulator) == {}


async def test_one_of_more_than_a_thousand_choices_is_found_by_typing(person: Person, emulator: Emulator) -> None:
    await person.go_to("voice")
    await person.press("enter")
    await person.sees("1287")
    await person.type("wanda hoarse hin")
    await person.press("enter")
    assert await sent(person, emulator) == {"voice": "Wanda (hoarse, Hindi)"}


async def test_what_is_opened_at_the_bottom_comes_into_sight(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.open_form(EVERY)
        await person.go_to("corner")
        await person.press("enter")
        await person.sees("corner", "width", "height")
        assert person.here == "corner"
