"""The Form pane: what is typed, picked and pasted goes over the wire as the schema wants it, and nothing else does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import Person, at_the_deck, received

from fal_emulator.art.scene import paint
from faldeck.app import presets
from faldeck.schema.fields import ValueProblem

SKETCH = "demo/sketch/fast"
EVERY = "demo/every/field"

TYPED = {
    "prompt": ("a heron", "a heron"),
    "note": ("naïve — 漢字 🦊", "naïve — 漢字 🦊"),
    "code": ("AB2024", "AB2024"),
    "count": ("7", 7),
    "large_seed": ("18446744073709551615", 18446744073709551615),
    "learning_rate": ("0.00002", 0.00002),
    "aspect_ratio": ("21:9", "21:9"),
    "image_url": ("https://example.org/a b.png", "https://example.org/a b.png"),
    "sound": ("https://example.org/a.wav", {"url": "https://example.org/a.wav"}),
    "weights": ("0.25, 0.75, 1", [0.25, 0.75, 1]),
    "background_color": ("255, 136, 0", [255, 136, 0]),
    "color": ("#ff8800", {"r": 255, "g": 136, "b": 0}),
}
"""Field → what is typed into its line, and what the service gets."""

SET_BY_KEYS = {
    "is_loud": (["space"], True),
    "is_known": (["right", "right"], False),
    "format": (["right"], "jpeg"),
    "fps": (["right", "right"], 50),
    "duration": (["left"], "10"),
    "pose": (["right"], "a-pose"),
    "image_size": (["right"], "landscape_16_9"),
}
"""Field → the keys that set it without a text line, and what the service gets."""

WRITTEN = {
    "labels": {"sky": "blue", "sea": "green"},
    "content": {"type": "text", "text": "a [bracket]"},
    "lost": [None, {"a": 1}],
}
"""Field → what is written as JSON in a dialog."""


async def submitted(person: Person, emulator: Emulator) -> object:
    """What the service gets when the form is sent now."""
    before = len(person.jobs)
    await person.press("ctrl+j")
    await person.until(lambda: len(person.jobs) > before)
    return received(emulator.url, await person.job(lambda job: job.request_id is not None))


async def write(person: Person, text: str) -> None:
    """Puts a text in place of the one that the dialog at hand shows, and keeps it."""
    await person.press("f7")
    await person.paste(text)
    await person.press("ctrl+j")


async def test_enter_opens_the_form_that_the_schema_describes(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.sees("text-to-image", "$0.003 / megapixel")
        await person.press("escape")
        assert "required" in person.row("prompt")
        assert "landscape_4_3 ▾" in person.row("image_size")
        assert "1" in person.row("num_images")
        assert "random" in person.row("seed")
        assert "○ false" in person.row("sync_mode")
        assert "◉ true" in person.row("enable_safety_checker")
        assert "What the picture shows." in person.screen
        await person.press("down", "down")
        assert "How many pictures to paint." in person.screen
        assert "1 to 4" in person.row("num_images")


async def test_only_what_was_set_is_sent(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        assert await submitted(person, emulator) == {"prompt": "a fox"}


async def test_a_value_that_is_taken_back_is_not_sent(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.fill("num_images", "3")
        await person.go_to("sync_mode")
        await person.press("space", "delete")
        await person.fill("num_images", "")
        assert "1" in person.row("num_images")
        assert await submitted(person, emulator) == {"prompt": "a fox"}


async def test_every_kind_of_field_goes_over_the_wire_in_its_type(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(120, 120)) as person:
        await person.open_form(EVERY)
        for name, (text, _) in TYPED.items():
            await person.fill(name, text)
        for name, (keys, _) in SET_BY_KEYS.items():
            await person.go_to(name)
            await person.press(*keys)
        for name, value in WRITTEN.items():
            await person.go_to(name)
            await person.press("ctrl+o")
            await write(person, json.dumps(value))
        expected = {name: value for name, (_, value) in (TYPED | SET_BY_KEYS).items()} | WRITTEN
        got = await submitted(person, emulator)
        assert got == expected
        assert json.dumps(got, sort_keys=True) == json.dumps(expected, sort_keys=True), "true is not 1"


async def test_the_fields_go_over_the_wire_in_the_order_of_the_schema(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.fill("seed", "7")
        await person.fill("num_images", "2")
        await person.fill("prompt", "a fox")
        got = await submitted(person, emulator)
        assert isinstance(got, dict)
        assert list(got.items()) == [("prompt", "a fox"), ("num_images", 2), ("seed", 7)]


async def test_a_required_field_left_empty_is_named_and_nothing_is_sent(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.go_to("seed")
        await person.press("ctrl+j")
        assert "is required" in person.row("prompt")
        assert person.here == "prompt"
        assert person.jobs == []
        assert emulator.posts() == []
        await person.press("enter")
        await person.type("a fox")
        assert "is required" not in person.screen
        assert await submitted(person, emulator) == {"prompt": "a fox"}


async def test_a_long_reason_leaves_room_for_the_value_and_is_told_in_full_below(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.open_form(SKETCH)
        reason = "must be a picture that is at least 300 pixels wide, not 64, and a good deal brighter than this one is"
        state = person.form.state
        assert state
        state.add_problems([ValueProblem(("prompt",), reason)])
        await person.type("a fox in the snow")
        state.add_problems([ValueProblem(("prompt",), reason)])
        person.form.refresh_rows()
        await person.rest()
        assert "prompt* a fox in the snow" in " ".join(person.row("prompt").split())
        assert "must be a picture" in person.row("prompt")
        assert "brighter than this one is" in " ".join(person.screen.split())


async def test_the_line_that_a_value_is_typed_on_covers_the_whole_value(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a" * 200)
        await person.press("home")
        await person.rest()
        assert "…" not in person.row("prompt")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_long_text_wraps_and_grows_where_it_is_typed(
    size: tuple[int, int], emulator: Emulator, tmp_path: Path
) -> None:
    words = [f"word{number:02}" for number in range(30)]
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        await person.open_form(SKETCH)
        await person.type(" ".join(words))
        assert all(word in person.screen for word in words)
        assert "at most 2,500 characters" in person.row("prompt")
        await person.press("up", "up")
        await person.type("X")
        await person.press("home")
        await person.type("Y")
        await person.press("up")
        assert person.here == "prompt", "there is no row above"
        await person.press("end", "down")
        assert person.here == "image_size"
        got = await submitted(person, emulator)
        assert isinstance(got, dict)
        assert got["prompt"].startswith("Yword00 word01") and got["prompt"].count("X") == 1
        assert got["prompt"].replace("X", "")[1:] == " ".join(words)


@pytest.mark.parametrize("key", "qwPa{")
async def test_a_letter_in_a_form_without_a_schema_begins_its_text(
    key: str, emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("acme/unheard-of")
        person.burst(key, *"x y")
        await person.rest()
        await person.sees("^J keeps the text", f"{key}x y")


async def test_a_required_field_that_is_out_of_sight_is_brought_into_sight(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.open_form(EVERY)
        await person.go_to("untitled")
        assert "prompt*" not in person.screen
        await person.press("ctrl+j")
        assert "is required" in person.row("prompt")


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("num_images", "9", "at most 4"),
        ("num_images", "two", "number"),
        ("seed", "-1", "at least 0"),
        ("seed", "1.5", "whole"),
    ],
)
async def test_a_value_that_breaks_its_limits_is_told_at_its_field_and_not_sent(
    field: str, text: str, words: str, emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.fill(field, text)
        await person.press("escape")
        assert words in person.row(field)
        await person.press("ctrl+j")
        assert person.jobs == []
        assert emulator.posts() == []


async def test_a_choice_is_picked_from_a_list(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.go_to("image_size")
        await person.press("enter")
        await person.sees("square_hd", "portrait_16_9")
        await person.press("home", "down", "enter")
        assert "square ▾" in person.row("image_size")
        assert await submitted(person, emulator) == {"prompt": "a fox", "image_size": "square"}


async def test_a_picker_left_with_escape_changes_nothing(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.go_to("image_size")
        await person.press("enter", "home", "escape")
        assert await submitted(person, emulator) == {"prompt": "a fox"}


async def test_a_long_list_of_choices_is_searched(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(EVERY)
        await person.type("a heron")
        await person.go_to("voice")
        await person.press("enter")
        await person.type("kira polish soft")
        await person.sees("Kira (soft, Polish)")
        await person.press("enter")
        assert await submitted(person, emulator) == {"prompt": "a heron", "voice": "Kira (soft, Polish)"}


async def test_a_picker_and_the_pick_may_be_typed_ahead(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        person.burst(*"a fox", "down", "enter", "home", "down", "enter", "down", "enter", *"3")
        await person.rest()
        got = await submitted(person, emulator)
        assert got == {"prompt": "a fox", "image_size": "square", "num_images": 3}


async def test_what_is_typed_ahead_goes_field_by_field(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        person.burst(*"a fox", "enter", "enter", "escape", "down", "enter", *"2", "enter", *"99", "enter")
        await person.rest()
        assert await submitted(person, emulator) == {"prompt": "a fox", "num_images": 2, "seed": 99}


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


async def test_a_paste_of_many_lines_keeps_them_all(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("fox: ")
        await person.paste("one\ntwo\n")
        await person.sees("^J keeps the text")
        await person.press("ctrl+j")
        assert await submitted(person, emulator) == {"prompt": "fox: one\ntwo\n"}


async def test_a_paste_whose_lines_end_as_terminals_send_them_keeps_them_all(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.paste("one\rtwo\r\nthree")
        await person.sees("^J keeps the text")
        await person.press("ctrl+j", "x")
        assert await submitted(person, emulator) == {"prompt": "one\ntwo\nthree"}


@pytest.mark.parametrize("is_typing", [True, False], ids=["typing", "not typing"])
async def test_pasted_code_with_comments_is_understood_whatever_ends_its_lines(
    is_typing: bool, emulator: Emulator, tmp_path: Path
) -> None:
    code = """await fal.subscribe("demo/sketch/fast", { input: {\r // what it shows\r prompt: 'a lake' } })"""
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        if not is_typing:
            await person.press("escape")
        await person.paste(code)
        assert await submitted(person, emulator) == {"prompt": "a lake"}


async def test_a_paste_that_opened_a_dialog_is_not_lost_by_one_escape(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.paste("one\ntwo")
        await person.press("escape")
        await person.sees("The text is not kept yet", "two")
        await person.press("ctrl+j")
        assert "one two" in person.row("prompt")


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


async def test_a_paste_of_one_line_goes_into_the_field(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.paste("a fox [b]not bold[/b] q1234/?")
        assert await submitted(person, emulator) == {"prompt": "a fox [b]not bold[/b] q1234/?"}


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
        await person.sees("$EDITOR is no command")
        assert "a fox" in person.row("prompt")


async def test_the_home_of_nobody_may_be_typed_into_a_field_for_files(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/sketch/edit")
        await person.fill("image_url", "~nobody-of-that-name/pic")
        assert "~nobody-of-that-name/pic" in person.row("image_url")


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


async def test_a_file_dropped_on_its_field_is_uploaded(emulator: Emulator, tmp_path: Path) -> None:
    photo = tmp_path / "a photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\nnot much of a picture")
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(EVERY)
        await person.type("a heron")
        await person.go_to("image_url")
        await person.paste(f"'{photo}' ")
        assert "a photo.png" in person.row("image_url")
        await person.go_to("image_urls")
        await person.paste(f"'{photo}' {photo.as_uri()}")
        await person.press("ctrl+j")
        job = await person.job(lambda job: job.request_id is not None)
        got = received(emulator.url, job)
        assert isinstance(got, dict)
        assert got["image_url"].startswith("http")
        assert got["image_urls"] == [got["image_url"]] * 2


async def test_a_wrong_text_is_still_there_when_its_field_is_come_back_to(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.fill("num_images", "2x")
        await person.press("up", "escape", "down")
        assert "2x" in person.row("num_images") and "must be a whole number" in person.row("num_images")
        await person.press("enter", "backspace")
        assert "must be" not in person.row("num_images")


async def test_the_arrow_keys_step_a_number(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(EVERY)
        await person.type("a heron")
        await person.go_to("even")
        await person.press("right", "right", "right", "left")
        await person.go_to("learning_rate")
        await person.press("right")
        got = await submitted(person, emulator)
        assert got == {"prompt": "a heron", "even": 528, "learning_rate": 0.000101}


async def test_a_seed_is_pinned_by_one_key_and_let_go_by_another(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("escape", "r")
        assert person.here == "seed"
        assert person.row("seed").split()[1].isdecimal()
        await person.press("delete")
        assert "random" in person.row("seed")
        assert await submitted(person, emulator) == {"prompt": "a fox"}


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


async def test_json_is_pasted_into_a_field_of_json_and_into_a_form_without_a_schema(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(EVERY)
        await person.type("a heron")
        await person.go_to("labels")
        await person.paste('{"sky": "blue"}')
        await person.sees("^J keeps the text")
        await person.press("ctrl+j")
        assert await submitted(person, emulator) == {"prompt": "a heron", "labels": {"sky": "blue"}}
        await person.open_form("acme/unheard-of")
        await person.paste('{"prompt": "a lake"}')
        assert person.form.state and person.form.state.arguments() == {"prompt": "a lake"}


async def test_what_cannot_be_done_with_a_field_is_said(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "N")
        await person.sees("cannot be null")
        await person.press("f")
        await person.sees("takes no file")


async def test_an_endpoint_without_a_schema_takes_json(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("acme/unheard-of")
        await person.press("enter")
        await write(person, '{"prompt": "a lake"}')
        await person.press("ctrl+j")
        job = await person.job(lambda job: not job.state.is_followed)
        assert person.store.body(job.id).arguments == {"prompt": "a lake"}
        assert [line["path"] for line in emulator.posts()] == ["/queue/acme/unheard-of"]


async def test_a_model_remembers_what_was_entered(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.fill("seed", "7")
        await person.open_form("demo/mishap/any")
        await person.open_form(SKETCH)
        assert "a fox" in person.row("prompt")
        assert "7" in person.row("seed")


async def test_a_draft_survives_a_restart(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.until(lambda: person.store.draft(SKETCH) == {"prompt": "a fox"})
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        assert "a fox" in person.row("prompt")


async def test_the_last_words_before_leaving_survive_too(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("escape", "q")
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        assert "a fox" in person.row("prompt")


async def test_an_emptied_form_sends_nothing_of_what_it_held(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.fill("seed", "7")
        await person.press("escape", "X")
        assert "required" in person.row("prompt")
        await person.fill("prompt", "a lake")
        assert await submitted(person, emulator) == {"prompt": "a lake"}


async def test_a_form_that_is_folded_again_is_seen_from_its_start(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(EVERY)
        await person.press("escape", "end", "enter")
        await person.sees("long_text", "count")
        await person.press("end", "enter")
        assert person.row("prompt")


async def test_a_preset_is_kept_taken_renamed_deleted_and_brought_back(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.fill("seed", "7")
        await person.press("escape", "p", "s")
        await person.type("night")
        await person.press("enter")
        await person.until(lambda: presets.read(SKETCH) == {"night": {"prompt": "a fox", "seed": 7}})
        await person.sees("night")
        await person.press("escape", "X", "p")
        await person.sees("night")
        await person.press("enter")
        assert "a fox" in person.row("prompt") and "7" in person.row("seed")
        await person.press("p")
        await person.sees("night")
        await person.press("n", "end", "ctrl+u")
        await person.type("dusk")
        await person.press("enter")
        await person.until(lambda: list(presets.read(SKETCH)) == ["dusk"])
        await person.press("d")
        await person.until(lambda: presets.read(SKETCH) == {})
        await person.press("u")
        await person.until(lambda: presets.read(SKETCH) == {"dusk": {"prompt": "a fox", "seed": 7}})


async def test_the_models_examples_are_taken_on_request(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "p")
        await person.sees("(the model's own examples)")
        await person.press("enter")
        state = person.form.state
        assert state and state.examples() and state.arguments() == state.examples()
        await person.press("u")
        assert state.arguments() == {}


async def test_presets_that_cannot_be_read_are_told_and_kept(emulator: Emulator, tmp_path: Path) -> None:
    presets.write(SKETCH, {})
    presets.path(SKETCH).write_text("{ broken")
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "p")
        await person.sees("cannot be read")
        assert presets.path(SKETCH).read_text() == "{ broken"


@pytest.mark.parametrize(
    "text",
    [
        '{"prompt": "a lake", "num_images": 2}',
        """curl https://queue.fal.run/demo/sketch/fast -d '{"prompt": "a lake", "num_images": 2}'""",
        """fal_client.run("demo/sketch/fast", arguments={"prompt": "a lake", "num_images": 2})""",
        """await fal.subscribe("demo/sketch/fast", {\n  input: {\n prompt: 'a lake', num_images: 2 } })""",
    ],
    ids=["json", "curl", "python", "javascript"],
)
@pytest.mark.parametrize("is_typing", [True, False], ids=["typing", "not typing"])
async def test_a_pasted_request_fills_the_form(text: str, is_typing: bool, emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        if not is_typing:
            await person.press("escape")
        await person.paste(text)
        assert "a lake" in person.row("prompt") and "2" in person.row("num_images")
        assert await submitted(person, emulator) == {"prompt": "a lake", "num_images": 2}


async def test_a_request_to_another_model_is_asked_about_and_opens_its_form(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a hen")
        text = """fal_client.run("demo/mishap/any", arguments={"prompt": "a lake"})"""
        await person.paste(text)
        await person.sees("Open demo/mishap/any with this input?")
        await person.press("escape")
        assert person.form.endpoint_id == SKETCH and "a hen" in person.row("prompt")
        await person.paste(text)
        await person.press("enter")
        await person.until(lambda: person.form.endpoint_id == "demo/mishap/any")
        await person.until(lambda: "a lake" in person.row("prompt"))
        assert emulator.posts() == []


@pytest.mark.parametrize("pane", ["1", "3", "4", "slash"])
async def test_a_request_is_taken_where_no_form_is_open(pane: str, emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press(pane)
        await person.paste(f'curl {emulator.url}/queue/{SKETCH} -d \'{{"prompt": "a lake"}}\'')
        await person.sees(f"Open {SKETCH} with this input?")
        await person.press("enter")
        await person.until(lambda: "a lake" in person.row("prompt"))
        assert person.form.endpoint_id == SKETCH and not person.models.search.value
        assert await submitted(person, emulator) == {"prompt": "a lake"}


async def test_a_pasted_input_without_a_model_waits_for_one(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press("3")
        await person.paste('{"prompt": "a lake"}')
        await person.sees("names no model")


@pytest.mark.parametrize("is_typing", [True, False], ids=["typing", "not typing"])
@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (f'await fal.subscribe("{SKETCH}", {{ input: {{ prompt, image_url: url }} }});', "say what prompt and url are"),
        ("curl https://fal.run/a/b -H 'Authorization: Key 0f1e2d3c4b5a:99' -F f=@x", "sends a form or a file"),
        ("Authorization: Key 0f1e2d3c4b5a:99", "holds no request"),
        ('{"prompt": "a fox", "image_url": url}', "does not say what url is"),
        ('{"prompt": "a fox", "seed": 1', "is not valid JSON"),
    ],
)
async def test_a_request_that_is_not_understood_is_never_typed(
    text: str, missing: str, is_typing: bool, emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a hen")
        if not is_typing:
            await person.press("escape")
        await person.paste(text)
        await person.sees(missing)
        assert "0f1e2d3c4b5a" not in person.screen
        state = person.form.state
        assert state and state.arguments() == {"prompt": "a hen"}
        if text.startswith("{"):
            return  # A long text may hold JSON.
        await person.press("escape", "ctrl+o")
        await person.paste(text)
        await person.sees("✗ The pasted text")
        assert "0f1e2d3c4b5a" not in person.screen


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_key_in_a_pasted_request_is_seen_nowhere(emulator: Emulator, tmp_path: Path) -> None:
    key = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f:0123456789abcdef0123456789abcdef"
    text = f"""curl https://queue.fal.run/{SKETCH} -H 'Authorization: Key {key}' \\
        -d '{{"prompt": "a lake", "fal_key": "{key}"}}'"""
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "J")
        await person.paste(text)
        await person.sees('"prompt": "a lake"')
        assert "0a1b2c3d" not in person.screen and "fal_key" not in person.screen
        await person.press("ctrl+j")
        await person.paste(text)
        assert "0a1b2c3d" not in person.screen
        assert await submitted(person, emulator) == {"prompt": "a lake"}
    assert not [path for path in files_in(tmp_path) if key.encode() in path.read_bytes()]


async def test_a_wrapped_input_is_unwrapped(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.paste('{"input": {"prompt": "a lake", "num_images": 2}}')
        assert await submitted(person, emulator) == {"prompt": "a lake", "num_images": 2}


async def test_json_that_is_no_request_is_a_text_like_any_other(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.paste('{"scene": "a lake"}')
        assert await submitted(person, emulator) == {"prompt": '{"scene": "a lake"}'}


async def test_the_options_are_chosen_shown_kept_and_sent(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("escape", "O")
        await person.sees("How it is run", "priority", "lifecycle")
        await person.press("down", "right", "down", "enter")
        await person.type("90")
        await person.press(*["down"] * 5, "enter")
        await person.type("1h")
        await person.press("ctrl+j")
        await person.sees("3 options")
        assert await submitted(person, emulator) == {"prompt": "a fox"}
        (post,) = emulator.posts(SKETCH)
        assert post["headers"]["x-fal-queue-priority"] == "low"
        assert post["headers"]["x-fal-request-start-timeout"] == "90"
        wish = json.loads(post["headers"]["x-fal-object-lifecycle-preference"])
        assert wish == {"expiration_duration_seconds": 3_600}
        await person.press("escape", "X", "3", "e")
        await person.until(lambda: "a fox" in person.row("prompt"))
        await person.sees("3 options")


async def test_an_option_that_cannot_be_is_told_at_its_field(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "O", "home", "down", "down", "enter")
        await person.type("0.05")
        await person.press("ctrl+j")
        await person.sees("must be above 0.1")


async def test_uploads_are_asked_to_stay_as_long_as_the_options_say(emulator: Emulator, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\nnot much of a picture")
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(EVERY)
        await person.type("a heron")
        await person.fill("image_url", str(photo))
        await person.press("escape", "O", "end", "up", "enter")
        await person.type("7d")
        await person.press("down", "right", "ctrl+j", "ctrl+j")
        await person.job(lambda job: job.request_id is not None)
        (upload,) = [line for line in emulator.requests(method="POST") if "x-fal-object-lifecycle" in line["headers"]]
        assert json.loads(upload["headers"]["x-fal-object-lifecycle"]) == {
            "expiration_duration_seconds": 604_800,
            "initial_acl": {"default": "forbid"},
        }


async def test_a_jobs_file_is_picked_by_its_prompt(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        for prompt in ("a red fox", "a grey heron"):
            await person.open_form(SKETCH)
            await person.replace(prompt)
            await person.press("ctrl+j")
            await person.job(lambda job, prompt=prompt: job.title == prompt and not job.is_open)  # type: ignore[misc]
        await person.open_form("demo/sketch/edit")
        await person.go_to("image_url")
        await person.press("f")
        await person.sees("A job's image", "a red fox", "a grey heron", "image/png")
        await person.type("red")
        await person.sees_no("a grey heron  ")
        await person.press("enter")
        fox = next(job for job in person.jobs if job.title == "a red fox")
        await person.until(lambda: person.form.state and person.form.state.arguments().get("image_url"))
        assert person.form.state and person.form.state.arguments()["image_url"] == fox.outputs[0].url


async def test_the_seed_of_the_last_result_is_pinned_by_one_key(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "s")
        await person.sees("No result of this model says")
        await person.press("enter")
        await person.type("a fox")
        await person.press("ctrl+j")
        job = await person.job()
        result = person.store.body(job.id).result
        assert isinstance(result, dict)
        await person.press("escape", "2", "escape", "s")
        await person.until(lambda: str(result["seed"]) in person.row("seed"))
        assert await submitted(person, emulator) == {"prompt": "a fox", "seed": result["seed"]}


async def test_a_file_that_breaks_its_limits_is_told_while_the_form_is_filled_in(
    emulator: Emulator, tmp_path: Path
) -> None:
    small, large = tmp_path / "small.png", tmp_path / "large.png"
    small.write_bytes(paint("a harbour", 1, 64, 48).to_png())
    large.write_bytes(paint("a harbour", 1, 400, 300).to_png())
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/reel/v3/pro/image-to-video")
        assert person.here == "start_image_url"
        await person.type(str(small))
        await person.until(lambda: "at least 300 px wide, not 64" in person.row("start_image_url"))
        await person.press("ctrl+j")
        assert person.jobs == []
        await person.until(lambda: "not 64" in person.row("start_image_url"))
        await person.replace(str(large))
        assert "must be" not in person.row("start_image_url")
        got = await submitted(person, emulator)
        assert isinstance(got, dict) and got["start_image_url"].startswith("http")
