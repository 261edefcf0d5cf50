"""What the service rejected is told at its field, in the form that sent it or when it is edited."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.deck_jobs import MISHAP, send, submit
from support.emulator import Emulator
from support.person import at_the_deck


async def test_a_refused_input_is_put_back_with_the_reason_at_its_field(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, MISHAP, "a fox")
        await person.sees("✗ failed")
        await person.fill("prompt", "something else")
        await person.press("escape", "3", "e")
        await person.until(lambda: "was flagged by the content checker" in person.row("prompt"))
        assert "a fox" in person.row("prompt")
        assert person.here == "prompt"


async def test_what_is_wrong_inside_a_list_is_told_there_and_what_hides_it_is_opened(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await send(person, MISHAP, failure="several_fields", loras=[{"path": "7"}])
        await person.job()
        await person.press("escape", "3", "e")
        await person.until(lambda: "Field required" in person.row("image_url"))
        assert "should be a valid string" in person.row("path")


async def test_what_the_service_rejected_is_told_at_once_in_the_form_that_sent_it(
    emulator: Emulator, tmp_path: Path
) -> None:
    emulator.hold_jobs()
    async with at_the_deck(emulator.url, tmp_path) as person:
        await send(person, MISHAP, failure="several_fields", loras=[{"path": "7"}])
        await person.until(lambda: person.highlighted and person.highlighted.request_id)
        form = person.form.state
        emulator.start_jobs()
        await person.until(lambda: "Field required" in person.row("image_url"))
        assert person.form.state is form and person.active == "form"


async def test_a_form_that_was_opened_since_is_left_alone(emulator: Emulator, tmp_path: Path) -> None:
    emulator.hold_jobs()
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, MISHAP, "a fox")
        await person.until(lambda: person.highlighted and person.highlighted.request_id)
        await person.open_form(MISHAP)
        emulator.start_jobs()
        await person.job()
        await person.rest()
        assert person.form.state and person.form.state.problems == {}


async def test_a_failure_that_the_screen_does_not_show_yet_is_told_at_its_field(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.hold_jobs()
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, MISHAP, "a fox")
        await person.until(lambda: person.highlighted and person.highlighted.request_id)
        monkeypatch.setattr(person.jobs_pane, "changed", lambda **_: None)
        emulator.start_jobs()
        await person.job()
        assert person.highlighted and not person.highlighted.error
        await person.press("escape", "3", "e")
        await person.until(lambda: "was flagged by the content checker" in person.row("prompt"))


async def test_a_refused_input_may_be_sent_again_as_it_is(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, MISHAP, "a fox")
        await person.job()
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("✗ failed")
        await person.press("3", "e")
        await person.until(lambda: "was flagged by the content checker" in person.row("prompt"))
        await person.press("ctrl+j")
        await person.until(lambda: len(person.jobs) == 2)
