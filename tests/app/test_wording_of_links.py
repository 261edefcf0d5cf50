"""How long a link works: as asked for at the submit, or until the service said that the file is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from faldeck.app import output_as_input, sharing, wording
from faldeck.history import export, restoring
from faldeck.job import Body, FileState, Job, Output, State

DONE = datetime(2026, 12, 1, 12, tzinfo=UTC)
GONE_MS = round((DONE + timedelta(days=2)).timestamp() * 1000)
URL = "https://v3.fal.media/a.png"


def job(lifecycle: object = None, **output: object) -> Job:
    """A completed job with one output."""
    options = {} if lifecycle is None else {"lifecycle": lifecycle}
    one = Output(**{"at": "images[0]", "url": URL, **output})  # type: ignore[arg-type]
    return Job(
        id="1234567890abc",
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=State.COMPLETED,
        created_at=DONE,
        completed_at=DONE,
        options=options,
        outputs=(one,),
    )


@pytest.mark.parametrize(
    ("shown", "after", "words"),
    [
        (job(), timedelta(), ""),
        (job(3 * 86_400), timedelta(), "until Dec 4"),
        (job(3 * 86_400), timedelta(days=4), "expired Dec 4"),
        (job(60 * 86_400), timedelta(), "until Jan 30, 2027"),
        (job(10**30), timedelta(), "until "),
        (job(gone_ms=GONE_MS), timedelta(days=9), "gone since Dec 3"),
        (job(3 * 86_400, gone_ms=GONE_MS), timedelta(days=9), "gone since Dec 3"),
        (job(3 * 86_400, url=None), timedelta(), ""),
    ],
)
def test_a_link_says_how_long_it_works(shown: Job, after: timedelta, words: str) -> None:
    said = wording.link_life(shown, shown.outputs[0], DONE + after)

    assert said.startswith(words) and bool(said) is bool(words)


def test_the_file_takes_the_place_of_a_link_that_is_gone() -> None:
    shown = job(gone_ms=GONE_MS, state=FileState.SAVED, path=__file__)

    assert sharing.url_or_file_of(shown.outputs[0]) == __file__
    assert output_as_input.place(shown, shown.outputs[0], DONE) == __file__
    assert sharing.url_or_file_of(job(gone_ms=GONE_MS).outputs[0]) == URL


def test_both_times_are_in_the_jobs_document_and_come_back_from_it() -> None:
    told = export.document(job(86_400, gone_ms=GONE_MS), Body({}))["outputs"][0]

    assert (told["expires_at"], told["gone_at"]) == ("2026-12-02T12:00:00.000Z", "2026-12-03T12:00:00.000Z")
    assert restoring.restored_output(told).gone_ms == GONE_MS
