"""The tour, the topics of the help and the list of messages."""

from datetime import UTC, datetime
from pathlib import Path

from support.deck_ui import RecordingUi, picked
from support.emulator import Emulator
from support.person import at_the_deck

from faldeck.config.deck_state import DeckMemory
from faldeck.tui.actions.teaching import MOST_MESSAGES, OFFER, TOUR, MessageLog, take_tour


async def test_the_tour_goes_through_the_panes_and_back_and_its_end_is_remembered(tmp_path: Path) -> None:
    ui, memory = RecordingUi([picked(way) for way in (1, -1, 1, 1, 1, 1, 1)]), DeckMemory(tmp_path / "deck.json")
    assert memory.is_first_start
    await take_tour(ui, memory)

    assert len(TOUR) == 5
    assert ui.panes == ["models", "form", "models", "form", "form", "jobs", "result", "models"]
    assert not memory.is_first_start and memory.is_changed


async def test_the_tour_can_be_left_at_once(tmp_path: Path) -> None:
    ui, memory = RecordingUi([None]), DeckMemory(tmp_path / "deck.json")
    await take_tour(ui, memory)
    assert (ui.panes, memory.is_first_start) == (["models"], False)


def test_the_last_messages_are_kept_clean_and_newest_first() -> None:
    log = MessageLog(lambda: datetime(2026, 11, 30, 9, 5, tzinfo=UTC))
    for number in range(MOST_MESSAGES + 5):
        log.add(f"number {number}")
    log.add("\x1b]52;c;x\x07gone\nagain", "Not sent")
    newest = log.newest_first
    assert len(newest) == MOST_MESSAGES
    assert newest[0].text.startswith("Not sent: ") and newest[0].text.isprintable()
    assert newest[1].text == f"number {MOST_MESSAGES + 4}"


async def test_a_first_start_offers_the_tour_and_the_palette_has_it_with_help_and_messages(
    emulator: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "deck.json"
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24), memory_path=path) as person:
        await person.sees(OFFER)
        await person.press("4")
        await person.sees("3 goes to the jobs")
        await person.press("3")
        await person.sees("1 finds a model")
        await person.press("1")
        await person.press("ctrl+p")
        await person.type("tour")
        await person.press("enter")
        await person.sees("1 of 5: find a model", "Enter opens its form")
        await person.press("escape")
        await person.sees_no("1 of 5")
        assert OFFER not in person.screen
        await person.press("ctrl+p")
        await person.type("help search")
        await person.press("enter")
        await person.sees("Find jobs and models", "state:failed", "Esc closes")
        await person.press("pagedown", "escape")
        await person.press("ctrl+c", "ctrl+p")
        await person.type("messages")
        await person.press("enter")
        await person.sees("q leaves the deck", "Enter copies a message")
        await person.press("escape")
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24), memory_path=path) as person:
        await person.until(lambda: person.models.row_count())
        await person.rest()
        assert OFFER not in person.screen
