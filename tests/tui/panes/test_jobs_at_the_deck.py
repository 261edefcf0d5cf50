"""What becomes of a job at the deck: sent, told, cancelled, left."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.deck_jobs import FILM, MISHAP, SKETCH, saved, state, submit
from support.emulator import Emulator
from support.person import at_the_deck

from faldeck.app import job_actions
from faldeck.engine.supervisor import Draft
from faldeck.job import State
from faldeck.system import paths


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
        person.burst(*"a fox", "ctrl+j", "enter", "end", *" and a hare", "ctrl+j")
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
        await person.sees("○ queued, ", "live 1")
        await person.until(lambda: re.search(r"○ (queued, )?\d ahead .*waves", "\n".join(person.job_rows)))
        bar = re.compile(r"● running .*  (█*)▌?░* +(\d+) % · \d+ s left")  # The log has tqdm's own bar.
        first = await person.until(lambda: bar.search("\n".join(person.job_rows)))
        assert state(person, job) is State.RUNNING

        def further() -> bool:
            found = bar.search("\n".join(person.job_rows))
            return found is not None and int(found[2]) > int(first[2]) and len(found[1]) > len(first[1])

        await person.until(further)


async def test_a_failing_job_shows_its_reason(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await submit(person, MISHAP, "a fox")
        job = await person.job()
        assert job.state is State.FAILED
        assert job.error is not None
        assert job.error.type == "content_policy_violation"
        await person.sees("✗ failed")
        assert job.error.message[:15] in person.line("✗ failed")
        await person.sees("all 1   live   failed")


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
        await person.sees("The request had not been sent, and will not be.")
        assert (await person.job()).state is State.CANCELLED


async def test_whoever_types_on_after_a_submit_is_not_taken_to_the_jobs(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced = asyncio.Event()

    async def slowly(*_: object) -> None:
        await priced.wait()

    monkeypatch.setattr(job_actions, "find_price", slowly)
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("ctrl+j", "enter", "end")
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
