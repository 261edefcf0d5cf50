"""A request that was made before is sent again, edited, or adopted from elsewhere."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from support.deck_jobs import MISHAP, SKETCH, saved, submit
from support.emulator import Emulator
from support.person import at_the_deck, received

from faldeck.job import State
from faldeck.tui.actions import held_key


async def test_a_rerun_sends_the_same_arguments_again(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.fill("seed", "7")
        await person.press("ctrl+j")
        first = await person.job(lambda job: job.state is State.COMPLETED and not job.is_open)
        await person.press("escape", "3", "r")
        await person.until(lambda: len(person.jobs) == 2)
        second = await person.job()
        assert received(emulator.url, second) == received(emulator.url, first) == {"prompt": "a fox", "seed": 7}
        assert first.outputs[0].path != second.outputs[0].path
        assert saved(first.outputs[0]) == saved(second.outputs[0])
        await person.until(lambda: person.highlighted and person.highlighted.id == second.id)


async def test_a_held_rerun_key_sends_one_request(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_key, "KEY_REPEAT_SECONDS", 600)  # However busy the machine, the key is held all the time.
    async with at_the_deck(emulator.url, tmp_path) as person:
        first = await submit(person, SKETCH, "a fox")
        await person.job()
        await person.press("escape", "3", "r", "r")
        await person.until(lambda: person.highlighted and person.highlighted.id != first.id)
        await person.press("r", "r")
        await person.sees("One r sends one request.")
        await person.job()
        assert len(person.jobs) == len(emulator.posts()) == 2


async def test_an_input_without_members_is_edited_as_it_was_sent(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(MISHAP)
        await person.press("escape", "ctrl+j")
        await person.job()
        await person.open_form(SKETCH)
        await person.replace("a hare")
        await person.press("escape", "3", "e")
        await person.until(lambda: person.form.endpoint_id == MISHAP and person.form.state)
        assert person.form.state and person.form.state.arguments() == {}


async def test_edit_and_rerun_changes_what_was_changed(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, SKETCH, "a fox")
        await person.job()
        await person.open_form("demo/scribe/chat")
        await person.press("escape", "3", "e")
        await person.until(lambda: person.form.endpoint_id == SKETCH)
        await person.fill("seed", "8")
        await person.press("ctrl+j")
        await person.until(lambda: len(person.jobs) == 2)
        assert received(emulator.url, await person.job()) == {"prompt": "a fox", "seed": 8}


def made_elsewhere(emulator: Emulator) -> str:
    """The id of a request that another program has sent."""
    answer = httpx.post(
        f"{emulator.url}/queue/{SKETCH}", json={"prompt": "a lake"}, headers={"Authorization": "Key any:key"}
    )
    return str(answer.raise_for_status().json()["request_id"])


@pytest.mark.parametrize("key", ["r", "e"])
async def test_a_request_made_elsewhere_whose_input_is_unknown_is_neither_sent_again_nor_edited(
    key: str, emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a hare")
        request_id = made_elsewhere(emulator)
        emulator.faults("500@catalogue")  # The account's list, which has the input, cannot be read.
        await person.press("escape", "A")
        await person.paste(request_id)
        await person.press("ctrl+j")
        await person.until(lambda: person.highlighted)
        await person.press("escape", "3", key)
        await person.sees("This request was made elsewhere")
        assert person.active == "jobs"
        assert "a hare" in person.row("prompt")
        assert len(person.jobs) == 1 and len(emulator.posts()) == 1


async def test_a_request_that_the_service_does_not_know_is_not_adopted(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "A")
        await person.paste("00000000-0000-4000-8000-000000000000")
        await person.press("ctrl+j")
        await person.sees("not found")
        assert person.jobs == []


@pytest.mark.parametrize("is_open", [False, True])
async def test_the_address_of_a_request_is_enough_to_adopt_it(
    is_open: bool, emulator: Emulator, tmp_path: Path
) -> None:
    request_id = made_elsewhere(emulator)
    async with at_the_deck(emulator.url, tmp_path) as person:
        if is_open:  # The dialog begins with the open model, whatever the address names.
            await person.open_form(MISHAP)
            await person.press("escape")
        await person.press("A")
        await person.paste(f"https://fal.ai/models/{SKETCH}/requests/{request_id}")
        await person.press("ctrl+j")
        await person.until(lambda: person.highlighted)
        (job,) = person.jobs
        assert (job.endpoint_id, job.request_id) == (SKETCH, request_id)


async def test_nothing_is_adopted_by_leaving_the_dialog(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "A")
        await person.paste("00000000-0000-4000-8000-000000000000")
        await person.press("escape", "escape")
        await person.sees_no("A request made elsewhere")
        assert person.jobs == []
