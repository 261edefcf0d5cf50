"""The Jobs pane: what is submitted appears at once, is followed live, and can be acted upon."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import Person, at_the_deck, received

from faldeck.app.session import Session
from faldeck.engine.supervisor import Draft
from faldeck.job import Job, Output, State
from faldeck.system import paths
from faldeck.tui.actions import jobs

SKETCH = "demo/sketch/fast"
FILM = "demo/reel/v2/text-to-video"
MISHAP = "demo/mishap/any"


async def submit(person: Person, endpoint_id: str, prompt: str) -> Job:
    """Sends a request; gives its job as soon as that is on disk."""
    before = len(person.jobs)
    await person.open_form(endpoint_id)
    await person.fill("prompt", prompt)
    await person.press("ctrl+j")
    await person.until(lambda: len(person.jobs) > before)
    return person.jobs[0]


def saved(output: Output) -> bytes:
    """What is in an output's file."""
    return Path(output.path or "").read_bytes()


def state(person: Person, job: Job) -> State:
    """The state of a job on disk."""
    kept = person.store.job(job.id)
    assert kept is not None
    return kept.state


def shown(person: Person) -> list[str]:
    """The prompts that the Jobs pane shows, from the top; where jobs are done they are in the fourth column."""
    return [cell for row in person.job_rows for cell in re.split(r"  +", row)[3:4]]


def cursor_row(person: Person) -> str:
    """The title of the job that the cursor is on."""
    job = person.highlighted
    return job.title if job else ""


async def test_a_submitted_job_appears_at_once_and_ends_done_with_its_file_on_disk(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox in the snow")
        emulator.faults("slow@submit=0.3")
        await person.press("ctrl+j")
        await person.sees("◌ submitting")
        assert state(person, person.jobs[0]) is State.SUBMITTING
        job = await person.job()
        assert job.state is State.COMPLETED
        await person.sees("✓ completed", "↓")
        assert "a fox in the snow" in person.line("✓ completed")
        assert "sketch/fast" in person.line("✓ completed")
        [output] = job.outputs
        content = saved(output)
        assert content.startswith(b"\x89PNG")
        assert len(content) == output.size_bytes
        assert str(output.path).startswith(str(tmp_path / "outputs"))
        assert [line["path"] for line in emulator.posts()] == ["/queue/demo/sketch/fast"]


async def test_a_held_submit_key_sends_one_request(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        person.burst(*"a fox", *["ctrl+j"] * 12)
        await person.rest()
        job = await person.job()
        assert job.title == "a fox"
        assert len(person.jobs) == 1
        assert len(emulator.posts()) == 1


async def test_another_request_may_follow_at_once(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        person.burst(*"a fox", "ctrl+j", "enter", *" and a hare", "ctrl+j")
        await person.rest()
        await person.until(lambda: len(person.jobs) == 2 and not any(job.is_open for job in person.jobs))
        assert sorted(job.title for job in person.jobs) == ["a fox", "a fox and a hare"]
        assert len(emulator.posts()) == 2


async def test_a_live_row_tells_the_place_in_the_queue_and_the_last_log_line(
    start_emulator: Callable[..., Emulator], tmp_path: Path
) -> None:
    slow = start_emulator(speed=8)
    async with at_the_deck(slow.url, tmp_path) as person:
        job = await submit(person, FILM, "waves")
        await person.sees("○ queued, ", "1 live")
        await person.sees("● running")
        await person.until(lambda: "%|" in person.line("● running"))
        assert state(person, job) is State.RUNNING


async def test_a_failing_job_shows_its_reason(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, MISHAP, "a fox")
        job = await person.job()
        assert job.state is State.FAILED
        assert job.error is not None
        assert job.error.type == "content_policy_violation"
        await person.sees("✗ failed")
        assert job.error.message[:15] in person.line("✗ failed")
        await person.sees("0 live · 1 all")


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
        await person.open_form(MISHAP)
        await person.press("escape", "J", "f7")
        await person.paste('{"failure": "several_fields", "loras": [{"path": "7"}]}')
        await person.press("ctrl+j", "ctrl+j")
        await person.job()
        await person.press("escape", "3", "e")
        await person.until(lambda: "Field required" in person.row("image_url"))
        assert "should be a valid string" in person.row("path")


async def test_a_failure_that_the_screen_does_not_show_yet_is_told_at_its_field(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, MISHAP, "a fox")
        await person.until(lambda: person.highlighted)
        monkeypatch.setattr(person.jobs_pane, "changed", lambda: None)
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


async def test_a_cancelled_job_is_what_the_service_then_says(
    start_emulator: Callable[..., Emulator], tmp_path: Path
) -> None:
    slow = start_emulator(speed=1)
    async with at_the_deck(slow.url, tmp_path) as person:
        await submit(person, FILM, "waves")
        await person.sees("○ queued")
        await person.press("escape", "3", "c")
        job = await person.job()
        assert job.state is State.CANCELLED
        await person.sees("⊘ cancelled")
        assert len(slow.requests(method="PUT", path="/cancel")) == 1


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


async def test_a_held_rerun_key_sends_one_request(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        first = await submit(person, SKETCH, "a fox")
        await person.job()
        await person.press("escape", "3", "r", "r")
        await person.until(lambda: person.highlighted and person.highlighted.id != first.id)
        await person.press("r", "r")
        await person.sees("One r sends one request.")
        await person.job()
        assert len(person.jobs) == len(emulator.posts()) == 2


@pytest.mark.parametrize("key", ["r", "e"])
async def test_a_request_made_elsewhere_whose_input_is_unknown_is_neither_sent_again_nor_edited(
    key: str, emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a hare")
        await person.press("escape", "A")
        await person.paste("00000000-0000-4000-8000-000000000000")
        await person.press("ctrl+j")
        await person.until(lambda: person.highlighted)
        await person.press("escape", "3", key)
        await person.sees("This request was made elsewhere")
        assert person.active == "jobs"
        assert "a hare" in person.row("prompt")
        assert len(person.jobs) == 1 and emulator.posts() == []


@pytest.mark.parametrize("is_open", [False, True])
async def test_the_address_of_a_request_is_enough_to_adopt_it(
    is_open: bool, emulator: Emulator, tmp_path: Path
) -> None:
    request_id = "00000000-0000-4000-8000-000000000000"
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


def are_listed(person: Person, texts: list[str]) -> bool:
    """Whether the jobs shown are so many, each with its text, from the top."""
    rows = person.job_rows
    return len(rows) == len(texts) and all(text in row for text, row in zip(texts, rows, strict=True))


async def test_the_jobs_are_filtered_by_state(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, SKETCH, "a fox")
        await submit(person, MISHAP, "a wolf")
        await person.until(lambda: not any(job.is_open for job in person.jobs))
        await person.press("escape", "3")
        for word, texts in (("completed", ["a fox"]), ("failed", ["mishap"]), ("all", ["mishap", "a fox"])):
            while person.job_filter != word:
                await person.press("f")
            await person.until(lambda texts=texts: are_listed(person, texts))  # type: ignore[misc]
        while person.job_filter != "live":
            await person.press("f")
        await person.sees("No job is like that.")
        await person.press("escape")
        await person.until(lambda: len(person.job_rows) == 2)


async def test_the_jobs_are_searched_by_the_words_of_their_prompts(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        for prompt in ("a fox in the snow", "a hare in the snow", "a lake"):
            await submit(person, SKETCH, prompt)
        await person.press("escape", "3", "slash")
        await person.type("snow")
        await person.until(lambda: shown(person) == ["a hare in the snow", "a fox in the snow"])
        await person.type(" fox")
        await person.until(lambda: shown(person) == ["a fox in the snow"])
        await person.replace("zebra")
        await person.sees("No job is like that.")
        await person.press("escape", "escape")
        await person.until(lambda: len(shown(person)) == 3)


async def test_the_jobs_are_searched_by_their_ids(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        for prompt in ("a fox in the snow", "a lake"):
            await submit(person, SKETCH, prompt)
        await person.until(lambda: not any(job.is_open for job in person.jobs))
        fox = next(job for job in person.jobs if "fox" in job.title)
        await person.press("escape", "3", "slash")
        await person.type(str(fox.request_id)[:8])
        await person.until(lambda: shown(person) == ["a fox in the snow"])
        await person.replace(fox.id)
        await person.until(lambda: shown(person) == ["a fox in the snow"])
        await person.replace("0000ffff")
        await person.sees("“0000ffff” in prompt or id")


async def test_a_request_above_the_limit_is_sent_when_the_person_says_so(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, confirm_above_usd=0.001) as person:
        await person.open_form(SKETCH)
        await person.fill("prompt", "a fox")
        await person.sees("$0.003 / megapixel")
        next(paths.cache_dir().rglob("prices.json")).unlink()

        await person.press("ctrl+j")
        await person.sees("This costs about $0.003. Send it?")
        await person.press("enter")
        assert person.jobs == [] and emulator.posts() == []
        await person.fill("prompt", "a wolf")
        await person.press("ctrl+j")
        await person.sees("Yes, send it")
        await person.press("down", "enter")
        await person.job()

        await person.press("escape", "3", "r")
        await person.sees("This costs about $0.003. Send it?")
        await person.press("escape")
        await person.rest()
        assert len(emulator.posts()) == len(person.jobs) == 1


async def test_the_jobs_of_one_model_are_shown_alone(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, MISHAP, "a wolf")
        await submit(person, SKETCH, "a fox")
        await person.press("escape", "3", "m")
        await person.until(lambda: shown(person) == ["a fox"])
        await person.press("m")
        await person.until(lambda: len(person.job_rows) == 2)


@pytest.mark.parametrize("keys", [["f", "f", "f"], ["m"], ["slash", *"wolf", "tab"]], ids=["filter", "model", "search"])
async def test_a_job_that_was_just_sent_is_shown_whatever_is_filtered_or_searched_for(
    keys: list[str], emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(MISHAP)
        await person.fill("prompt", "a wolf")
        await person.press("ctrl+j")
        await person.job()
        await person.open_form(SKETCH)
        await person.fill("prompt", "a fox")
        await person.press("escape", "3", *keys)
        await person.until(lambda: person.highlighted)
        await person.press("2", "ctrl+j")
        await person.until(lambda: len(person.jobs) == 2)
        await person.until(lambda: cursor_row(person) == "a fox")
        await person.until(lambda: len(person.job_rows) == 2)
        assert person.job_filter == "all"


async def test_escape_closes_a_search_line_that_was_left_open(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, SKETCH, "a fox")
        await person.press("escape", "3", "slash", "tab", "3")
        await person.until(lambda: person.active == "jobs" and person.jobs_pane.search.display)
        await person.press("escape")
        assert not person.jobs_pane.search.display


async def test_the_highlight_stays_on_its_job_while_others_arrive(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        for prompt in ("one", "two", "three"):
            await submit(person, SKETCH, prompt)
        await person.press("escape", "3", "home", "down")
        assert cursor_row(person) == "two"
        async with at_the_deck(emulator.url, tmp_path) as other:
            for prompt in ("four", "five"):
                await submit(other, SKETCH, prompt)
                await other.job(lambda job: job.request_id is not None)
        await person.until(lambda: shown(person) == ["five", "four", "three", "two", "one"])
        assert cursor_row(person) == "two"


async def test_a_move_while_the_list_is_read_anew_is_kept(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        for prompt in ("one", "two", "three"):
            await submit(person, SKETCH, prompt)
            await person.job()
        await person.press("escape", "3", "home")
        window = person.jobs_pane._window
        read, may_read, has_read = window.again, asyncio.Event(), asyncio.Event()

        async def read_slowly() -> None:
            await may_read.wait()
            await read()
            has_read.set()

        monkeypatch.setattr(window, "again", read_slowly)
        person.jobs_pane._read_again()
        await person.press("down")
        assert cursor_row(person) == "two"
        may_read.set()
        await has_read.wait()
        await person.rest()
        assert cursor_row(person) == "two"


async def test_a_reading_that_another_overtakes_is_made_up_for(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, SKETCH, "one")
        await person.job()
        await person.sees("0 live · 1 all")
        pane = person.jobs_pane
        await person.until(lambda: not pane._is_dirty)

        def overtaken(seconds: float, look: Callable[[], object]) -> None:
            look()
            pane._go_newest()

        with monkeypatch.context() as patch:
            patch.setattr(pane, "set_timer", overtaken)
            pane.changed()
        await submit(person, SKETCH, "two")
        await person.job()
        await person.sees("0 live · 2 all")
        assert shown(person) == ["two", "one"]


@pytest.mark.parametrize("is_filtered", [False, True], ids=["all", "filtered"])
async def test_the_cursor_goes_to_a_new_job_though_another_reading_overtakes_the_one_for_it(
    is_filtered: bool, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        first = await submit(person, SKETCH, "one")
        await person.job()
        await person.press("escape", "3")
        if is_filtered:
            await person.press("f", "f")
            await person.until(lambda: person.job_filter == "completed" and person.highlighted)
        pane = person.jobs_pane
        go_newest = pane._go_newest

        def overtaken(*wanted: object) -> None:
            go_newest(*wanted)
            pane._look_again()

        monkeypatch.setattr(pane, "_go_newest", overtaken)
        await person.press("r")
        await person.until(lambda: person.highlighted and person.highlighted.id != first.id)
        await person.job()
        assert person.highlighted and person.highlighted.id == person.jobs[0].id


async def test_the_cursor_stays_with_the_person_who_moves_it_before_a_new_job_is_shown(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        for prompt in ("one", "two", "three"):
            await submit(person, SKETCH, prompt)
            await person.job()
        await person.press("escape", "3", "home")
        window = person.jobs_pane._window
        read, may_read = window.newest, asyncio.Event()

        async def read_slowly() -> None:
            await may_read.wait()
            await read()

        monkeypatch.setattr(window, "newest", read_slowly)
        person.jobs_pane.show_job(person.jobs[2].id)
        await person.press("down")
        may_read.set()
        await person.app.workers.wait_for_complete()
        assert cursor_row(person) == "two"


async def test_a_second_deck_on_the_same_history_sees_what_happens(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person, at_the_deck(emulator.url, tmp_path) as other:
        await submit(person, SKETCH, "a fox")
        await other.sees("a fox", "✓ completed", "0 live · 1 all")
        await other.press("3", "s")
        await person.until(lambda: "★" in person.job_rows[0])
        assert len(emulator.posts()) == 1


async def test_a_star_is_kept_and_can_be_filtered_for(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, SKETCH, "a fox")
        await submit(person, SKETCH, "a hare")
        await person.until(lambda: not any(job.is_open for job in person.jobs))
        await person.press("escape", "3", "down", "s")
        await person.until(lambda: [job.title for job in person.jobs if job.starred] == ["a fox"])
        await person.sees("★")
        while person.job_filter != "starred":
            await person.press("f")
        await person.until(lambda: shown(person) == ["a fox"])
        await person.press("s")
        await person.until(lambda: not any(job.starred for job in person.jobs))


async def test_a_star_that_is_turned_twice_at_once_is_as_it_was(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        job = await submit(person, SKETCH, "a fox")
        await person.job()
        await person.press("escape", "3")
        person.burst("s", "s", "s", "s")
        await person.rest()
        await person.app.workers.wait_for_complete()
        kept = person.store.job(job.id)
        assert kept and not kept.starred


async def test_a_job_that_is_cancelled_before_it_is_sent_says_that_it_will_not_be(
    start_emulator: Callable[..., Emulator], tmp_path: Path
) -> None:
    emulator = start_emulator()
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        emulator.stop()
        await person.press("ctrl+j")
        await person.sees("next try in")
        await person.press("escape", "3", "c")
        await person.sees("It had not been sent, and will not be.")
        assert (await person.job()).state is State.CANCELLED


async def test_whoever_types_on_after_a_submit_is_not_taken_to_the_jobs(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced = asyncio.Event()

    async def slowly(*_: object) -> None:
        await priced.wait()

    monkeypatch.setattr(Session, "estimate_usd", slowly)
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("ctrl+j", "enter")
        await person.type(" r")
        priced.set()
        await person.job()
        await person.type("rr")
        assert "a fox rrr" in person.row("prompt")
        assert [job.title for job in person.jobs] == ["a fox"]


async def test_a_job_goes_on_while_the_deck_is_closed(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, FILM, "waves")
        await person.job(lambda job: job.request_id is not None)
        await person.press("escape", "q")
    async with at_the_deck(emulator.url, tmp_path) as person:
        job = await person.job()
        assert job.state is State.COMPLETED
        assert saved(job.outputs[0]).startswith(b"GIF89a")
        await person.sees("✓ completed")
    assert len(emulator.posts()) == 1


async def test_many_jobs_at_once_all_arrive(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "KEY_REPEAT_SECONDS", 0)
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, SKETCH, "a fox")
        await person.press("escape", "3")
        for _ in range(9):
            await person.press("r")
        await person.until(lambda: len(person.jobs) == 10 and not any(job.is_open for job in person.jobs))
        await person.sees("0 live · 10 all")
        assert len({job.outputs[0].path for job in person.jobs}) == 10
        assert len(emulator.posts()) == 10


async def test_the_deck_is_not_left_unasked_while_a_direct_call_runs(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "any:key")
    emulator.faults("slow@run=6000")
    async with at_the_deck(emulator.url, tmp_path) as person:
        supervisor = await person.app.engine.ready()
        draft = Draft(profile="demo", endpoint_id=SKETCH, arguments={"prompt": "a fox"}, options={"mode": "sync"})
        job = await supervisor.submit(draft)
        await person.until(supervisor.direct_calls)
        await person.press("q")
        await person.sees("A direct call ends with the deck. Leave now?")
        await person.press("enter")
        await person.sees_no("Leave now?")
        assert person.app.is_running and state(person, job) is State.RUNNING

        await person.press("P", "home", "enter")
        await person.sees("Leave now?")
        await person.press("enter")
        await person.sees_no("Leave now?")
        assert person.app.is_running

        await person.press("q")
        await person.sees("Leave now?")
        await person.press("down")
        person.burst("enter")
        await person.until(lambda: person.app._exit)


async def test_the_deck_is_left_at_once_while_a_job_of_the_queue_runs(emulator: Emulator, tmp_path: Path) -> None:
    emulator.hold_jobs()
    async with at_the_deck(emulator.url, tmp_path) as person:
        job = await submit(person, SKETCH, "a fox")
        await person.until(lambda: state(person, job) is State.QUEUED)
        await person.press("escape")
        person.burst("q")
        await person.until(lambda: person.app._exit)
    assert emulator.requests(method="PUT") == []
