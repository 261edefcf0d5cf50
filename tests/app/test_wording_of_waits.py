"""Why a job waits, in the words that a person reads."""

from datetime import timedelta

import pytest

from faldeck.app import wording
from faldeck.job import Job, State, Waiting, WaitingKind, now
from faldeck.job_ids import new_id


def waiting(kind: WaitingKind, reason: str = "no route", *, seconds: float | None = None, notice: str = "") -> Job:
    """A job whose next try is in that many seconds; None: not known."""
    next_try_at = None if seconds is None else now() + timedelta(seconds=seconds)
    wait = Waiting(kind=kind, reason=reason, next_try_at=next_try_at)
    return Job(
        id=new_id(), profile="fal", endpoint_id="a/b", state=State.QUEUED, created_at=now(), waiting=wait, notice=notice
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (7.9, "offline, next try in 8 s"),
        (119.9, "offline, next try in 120 s"),
        (130, "offline, next try in 2 min"),
        (7_500, "offline, next try in 2 h 5 min"),
        (-1, "offline, trying again"),
        (None, "offline"),
    ],
)
def test_a_job_without_a_connection_says_when_it_tries_again(seconds: float | None, text: str) -> None:
    job = waiting(WaitingKind.OFFLINE, seconds=seconds)
    assert wording.notice(job) == text
    assert wording.notice(job, with_next_try=False) == "offline"


def test_a_fault_of_the_service_is_named() -> None:
    job = waiting(WaitingKind.RETRY, "The service is busy, it says", seconds=2.5)
    assert wording.notice(job) == "The service is busy, it says, next try in 3 s"
    assert wording.notice(job, with_next_try=False) == "The service is busy, it says"


def test_a_refused_key_is_told_without_a_time() -> None:
    assert wording.notice(waiting(WaitingKind.KEY_REFUSED, "User is locked.", seconds=60)) == "paused: User is locked."


def test_a_service_cannot_make_its_words_mean_a_refused_key() -> None:
    job = waiting(WaitingKind.RETRY, "paused: offline", seconds=2)
    assert not job.waits_for_key and not job.is_offline
