"""The Form pane: what is typed and picked goes over the wire as the schema wants it, and nothing else does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.forms import EVERY, SKETCH, submitted, write
from support.person import at_the_deck

from faldeck.schema.fields import ValueProblem

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


async def test_the_home_of_nobody_may_be_typed_into_a_field_for_files(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/sketch/edit")
        await person.fill("image_url", "~nobody-of-that-name/pic")
        assert "~nobody-of-that-name/pic" in person.row("image_url")


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


async def test_what_cannot_be_done_with_a_field_is_said(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "N")
        await person.sees("cannot be null")
        await person.press("f")
        await person.sees("takes no file")


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
