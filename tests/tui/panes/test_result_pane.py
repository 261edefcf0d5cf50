"""The Result pane: files, texts, logs, input and JSON of the highlighted job, in little and in large."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.deck_jobs import MISHAP, SKETCH, finished, send
from support.emulator import Emulator
from support.person import at_the_deck

from faldeck.job import FileState, State
from faldeck.tui.panes.result import ResultPane

CHAT = "demo/scribe/chat"
SMALL = {"image_size": {"width": 64, "height": 48}}


async def test_a_result_shows_its_files_where_they_are_and_what_was_said(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(160, 40)) as person:
        job = await finished(person, SKETCH, prompt="a fox", seed=7, num_images=2, **SMALL)
        await person.press("enter")
        assert len(job.outputs) == 2
        for output in job.outputs:
            await person.sees(str(output.path)[-60:], str(output.url)[:100])
        await person.sees("✓ completed", "image/png  64×48", "seed 7")


async def test_a_new_place_in_the_queue_is_shown_without_reading_the_documents_again(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        job = await finished(person, SKETCH, prompt="a fox", **SMALL)
        queued = job._replace(state=State.QUEUED, queue_position=9, completed_at=None, outputs=())
        result = person.app.screen.query_one(ResultPane)
        read: list[object] = []
        monkeypatch.setattr(result, "_read", read.append)
        result.show(queued)
        await person.sees("queued, 9 ahead")
        result.show(queued._replace(queue_position=8))
        await person.sees("queued, 8 ahead")
        assert read == [queued]


async def test_a_prompt_that_a_result_repeats_is_shown_once(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await finished(person, SKETCH, prompt="a fox", **SMALL)
        await person.press("enter")
        await person.sees("image/png")
        assert person.screen.count("a fox") == 1


async def test_a_refused_input_is_explained_field_by_field(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await finished(person, MISHAP, failure="several_fields")
        await person.press("enter")
        await person.sees("image_url: Field required", "loras.0.path: Input should be a valid string", "missing · 422")
        assert person.screen.count("Field required") == 1
        await person.sees("free")


async def test_the_answer_of_a_language_model_is_shown_as_text(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        job = await finished(person, CHAT, prompt="Write about the sea at night")
        result = person.store.body(job.id).result
        assert isinstance(result, dict)
        await person.press("enter")
        for word in str(result["output"]).split()[:12]:
            assert word in person.screen


async def test_the_pages_are_output_logs_input_and_json(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        job = await finished(person, SKETCH, prompt="a fox", seed=7, **SMALL)
        await person.press("enter")
        await person.sees("image/png")
        await person.press("right")
        await person.sees("Warm runner found", "100%|")
        await person.press("right")
        await person.sees("a fox", '  "width": 64,', '  "height": 48', str(job.request_id), job.id)
        await person.press("right")
        await person.sees('  "seed": 7', '      "width": 64')
        await person.press("right")
        await person.sees("image/png")
        await person.press("left")
        await person.sees('"seed": 7')


async def test_enter_enlarges_the_result_and_gives_the_screen_back(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await finished(person, SKETCH, prompt="a fox", **SMALL)
        await person.press("enter")
        await person.sees_no("1 Models")
        assert "3 Jobs" not in person.screen
        await person.press("enter")
        await person.sees("1 Models", "2 Form", "3 Jobs", "4 Result")
        await person.press("enter")
        await person.sees_no("3 Jobs")
        await person.press("escape")
        await person.sees("3 Jobs", "2 Form")


async def test_q_in_the_enlarged_result_goes_back_and_quits_only_elsewhere(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await finished(person, SKETCH, prompt="a fox", **SMALL)
        await person.press("enter")
        await person.sees_no("3 Jobs")
        await person.sees("q Back")
        await person.press("q")
        await person.sees("3 Jobs", "q Quit")
        assert person.app.is_running
        await person.press("4", "q")
        await person.until(lambda: person.app._exit)


async def test_a_long_page_is_scrolled(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(120, 16)) as person:
        await finished(person, SKETCH, prompt="a fox", seed=7, **SMALL)
        await person.press("enter", "left")
        await person.sees('"images"')
        await person.press("end")
        await person.sees('"prompt": "a fox"')
        await person.sees_no('"images"')
        await person.press("home")
        await person.sees('"images"')


async def test_the_url_of_the_chosen_output_is_copied(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        job = await finished(person, SKETCH, prompt="a fox", num_images=2, **SMALL)
        await person.press("4", "y")
        assert person.app.clipboard == job.outputs[0].url
        await person.press("n", "y")
        assert person.app.clipboard == job.outputs[1].url
        await person.press("p", "y")
        assert person.app.clipboard == job.outputs[0].url


async def test_an_output_is_opened_with_the_command_that_was_set(emulator: Emulator, tmp_path: Path) -> None:
    noted = tmp_path / "opened"
    command = shlex.join([sys.executable, "-c", f"import sys; open({str(noted)!r}, 'w').write(sys.argv[1])"])
    async with at_the_deck(emulator.url, tmp_path, open_command=command) as person:
        job = await finished(person, SKETCH, prompt="a fox", **SMALL)
        await person.press("o")
        opened = await person.until(lambda: noted.exists() and noted.read_text())
        assert opened in (job.outputs[0].url, job.outputs[0].path)


async def test_without_a_desktop_the_url_is_copied_instead_of_opened(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        job = await finished(person, SKETCH, prompt="a fox", **SMALL)
        await person.press("o")
        await person.until(lambda: person.app.clipboard == job.outputs[0].url)


async def test_files_are_fetched_when_asked_for_where_that_is_set(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, download="manual") as person:
        job = await finished(person, SKETCH, prompt="a fox", **SMALL)
        assert job.outputs[0].path is None
        await person.sees("not fetched; d fetches it")
        await person.press("d")
        kept = await person.job(lambda job: bool(job.outputs[0].path) and not job.is_open)
        assert str(kept.outputs[0].path).startswith(str(tmp_path / "outputs"))
        await person.sees("↓")


async def test_a_file_that_does_not_come_is_given_up_with_a_key(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("503@file")
    async with at_the_deck(emulator.url, tmp_path) as person:
        await send(person, SKETCH, prompt="a fox", **SMALL)
        job = await person.job(lambda job: job.state is State.COMPLETED and job.outputs[0].path is not None)
        assert job.is_open
        await person.press("escape", "3")
        await person.until(lambda: person.highlighted is not None and person.highlighted.id == job.id)
        await person.sees("x gives it up")
        await person.press("x")
        left = await person.job(lambda job: not job.is_open)
        assert (left.state, left.outputs[0].state) == (State.COMPLETED, FileState.REMOTE)
        await person.sees("not fetched; d fetches it")
        assert [path for path in (tmp_path / "outputs").rglob("*") if path.is_file()] == []

        emulator.faults("")
        await person.press("d")
        kept = await person.job(lambda job: bool(job.outputs[0].path) and not job.is_open)
        assert kept.outputs[0].state is FileState.SAVED


async def test_the_answer_of_a_language_model_is_copied_as_text(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        job = await finished(person, CHAT, prompt="Write about the sea at night")
        result = person.store.body(job.id).result
        assert isinstance(result, dict)
        await person.press("y")
        await person.until(lambda: str(result["output"]) in person.app.clipboard)


async def test_what_has_no_output_says_why(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await finished(person, MISHAP, failure="several_fields")
        await person.press("y")
        await person.sees("This job has no output (failed).")
        await person.press("d")
        await person.sees("No file of this job is left to download.")
        await finished(person, CHAT, prompt="Write about the sea at night")
        await person.press("o")
        await person.sees("The result of this job has no file.")


async def test_the_logs_stay_at_their_end_while_more_of_them_come(
    start_emulator: Callable[..., Emulator], tmp_path: Path
) -> None:
    emulator = start_emulator(speed=16)
    async with at_the_deck(emulator.url, tmp_path, size=(120, 10)) as person:
        await person.open_form("demo/reel/v2/text-to-video")
        await person.type("waves")
        await person.press("ctrl+j")
        await person.until(lambda: person.highlighted)
        await person.press("escape", "4", "enter", "right")
        job = await person.job()
        await person.until(lambda: len(person.result._logs) == len(person.store.logs(job.id)))
        assert len(person.result._view.rows) > 10
        last = person.store.logs(job.id)[-1]
        await person.sees(last.message[-20:])
        await person.press("home")
        await person.sees_no(last.message[-20:])
