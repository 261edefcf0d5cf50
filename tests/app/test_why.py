"""Why a job failed or waits: every state, every kind of wait and every documented error has its own words."""

import shlex
from dataclasses import replace
from decimal import Decimal

import pytest

from fal_emulator.answers import MODEL_ERRORS, REQUEST_ERRORS
from faldeck.app import why_cases
from faldeck.app.why import explanation
from faldeck.app.why_cases import Billed
from faldeck.cli.command_table import find_command
from faldeck.config.profile import OFFICIAL, RELAY
from faldeck.config.settings import Config
from faldeck.job import Cost, Failure, FieldProblem, FileState, Job, Output, State, Waiting, WaitingKind, now
from faldeck.job_ids import new_id
from faldeck.keys.table import actions

CONFIG = Config(profiles={"fal": OFFICIAL, "hk": replace(RELAY, name="hk", queue_url="https://relay.invalid")})
JOB = Job(id=new_id(), profile="fal", endpoint_id="fal-ai/flux/dev", state=State.FAILED, created_at=now())
SENT = JOB._replace(request_id="0198-abc", submitted_at=now())


def failed(type: str | None = None, status: int | None = None, *loc: str | int, message: str = "no") -> Job:
    """A job that the service failed, with a problem at a field if `loc` is one."""
    fields = (FieldProblem(loc=loc, message=message),) if loc else ()
    return SENT._replace(error=Failure(message=message, type=type, status=status, fields=fields))


def test_a_refused_field_is_named_with_what_to_change_and_the_command_that_sends_it_again() -> None:
    why = explanation(failed("missing", 422, "body", "loras", 0, "path", message="Field required"), CONFIG)

    assert why.paragraph.startswith(
        "fal-ai/flux/dev: failed (missing, 422). At the field loras[0].path: “Field required”. A required field is"
    )
    assert f"`faldeck show {JOB.id} --as json | faldeck run fal-ai/flux/dev --input -` (e in the deck)" in why.paragraph
    assert why.document()["fields"] == [{"path": "loras[0].path", "message": "Field required"}]


def test_a_job_that_is_over_is_not_explained_by_the_progress_it_made() -> None:
    running = SENT._replace(state=State.RUNNING, progress="29 %|███ 8/28")
    done = running._replace(state=State.COMPLETED, cost=Cost(units=Decimal(1), unit="megapixels", is_estimate=False))

    assert "29 %|███ 8/28" in explanation(running, CONFIG).text
    assert "28" not in explanation(done, CONFIG).text
    assert "The service counted 1 megapixel." in explanation(done, CONFIG).text


@pytest.mark.parametrize(
    ("job", "billed"),
    [
        (failed("missing", 422)._replace(cost=Cost(units=Decimal(0), is_estimate=False)), Billed.NO),
        (
            failed("no_media_generated", 422)._replace(
                cost=Cost(units=Decimal(2), total_usd=Decimal("0.05"), is_estimate=False),
            ),
            Billed.YES,
        ),
        (failed("no_media_generated", 422)._replace(cost=Cost(total_usd=Decimal(1))), Billed.NOT_KNOWN),
        (failed("content_policy_violation", 422), Billed.NOT_KNOWN),
        (failed("generation_timeout", 504), Billed.NO),
        (failed(None, 500), Billed.NO),
        (failed(None, 500)._replace(profile="hk"), Billed.NOT_KNOWN),
        (failed(None, 500)._replace(profile="gone"), Billed.NOT_KNOWN),
        (failed(None, 422)._replace(profile="demo"), Billed.NO),
        (
            SENT._replace(profile="demo", state=State.COMPLETED, cost=Cost(units=Decimal(1), is_estimate=False)),
            Billed.NO,
        ),
        (failed(None, 403)._replace(request_id=None, submitted_at=None), Billed.NO),
        (failed("not_sent")._replace(request_id=None, submitted_at=None), Billed.NO),
        (SENT._replace(state=State.UNCONFIRMED), Billed.NOT_KNOWN),
        (SENT._replace(state=State.CANCELLED), Billed.NOT_KNOWN),
        (JOB._replace(state=State.CANCELLED), Billed.NO),
        (SENT._replace(state=State.QUEUED, queue_position=3), Billed.NOT_YET),
        (SENT._replace(state=State.COMPLETED), Billed.YES),
    ],
)
def test_it_says_whether_it_was_billed_only_as_far_as_that_is_known(job: Job, billed: Billed) -> None:
    assert explanation(job, CONFIG).billed is billed


def test_every_state_and_every_wait_says_what_it_means_and_what_to_do_next() -> None:
    waits = [Waiting(kind=kind, reason="no route to host") for kind in WaitingKind]
    jobs = [SENT._replace(state=state) for state in State]
    jobs += [SENT._replace(state=State.RUNNING, waiting=wait) for wait in waits]
    jobs += [SENT._replace(state=State.UNCONFIRMED, looking_up=True, waiting=wait) for wait in (None, *waits)]
    files = [Output(at="images[0]", url="https://x.invalid", state=state) for state in FileState]
    jobs += [SENT._replace(state=State.COMPLETED, outputs=(file,)) for file in files]
    for job in jobs:
        why = explanation(job, CONFIG)
        assert why.means and why.steps, job
        assert ("no route to host" in why.paragraph) == (job.waiting is not None)
    assert explanation(jobs[-1]._replace(waiting=waits[0]), CONFIG).billed is Billed.YES


def test_every_documented_error_has_words_of_its_own_and_an_unknown_one_goes_by_its_status() -> None:
    general = {why_cases.ANY_4XX.means, why_cases.ANY_FAILURE.means}
    for kind in (*MODEL_ERRORS, *REQUEST_ERRORS):
        assert kind in why_cases.FAILURES, kind
    for status in (401, 402, 403, 404, 413, 422, 429, 499, 500, 502, 503, 504):
        assert explanation(failed("something_new", status), CONFIG).means not in general, status
    assert explanation(failed("something_new", 418), CONFIG).means == why_cases.ANY_4XX.means
    assert explanation(failed(), CONFIG).means == why_cases.ANY_FAILURE.means


def test_every_command_parses_and_every_key_is_one_of_the_deck() -> None:
    job = failed("missing", 422)._replace(endpoint_id="owner/it's; rm")
    keys = {(one.id, key) for one in actions(("jobs", "job", "deck")) for key in one.keys}
    for name, step in why_cases.STEPS.items():
        assert step.command or step.action, name
        assert not step.action or (step.action, step.key.lower() if len(step.key) > 1 else step.key) in keys, name
    cases = (*why_cases.FAILURES.values(), *why_cases.STATES.values(), *why_cases.WAITS.values())
    assert {step for case in cases for step in case.steps} <= set(why_cases.STEPS)
    for state in State:
        for step in explanation(job._replace(state=state), CONFIG).steps:
            for call in (part for part in step.command.split(" | ") if part):
                program, *words = shlex.split(call)
                words = words[2:] if words[:1] == ["--profile"] else words
                command = find_command(words[0])
                assert program == "faldeck" and command, call
                assert command.arguments(words[1:]), call


def test_hostile_words_of_a_service_are_harmless() -> None:
    job = failed("\x1b]0;owned\x07", 422, "body", "\x1b[2Jprompt", message="\x1b[31mno\x07")
    assert explanation(job._replace(endpoint_id="a/\x1bb"), CONFIG).paragraph.isprintable()
