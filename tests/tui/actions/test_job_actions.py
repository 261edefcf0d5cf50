"""What is asked before a job costs money, and what each action does: without a screen."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from support.deck_ui import RecordingUi, picked

from faldeck.app.output_as_input import Sources
from faldeck.config.settings import Config
from faldeck.engine.supervisor import Draft
from faldeck.fal.values import Price
from faldeck.history import History
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id
from faldeck.schema.json_value import JsonValue
from faldeck.system import paths
from faldeck.tui.actions import held_key
from faldeck.tui.actions.jobs import JobActions
from faldeck.tui.panes.job_keys import JobAction
from faldeck.tui.terminal.typing_guard import KeyDecision, TypingGuard

MODEL = "fal-ai/flux/dev"
JOB = Job(id=new_id(), profile="fal", endpoint_id=MODEL, state=State.COMPLETED, created_at=now())


@dataclass
class FakeService:
    """The supervisor and the catalogue of a session, as job actions see them."""

    similar: list[str]
    about_usd: Decimal | None
    is_broken: bool
    submitted: list[str] = field(default_factory=list)

    async def submit(self, draft: Draft) -> Job:
        if self.is_broken:
            raise sqlite3.OperationalError("the disk is full")
        self.submitted.append(draft.endpoint_id)
        return JOB._replace(id=new_id())

    async def fetch(self, job: Job) -> bool:
        return False

    def similar_models(self, endpoint_id: str) -> list[str]:
        return self.similar

    def prices(self) -> dict[str, Price]:
        return {} if self.about_usd is None else {MODEL: Price(MODEL, self.about_usd, "request", "USD")}

    async def fetch_price(self, endpoint_id: str) -> None:
        return None

    def stored_schema(self, endpoint_id: str) -> JsonValue:
        return {}


class FakeSession:
    """The session as job actions see it; its history is a real one, with one job."""

    def __init__(
        self, *, similar: Iterable[str] = (), about_usd: Decimal | None = None, is_broken: bool = False, **job: Any
    ) -> None:
        self.config = Config(confirm_above_usd=1.0)
        self.sources = Sources()
        self.history = History(paths.data_dir() / "history.db")
        self.job = JOB._replace(**job)
        self._service = FakeService(list(similar), about_usd, is_broken)

    @property
    def submitted(self) -> list[str]:
        return self._service.submitted

    async def ready(self) -> FakeService:
        return self._service

    def catalogue_of(self, profile: str) -> FakeService:
        return self._service


@asynccontextmanager
async def session_of(**settings: Any) -> AsyncIterator[FakeSession]:
    """A session with a job in its history."""
    session = FakeSession(**settings)
    try:
        await session.history.write(lambda store: store.add(session.job, {"prompt": "a fox"}))
        yield session
    finally:
        session.history.close()


def actions(session: FakeSession, ui: RecordingUi, guard: TypingGuard | None = None) -> JobActions:
    stand_in: Any = session
    return JobActions(stand_in, ui, guard or TypingGuard(), lambda: ui.panes.append("star changed"))


async def test_a_job_is_run_again_and_shown() -> None:
    ui = RecordingUi()
    async with session_of() as session:
        await actions(session, ui).act(JobAction.RERUN, JOB)
        assert session.submitted == [MODEL] and len(ui.shown_jobs) == 1 and not ui.notices


async def test_a_key_that_is_held_down_runs_a_job_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ui = RecordingUi()
    async with session_of() as session:
        acting = actions(session, ui)
        await acting.act(JobAction.RERUN, JOB)
        await acting.act(JobAction.RERUN, JOB)
        # By now the cursor is on the new job.
        await acting.act(JobAction.RERUN, JOB._replace(id=ui.shown_jobs[0]))
        assert len(session.submitted) == 1 and len(ui.notices) == 2
        monkeypatch.setattr(held_key, "KEY_REPEAT_SECONDS", 0)
        await acting.act(JobAction.RERUN, JOB)
        assert len(session.submitted) == 2


@pytest.mark.parametrize(("answer", "sent"), [(picked(True), [MODEL]), (picked(False), []), (None, [])])
async def test_a_high_price_is_confirmed_by_the_person(answer: object, sent: list[str]) -> None:
    ui, guard = RecordingUi([answer]), TypingGuard()
    async with session_of(about_usd=Decimal("2.5")) as session:
        await actions(session, ui, guard).act(JobAction.RERUN, JOB)
        assert session.submitted == sent and len(ui.dialogs) == 1
        assert guard.decide("j", "j", following=True) is KeyDecision.DROP  # Text typed on does not answer.


@pytest.mark.parametrize("about_usd", [None, Decimal("0.5"), Decimal(1)])
async def test_a_price_within_the_limit_or_unknown_is_not_asked_about(about_usd: Decimal | None) -> None:
    ui = RecordingUi()
    async with session_of(about_usd=about_usd) as session:
        await actions(session, ui).act(JobAction.RERUN, JOB)
        assert session.submitted == [MODEL] and not ui.dialogs


async def test_the_right_spelling_opens_its_form_and_sends_nothing() -> None:
    ui = RecordingUi([picked("fal-ai/flux/schnell")])
    async with session_of(similar=["fal-ai/flux/schnell"]) as session:
        await actions(session, ui).act(JobAction.RERUN, JOB)
        assert ui.forms == [("fal-ai/flux/schnell", {"prompt": "a fox"})] and not session.submitted


async def test_an_id_that_the_person_confirmed_is_asked_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_key, "KEY_REPEAT_SECONDS", 0)
    ui = RecordingUi([picked("")])
    async with session_of(similar=["fal-ai/flux/schnell"]) as session:
        acting = actions(session, ui)
        await acting.act(JobAction.RERUN, JOB)
        await acting.act(JobAction.RERUN, JOB)
        assert session.submitted == [MODEL, MODEL] and len(ui.dialogs) == 1


async def test_what_fails_is_reported_in_one_line() -> None:
    ui = RecordingUi()
    async with session_of(is_broken=True) as session:
        await actions(session, ui).act(JobAction.RERUN, JOB)
        assert ui.notices == ["Nothing was sent. The history cannot be used: the disk is full."] and not ui.shown_jobs


async def test_simple_actions_do_what_they_say() -> None:
    ui = RecordingUi()
    async with session_of() as session:
        acting = actions(session, ui)
        await acting.act(JobAction.STAR, JOB)
        kept = await session.history.read(lambda store: store.job(JOB.id))
        assert kept and kept.starred and ui.panes == ["star changed"]
        await acting.act(JobAction.EDIT, JOB)
        assert ui.forms == [(MODEL, {"prompt": "a fox"})]
        await acting.act(JobAction.DOWNLOAD, JOB)
        await acting.act(JobAction.CANCEL, JOB)
        assert ui.notices == ["No file of this job is left to download.", "It is too late: the job has ended already."]


@pytest.mark.parametrize("action", [JobAction.RERUN, JobAction.EDIT])
async def test_a_request_whose_input_is_unknown_is_not_sent_again(action: JobAction) -> None:
    ui = RecordingUi()
    async with session_of(input_known=False) as session:
        await actions(session, ui).act(action, JOB)
        assert not session.submitted and not ui.forms and "its input is not known" in ui.notices[0]


@pytest.mark.parametrize("action", [JobAction.LOOK_AGAIN, JobAction.SEND_AGAIN, JobAction.DISMISS])
async def test_what_is_for_unconfirmed_jobs_only_changes_no_other(action: JobAction) -> None:
    ui = RecordingUi()
    async with session_of() as session:
        await actions(session, ui).act(action, JOB)
        assert ui.notices[0].endswith("This is only for jobs that are unconfirmed.")
        kept = await session.history.read(lambda store: store.job(JOB.id))
        assert kept and kept._replace(created_at=JOB.created_at) == JOB
