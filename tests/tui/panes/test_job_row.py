"""A job's line in the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from rich.style import Style

from faldeck.job import FileState, Job, Output, State, new_id, now
from faldeck.tui.panes import job_row


def row(**changes: object) -> str:
    """What the left of a job's line says, at the smallest width."""
    job = Job(id=new_id(), profile="fal", endpoint_id="fal-ai/veo3", created_at=now(), title="waves", **changes)  # type: ignore[arg-type]
    left, _ = job_row.spans(job, 80, lambda name: Style())
    return "".join(text for text, _ in left)


@pytest.mark.parametrize("position", [1, 12, 345, 12_345, 999_999])
def test_a_place_in_the_queue_is_readable_however_long_it_is(position: int) -> None:
    told = row(state=State.QUEUED, queue_position=position)

    assert f" {position} ahead " in told and "…" not in told
    assert told.index("veo3") == row(state=State.QUEUED).index("veo3")


def test_a_long_wait_leaves_a_long_place_in_the_queue_whole() -> None:
    waiting = now() - timedelta(hours=31)

    assert "12345 ahead " in row(state=State.QUEUED, queue_position=12_345, submitted_at=waiting)
    assert "1d 7h" in row(state=State.QUEUED, queue_position=12_345, submitted_at=waiting)


def test_a_saved_file_that_is_something_else_is_said_in_the_row() -> None:
    sentence = "The service calls this file a picture, but its bytes are video/mp4."
    output = Output(at="image", url=None, path="/a.png", state=FileState.SAVED, problem=sentence)

    assert f"{sentence}  waves" in row(state=State.COMPLETED, outputs=(output,))
    assert sentence not in row(state=State.COMPLETED, outputs=(replace(output, state=FileState.REMOTE),))
