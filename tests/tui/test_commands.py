"""The palette: what it finds for the words that people type."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import at_the_deck

from faldeck.keys.table import ACTIONS
from faldeck.tui.commands import Command, CommandSearch, TypedCommand
from faldeck.tui.dialogs.picker import PickerItem

ITEMS: list[PickerItem[Command]] = [
    PickerItem(one.sentence, partial(str, one.id), words=f"{one.label} {one.words} {one.id.partition('.')[2]}")
    for one in ACTIONS.values()
]
SEARCH = CommandSearch(
    ITEMS,
    [
        TypedCommand("model", "Search the models: {words}", lambda words: f"models {words}"),
        TypedCommand("#", "Go to row {words}", lambda words: f"row {words}"),
    ],
)


def first(text: str) -> object:
    """What the first item found for a text does."""
    return SEARCH.find(text)[0].value()


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("q", "deck.quit"),
        ("quit", "deck.quit"),
        ("submit", "form.submit"),
        ("rerun", "job.rerun"),
        ("cancel", "job.cancel"),
        ("Delete", "jobs.delete"),
        ("undelete", "jobs.undelete"),
        ("export", "jobs.export"),
        ("presets", "form.presets"),
        ("contact sheet", "job.sheet"),
        ("compare", "job.compare"),
        ("profiles", "deck.profiles"),
        ("stats", "deck.stats"),
        ("cost", "deck.stats"),
        ("json", "form.json"),
        ("model flux dev", "models flux dev"),
        ("42", "row 42"),
    ],
)
def test_the_word_that_people_type_finds_the_command_first(text: str, action: str) -> None:
    assert first(text) == action


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("filter", "jobs.filter"),
        ("filter", "jobs.search"),
        ("filter", "models.search"),
        ("sort", "jobs.sort"),
        ("theme", "deck.themes"),
    ],
)
def test_a_word_for_several_commands_finds_each_of_them_among_the_first(text: str, action: str) -> None:
    assert action in [item.value() for item in SEARCH.find(text)[:4]]


def test_every_label_of_the_key_bar_and_every_sentence_of_the_help_is_found() -> None:
    for one in ACTIONS.values():
        for text in (one.label, one.sentence):
            assert any(item.label == one.sentence for item in SEARCH.find(text)), one.id


async def test_a_colon_opens_the_palette_and_its_words_act(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.until(lambda: person.models.row_count() > 6)
        await person.press(":")
        await person.sees("Commands")
        await person.type("model sketch")
        await person.sees("Search the models: sketch")
        await person.press("enter")
        await person.until(lambda: 0 < person.models.row_count() < 10)
        await person.press(":")
        await person.type("failed")
        await person.press("enter")
        await person.until(lambda: (person.active, person.job_filter) == ("jobs", "failed"))
        await person.press(":")
        await person.type("filter tag:fox")
        await person.press("enter")
        await person.until(lambda: person.jobs_pane.choice.text == "tag:fox")
        await person.press(":", "3", "enter", ":", "q", "enter")
        assert person.app._exit
