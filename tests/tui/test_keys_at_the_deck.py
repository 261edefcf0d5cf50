"""Keys at the deck: a person's own ones, sequences with their menu, counts that never cost."""

from __future__ import annotations

from pathlib import Path

from support.emulator import Emulator
from support.person import at_the_deck


async def test_counts_and_sequences_move_through_the_models_and_cost_nothing(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.until(lambda: person.models.row_count() > 6)
        await person.press("5", "j")
        assert person.models.cursor == 5
        await person.press("g", "g")
        assert person.models.cursor == 0
        await person.press("6", "G")
        assert person.models.cursor == 5
        person.burst("1", "0", "k")  # As fast as they come over a slow line.
        await person.rest()
        assert (person.active, person.models.cursor) == ("models", 0)

        await person.press("3", "g")
        await person.sees("g… ", " c Sheet ", " Esc Ends it")  # What can follow is named after a rest.
        await person.press("escape", "5", "r")
        await person.sees("Rerun takes no count")
        assert not person.jobs


async def test_own_keys_act_in_the_pane_and_are_named_by_bar_and_help(emulator: Emulator, tmp_path: Path) -> None:
    own = {"models.star": ("b",), "move.down": ("t", "g d"), "deck.help": ("f2",), "models.refresh": ()}
    async with at_the_deck(emulator.url, tmp_path, keys=own) as person:
        await person.until(lambda: person.models.row_count() > 6)
        await person.press("t", "g", "d", "j", "s", "down")
        assert person.models.cursor == 2  # Neither j nor the arrow moves any more.
        assert not person.store.models.all()
        await person.press("b")
        await person.until(lambda: person.store.models.all())
        assert " b Star " in person.screen.splitlines()[-1]
        await person.press("f2")
        await person.sees("The keys of Models")
        await person.type("down one row")
        assert person.line(" t gd ", "Down one row")
