"""What is asked before a job costs money, and what each action does: without a screen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
from support.deck_ui import RecordingUi, picked

from faldeck.app.session import ActionError
from faldeck.config.settings import Config
from faldeck.job import Body, Job, State, new_id, now
from faldeck.tui.actions import jobs
from faldeck.tui.actions.jobs import JobActions
from faldeck.tui.panes.job_actions import JobAction
from faldeck.tui.terminal.typing_guard import KeyDecision, TypingGuard

MODEL = "fal-ai/flux/dev"
JOB = Job(id=new_id(), profile="fal", endpoint_id=MODEL, state=State.COMPLETED, created_at=now())


@dataclass
class FakeSession:
    """The session as job actions see it."""

    config: Config = field(default_factory=lambda: Config(confirm_above_usd=1.0))
    similar: list[str] = field(default_factory=list)
    about_usd: Decimal | None = None
    submitted: list[str] = field(default_factory=list)
    starred: list[Job] = field(default_factory=list)
    is_broken: bool = False

    async def stored_request(self, job: Job) -> tuple[Job, Body]:
        return job, Body({"prompt": "a fox"})

    async def similar_models(self, endpoint_id: str, profile: str) -> list[str]:
        return self.similar

    async def estimate_usd(self, endpoint_id: str, arguments: object, profile: str) -> Decimal | None:
        return self.about_usd

    async def submit(self, endpoint_id: str, *request: object, profile: str) -> Job:
        if self.is_broken:
            raise ActionError("Nothing was sent: the disk is full.")
        self.submitted.append(endpoint_id)
        return replace(JOB, id=new_id())

    async def toggle_star(self, job: Job) -> None:
        self.starred.append(job)

    async def download(self, job: Job) -> bool:
        return False

    async def cancel(self, job: Job) -> str:
        return "Asked."


def actions(session: FakeSession, ui: RecordingUi, guard: TypingGuard | None = None) -> JobActions:
    stand_in: Any = session
    return JobActions(stand_in, ui, guard or TypingGuard(), lambda: ui.panes.append("star changed"))


async def test_a_job_is_run_again_and_shown() -> None:
    session, ui = FakeSession(), RecordingUi()
    await actions(session, ui).act(JobAction.RERUN, JOB)
    assert session.submitted == [MODEL] and len(ui.shown_jobs) == 1 and not ui.notices


async def test_a_key_that_is_held_down_runs_a_job_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session, ui = FakeSession(), RecordingUi()
    acting = actions(session, ui)
    await acting.act(JobAction.RERUN, JOB)
    await acting.act(JobAction.RERUN, JOB)
    # By now the cursor is on the new job.
    await acting.act(JobAction.RERUN, replace(JOB, id=ui.shown_jobs[0]))
    assert len(session.submitted) == 1 and len(ui.notices) == 2
    monkeypatch.setattr(jobs, "KEY_REPEAT_SECONDS", 0)
    await acting.act(JobAction.RERUN, JOB)
    assert len(session.submitted) == 2


@pytest.mark.parametrize(("answer", "sent"), [(picked(True), [MODEL]), (picked(False), []), (None, [])])
async def test_a_high_price_is_confirmed_by_the_person(answer: object, sent: list[str]) -> None:
    session, ui, guard = FakeSession(about_usd=Decimal("2.5")), RecordingUi([answer]), TypingGuard()
    await actions(session, ui, guard).act(JobAction.RERUN, JOB)
    assert session.submitted == sent and len(ui.dialogs) == 1
    assert guard.decide("j", "j", following=True) is KeyDecision.DROP  # Text typed on does not answer.


@pytest.mark.parametrize("about_usd", [None, Decimal("0.5"), Decimal(1)])
async def test_a_price_within_the_limit_or_unknown_is_not_asked_about(about_usd: Decimal | None) -> None:
    session, ui = FakeSession(about_usd=about_usd), RecordingUi()
    await actions(session, ui).act(JobAction.RERUN, JOB)
    assert session.submitted == [MODEL] and not ui.dialogs


async def test_the_right_spelling_opens_its_form_and_sends_nothing() -> None:
    session, ui = FakeSession(similar=["fal-ai/flux/schnell"]), RecordingUi([picked("fal-ai/flux/schnell")])
    await actions(session, ui).act(JobAction.RERUN, JOB)
    assert ui.forms == [("fal-ai/flux/schnell", {"prompt": "a fox"})] and not session.submitted


async def test_an_id_that_the_person_confirmed_is_asked_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "KEY_REPEAT_SECONDS", 0)
    session, ui = FakeSession(similar=["fal-ai/flux/schnell"]), RecordingUi([picked("")])
    acting = actions(session, ui)
    await acting.act(JobAction.RERUN, JOB)
    await acting.act(JobAction.RERUN, JOB)
    assert session.submitted == [MODEL, MODEL] and len(ui.dialogs) == 1


async def test_what_fails_is_reported_in_one_line() -> None:
    session, ui = FakeSession(is_broken=True), RecordingUi()
    await actions(session, ui).act(JobAction.RERUN, JOB)
    assert ui.notices == ["Nothing was sent: the disk is full."] and not ui.shown_jobs


async def test_simple_actions_do_what_they_say() -> None:
    session, ui = FakeSession(), RecordingUi()
    acting = actions(session, ui)
    await acting.act(JobAction.STAR, JOB)
    assert session.starred == [JOB] and ui.panes == ["star changed"]
    await acting.act(JobAction.EDIT, JOB)
    assert ui.forms == [(MODEL, {"prompt": "a fox"})]
    await acting.act(JobAction.DOWNLOAD, JOB)
    await acting.act(JobAction.CANCEL, JOB)
    assert ui.notices == ["No file of this job is left to download.", "Asked."]
