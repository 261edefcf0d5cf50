"""Text that is no text: file names and inputs with lone surrogates, which SQLite and UTF-8 cannot hold."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from faldeck.history import LogLine, Query, Store
from faldeck.history.export import document
from faldeck.job import Failure, Job, Output, State, Upload, now
from faldeck.job_ids import new_id

ODD = "fox \ud83d in \udcff snow"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


def test_a_job_full_of_odd_text_is_kept_and_found_again(store: Store) -> None:
    job = Job(
        id=new_id(),
        profile="fal",
        endpoint_id=ODD,
        state=State.FAILED,
        created_at=now(),
        title=ODD,
        progress=ODD,
        notice=ODD,
        request_id=ODD,
        error=Failure(message=ODD),
        outputs=(Output(at="images[0]", url=None, path=f"/tmp/{ODD}", file_name=ODD),),
        uploads=(Upload(loc=("image_url",), path=f"/tmp/{ODD}"),),
    )
    store.add(job, {"prompt": ODD})
    store.save(job, logs=[LogLine(ODD, ODD, ODD)], result={"text": ODD})
    store.mark(job.id, note=ODD)

    (row,) = store.page(Query.of("snow"), limit=2)
    assert (row.title, row.note) == ("fox ? in ? snow", "fox ? in ? snow")
    assert store.find(ODD) == row
    assert row.uploads[0].path == f"/tmp/{ODD}"  # A path must lead to the same file as before.
    assert store.logs(job.id)[0].message == "fox ? in ? snow"
    json.dumps(document(row, store.body(job.id))).encode()
