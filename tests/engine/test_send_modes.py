"""Requests that are answered with their output: the same row, the same care, and nothing to ask about afterwards."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.emulator import Emulator
from support.engine_process import LAKE, SKETCH, content, is_, lab, running

from faldeck.fal import errors
from faldeck.history import Query, Store
from faldeck.job import State

CHAT = "demo/scribe/chat"
SEA = {"prompt": "Write about the sea"}
MISHAP = "demo/mishap/any"


async def test_a_direct_call_becomes_a_result_on_disk(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        lived = await engine.lived(await engine.submit(mode="sync"))
        job = lived[-1]

    assert job.state is State.COMPLETED
    assert {one.state for one in lived} <= {State.SUBMITTING, State.RUNNING, State.COMPLETED}
    (picture,) = content(job)
    assert picture.startswith(b"\x89PNG")
    assert job.cost is not None and job.cost.units == 1
    assert [post["path"] for post in emulator.requests(method="POST")] == [f"/run/{SKETCH}"]
    assert job.request_id == emulator.requests(method="POST")[0]["request_id"]


async def test_the_row_is_on_disk_and_running_before_the_call_leaves(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("slow@run=600")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(mode="sync"), is_(State.RUNNING))

        assert job.submitted_at is not None
        assert (await engine.row(job)).state is State.RUNNING
        with pytest.raises(errors.NotSupported, match="cannot be cancelled"):
            await engine.supervisor.cancel(job)


async def test_a_call_that_was_going_on_when_faldeck_ended_is_unconfirmed(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("slow@run=600")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(mode="sync"), is_(State.RUNNING))
    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        job = await engine.until(job, is_(State.UNCONFIRMED))

    assert "ended before the answer came" in job.notice


@pytest.mark.parametrize("mode", ["sync", "stream"])
@pytest.mark.parametrize("fault", ["drop-before@run=1x", "drop-after@run=1x", "truncate@run=1x", "nginx@run=1x"])
async def test_a_lost_answer_is_unconfirmed_and_never_sent_again(
    emulator: Emulator, tmp_path: Path, mode: str, fault: str
) -> None:
    emulator.faults(f"{fault},locked@catalogue")  # The account's list would settle it at once.
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(CHAT, SEA, mode=mode), is_(State.UNCONFIRMED))

    assert "may have been accepted" in job.notice
    assert len(emulator.requests(method="POST", path="/run/")) == 1


async def test_a_call_over_the_limit_is_sent_again(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("429@run=1x")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(mode="sync"))

    assert job.state is State.COMPLETED
    assert [post["status"] for post in emulator.requests(method="POST", path="/run/")] == [429, 200]


@pytest.mark.parametrize("mode", ["sync", "stream"])
@pytest.mark.parametrize(("failure", "status"), [("crash", 500), ("several_fields", 422), ("runner_disconnected", 503)])
async def test_a_model_that_fails_ends_the_job_with_its_words(
    emulator: Emulator, tmp_path: Path, mode: str, failure: str, status: int
) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(MISHAP, {"failure": failure}, mode=mode))
        body = await engine.body(job)

    assert job.state is State.FAILED
    assert job.error is not None and job.error.status == status
    assert body.result is not None
    assert len(emulator.requests(method="POST", path="/run/")) == 1


async def test_the_text_of_a_stream_grows_on_disk_while_it_is_spoken(emulator: Emulator, tmp_path: Path) -> None:
    heard = []
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.submit(CHAT, SEA, mode="stream")
        async for snapshot in engine.supervisor.follow(job.id):
            result = (await engine.body(job)).result
            if isinstance(result, dict) and isinstance(text := result.get("output"), str):
                heard.append(text)
            job = snapshot
        whole = (await engine.body(job)).result

    assert job.state is State.COMPLETED
    assert isinstance(whole, dict) and whole["output"] == heard[-1]
    assert all(heard[-1].startswith(text) for text in heard)
    assert [post["path"] for post in emulator.requests(method="POST")] == [f"/run/{CHAT}/stream"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"mode": "telepathy"}, "Unknown mode"),
        ({"mode": "sync", "webhook": "https://x.example"}, "webhook is for the queue only"),
        ({"mode": "stream", "priority": "low"}, "priority is for the queue only"),
        ({"webhook": "file:///etc/passwd"}, "webhook must be"),
        ({"start_timeout": 0}, "start timeout"),
    ],
)
async def test_options_that_cannot_be_are_refused_before_anything_is_recorded(
    emulator: Emulator, tmp_path: Path, options: dict[str, Any], reason: str
) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        with pytest.raises(errors.InvalidRequest, match=reason):
            await engine.submit(SKETCH, LAKE, **options)

    store = Store(tmp_path / "history.db")
    assert store.page(Query(), limit=1) == []
    store.close()
    assert emulator.requests(method="POST") == []


async def test_a_profile_without_a_run_host_says_so(emulator: Emulator, tmp_path: Path) -> None:
    async with running(replace(lab(emulator.url), run_url=None), tmp_path) as engine:
        job = await engine.until(await engine.submit(mode="sync"))

    assert job.state is State.FAILED
    assert job.error is not None and "run_url" in job.error.message
    assert job.submitted_at is None
