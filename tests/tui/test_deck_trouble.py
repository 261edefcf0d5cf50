"""What is broken, absent or hostile is told in clear words or drawn harmlessly, and the deck goes on."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from support.emulator import Emulator
from support.person import at_the_deck
from textual.worker import WorkerFailed

from fal_emulator.model import ModelField, one_unit
from fal_emulator.plan import RunnerLine
from fal_emulator.service import Service
from faldeck.app import job_actions
from faldeck.app.session import Session
from faldeck.history import HistoryError, Query, Store
from faldeck.job import State
from faldeck.system import log_file
from faldeck.tui.app import DeckApp

SKETCH = "demo/sketch/fast"
HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]not red[/] [link=file:///etc/passwd]x[/link] \x9b31m\u202e\x00 end"
HOSTILE_MODEL = "demo/hostile/words"


def turn_hostile(emulator: Emulator) -> None:
    """Lets a service offer a model that says nothing but what a terminal should not obey."""
    app = emulator._server.config.app
    assert isinstance(app, Starlette)
    service: Service = app.state.service
    model = service.models[SKETCH]
    service.models[HOSTILE_MODEL] = replace(
        model,
        endpoint_id=HOSTILE_MODEL,
        name=HOSTILE,
        category=HOSTILE,
        description=HOSTILE,
        inputs=[ModelField(one.name, {**one.schema, "description": HOSTILE}, one.is_required) for one in model.inputs],
        tags=(HOSTILE,),
        pace=replace(model.pace, script=[RunnerLine(0.5, HOSTILE)]),
        render=lambda order: {"output": HOSTILE, HOSTILE: HOSTILE},
        units=one_unit,
    )
    service._apps.add(HOSTILE_MODEL.rpartition("/")[0])


def is_harmless(screen: str) -> bool:
    """Whether nothing that a terminal would obey is on a screen."""
    return all(letter.isprintable() for letter in screen.replace("\n", ""))


async def test_without_a_network_the_deck_opens_and_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
    async with at_the_deck(nobody, tmp_path) as person:
        await person.sees("The models could not be listed", "No models are known yet")
        await person.sees("Type any endpoint id above.", "A job's result is shown here.")
        await person.press("slash")
        await person.type(SKETCH)
        assert SKETCH in person.line("not listed")
        await person.press("enter")
        await person.sees("There is no form")
        await person.press("escape", "1", "s")
        await person.until(lambda: person.line(f"★ {SKETCH}"))
        await person.until(lambda: person.store.models.all().get(SKETCH) == (True, None, ""))


async def test_a_job_waits_for_the_network_and_is_sent_once(
    start_emulator: Callable[..., Emulator], tmp_path: Path
) -> None:
    emulator = start_emulator(state=tmp_path / "service")
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        port = int(emulator.url.rpartition(":")[2])
        emulator.stop()
        await person.press("ctrl+j")
        await person.sees("next try in")
        assert person.jobs[0].state is State.SUBMITTING
        again = start_emulator(state=tmp_path / "service", port=port)
        job = await person.job()
        assert job.state is State.COMPLETED
        assert len(again.posts()) == 1


async def test_a_web_page_instead_of_a_schema_gives_a_raw_form_that_says_why(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees(SKETCH)
        emulator.faults("html@catalogue")
        await person.open_form(SKETCH)
        await person.sees("There is no form")
        await person.press("enter", "f7")
        await person.paste('{"prompt": "a fox"}')
        await person.press("ctrl+j", "ctrl+j")
        job = await person.job()
        assert job.state is State.COMPLETED


def set_aside(folder: Path) -> bytes:
    """What the one file that was set aside in a folder holds."""
    (path,) = folder.glob("history.corrupt-*.db")
    return path.read_bytes()


async def test_a_history_that_cannot_be_read_is_set_aside_and_said(emulator: Emulator, tmp_path: Path) -> None:
    broken = tmp_path / "history.db"
    broken.write_bytes(b"this is no database, but somebody's letter" * 100)
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("history.corrupt-")
        await person.press("1", "2", "3", "4")
    assert set_aside(tmp_path).startswith(b"this is no database")


async def test_a_history_that_is_deleted_under_the_deck_is_put_back_and_said(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("ctrl+j")
        await person.sees("all 1   live   failed")
        for part in ("", "-wal", "-shm"):
            (tmp_path / f"history.db{part}").unlink(missing_ok=True)
        await person.sees("restored whole")
    store = Store(tmp_path / "history.db")
    (job,) = store.page(Query(), limit=9)
    assert (job.title, job.state) == ("a fox", State.COMPLETED)
    store.close()


async def test_a_history_that_fails_later_is_told_and_the_deck_goes_on(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("ctrl+j")
        await person.job()
        await person.sees("all 1   live   failed")
        await person.press("escape")

        async def fail(*_: object) -> None:
            raise HistoryError("the disk is full of holes")

        monkeypatch.setattr(person.app.engine.history, "read", fail)
        person.jobs_pane._reader._look_again()
        await person.sees("the disk is full of holes")
        person.result.show(person.highlighted)
        await person.rest()
        await person.open_form("demo/mishap/any")
        await person.press("escape", "P")
        await person.sees("Profiles")
        assert person.app._exception is None


async def test_an_error_that_nobody_foresaw_is_written_down_with_its_own_traceback(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_down(*_: object) -> None:
        raise RuntimeError("a price like no other")

    monkeypatch.setattr(job_actions, "find_price", break_down)
    with pytest.raises(WorkerFailed):
        async with at_the_deck(emulator.url, tmp_path) as person:
            await person.open_form(SKETCH)
            await person.type("a fox")
            person.burst("ctrl+j")
            await person.until(lambda: person.app._exception)
    written = log_file.path().read_text()
    assert "Traceback" in written and "break_down" in written and "a price like no other" in written


async def test_hostile_texts_of_a_service_are_drawn_harmlessly(
    start_emulator: Callable[..., Emulator], tmp_path: Path
) -> None:
    emulator = start_emulator(speed=100)
    turn_hostile(emulator)
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(HOSTILE_MODEL)
        assert is_harmless(person.screen)
        await person.paste(HOSTILE)
        await person.press("escape", "ctrl+j")
        await person.job()
        await person.press("escape", "3", "enter")
        for _ in range(4):
            await person.sees("[red]not red[/]")
            assert is_harmless(person.screen)
            await person.press("right")
        await person.press("escape", "3", "e")
        await person.until(lambda: "[red]not red[" in person.row("prompt"))
        await person.press("escape")
        assert is_harmless(person.screen)


async def test_brackets_braces_and_backslashes_are_plain_text_everywhere(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("[bold]a[/bold] [/] {fox} \\[")
        await person.press("ctrl+j")
        job = await person.job()
        assert person.store.body(job.id).arguments == {"prompt": "[bold]a[/bold] [/] {fox} \\["}
        await person.until(lambda: "[bold]a[/bold]" in "".join(person.job_rows))


async def test_a_locked_account_fails_the_job_with_the_reason(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        emulator.faults("locked@submit")
        await person.press("ctrl+j")
        job = await person.job(lambda job: job.state is State.FAILED)
        assert job.error is not None
        await person.sees("✗ failed", job.error.message[:15])


async def test_an_engine_that_has_begun_when_the_panes_are_gone_already_does_not_spoil_the_leaving(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, are_gone = asyncio.Event(), asyncio.Event()
    close_all = DeckApp._close_all

    async def close_all_and_tell(app: DeckApp) -> None:
        await close_all(app)
        are_gone.set()

    async def start_as_the_deck_is_left(engine: Session, *tellers: Any) -> None:
        begun.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await are_gone.wait()

    monkeypatch.setattr(DeckApp, "_close_all", close_all_and_tell)
    monkeypatch.setattr(Session, "start", start_as_the_deck_is_left)
    async with at_the_deck(emulator.url, tmp_path) as person:
        await begun.wait()
    assert person.app.return_code == 0


async def test_a_history_that_cannot_be_used_is_told_in_one_sentence_and_once(
    emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "history.db").mkdir()
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("The history cannot be read", SKETCH)
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("escape", "escape", "3", "end", "home")
        await person.rest()
        await asyncio.sleep(1.1)  # A second later the engine looks at the history again.
        said = [note for note in person.app._notifications if "history" in f"{note.title}{note.message}"]
        assert len(said) == 1
