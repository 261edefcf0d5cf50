"""A job as the JSON object that scripts read, and back."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from faldeck.history import LogLine, Query, Store
from faldeck.history.export import document, exported, moment
from faldeck.history.record import Record
from faldeck.history.restoring import NotAnExport, restored
from faldeck.job import Body, Cost, Failure, FieldProblem, FileState, Job, Output, State
from faldeck.job_ids import id_number, id_text
from faldeck.schema.json_value import JsonValue, ascii_text

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
    full = document(
        job(error=Failure(message="no"), cost=Cost(units=Decimal(2))), Body({"prompt": "a"}, result={"b": 1})
    )

    assert list(bare) == list(full)
    assert bare["request_id"] is bare["error"] is bare["result"] is bare["cost"] is None
    assert full["cost"] == {
        "units": 2,
        "unit": None,
        "unit_price_usd": None,
        "total_usd": None,
        "is_estimate": True,
    }


def test_a_path_is_told_only_when_the_file_is_whole() -> None:
    on_its_way = Output(at="image", url="https://files.invalid/a", path="/reserved", state=FileState.FETCHING)
    here = Output(at="image", url="https://files.invalid/b", path="/whole", state=FileState.SAVED)

    outputs = document(job(outputs=(on_its_way, here)), Body({}))["outputs"]

    assert isinstance(outputs, list)
    assert [(output["path"], output["state"]) for output in outputs] == [(None, "fetching"), ("/whole", "saved")]


def test_everything_in_it_is_json() -> None:
    problem = FieldProblem(loc=("body", "loras", 0), message="too many")
    error = Failure(message="no", type="value_error", fields=(problem,))
    full = document(job(error=error, options={"headers": {"a": "b"}}, tags=("x",)), Body({"prompt": "\x1b \ud800"}))

    assert json.loads(ascii_text(full)) == full
    assert full["error"] == {
        "type": "value_error",
        "message": "no",
        "fields": [{"loc": ["body", "loras", 0], "message": "too many"}],
    }


def full(number: int = 0, **changes: object) -> Record:
    """A job with everything that a history keeps of one."""
    ended = job(
        id=id_text(id_number("6gvmi9p62ve1i") + number),
        state=State.FAILED,
        title="a fox",
        request_id=f"r-{number}",
        status_url="https://queue.fal.run/a/b/requests/r/status",
        response_url="https://queue.fal.run/a/b/requests/r",
        cancel_url="https://queue.fal.run/a/b/requests/r/cancel",
        submitted_at=NOON + timedelta(seconds=1),
        started_at=NOON + timedelta(seconds=2),
        completed_at=NOON + timedelta(seconds=3),
        inference_seconds=0.5,
        error=Failure(message="no", type="t", status=422, fields=(FieldProblem(loc=("body", 0), message="bad"),)),
        outputs=(Output(at="images[0]", url="https://files.invalid/a.png", width=64, size_bytes=9),),
        cost=Cost(
            units=Decimal(1), unit="images", unit_price_usd=Decimal("0.1"), total_usd=Decimal("0.1"), is_estimate=False
        ),
        options={"priority": "low"},
        starred=True,
        tags=("x",),
        note="mine",
        group="01j",
        parent="6gvmi9p62ve1i",
    )
    return Record(
        ended._replace(**changes),  # type: ignore[arg-type]
        Body({"prompt": "a fox", "seed": 2**70}, {"images": []}),
        (LogLine("2026-03-01T12:00:01", "INFO", "Loading"),),
    )


def through_a_file(record: Record) -> JsonValue:
    """An exported job as an import reads it."""
    table: JsonValue = json.loads(ascii_text(exported(record)))
    return table


def test_an_exported_job_comes_back_exactly() -> None:
    assert restored(through_a_file(full())) == full()


def test_a_printed_job_can_be_taken_in_too() -> None:
    record = full()

    job = restored(json.loads(ascii_text(document(record.job, record.body)))).job

    assert (job.id, job.request_id, job.cost) == (record.job.id, record.job.request_id, record.job.cost)


def test_what_was_being_sent_is_never_sent_by_another_history() -> None:
    for state in (State.SUBMITTING, State.RUNNING):
        job = restored(through_a_file(full(state=state, request_id=None))).job
        assert job.state is State.UNCONFIRMED and not job.is_open and job.notice


def test_a_file_that_is_not_on_this_machine_is_left_at_its_url(tmp_path: Path) -> None:
    here = tmp_path / "here.png"
    here.write_bytes(b"a picture")
    paths = (str(here), str(tmp_path / "gone.png"))
    outputs = tuple(Output(at="a", url="https://files.invalid/a", path=path, state=FileState.SAVED) for path in paths)

    found = restored(through_a_file(full(outputs=outputs))).job.outputs

    assert [(output.path, output.state) for output in found] == [(str(here), FileState.SAVED), (None, FileState.REMOTE)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": "../../x"}, "not a job id"),
        ({"id": None}, "its id is missing"),
        ({"state": "happy"}, "'happy' is not a valid State"),
        ({"created_at": "yesterday"}, "Invalid isoformat string"),
        ({"arguments": [1]}, "its arguments is missing or of the wrong kind"),
        ({"outputs": [7]}, "it is not a JSON object"),
    ],
)
def test_what_is_no_job_is_refused_with_the_reason(change: dict[str, JsonValue], reason: str) -> None:
    table = through_a_file(full())
    assert isinstance(table, dict)

    with pytest.raises(NotAnExport, match=reason):
        restored({**table, **change})


@pytest.mark.parametrize("number", [10**400, -(10**400), 1e300])
def test_a_number_that_cannot_be_one_is_none(number: JsonValue) -> None:
    table = through_a_file(full())
    assert isinstance(table, dict)

    assert restored({**table, "inference_seconds": number}).job.inference_seconds is None


def test_what_is_shown_of_a_job_from_elsewhere_is_harmless() -> None:
    table = through_a_file(full())
    assert isinstance(table, dict)
    said = "\x1b]0;owned\x07a\x9bb\u202ec\n\x00"
    job = restored({**table, "title": said, "note": said, "tags": [said], "endpoint_id": f"a/{said}"}).job

    for text in (job.title, job.note, *job.tags, job.endpoint_id):
        assert text.isprintable() and "owned" not in text


def test_what_is_known_is_not_taken_in_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    store.add(full(0).job, {"prompt": "as it is here"})
    same_request = full(7, request_id="r-1")

    assert store.imports.add_records([full(0), full(1), same_request, full(2)]).new == 2
    assert store.imports.add_records([full(0), full(1), full(2)]).new == 0

    jobs = store.page(Query(), limit=-1)
    assert [job.id for job in jobs] == [full(2).job.id, full(1).job.id, full(0).job.id]
    assert store.body(full(0).job.id) == Body({"prompt": "as it is here"})
    assert store.body(full(1).job.id) == full(1).body
    assert [line.message for line in store.logs(full(2).job.id)] == ["Loading"]
    assert [job.id for job in store.page(Query.of("fox"), limit=-1)] == [full(2).job.id, full(1).job.id]
    store.close()


def test_a_known_job_among_new_ones_leaves_every_sum_right(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    store.imports.add_records([full(3)])

    counts = [store.imports.add_records(map(full, numbers)) for numbers in ((1, 2, 3, 4), (5, 4), (6, 7), (8,))]

    assert [(one.new, one.known) for one in counts] == [(3, 1), (1, 1), (2, 0), (1, 0)]
    assert store.count(Query()) == len(store.page(Query(), limit=-1)) == 8
    assert store.spent_usd(NOON.date() - timedelta(days=1)) == 8 * full(1).job.cost.total_usd  # type: ignore[union-attr, operator]
    store.close()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "1969-12-31", "9999-12-31T23:59:59-23:59"])
def test_an_instant_that_no_history_can_keep_is_refused(at: str) -> None:
    whole = exported(Record(job(), Body({})))
    for name in ("created_at", "submitted_at"):
        with pytest.raises(NotAnExport, match="no instant that can be kept"):
            restored({**whole, name: at})
