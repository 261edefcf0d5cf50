"""A job as the JSON object that scripts read."""

import json
from datetime import UTC, datetime, timedelta, timezone

from faldeck.history.transfer import document, moment
from faldeck.job import Body, Cost, Failure, FieldProblem, Job, Keeping, Output, State

NOON = datetime(2026, 3, 1, 12, 0, 0, 125_000, tzinfo=UTC)


def job(**changes: object) -> Job:
    """A job with only what must be there."""
    given = {"id": "6gvmi9p62ve1i", "profile": "fal", "endpoint_id": "fal-ai/flux/dev", "state": State.QUEUED}
    return Job(**{**given, "created_at": NOON, **changes})  # type: ignore[arg-type]


def test_times_are_in_utc_wherever_one_is() -> None:
    assert moment(NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))) == "2026-03-01T12:00:00.125Z"
    assert moment(None) is None


def test_what_is_unknown_is_null_and_never_left_out() -> None:
    bare = document(job(), Body({}))
    full = document(job(error=Failure(message="no"), cost=Cost(units="2")), Body({"prompt": "a"}, result={"b": 1}))

    assert list(bare) == list(full)
    assert bare["request_id"] is bare["error"] is bare["result"] is bare["cost"] is None
    assert full["cost"] == {
        "units": "2",
        "unit": None,
        "unit_price_usd": None,
        "total_usd": None,
        "is_estimate": True,
    }


def test_a_path_is_told_only_when_the_file_is_whole() -> None:
    on_its_way = Output(at="image", url="https://files.invalid/a", path="/reserved", state=Keeping.FETCHING)
    here = Output(at="image", url="https://files.invalid/b", path="/whole", state=Keeping.SAVED)

    outputs = document(job(outputs=(on_its_way, here)), Body({}))["outputs"]

    assert isinstance(outputs, list)
    assert [(output["path"], output["state"]) for output in outputs] == [(None, "fetching"), ("/whole", "saved")]


def test_everything_in_it_is_json() -> None:
    problem = FieldProblem(loc=("body", "loras", 0), message="too many")
    error = Failure(message="no", type="value_error", fields=(problem,))
    full = document(job(error=error, options={"headers": {"a": "b"}}, tags=("x",)), Body({"prompt": "\x1b \ud800"}))

    assert json.loads(json.dumps(full)) == full
    assert full["error"] == {
        "type": "value_error",
        "message": "no",
        "fields": [{"loc": ["body", "loras", 0], "message": "too many"}],
    }
