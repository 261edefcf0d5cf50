"""What the deck remembers: a file that may be missing, broken, or from another version, and that two decks share."""

import json
import stat
from pathlib import Path

import pytest

from faldeck.config.deck_state import DeckMemory, DeckState, state_path


def test_what_was_remembered_is_there_at_the_next_start_and_private(isolation: Path) -> None:
    path = state_path(is_demo=False)
    memory = DeckMemory(path)
    memory.change(pane="jobs", filter="tag:fox", sizes={"models": 30}, has_seen_tour=True)
    assert memory.is_changed
    memory.save()

    assert not memory.is_changed
    assert DeckMemory(path).state == DeckState(pane="jobs", filter="tag:fox", sizes={"models": 30}, has_seen_tour=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert DeckMemory(state_path(is_demo=True)).state == DeckState()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", "null", "[" * 50_000, '{"pane": ["jobs"], "sizes": 3, "has_seen_tour": "yes", "job": null}'],
    ids=lambda text: text[:12],
)
def test_a_file_that_makes_no_sense_is_a_first_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "deck.json"
    path.write_text(text)

    assert DeckMemory(path).state == DeckState()


def test_the_good_values_beside_wrong_ones_are_kept_and_made_harmless(tmp_path: Path) -> None:
    path = tmp_path / "deck.json"
    values = {"pane": "jobs", "filter": "fox\x1b[2J\n", "job": "x" * 5_000, "sizes": {"a": 3, "b": True}, "later": 1}
    path.write_text(json.dumps(values))

    state = DeckMemory(path).state
    assert (state.pane, state.job, state.sizes) == ("jobs", "", {"a": 3})
    assert "\x1b" not in state.filter


def test_of_two_decks_the_last_to_write_decides_and_the_file_is_always_whole(tmp_path: Path) -> None:
    path = tmp_path / "state" / "deck.json"
    first, second = DeckMemory(path), DeckMemory(path)
    first.change(pane="jobs", filter="tag:fox")
    second.change(pane="form", form="demo/sketch/fast")
    first.save()
    second.save()
    first.save()  # It has nothing new to say.

    assert DeckMemory(path).state == DeckState(pane="form", form="demo/sketch/fast")
    assert [one.name for one in path.parent.iterdir()] == ["deck.json"]


def test_without_a_path_nothing_is_written(tmp_path: Path) -> None:
    memory = DeckMemory()
    memory.change(pane="jobs")

    assert not memory.is_changed
    memory.save()
    assert list(tmp_path.glob("*.json")) == []
