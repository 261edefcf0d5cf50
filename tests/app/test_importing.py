"""Files are read into the history: exports, folders, files beside outputs, the histories of other programs."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from faldeck.app import importing
from faldeck.app.importing import Importer, ImportProblem
from faldeck.history import Store, sidecar
from faldeck.history.export import exported
from faldeck.history.record import Imported, Record
from faldeck.job import Body, Cost, FileState, Job, Output, State
from faldeck.job_ids import id_at
from faldeck.query import Query
from faldeck.schema.json_value import ascii_text

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://v3.fal.media/files/a.png"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "data" / "history.db")
    yield store
    store.close()


@pytest.fixture
def importer(store: Store) -> Importer:
    return Importer(store, profile="mine")


def record(number: int, **changes: object) -> Record:
    at = AT + timedelta(seconds=number)
    job = Job(
        id=id_at(round(at.timestamp() * 1000), str(number)),
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=State.COMPLETED,
        created_at=at,
        completed_at=at + timedelta(seconds=2),
        title=f"fox {number}",
        request_id=f"r-{number}",
    )
    return Record(job._replace(**changes), Body({"prompt": f"fox {number}", "seed": 3}, {"seed": 3}))  # type: ignore[arg-type]


def lines(*numbers: int) -> bytes:
    return b"".join(ascii_text(exported(record(number))).encode() + b"\n" for number in numbers)


def titles(store: Store) -> list[str]:
    return [job.title for job in store.page(Query(), limit=-1)]


def test_each_line_is_a_job_and_a_bad_one_loses_no_other(store: Store, importer: Importer) -> None:
    text = lines(1) + b"{broken\n\n" + lines(2) + b'{"id": 3}\n\xff\xfe\n' + lines(3).rstrip()

    importer.read_stream(io.BytesIO(text), name="stdin")

    assert importer.outcome.counts == Imported(new=3)
    assert [problem.place for problem in importer.outcome.problems] == ["line 2", "line 5", "line 6"]
    assert titles(store) == ["fox 3", "fox 2", "fox 1"]


def test_a_file_whose_first_line_is_broken_is_read_too(store: Store, importer: Importer) -> None:
    importer.read_stream(io.BytesIO(b"what is this\n" + lines(1, 2)), name="stdin")

    assert importer.outcome.problems[0].place == "line 1" and titles(store) == ["fox 2", "fox 1"]


def test_a_large_file_is_read_by_several_processes_in_its_order(
    store: Store, importer: Importer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LARGE_BYTES", 1)
    monkeypatch.setattr(importing, "BLOCK_BYTES", 4_000)
    file = tmp_path / "export.jsonl"
    file.write_bytes(lines(*range(50)) + b"oops\n" + lines(*range(50, 60)))

    importer.read_path(file)
    importer.read_path(file)

    assert importer.outcome.counts == Imported(new=60, known=60)
    assert (
        importer.outcome.problems[0] == importer.outcome.problems[1] and "line 51" in importer.outcome.problems[0].place
    )
    assert len(titles(store)) == 60


def test_the_work_is_divided_into_transactions_that_let_others_write(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "data" / "history.db", busy_seconds=5)
    seen: list[int] = []

    def write_in_between(outcome: importing.ImportOutcome) -> None:
        seen.append(outcome.counts.new)
        other.models.star(f"a/{len(seen)}", True)

    importer = Importer(store, profile="mine", progress=write_in_between)
    importer.read_stream(io.BytesIO(lines(*range(300))), name="stdin")

    assert len(seen) > 2 and seen[-1] == 300
    assert len(other.models.all()) == len(seen) + 1
    other.close()


def beside(folder: Path, one: Record, *outputs: Output) -> None:
    for output in outputs:
        assert output.file_name
        file = folder / output.file_name
        file.write_bytes(b"picture")
        sidecar.path_beside(file).write_text(ascii_text(sidecar.document(one.job, one.body, output)))


def test_the_files_beside_outputs_make_their_jobs_again(store: Store, importer: Importer, tmp_path: Path) -> None:
    folder = tmp_path / "pictures" / "2026-03-01"
    folder.mkdir(parents=True)
    outputs = [Output(at=f"images[{n}]", url=f"{URL}?{n}", file_name=f"a-{n}.png", width=64) for n in range(2)]
    cost = Cost(units=Decimal(1), unit="image", total_usd=Decimal("0.025"), is_estimate=False)
    one, other = record(1, cost=cost), record(2, parent=record(1).job.id)
    beside(folder, one, *outputs)
    beside(folder, other, Output(at="image", url=URL, file_name="b.png"))
    (folder / "notes.json").write_text('{"what": "something else"}')
    (folder / "list.json").write_text("[1, 2")
    (folder / "b.png").unlink()

    importer.read_path(tmp_path / "pictures")

    second, first = store.page(Query(), limit=-1)
    assert importer.outcome.problems == []
    assert (first.id, first.request_id, first.cost, first.title) == (one.job.id, "r-1", cost, "fox 1")
    assert [(output.path, output.state) for output in first.outputs] == [
        (str(folder / f"a-{n}.png"), FileState.SAVED) for n in range(2)
    ]
    assert first.created_at == one.job.created_at and first.completed_at == one.job.completed_at
    assert store.body(first.id) == one.body
    assert (second.parent, second.outputs[0].state) == (first.id, FileState.REMOTE)
    importer.read_path(tmp_path / "pictures")
    assert importer.outcome.counts == Imported(new=2, known=2)


def test_a_sidecar_has_no_key_and_no_path(tmp_path: Path) -> None:
    output = Output(at="image", url=URL, path="/home/ann/a.png", state=FileState.SAVED)
    one = record(1, options={"headers": {"authorization": "Key 1:2"}}, outputs=(output,))

    text = ascii_text(sidecar.document(one.job, one.body, output))

    assert "Key" not in text and "/home" not in text
    table = json.loads(text)
    assert (table["format"], table["seed"], table["arguments"]) == ("faldeck-sidecar-1", 3, one.body.arguments)


def test_a_broken_sidecar_is_told_by_its_name(importer: Importer, tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a.png.json").write_text('{"format": "faldeck-sidecar-1", "endpoint_id": 3}')
    (tmp_path / "f" / "b.png.json").write_text('{"format": "faldeck-sidecar-1", "endpoint_id": "a/b", "arguments": {}}')

    importer.read_path(tmp_path / "f")

    assert [problem.place for problem in importer.outcome.problems] == ["a.png.json", "b.png.json"]


GENMEDIA = {
    "schema_version": 1,
    "session_id": "abc123",
    "session_source": "override",
    "agent": None,
    "agent_host": None,
    "cwd": None,
    "started_at": 1_772_366_400_000,
    "updated_at": 1_772_366_410_000,
    "runs": [
        {
            "ts": 1_772_366_410_000,
            "request_id": "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11",
            "endpoint_id": "fal-ai/flux/dev",
            "modality": "text-to-image",
            "prompt": "a cat",
            "duration_ms": 4000,
            "files": [{"path": None, "url": URL, "size_bytes": 100, "kind": "image", "json_path": "images[0]"}],
        },
        {"ts": "soon", "request_id": "r", "endpoint_id": "a/b", "files": []},
    ],
}


def test_a_session_of_genmedia_is_read(store: Store, importer: Importer, tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    file.write_text(json.dumps(GENMEDIA, indent=2))

    importer.read_path(file)

    (job,) = store.page(Query(), limit=9)
    assert (job.profile, job.endpoint_id, job.title, job.input_known) == ("mine", "fal-ai/flux/dev", "a cat", False)
    assert job.created_at == datetime(2026, 3, 1, 12, 0, 6, tzinfo=UTC)
    assert job.completed_at == datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)
    assert job.outputs == (Output(at="images[0]", url=URL, size_bytes=100),)
    assert importer.outcome.problems == [ImportProblem("data.json, entry 2", "its ts is missing or no number")]


def test_the_history_of_falcon_is_read(store: Store, importer: Importer, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"picture")
    entry = {
        "id": "0b5e", "prompt": "a cat", "model": "banana", "aspect": "16:9", "resolution": "2K",
        "output": str(picture), "cost": 0.15, "timestamp": "2026-03-01T12:00:00.000Z",
    }  # fmt: skip
    unknown = {**entry, "id": "0b5f", "model": "nobody"}
    totals = {"session": 0, "today": 0, "allTime": 1}
    file = tmp_path / "history.json"
    file.write_text(json.dumps({"generations": [entry, unknown], "totalCost": totals, "lastSessionDate": "2026-03-01"}))

    importer.read_path(file)
    importer.read_path(file)

    (job,) = store.page(Query(), limit=9)
    assert (job.endpoint_id, job.request_id, job.input_known) == ("fal-ai/nano-banana-pro", None, False)
    assert store.body(job.id).arguments == {"prompt": "a cat", "aspect_ratio": "16:9", "resolution": "2K"}
    assert (job.outputs[0].path, job.created_at) == (str(picture), AT)
    assert job.completed_at is None, "Falcon notes one time: nobody knows how long it took"
    assert job.cost == Cost(total_usd=Decimal("0.15"))
    assert importer.outcome.counts == Imported(new=1, known=1) and importer.outcome.problem_count == 2


def test_a_large_stream_is_read_like_a_large_file(
    store: Store, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LARGE_BYTES", 2_000)

    importer.read_stream(io.BytesIO(lines(*range(30))), name="stdin")

    assert len(titles(store)) == 30 and store.count(Query.of("fox")) == 0
    importer.index()
    assert store.count(Query.of("fox")) == 30
