"""What is typed or pasted before the form of a model has come goes where it was meant to go."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import at_the_deck
from textual.events import AppBlur, AppFocus


async def test_a_search_may_be_typed_ahead_in_one_burst(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        person.burst("/", *"quick clarity upscale", *["backspace"] * 8, "home", *["delete"] * 6, "enter")
        await person.sees("2 Form  demo/clarity/upscale", "image_url*")
        assert " / clarity" in person.screen
        assert person.app.focused is person.form.editor


async def test_a_prompt_may_be_typed_ahead_of_its_form(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        emulator.faults("slow@catalogue=0.3")
        person.burst("/", *"sketch fast", "enter", *"a quiet sea")
        await person.rest()
        await person.until(lambda: person.form.row_count())
        assert "a quiet sea" in person.row("prompt")


async def test_a_form_that_comes_late_leaves_those_alone_who_have_gone_elsewhere(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        emulator.faults("slow@catalogue=0.5")
        person.burst("/", *"sketch fast", "enter", *"a quiet sea", "tab")
        await person.until(lambda: person.active == "jobs")
        await person.until(lambda: person.form.row_count())
        await person.rest()
        assert person.active == "jobs"


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_what_is_pasted_ahead_of_a_form_goes_into_it(
    size: tuple[int, int], emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        await person.sees("demo/sketch/fast")
        emulator.faults("slow@catalogue=0.5")
        person.burst("/", *"sketch fast", "enter", *"a ")
        await person.rest()
        await person.paste("quiet sea")
        assert not person.form.row_count()
        await person.until(lambda: "a quiet sea" in person.row("prompt"))


async def test_a_form_that_comes_while_the_terminal_is_left_goes_on_with_what_was_typed(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        emulator.faults("slow@catalogue=0.5")
        person.burst("/", *"sketch fast", "enter", *"a ")
        await person.rest()
        person.app.post_message(AppBlur())
        await person.until(lambda: person.form.row_count())
        person.app.post_message(AppFocus())
        await person.rest()
        await person.type("quiet sea")
        assert "a quiet sea" in person.row("prompt")


async def test_a_paste_goes_where_the_keys_before_it_lead(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        person.burst("/", *"sketch fast", "enter")
        await person.paste("a quiet sea")
        await person.until(lambda: "a quiet sea" in person.row("prompt"))
        assert person.models.search.value == "sketch fast"


async def test_the_palette_opens_while_a_form_is_on_its_way(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        emulator.faults("slow@catalogue=0.5")
        person.burst("/", *"sketch fast", "enter", "ctrl+p")
        await person.sees("Send the request")
