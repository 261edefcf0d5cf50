"""Lines of an export are read back quickly, and as exactly as by way of the job that they are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from faldeck.history import LogLine, Store
from faldeck.history.export import exported
from faldeck.history.record import PreparedRecord, Record, prepare
from faldeck.history.restoring import read_line, restored
from faldeck.job import Body, Cost, Failure, FieldProblem, Job, Output, State
from faldeck.query import Query
from faldeck.schema import json_value
from faldeck.schema.json_value import ascii_text

NOON = datetime(2026, 3, 1, 12, 0, 0, 125_000, tzinfo=UTC)

FULL = Record(
    Job(
        id="6gvmi9p62ve1i",
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=State.COMPLETED,
        created_at=NOON,
        submitted_at=NOON,
        completed_at=NOON.replace(second=7),
        title="a fox",
        request_id="r-1",
        status_url="https://queue.fal.run/s",
        inference_seconds=1.5,
        error=Failure(message="m", type="t", status=422, fields=(FieldProblem(loc=("body", 0), message="no"),)),
        outputs=(Output(at="images[0]", url="https://f/a.png", content_type="image/png", size_bytes=7),),
        cost=Cost(units=Decimal("1.5"), unit="image", total_usd=Decimal("0.025"), is_estimate=False),
        options={"mode": "sync"},
        tags=("Blue", "red"),
        note="n",
        group="batch-1",
        parent="6gvmi9p62ve1h",
    ),
    Body({"prompt": "лиса \ud800", "seed": 2**70, "scale": 3.5}, {"images": [{"url": "https://f/a.png"}]}),
    (LogLine("2026-03-01T12:00:01", "INFO", "Loading"),),
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["arguments", "result", "a"]), inner),
    max_leaves=6,
)
MEMBERS = tuple(json.loads(ascii_text(exported(FULL))))


def outcome(text: str, *, by_way_of_the_job: bool) -> object:
    """What a line is in the tables, with its documents as values; that it is none, where it is none."""
    try:
        if by_way_of_the_job:
            row: PreparedRecord = prepare(restored(json_value.read(text)))
        else:
            row = read_line(text, with_words=True)
    except ValueError:
        return "no job"
    words = set((row.words or "").split())
    documents = [one and json.loads(one) for one in (row.arguments_json, row.result_json)]
    return repr(
        (row._replace(words=None, arguments_json="", result_json=None, tags=()), sorted(row.tags), documents)
    ), words


@given(
    changes=st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=3),
    order=st.permutations(MEMBERS) | st.just(MEMBERS),
    is_ascii=st.booleans(),
    separator=st.sampled_from([",", ", "]),
)
@example(changes={"options": {"a": 1, "result": 2, "arguments": {}}}, order=MEMBERS, is_ascii=True, separator=",")
@example(changes={"cost": {"total_usd": 1, "units": True}}, order=MEMBERS, is_ascii=True, separator=",")
@example(changes={"arguments": {}, "title": "(made elsewhere)"}, order=MEMBERS, is_ascii=True, separator=",")
@example(changes={"result": None}, order=MEMBERS, is_ascii=True, separator=",")
@settings(deadline=None)
def test_a_line_is_read_as_by_way_of_its_job(
    changes: dict[str, object], order: list[str], is_ascii: bool, separator: str
) -> None:
    table = {**json.loads(ascii_text(exported(FULL))), **changes}
    text = json.dumps({name: table[name] for name in order}, ensure_ascii=is_ascii, separators=(separator, ":"))

    assert outcome(text, by_way_of_the_job=False) == outcome(text, by_way_of_the_job=True)


@pytest.mark.parametrize(
    ("found", "other"),
    [
        (',"arguments":{', ',"inner":{"a":1,"arguments":{},"b":2},"arguments":{'),
        (',"arguments":{', ',"list":[1,"arguments":{},2],"arguments":{'),
        (',"result":{', ',"options":{"a":1,"result":2},"result":{'),
        (',"result":{', ',"list":[1,"result":2],"result":{'),
        (',"logs":', ',"arguments":{"again":1},"logs":'),
        (',"logs":', ',"result":{"again":1},"logs":'),
        (',"arguments":{', ',"arguments":{"n":NaN,'),
        (',"arguments":{', ',"arguments":{"deep":' + "[" * 100_000 + "]" * 100_000 + ","),
        (',"result":{', '"result":{'),
        (',"arguments":', ',"arguments":7,"x":'),
        ("}", "}}"),
    ],
)
def test_a_line_with_something_like_a_document_is_read_as_a_whole(found: str, other: str) -> None:
    text = ascii_text(exported(FULL)).replace(found, other, 1)

    assert outcome(text, by_way_of_the_job=False) == outcome(text, by_way_of_the_job=True)


def test_a_number_that_no_database_holds_is_left_out(tmp_path: Path) -> None:
    table = json.loads(ascii_text(exported(FULL)))
    table["outputs"][0].update(size_bytes=10**30, width=-(10**30), saved_file_ms=2**63)
    store = Store(tmp_path / "history.db")

    store.imports.add([read_line(json.dumps(table), with_words=True)], lambda at: pytest.fail("it is known"))

    (output,) = store.page(Query(), limit=1)[0].outputs
    assert (output.size_bytes, output.width, output.saved_file_ms) == (None, None, None)
    store.close()
