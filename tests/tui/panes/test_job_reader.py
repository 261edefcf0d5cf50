"""When the jobs of the list are read again after changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from types import SimpleNamespace
from unittest.mock import AsyncMock, MagicMock

import pytest

from faldeck.job import Job, State
from faldeck.tui.panes.job_reader import JobReader


class Pane(MagicMock):
    """A pane whose clock the test turns: its timers, and how often the jobs were read again."""

    at = 0.0
    reads = 0

    def start(self, live: int = 20) -> JobReader:
        self.timers: list[tuple[float, Callable[[], object]]] = []
        at = datetime(2026, 1, 1, tzinfo=UTC)
        job = Job(id="", profile="fal", endpoint_id="a/b", state=State.QUEUED, created_at=at)
        jobs = [job._replace(id=f"{number:013}") for number in range(live)]
        return JobReader(self, MagicMock(jobs=jobs, again=AsyncMock()))

    def set_timer(self, delay: float, callback: Callable[[], object]) -> None:
        self.timers.append((self.at + delay, callback))

    def run_worker(self, work: Callable[[], Coroutine[None, None, None]], **_: object) -> SimpleNamespace:
        self.reads += 1
        asyncio.run(work())
        return SimpleNamespace(is_finished=True)

    def turn_to(self, at: float) -> None:
        due = sorted((timer for timer in self.timers if timer[0] <= at), key=lambda timer: timer[0])
        self.timers = [timer for timer in self.timers if timer[0] > at]
        for when, callback in due:
            self.at = when
            callback()
        self.at = at


@pytest.fixture
def pane(monkeypatch: pytest.MonkeyPatch) -> Pane:
    made = Pane()
    monkeypatch.setattr("faldeck.tui.panes.job_reader.time.monotonic", lambda: made.at)
    return made


def test_a_first_change_is_read_soon_however_small(pane: Pane) -> None:
    reader = pane.start()
    reader.changed(is_minor=True)
    pane.turn_to(0.11)
    assert pane.reads == 1


def test_places_that_change_all_the_time_are_read_twice_a_second(pane: Pane) -> None:
    reader = pane.start()
    for tick in range(100):
        pane.turn_to(tick / 25)
        reader.changed(is_minor=True)
    assert pane.reads == 8


def test_places_of_few_jobs_are_read_as_they_change(pane: Pane) -> None:
    reader = pane.start(live=3)
    for tick in range(100):
        pane.turn_to(tick / 25)
        reader.changed(is_minor=True)
    assert pane.reads > 30


def test_the_end_of_a_job_is_read_soon_though_places_change_all_the_time(pane: Pane) -> None:
    reader = pane.start()
    for tick in range(50):
        pane.turn_to(tick / 25)
        reader.changed(is_minor=True)
    reads = pane.reads
    reader.changed()
    pane.turn_to(pane.at + 0.11)
    assert pane.reads == reads + 1
