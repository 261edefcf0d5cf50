"""Whether letters type or command: typing begins when it is asked for, and text never runs a command."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import Person, at_the_deck, received

from faldeck.app import job_actions
from faldeck.app.session import Session
from faldeck.job import Job

SKETCH = "demo/sketch/fast"
EDIT = "demo/sketch/edit"
EVERY = "demo/every/field"
TYPING = "typing · Esc ends"

SIZES = pytest.mark.parametrize("size", [(120, 40), (80, 24)])


async def done(person: Person, prompt: str) -> None:
    """Sends a request from the open form, and waits until the deck shows that its job is over."""
    await person.fill("prompt", prompt)
    await person.press("ctrl+j")
    ended = await person.job(lambda job: job.title == prompt and not job.is_open)
    await person.until(lambda: any(job.id == ended.id and not job.is_open for job in person.jobs_pane._window.jobs))
    await person.press("escape")


@SIZES
@pytest.mark.parametrize("waits", [True, False], ids=["after the job is shown", "at once"])
async def test_text_typed_just_after_a_submit_runs_no_command(
    size: tuple[int, int], waits: bool, emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        await person.open_form(SKETCH)
        person.burst(*"a fox", "ctrl+j")
        if waits:
            await person.until(lambda: person.jobs and person.highlighted)
            await person.rest()
        person.burst(*"r X s q e r", "backspace", *"r P")
        await person.rest()
        await person.job()
        assert person.app.is_running and len(person.app.screen_stack) == 1
        assert len(person.jobs) == len(emulator.posts()) == 1
        state = person.form.state
        assert state and state.arguments() == {"prompt": "a fox"}
        await person.sees("^J ended the typing")
        await person.press("escape", "3", "r")
        await person.until(lambda: len(person.jobs) == 2)


async def test_a_number_typed_just_after_a_submit_goes_to_its_pane_and_the_text_behind_it_nowhere(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        person.burst(*"a fox", "ctrl+j", *"3 red foxes")
        await person.rest()
        await person.job()
        assert person.active == "jobs"
        assert len(emulator.posts()) == 1


async def test_on_a_narrow_screen_letters_act_in_the_jobs_after_a_submit_once_another_key_was_pressed(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("ctrl+j")
        await person.until(lambda: person.active == "jobs")
        await person.job()
        await person.press("r")
        assert len(person.jobs) == 1
        await person.press("down", "r")
        await person.until(lambda: len(person.jobs) == 2)


async def test_whoever_types_on_after_a_submit_stays_where_they_are_on_a_narrow_screen(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.open_form(SKETCH)
        person.burst(*"a fox", "ctrl+j", *"rr")
        await person.rest()
        await person.job()
        await person.rest()
        assert person.active == "form"


@SIZES
async def test_a_form_opens_typing_in_the_first_empty_field_and_says_so(
    size: tuple[int, int], emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        await person.open_form(SKETCH)
        assert TYPING in person.line("2 Form", "sketch/fast") or TYPING in person.screen
        assert "Esc Ends typing" in person.screen.splitlines()[-1]
        assert "q Quit" not in person.screen and "J JSON" not in person.screen
        await person.press("escape")
        assert TYPING not in person.screen
        assert "q Quit" in person.screen.splitlines()[-1]


@SIZES
@pytest.mark.parametrize("way", ["number", "tab", "alt"])
async def test_coming_back_to_a_form_never_begins_typing(
    size: tuple[int, int], way: str, emulator: Emulator, tmp_path: Path
) -> None:
    there = {"number": ("escape", "3"), "tab": ("tab",), "alt": ("alt+3",)}[way]
    back = {"number": "2", "tab": "shift+tab", "alt": "alt+2"}[way]
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press(*there)
        assert person.active == "jobs"
        await person.press(back)
        assert person.active == "form" and not person.form.line_editor.is_active
        assert TYPING not in person.screen
        await person.type("kk")
        assert person.form.state and person.form.state.arguments() == {"prompt": "a fox"}
        await person.press("home", "i")
        await person.type("!")
        assert person.form.state.arguments() == {"prompt": "a fox!"}


async def test_alt_and_a_number_go_to_a_pane_from_a_search_line_and_type_nothing(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.until(lambda: person.models.row_count())
        await person.press("slash", "a", "alt+3")
        assert person.active == "jobs" and person.models.search.value == "a"


async def test_a_click_on_a_text_field_begins_typing(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "end")
        await person._pilot.click("#form", offset=(20, 1))
        await person.type("a fox")
        assert "a fox" in person.row("prompt")


async def test_enter_on_the_last_field_ends_the_typing(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/scribe/chat")
        await person.press("escape", "end")
        while not (person.form.here and person.form.here.is_inline):
            await person.press("up")
        person.form.rows = person.form.rows[: person.form.cursor + 1]
        await person.press("enter")
        assert person.form.line_editor.is_active
        await person.press("enter")
        assert not person.form.line_editor.is_active and TYPING not in person.screen


async def test_a_draft_is_selected_so_that_the_next_prompt_replaces_it(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.open_form(EVERY)
        await person.open_form(SKETCH)
        assert TYPING in person.screen
        await person.type("a wolf")
        assert person.form.state and person.form.state.arguments() == {"prompt": "a wolf"}
        await person.press("escape", "enter")
        await person.type("!")
        assert person.form.state.arguments() == {"prompt": "a wolf!"}, "what was typed here is gone on with"


async def test_a_prompt_that_was_sent_is_selected_so_that_the_next_one_replaces_it(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await done(person, "a fox")
        await person.press("escape", "2", "enter")
        await person.type("a wolf")
        assert person.form.state and person.form.state.arguments() == {"prompt": "a wolf"}
        await person.press("ctrl+j")
        await person.until(lambda: len(emulator.posts()) == 2)
        await person.job(lambda job: job.title == "a wolf" and job.request_id is not None)
        await person.press("escape", "2", "enter", "end")
        await person.type(" in the snow")
        assert person.form.state.arguments() == {"prompt": "a wolf in the snow"}


async def test_a_prompt_that_was_not_sent_after_all_is_continued(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, confirm_above_usd=0.001) as person:
        await person.open_form(SKETCH)
        await person.fill("prompt", "a fox")
        await person.press("ctrl+j")
        await person.sees("This costs about $0.003. Send it?")
        await person.press("escape")
        await person.rest()
        await person.go_to("prompt")
        await person.press("enter")
        await person.type(" in the snow")
        assert person.form.state and person.form.state.arguments() == {"prompt": "a fox in the snow"}
        assert emulator.posts() == []


async def test_what_is_carried_to_another_form_is_marked_and_replaced_by_the_next_key(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.open_form(EVERY)
        await person.press("escape")
        assert "a fox · carried over" in person.row("prompt")
        assert "1 carried over" in person.screen
        await person.press("enter")
        assert "carried over" in person.row("prompt")
        await person.type("a wolf")
        assert person.form.state and person.form.state.arguments() == {"prompt": "a wolf"}
        assert "carried over" not in person.screen


async def test_the_mark_of_a_long_text_that_was_carried_over_stands_alone(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox in the snow, " * 8)
        await person.open_form(EVERY)
        await person.sees("carried over")
        assert "  carried over" in person.row("prompt") and "·" not in person.row("prompt")


async def test_a_pinned_seed_stays_in_its_own_form(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("escape", "r")
        assert person.form.state and "seed" in person.form.state.arguments()
        await person.open_form(EDIT)
        assert person.form.state and person.form.state.arguments() == {"prompt": "a fox"}


@SIZES
async def test_after_edit_and_use_the_cursor_is_in_no_text_field(
    size: tuple[int, int], emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        await person.open_form(SKETCH)
        await done(person, "a fox")
        await person.open_form(EDIT)
        await person.press("escape", "3", "u")
        await person.until(lambda: person.active == "form")
        assert person.here == "image_url" and not person.form.line_editor.is_active
        await person.press("3", "e")
        await person.until(lambda: person.form.endpoint_id == SKETCH and person.form.state)
        await person.rest()
        assert person.active == "form" and not person.form.line_editor.is_active
        person.burst("3", "e", *"kkk")
        await person.rest()
        await person.until(lambda: person.active == "form")
        assert person.form.state and person.form.state.arguments() == {"prompt": "a fox"}


async def test_the_search_selects_its_old_words(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await done(person, "a fox")
        await person.press("1", "slash")
        await person.type("clarity")
        assert person.models.search.value == "clarity"
        for word in ("fox", "lake"):
            await person.press("escape", "3", "slash")
            await person.type(word)
            assert person.jobs_pane.search.value == word
            await person.until(lambda word=word: (person.highlighted is not None) == (word == "fox"))  # type: ignore[misc]


async def test_one_escape_shows_all_where_nothing_was_found(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await done(person, "a fox")
        await person.press("3", "slash")
        await person.type("zebra")
        await person.sees("No job matches.")
        await person.press("escape")
        await person.sees_no("No job matches.")
        await person.until(lambda: len(person.jobs_pane._window.jobs) == 1)
        await person.press("1", "slash")
        await person.type("xyzzy")
        await person.sees("No model matches “xyzzy”.")
        await person.press("escape")
        assert person.models.row_count() == 21 and person.models.search.value == ""
        assert person.app.focused is person.models


async def test_a_seed_that_comes_late_is_not_pinned_in_another_form(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await done(person, "a fox")
        last_seed = job_actions.last_seed
        opened = person.form

        async def slowly(session: Session, endpoint_id: str, preferred: Job | None) -> int | None:
            opened.endpoint_id = "demo/other"
            return await last_seed(session, endpoint_id, preferred)

        monkeypatch.setattr(job_actions, "last_seed", slowly)
        await person.press("2", "s")
        await person.rest()
        assert person.form.state and "seed" not in person.form.state.arguments()


async def test_the_text_of_a_submit_that_was_sent_is_what_the_service_got(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        person.burst(*"a fox", "ctrl+j", *"xx", "enter", *"a hare", "ctrl+j", "enter", "end", *" at night", "ctrl+j")
        await person.rest()
        await person.until(lambda: len(person.jobs) == 3 and not any(job.is_open for job in person.jobs))
        assert [received(emulator.url, job) for job in person.jobs] == [
            {"prompt": "a hare at night"},
            {"prompt": "a hare"},
            {"prompt": "a fox"},
        ]


async def test_a_job_made_of_an_output_knows_its_parent_also_when_it_is_run_again(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await done(person, "a fox")
        parent = person.highlighted
        await person.open_form(EDIT)
        await person.press("escape", "3", "u")
        await person.until(lambda: person.active == "form")
        await done(person, "a fox at night")
        child = await person.job(lambda job: job.endpoint_id == EDIT)
        assert parent and (child.parent, parent.parent) == (parent.id, None)

        await person.press("3", "r")
        again = await person.job(lambda job: job.endpoint_id == EDIT and job.id != child.id)
        assert again.parent == parent.id

        await person.press("3", "e")
        await person.until(lambda: person.form.endpoint_id == EDIT and person.form.state)
        await done(person, "a fox in rain")
        edited = await person.job(lambda job: job.title == "a fox in rain")
        assert edited.parent == parent.id

        await person.open_form(EDIT)
        await person.press("escape")
        await person.go_to("image_url")
        await person.press("ctrl+r")
        await person.sees("A job's image", "a fox in rain")
        await person.press("enter")
        await done(person, "a fox in snow")
        picked = await person.job(lambda job: job.title == "a fox in snow")
        assert picked.parent == edited.id


async def test_a_file_without_a_form_for_it_is_offered_the_models_that_take_one(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await done(person, "a fox")
        await person.press("escape", "3", "u")
        await person.sees("Use this image with")
        await person.press("slash")
        await person.type(EDIT)
        await person.press("enter", "enter")
        await person.until(lambda: person.form.endpoint_id == EDIT and person.form.state)
        state, picture = person.form.state, person.jobs[0].outputs[0]
        assert state and state.arguments() == {"image_url": picture.url}
        assert len(emulator.posts()) == 1
