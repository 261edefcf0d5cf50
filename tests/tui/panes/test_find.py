"""`/` in panes that have no search of their own: what is typed there searches what is shown, and never commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import Person, at_the_deck

from faldeck.tui.dialogs.profile_list import ProfileList
from faldeck.tui.panes.search_line import Matches

SKETCH = "demo/sketch/fast"


async def at_a_result(person: Person) -> None:
    """Sends a request and goes to its result."""
    await person.open_form(SKETCH)
    await person.type("a fox")
    await person.press("ctrl+j")
    await person.job()
    await person.press("escape", "4")
    assert person.active == "result"


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_letters_after_a_slash_in_the_result_search_the_page_and_never_command(
    size: tuple[int, int], emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        await at_a_result(person)
        person.burst("slash", *"rrcesxqS")
        await person.rest()
        assert person.app.is_running
        assert len(person.jobs) == len(emulator.posts()) == 1
        await person.sees("not found")
        await person.press("escape", "slash")
        await person.type("fox")
        await person.sees("1 of 1")
        await person.press("enter")
        assert person.app.focused is person.result
        await person.sees("“fox” 1 of 1")
        await person.press("escape")
        await person.sees_no("1 of 1")
        assert person.active == "result"


async def test_n_goes_to_the_next_line_found_and_to_the_next_file_where_nothing_is_searched(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await at_a_result(person)
        await person.press("enter", "left", "slash")
        await person.type('"')
        count = person.result.find_line.matches.places if person.result.find_line else []
        assert len(count) > 5
        await person.press("enter", "n", "n", "N")
        await person.sees(f"2 of {len(count)}")
        await person.press("N", "N")
        await person.sees(f"{len(count)} of {len(count)}")
        await person.press("right")
        await person.sees('“"” ')
        await person.press("escape", "n")
        assert person.active == "result"


async def test_letters_after_a_slash_in_the_profiles_go_to_a_profile_and_never_command(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press("P")
        await person.sees("Profiles")
        person.burst("slash", *"dedemo")
        await person.rest()
        assert len(person.app.screen_stack) == 2
        await person.press("escape", "slash")
        await person.type("demo")
        await person.press("enter")
        assert person.app.screen.query_one(ProfileList).highlighted == "demo"
        await person.press("escape")
        assert len(person.app.screen_stack) == 1


async def test_letters_after_a_slash_in_the_presets_and_the_options_never_command(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        for key, word in (("p", "dundsq"), ("O", "priority q")):
            await person.press("escape", key)
            await person.until(lambda: len(person.app.screen_stack) == 2)
            person.burst("slash", *word)
            await person.rest()
            assert len(person.app.screen_stack) == 2
            await person.press("enter", "escape")
            await person.until(lambda: len(person.app.screen_stack) == 1)


def test_matches_are_gone_through_round_and_round() -> None:
    matches = Matches()
    matches.look("a b", ["a", "B and A", "ab", "none"], 2)
    assert (matches.here, matches.position) == (2, "2 of 2")
    matches.step(1)
    assert (matches.here, matches.position) == (1, "1 of 2")
    matches.look("zebra", ["a"], 0)
    assert (matches.here, matches.position) == (None, "not found")
    matches.look(" ", ["a"], 0)
    assert matches.position == ""
