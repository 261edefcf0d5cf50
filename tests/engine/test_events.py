"""What an engine tells: to any number of listeners, each for as long as it wants."""

import asyncio
from pathlib import Path

from support.emulator import Emulator
from support.engine_process import LAKE, SKETCH, lab, running

from faldeck.engine.events import Event, Events, JobChanged, KeyRefused, Trouble
from faldeck.job import State
from faldeck.system import log_file


def test_two_listeners_hear_the_same_and_neither_takes_the_others_place() -> None:
    events, first, second = Events(), list[Event](), list[Event]()
    with events.subscribe(first.append):
        events.publish(JobChanged("a"))
        with events.subscribe(second.append):
            events.publish(Trouble("No key."))
        events.publish(KeyRefused("fal", "Refused."))
    events.publish(JobChanged("b"))

    assert first == [JobChanged("a"), Trouble("No key."), KeyRefused("fal", "Refused.")]
    assert second == [Trouble("No key.")]


def test_a_listener_to_one_job_hears_of_that_job_alone() -> None:
    events, heard = Events(), list[Event]()
    with events.subscribe_to_job("a", heard.append), events.subscribe_to_job("a", heard.append):
        for event in (JobChanged("b"), Trouble("No key."), JobChanged("a"), JobChanged(None)):
            events.publish(event)
    events.publish(JobChanged("a"))

    assert heard == [JobChanged("a"), JobChanged("a"), JobChanged(None), JobChanged(None)]


def test_a_listener_may_leave_while_it_is_called_and_twice() -> None:
    events, heard = Events(), list[Event]()

    def listen_once(event: Event) -> None:
        heard.append(event)
        subscription.close()

    subscription = events.subscribe(listen_once)
    others = list[Event]()
    events.subscribe(others.append)
    for job_id in "ab":
        events.publish(JobChanged(job_id))
    subscription.close()

    assert heard == [JobChanged("a")]
    assert others == [JobChanged("a"), JobChanged("b")]


def test_the_same_trouble_is_reported_once_and_another_at_once() -> None:
    events, heard = Events(), list[Event]()
    events.subscribe(heard.append)
    for sentence in ("The disk is full.", "The disk is full.", "There is no key."):
        events.publish_once(Trouble(sentence))

    assert heard == [Trouble("The disk is full."), Trouble("There is no key.")]


async def test_two_listeners_follow_one_engine_at_once(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        first, second = list[Event](), list[Event]()
        with engine.supervisor.events.subscribe(first.append), engine.supervisor.events.subscribe(second.append):
            job = await engine.submit(SKETCH, LAKE)
            lives = await asyncio.gather(engine.lived(job), engine.lived(job))

    assert [life[-1].state for life in lives] == [State.COMPLETED, State.COMPLETED]
    assert JobChanged(job.id) in first and first == second


async def test_a_listener_that_raises_hurts_neither_the_job_nor_the_other_listeners(
    emulator: Emulator, tmp_path: Path
) -> None:
    def broken(event: Event) -> None:
        raise LookupError(f"no row for {event}")

    heard = list[Event]()
    async with running(lab(emulator.url), tmp_path) as engine:
        events = engine.supervisor.events
        with events.subscribe(broken), events.subscribe(heard.append):
            job = await engine.submit(SKETCH, LAKE)
            with events.subscribe_to_job(job.id, broken):
                ended = await engine.until(job)

    assert ended.state is State.COMPLETED
    assert JobChanged(job.id) in heard
    assert not [event for event in heard if isinstance(event, Trouble)]
    logged = log_file.path().read_text()
    assert "no row for" in logged and "in broken" in logged
