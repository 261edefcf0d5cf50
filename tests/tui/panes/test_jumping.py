"""Jump mode and clicks: letters on what is shown, and the places that a letter or the mouse goes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import Person, at_the_deck
from textual.events import MouseDown, MouseUp

from faldeck.tui.panes.jumping import LETTERS, Jump, JumpTarget, labels


class Page:
    """A pane of some rows."""

    def __init__(self, name: str, rows: int, went: list[str]) -> None:
        self.name, self.rows, self.went = name, rows, went
        self.labels: Mapping[tuple[int, int], str] = {}

    def jump_targets(self) -> Iterator[JumpTarget]:
        for row in range(self.rows):
            yield JumpTarget(0, row, lambda row=row: self.went.append(f"{self.name}{row}"))  # type: ignore[misc]

    def refresh(self) -> None:
        """Draws nothing."""


@pytest.mark.parametrize("count", [0, 1, 26, 27, 60, 300])
def test_labels_are_short_and_none_begins_another(count: int) -> None:
    made = labels(count)
    assert len(made) == len(set(made)) == count
    assert all(len(label) == 1 for label in made) or count > len(LETTERS)
    assert not any(one != other and other.startswith(one) for one in made for other in made)


def test_a_letter_goes_to_its_place_and_the_letters_are_gone() -> None:
    went: list[str] = []
    here, there = Page("here", 3, went), Page("there", 40, went)
    jump = Jump([here, there])
    jump.begin()
    assert here.labels[0, 0] == "a" and there.labels[0, 0] == "s"  # The titles first.
    label = there.labels[0, 39]
    assert len(label) == 2
    assert not jump.take(label[0])
    assert jump.take(label[1])
    assert went == ["there39"]
    assert not here.labels and not there.labels


@pytest.mark.parametrize("key", ["escape", "1", "enter"])
def test_any_other_key_ends_the_jump(key: str) -> None:
    went: list[str] = []
    page = Page("here", 3, went)
    jump = Jump([page])
    jump.begin()
    assert jump.take(key)
    assert not went and not page.labels


async def click(person: Person, x: int, y: int) -> None:
    """Presses and releases the first button on a cell of the screen."""
    for kind in (MouseDown, MouseUp):
        person.app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
    await person.rest()


def cell(person: Person, text: str) -> tuple[int, int]:
    """The cell in which a text stands on the screen."""
    lines = person.screen.splitlines()
    y = next(y for y, line in enumerate(lines) if text in line)
    return lines[y].index(text) + 1, y


async def test_letters_and_clicks_go_to_rows_tabs_and_panes(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.until(lambda: person.models.row_count() > 6)
        await person.press("3", ";")
        await person.sees("Jump… ", "a-z Goes there")
        row = person.models.labels[0, 5]  # The fourth model: below the title and the search.
        await person.press(*row)
        assert (person.active, person.models.cursor) == ("models", 3)
        assert not person.models.labels
        await person.press(";", "escape")
        assert person.active == "models"

        await click(person, *cell(person, "demo/sketch/pro"))
        assert person.models.cursor == 1
        await click(person, *cell(person, " failed "))
        assert (person.active, person.job_filter) == ("jobs", "failed")


async def test_a_click_on_the_tab_bar_of_a_narrow_screen_shows_the_pane(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.sees("4 Result")
        for name in ("Result", "Form", "Jobs", "Models"):
            await click(person, *cell(person, name))
            assert person.active == name.lower()
