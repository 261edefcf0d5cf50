"""A job knows the job whose output it was given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from faldeck.app import output_as_input
from faldeck.app.output_as_input import Sources
from faldeck.fal.values import Model
from faldeck.history import Lease, Store
from faldeck.history.model_marks import ModelMark
from faldeck.job import FileState, Job, Output, State
from faldeck.job_ids import new_id

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FOX = Output(at="image", url="https://v3.fal.media/fox.png", path="/saved/fox.png", state=FileState.SAVED)


def job(**changes: object) -> Job:
    made = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.COMPLETED, created_at=AT)
    return made._replace(outputs=(FOX,), **changes)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


def test_the_job_of_a_file_among_the_arguments_is_the_parent() -> None:
    used, fox = Sources(), job()

    assert used.use(fox, FOX) == FOX.url
    assert used.parent_of({"prompt": "x", "images": [{"url": "https://x.org/a"}, {"url": FOX.url}]}) == fox.id
    assert used.parent_of({"prompt": "x", "image_url": "https://x.org/a"}) is None  # It was taken out again.


def test_the_first_of_several_is_the_parent() -> None:
    used = Sources()
    used.remember("https://x.org/b", "later")
    used.remember("https://x.org/a", "first")

    assert used.parent_of({"one": ["https://x.org/a"], "two": "https://x.org/b"}) == "first"


@pytest.mark.parametrize(
    ("output", "options", "found"),
    [
        (FOX, {}, FOX.url),
        (FOX, {"lifecycle": 3600}, FOX.url),
        (FOX, {"lifecycle": 60}, "/saved/fox.png"),  # The service has deleted it by now.
        (FOX._replace(state=FileState.FETCHING), {"lifecycle": 60}, FOX.url),
        (FOX._replace(url=None), {}, "/saved/fox.png"),
        (FOX._replace(url=None, state=FileState.FETCHING), {}, None),  # Its path is only reserved.
    ],
)
def test_a_file_is_used_from_where_it_still_is(output: Output, options: dict[str, object], found: str | None) -> None:
    assert output_as_input.place(job(completed_at=AT, options=options), output, AT + timedelta(minutes=5)) == found


def past(store: Store, image_url: str, parent: Job) -> tuple[Sources, dict[str, object]]:
    """The sources after a request with this parent was opened again, and its arguments."""
    child = job(parent=parent.id)
    store.add(child, {"image_url": image_url, "mask_url": "https://x.org/mask"})
    used = Sources()
    kept, body = used.past_request(store, child)
    assert kept == child
    return used, dict(body.arguments)


def test_a_past_request_keeps_its_parent_while_it_keeps_the_file(store: Store) -> None:
    parent = job()
    store.add(parent, {})

    used, arguments = past(store, str(FOX.url), parent)

    assert used.parent_of(arguments) == parent.id
    assert used.parent_of(arguments | {"image_url": "https://x.org/other"}) is None


def test_a_deleted_parent_and_an_uploaded_file_do_no_harm(store: Store) -> None:
    parent = job()
    store.add(parent, {})
    store.trash.delete([parent.id], Lease("deleter", 2**50), 1)

    used, arguments = past(store, "https://v3.fal.media/uploaded.png", parent)

    assert used.parent_of(arguments) == parent.id
    assert used.parent_of({"prompt": "something else"}) is None


def test_only_so_many_files_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_as_input, "MOST_REMEMBERED", 2)
    used = Sources()
    for name in "abc":
        used.remember(name, name)

    assert [used.parent_of({"x": name}) for name in "abc"] == [None, "b", "c"]


def test_the_models_that_take_a_file_come_with_the_starred_and_the_last_used_first() -> None:
    models = [
        Model("a/text", category="text-to-image"),
        Model("a/edit", category="image-to-image"),
        Model("a/film", category="image-to-video"),
        Model("a/old", category="image-to-image", is_deprecated=True),
        Model("a/best", category="image-to-3d"),
    ]
    marks = {"a/best": ModelMark(starred=True), "a/film": ModelMark(used_ms=5)}

    assert [one.endpoint_id for one in output_as_input.takers(models, "image", marks)] == ["a/best", "a/film", "a/edit"]
    assert output_as_input.takers(models, "", marks) == []


@pytest.mark.parametrize(
    ("output", "medium"),
    [
        (Output(at="x", url=None, content_type="image/png; q=1"), "image"),
        (Output(at="x", url=None, content_type="application/octet-stream", file_name="a.mp4"), "video"),
        (Output(at="x", url="https://v3.fal.media/a.mp3?x=1"), "audio"),
        (Output(at="x", url="https://v3.fal.media/a.glb"), ""),
    ],
)
def test_the_medium_of_an_output_is_known_by_its_type_or_its_name(output: Output, medium: str) -> None:
    assert output_as_input.medium_of(output) == medium
