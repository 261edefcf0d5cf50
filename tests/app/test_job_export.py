"""What the deck writes of marked jobs: a file of lines that an import reads, or a table, by the name of the file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from faldeck.app import job_export
from faldeck.app.importing import Importer
from faldeck.history import Store
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id
from faldeck.query import Query


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "history.db")) as store:
        for title in ("a lake, at dawn", "=SUM(1)"):
            job = Job(
                id=new_id(), profile="fal", endpoint_id="fal-ai/x", state=State.COMPLETED, created_at=now(), title=title
            )
            store.add(job, {"prompt": title})
        yield store


def test_a_name_that_ends_in_csv_makes_a_table(store: Store, tmp_path: Path) -> None:
    jobs, path = store.page(Query(), limit=9), tmp_path / "Jobs.CSV"

    assert job_export.write(store, jobs, str(path)) == path

    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == job_export.JOB_COLUMNS and [row[0] for row in rows] == [job.id for job in jobs]
    assert [row[header.index("title")] for row in rows] == ["'=SUM(1)", "a lake, at dawn"]
    assert path.stat().st_mode & 0o077 == 0


def test_any_other_name_makes_lines_that_an_import_reads(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "jobs.txt"

    job_export.write(store, store.page(Query(), limit=9), str(path))

    prompts = [json.loads(line)["arguments"]["prompt"] for line in path.read_text("utf-8").splitlines()]
    assert prompts == ["=SUM(1)", "a lake, at dawn"]
    with closing(Store(tmp_path / "other.db")) as other:
        Importer(other, profile="fal").read_path(path)
        assert other.page(Query(), limit=9) == store.page(Query(), limit=9)


def test_a_file_that_exists_is_not_overwritten_and_half_an_export_does_not_stay(store: Store, tmp_path: Path) -> None:
    kept, half = tmp_path / "kept.csv", tmp_path / "half.jsonl"
    kept.write_text("mine")
    jobs = store.page(Query(), limit=9)

    with pytest.raises(FileExistsError):
        job_export.write(store, jobs, str(kept))
    store.close()
    with pytest.raises(Exception, match="closed database"):
        job_export.write(store, jobs, str(half))

    assert kept.read_text() == "mine" and not half.exists()
