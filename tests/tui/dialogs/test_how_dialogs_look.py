"""How dialogs and notifications look: the title first, every word readable, and no more covered than they need."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import at_the_deck

from faldeck.config import toml_edit
from faldeck.config.settings import load
from faldeck.tui.dialogs.picker import Picker, PickerItem
from faldeck.tui.dialogs.text import InputDialog, TextDialog

QUESTION = "Export 30 jobs as JSON lines to a file, or as a table to a file with a name that ends in .csv"


async def test_the_words_of_a_dialog_stand_below_its_title(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press("escape", "3", "?")
        await person.sees("The keys of Jobs", "Every request you made", "Open the output's URL")
        lines = person.screen.splitlines()
        title, words, key = (
            next(y for y, line in enumerate(lines) if text in line)
            for text in ("The keys of Jobs", "Every request you made", "Open the output's URL")
        )
        assert title + 1 == words < key - 1
        assert "/ search" in lines[key - 1]


@pytest.mark.parametrize("pane", ["1", "2", "3", "4"])
async def test_the_help_leaves_most_of_the_deck_in_sight(pane: str, emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press("escape", pane, "?")
        await person.sees("The keys of")
        assert person.app.screen.query_one(".popup").region.area < person.app.size.area * 0.4


async def test_a_long_text_leaves_the_choices_of_a_dialog_in_sight(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        person.app.push_screen(Picker("Why it failed", [PickerItem("Send it again", 1)], text="A long reason. " * 200))
        await person.rest()
        await person.sees("Why it failed", "A long reason.", "…", "Send it again")


@pytest.mark.parametrize("dialog", [InputDialog(QUESTION), TextDialog(QUESTION, "")], ids=["line", "text"])
async def test_a_long_question_is_shown_whole(
    dialog: InputDialog | TextDialog, emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(60, 24)) as person:
        person.app.push_screen(dialog)
        await person.rest()
        shown = " ".join(person.screen.replace("│", " ").split())
        assert QUESTION in shown


async def test_what_a_key_is_for_is_said_once(emulator: Emulator, tmp_path: Path, public: None) -> None:
    toml_edit.save_profile("gate", {"queue_url": f"{emulator.url}/queue"})
    async with at_the_deck(emulator.url, tmp_path, profile=load("gate").active) as person:
        await person.sees("Paste a key")
        await person.press("enter")
        await person.sees("paste it here", "saved in a file")
        assert person.screen.count("saved in a file") == 1


async def test_a_short_notification_covers_a_part_of_one_line(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.sees("demo/sketch/fast")
        await person.rest()
        before = person.screen.splitlines()
        person.app.notify("The jobs are deleted; U restores them.")
        await person.sees("U restores them.")
        after = person.screen.splitlines()
        changed = [y for y in range(24) if before[y] != after[y]]
        assert len(changed) == 1
        assert after[changed[0]][:30].rstrip() == before[changed[0]][:30].rstrip(), "what stands at the left is seen"


async def test_the_titles_of_all_dialogs_start_in_the_same_column(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/sketch/fast")
        await person.press("escape", "O")
        await person.sees("│ How it is run")
        await person.press("escape", "p")
        await person.sees("│ Presets of")
