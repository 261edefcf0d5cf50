"""The screen as a whole: panes beside each other or one at a time, help, commands, and every size a terminal takes."""

from __future__ import annotations

import gc
import random
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import Person, at_the_deck
from textual._styles_cache import StylesCache
from textual.binding import Binding

from faldeck.keys import names

PANES = {"1": "Models", "2": "Form", "3": "Jobs", "4": "Result"}

RANDOM_KEYS = (
    *"abcdefghijklmnoprstuvwxyzEJXND12345/? .-é漢;:",
    *("up", "down", "left", "right", "pageup", "pagedown", "home", "end", "tab", "shift+tab"),
    *("enter", "enter", "enter", "escape", "escape", "space", "delete", "backspace"),
    *("ctrl+j", "ctrl+o", "ctrl+p", "ctrl+r", "ctrl+l", "ctrl+c", "ctrl+u", "f1", "ctrl+w", "ctrl+right"),
)


def titled(person: Person) -> set[str]:
    """The panes that are shown, by the titles on the screen."""
    lines = person.screen.splitlines()[1:]
    return {name for key, name in PANES.items() for line in lines if f" {key} {name} " in f"{line} "}


def bindings(person: Person, pane: str) -> list[Binding]:
    """Every binding that a pane has of its own and says something of."""
    return [binding for binding in type(person.pane(pane)).BINDINGS if isinstance(binding, Binding) and binding.tooltip]


async def all_pages(person: Person) -> set[str]:
    """The rows of the dialog, from its first page to its last."""
    rows: set[str] = set()
    while not rows.issuperset(
        page := {line.rpartition("│")[0].rpartition("│")[2] for line in person.screen.splitlines()}
    ):
        rows |= page
        await person.press("pagedown")
    return rows


async def test_a_wide_screen_shows_all_panes(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        assert titled(person) == set(PANES.values())


async def test_a_narrow_screen_shows_one_pane_at_a_time_below_a_tab_bar(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.sees("demo/sketch/fast")
        await person.until(lambda: " 1 Models  2 Form  3 Jobs  4 Result " in person.screen.splitlines()[0])
        for key, name in PANES.items():
            await person.press("escape", key)
            await person.until(lambda name=name: titled(person) == {name})  # type: ignore[misc]


async def test_on_a_narrow_screen_a_submit_leads_to_the_jobs(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.open_form("demo/sketch/fast")
        await person.until(lambda: titled(person) == {"Form"})
        await person.type("a fox")
        await person.press("ctrl+j")
        await person.until(lambda: titled(person) == {"Jobs"})
        await person.sees("✓ completed", "a fox")
        await person.press("enter")
        await person.until(lambda: titled(person) == {"Result"})
        await person.sees("image/png")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_tab_goes_round_the_panes_both_ways(size: tuple[int, int], emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        await person.sees("demo/sketch/fast")
        seen = [person.active]
        for key in ["tab"] * 4 + ["shift+tab"] * 4:
            await person.press(key)
            seen.append(person.active)
        there = ["models", "form", "jobs", "result", "models"]
        assert seen == [*there, *there[-2::-1]]


async def test_help_lists_every_key_of_the_pane_and_gives_the_command_picked(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(120, 60)) as person:
        await person.sees("demo/sketch/fast")
        await person.press("1", "question_mark")
        await person.sees("The keys of Models")
        listed = await all_pages(person)
        for binding in bindings(person, "models"):
            lines = [line for line in listed if binding.tooltip in line]
            assert any(f" {names.shown(key)} " in line for line in lines for key in binding.key.split(","))
        await person.replace("star the model")
        await person.press("enter")
        await person.until(lambda: len(person.store.models.all()) == 1)


async def test_help_begins_with_what_the_pane_is_for_and_names_keys_as_they_are_typed(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        for pane in ("models", "form", "jobs", "result"):
            await person.press("escape", *{"models": "1", "form": "2", "jobs": "3", "result": "4"}[pane], "?")
            await person.until(lambda pane=pane: person.pane(pane).HELP.split()[-1] in person.screen)  # type: ignore[misc]
            for word in person.pane(pane).HELP.split():
                assert word in person.screen
            await person.press("escape")
        await person.press("2", "?")
        await person.type("move the item")
        assert person.line(" < ", "Move the item up") and person.line(" > ", "Move the item down")


async def test_a_long_text_is_edited_within_the_narrowest_screen(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.open_form("demo/sketch/fast")
        await person.press("ctrl+o")
        await person.until(lambda: "╭" in person.screen)
        top = person.line("╭")
        assert top.count("╭") == top.count("╮") == 1


async def test_the_palette_lists_every_command_and_gives_the_one_picked(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.sees("demo/sketch/fast")
        await person.press("ctrl+p")
        await person.sees("Commands")
        listed = await all_pages(person)
        for pane in ("models", "form", "jobs", "result"):
            for binding in bindings(person, pane):
                name = person.pane(pane).NAME
                assert any(
                    f" {binding.tooltip} " in line and line.rstrip("▐ ").endswith(f" {name}") for line in listed
                ), binding
        await person.replace("search: words")
        await person.press("enter")
        assert person.active == "jobs"
        await person.until(lambda: person.app.focused and person.app.focused.id == "job-search")


async def test_dialogs_that_were_closed_are_not_kept(emulator: Emulator, tmp_path: Path) -> None:
    def caches() -> int:
        gc.collect()
        return sum(type(held) is StylesCache for held in gc.get_objects())

    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("ctrl+p", "escape")
        before = caches()
        for _ in range(5):
            await person.press("ctrl+p", "escape")
        assert caches() <= before


async def test_a_resize_keeps_what_was_being_done(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/sketch/fast")
        await person.type("a fox")
        await person.resize(80, 24)
        await person.until(lambda: titled(person) == {"Form"})
        await person.type(" in the snow")
        await person.resize(130, 45)
        await person.until(lambda: titled(person) == set(PANES.values()))
        assert "a fox in the snow" in person.row("prompt")
        assert person.active == "form"


async def test_ctrl_c_leaves_nothing_and_says_how_to_leave(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("ctrl+c")
        await person.sees("q leaves the deck")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 10), (20, 5), (5, 3), (1, 1)])
async def test_three_hundred_random_keys_break_nothing(
    size: tuple[int, int], emulator: Emulator, tmp_path: Path
) -> None:
    dice = random.Random(f"{size}")
    async with at_the_deck(emulator.url, tmp_path, size=size, is_drawn=True) as person:
        await person.until(lambda: person.models.row_count())
        for _ in range(300):
            person.burst(dice.choice(RANDOM_KEYS))
            if dice.random() < 0.1:
                await person.rest()
        assert person.app._exception is None


async def test_every_size_down_to_one_cell_can_be_drawn(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, is_drawn=True) as person:
        await person.open_form("demo/every/field")
        for width, height in ((110, 30), (109, 24), (60, 15), (30, 8), (12, 4), (3, 2), (1, 1), (2, 60), (300, 2)):
            await person.resize(width, height)
            for key in ("1", "2", "3", "4"):
                await person.press("escape", key, "down")
            assert len(person.screen.splitlines()) <= height
        await person.resize(120, 40)
        await person.until(lambda: titled(person) == set(PANES.values()))
