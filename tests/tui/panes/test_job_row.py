"""A job's line in the list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rich.style import Style

from faldeck.app import wording
from faldeck.job import FileState, Job, Output, State, now
from faldeck.job_ids import new_id
from faldeck.tui.panes import job_row
from faldeck.tui.panes.job_row import MINUTE, RowTimes
from faldeck.tui.panes.lines import cut_middle, width_of


def row(**changes: object) -> str:
    """What the left of a job's line says, at the smallest width."""
    job = Job(id=new_id(), profile="fal", endpoint_id="fal-ai/veo3", created_at=now(), title="waves", **changes)  # type: ignore[arg-type]
    left, _ = job_row.spans(job, 80, lambda name: Style())
    return "".join(text for text, _ in left)


def test_no_text_of_the_row_under_the_cursor_is_dimmed_and_a_state_keeps_its_colour() -> None:
    job = Job(
        id=new_id(), profile="fal", endpoint_id="fal-ai/veo3", created_at=now(), state=State.FAILED, title="waves"
    )

    def inks(*, is_current: bool) -> set[str]:
        left, right = job_row.spans(job, 80, lambda name: Style(meta={"ink": name}), is_current=is_current)
        return {str(style.meta["ink"]) for text, style in (*left, *right) if text.strip() and style.meta}

    assert inks(is_current=False) == {"bad", "head", "dim"}
    assert inks(is_current=True) == {"bad"}


@pytest.mark.parametrize("position", [1, 12, 345, 12_345, 999_999])
def test_a_place_in_the_queue_is_readable_however_long_it_is(position: int) -> None:
    told = row(state=State.QUEUED, queue_position=position)

    assert f" {position} ahead " in told and "…" not in told
    assert told.index("veo3") == row(state=State.QUEUED).index("veo3")


def test_a_long_wait_leaves_a_long_place_in_the_queue_whole() -> None:
    waiting = now() - timedelta(hours=31)

    assert "12345 ahead " in row(state=State.QUEUED, queue_position=12_345, submitted_at=waiting)
    assert "1d 7h" in row(state=State.QUEUED, queue_position=12_345, submitted_at=waiting)


def test_a_job_whose_end_is_not_known_has_no_time_that_grows() -> None:
    made = now() - timedelta(hours=31)

    assert row(state=State.COMPLETED, submitted_at=made).split() == ["✓", "completed", "veo3", "waves"]
    assert "5.0s" in row(state=State.COMPLETED, submitted_at=made, completed_at=made + timedelta(seconds=5))


def test_a_saved_file_that_is_something_else_is_said_in_the_row() -> None:
    sentence = "The service calls this file a picture, but its bytes are video/mp4."
    output = Output(at="image", url=None, path="/a.png", state=FileState.SAVED, problem=sentence)

    assert f"{sentence}  waves" in row(state=State.COMPLETED, outputs=(output,))
    assert sentence not in row(state=State.COMPLETED, outputs=(output._replace(state=FileState.REMOTE),))


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=3), "3 m"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(days=6), "6 d"),
    ],
)
def test_a_recent_time_is_said_by_how_long_ago_it_was(age: timedelta, said: str) -> None:
    assert wording.ago(now() - age, now()) == said


@pytest.mark.parametrize("seconds", [0.2, 9.94, 59, 3599, 3600, 86_399, 86_400, 10 * 86_400, 999 * 86_400])
def test_the_time_of_a_job_fits_its_column(seconds: float) -> None:
    assert len(wording.short_duration(seconds)) <= 5


def test_an_id_keeps_both_its_ends() -> None:
    assert cut_middle("kling-video/v3/pro/image-to-video", 18) == "kling-vid…to-video"
    assert width_of(cut_middle("夜の東京夜の東京/画像", 11)) <= 11


@pytest.mark.parametrize(
    "title", ["A fox", "夜の東京、雨に濡れた看板の光", "👩‍👩‍👧 family", "ca\u0301fe\u0301 " * 9, "x" * 300]
)
@pytest.mark.parametrize("width", [82, 130])
def test_the_columns_stand_where_they_stand_whatever_a_job_is_called(title: str, width: int) -> None:
    from faldeck.tui.panes.lines import line

    job = Job(
        id=new_id(), profile="fal", endpoint_id="fal-ai/夜の/veo3", created_at=now(), title=title, state=State.QUEUED
    )
    left, right = job_row.spans(job, width, lambda name: Style())

    assert (
        sum(width_of(text) for text, _ in left[:-1])
        == 3 + 2 + job_row.STATE_CELLS + 2 + max(13, min(32, width // 5)) + 2
    )
    assert line(width, Style(), left, right).cell_length == width


def test_times_run_for_live_jobs_and_once_a_minute_for_recent_ones() -> None:
    def job(state: State, age: timedelta) -> Job:
        return Job(id=new_id(), profile="fal", endpoint_id="a/b", created_at=now() - age, state=state)

    jobs = [
        job(State.RUNNING, timedelta(hours=30)),
        job(State.COMPLETED, timedelta(hours=1)),
        job(State.FAILED, timedelta(days=3)),
    ]
    running, still = RowTimes(), RowTimes(has_motion=False)
    seconds = [(running.due(jobs, 0, 9), still.due(jobs, 0, 9)) for _ in range(MINUTE)]

    assert seconds[0] == ([0], [])
    assert seconds[-1] == ([0, 1], [0, 1])


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("image/svg+xml", "svg"),
        ("model/gltf-binary", "gltf"),
        ("audio/x-wav", "wav"),
        ("text/plain; charset=utf-8", "plain"),
        ("", ""),
    ],
)
def test_the_kind_of_a_file_is_one_short_word(content_type: str, kind: str) -> None:
    output = Output(at="file", url=None, content_type=content_type, path="/a", state=FileState.SAVED)
    job = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.COMPLETED, created_at=now(), outputs=(output,))

    assert wording.files(job).split() == [*([kind] if kind else []), "↓"]
