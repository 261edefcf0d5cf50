"""The list of jobs: filters, searches, and the cursor that stays on its job."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from support.deck_jobs import MISHAP, SKETCH, cursor_row, shown, submit
from support.emulator import Emulator
from support.person import Person, at_the_deck

from faldeck.tui.actions import held_key


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
        for word, texts in (("failed", ["mishap"]), ("all", ["mishap", "a fox"])):
            while person.job_filter != word:
                await person.press("f")
            await person.until(lambda texts=texts: are_listed(person, texts))  # type: ignore[misc]
        while person.job_filter != "live":
            await person.press("f")
        await person.sees("No job matches.")
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
        await person.sees("No job matches.")
        await person.press("escape", "escape")
        await person.until(lambda: len(shown(person)) == 3)


async def test_a_search_that_finds_nothing_says_which_words_hide_the_jobs(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        for prompt in ("a fox in the snow", "a hare in the snow"):
            await submit(person, SKETCH, prompt)
        await person.press("escape", "3", "slash")
        await person.type("snow fox model:reel")
        await person.sees("Jobs without model:reel: 1.")
        await person.replace("snow state:failed")
        await person.sees("Jobs without state:failed: 2.")
        await person.replace("zebra state:failed")
        await person.sees("Jobs in all: 2.")


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
        await person.sees("The filter: 0000ffff")


async def test_the_address_of_a_request_finds_its_job_or_offers_to_adopt_it(emulator: Emulator, tmp_path: Path) -> None:
    address = "https://queue.fal.run/demo/sketch/requests/{}/status"
    async with at_the_deck(emulator.url, tmp_path / "elsewhere") as other:
        await submit(other, SKETCH, "a fox of another machine")
        await other.until(lambda: not any(job.is_open for job in other.jobs))
        foreign = str(other.jobs[0].request_id)
    async with at_the_deck(emulator.url, tmp_path) as person:
        for prompt in ("a hare", "a lake"):
            await submit(person, SKETCH, prompt)
        await person.until(lambda: not any(job.is_open for job in person.jobs))
        hare = next(job for job in person.jobs if "hare" in job.title)
        await person.press("escape", "3", "slash")
        await person.paste(address.format(hare.request_id))
        await person.until(lambda: shown(person) == ["a hare"])
        await person.replace(address.format(foreign))
        await person.sees("is not in the history", "Enter adopts it")
        await person.press("enter")
        await person.sees("A request made elsewhere", "demo/sketch", foreign, "^J adopts it")
        await person.press("ctrl+j")
        await person.until(lambda: person.jobs[0].request_id == foreign and len(person.jobs) == 3)
        await person.until(lambda: person.highlighted and person.highlighted.request_id == foreign)


async def test_the_jobs_of_one_model_are_shown_alone(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, MISHAP, "a wolf")
        await submit(person, SKETCH, "a fox")
        await person.press("escape", "3", "m")
        await person.until(lambda: shown(person) == ["a fox"])
        await person.press("m")
        await person.until(lambda: len(person.job_rows) == 2)


@pytest.mark.parametrize("keys", [["f", "f"], ["m"], ["slash", *"wolf", "tab"]], ids=["filter", "model", "search"])
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
        person.jobs_pane._reader._look_again()
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
        await person.sees("all 1   live   failed")
        pane = person.jobs_pane
        await person.until(lambda: pane._reader._due == math.inf)

        def overtaken(seconds: float, look: Callable[[], object]) -> None:
            look()
            pane._reader.newest()

        with monkeypatch.context() as patch:
            patch.setattr(pane, "set_timer", overtaken)
            pane.changed()
        await submit(person, SKETCH, "two")
        await person.job()
        # The counts of the sections may be read before the rows are.
        await person.until(lambda: shown(person) == ["two", "one"])


@pytest.mark.parametrize("is_filtered", [False, True], ids=["all", "filtered"])
async def test_the_cursor_goes_to_a_new_job_though_another_reading_overtakes_the_one_for_it(
    is_filtered: bool, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        first = await submit(person, SKETCH, "one")
        await person.job()
        await person.press("escape", "3")
        if is_filtered:
            await person.press("s", "f", "f", "f")
            await person.until(lambda: person.job_filter == "starred" and person.highlighted)
        reader = person.jobs_pane._reader
        go_newest = reader.newest

        def overtaken() -> None:
            go_newest()
            reader._look_again()

        monkeypatch.setattr(reader, "newest", overtaken)
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
        await other.sees("a fox", "✓ completed", "all 1   live   failed")
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


async def test_many_jobs_at_once_all_arrive(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_key, "KEY_REPEAT_SECONDS", 0)
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, SKETCH, "a fox")
        await person.press("escape", "3")
        for _ in range(9):
            await person.press("r")
        await person.until(lambda: len(person.jobs) == 10 and not any(job.is_open for job in person.jobs))
        await person.sees("all 10   live   failed")
        assert len({job.outputs[0].path for job in person.jobs}) == 10
        assert len(emulator.posts()) == 10


async def test_the_search_takes_filters_completes_them_and_says_what_is_wrong(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, SKETCH, "a fox")
        await submit(person, MISHAP, "a wolf")
        await person.until(lambda: not any(job.is_open for job in person.jobs))
        await person.press("escape", "3", "slash")
        await person.type("state:fai")
        await person.sees("Tab failed")
        await person.press("tab")
        await person.until(lambda: are_listed(person, ["/ state:failed", "mishap"]))
        await person.replace("-state:failed fox")
        await person.until(lambda: are_listed(person, ["/ -state:failed fox", "a fox"]))
        await person.replace("stat:failed")
        await person.sees("There is no filter “stat:”")
        await person.until(lambda: are_listed(person, ["/ stat:failed", "There is no filter", "mishap", "a fox"]))
