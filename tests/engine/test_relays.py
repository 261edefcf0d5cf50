"""Relays through the whole life of a job, and whose key is told to whom (protocol §9)."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.emulator import Emulator
from support.engine_process import LAKE, Line, content, is_, lab, running
from support.foreign_host import ForeignHost

from fal_emulator.state import fingerprint
from faldeck.config import credentials
from faldeck.config.settings import RELAY, Config, Profile
from faldeck.engine.events import Event, JobChanged
from faldeck.engine.gateways import Gateways
from faldeck.fal import errors
from faldeck.job import Job, Mode, State

KEY_A, KEY_B, KEY_LAB = "sk-relay-a-canary", "sk-relay-b-canary", "0f1e2d3c:lab-canary"


def relay_a(url: str) -> Profile:
    """A relay of the openai-hk kind."""
    return replace(RELAY, name="a", queue_url=f"{url}/queue/", auth="Bearer")


def relay_b(url: str) -> Profile:
    """A relay of the uniapi kind, with an Images page."""
    pictures = ("sketch/fast",)
    images_url = f"{url}/v1/images/generations"
    return replace(RELAY, name="b", queue_url=f"{url}/queue/fal-ai", images_url=images_url, images_models=pictures)


def images_only(url: str) -> Profile:
    """A gateway that has an Images page and nothing else."""
    return replace(RELAY, name="images", queue_url="", images_url=f"{url}/v1/images/generations")


def videos_only(url: str) -> Profile:
    """A gateway that has a page for video tasks and nothing else."""
    return replace(RELAY, name="videos", queue_url="", videos_url=f"{url}/v1/video/generations")


LIVES = pytest.mark.parametrize(
    ("kind", "profile", "model", "header"),
    [
        ("relay-a", relay_a, "fal-ai/sketch/fast", f"Bearer {KEY_A}"),
        ("relay-a,result-only", relay_a, "fal-ai/sketch/fast", f"Bearer {KEY_A}"),
        ("relay-b", relay_b, "sketch/pro", f"Key {KEY_A}"),
        ("relay-b,result-only", relay_b, "fal-ai/sketch/pro", f"Key {KEY_A}"),
        ("relay-b", relay_b, "sketch/fast", f"Bearer {KEY_A}"),
        ("relay-images", images_only, "fal-ai/sketch/fast", f"Bearer {KEY_A}"),
        ("relay-videos", videos_only, "fal-ai/sketch/fast", f"Bearer {KEY_A}"),
    ],
    ids=["a", "a-results-only", "b", "b-results-only", "b-images", "images-only", "videos-only"],
)


@LIVES
async def test_a_job_lives_on_a_relay_from_submit_to_a_file_on_disk(
    emulator: Emulator,
    foreign: ForeignHost,
    tmp_path: Path,
    kind: str,
    profile: Callable[[str], Profile],
    model: str,
    header: str,
) -> None:
    emulator.faults(kind)
    async with running(profile(emulator.url), tmp_path, key=KEY_A) as engine:
        job = await engine.until(await engine.submit(model, LAKE, profile=profile("").name))

    assert job.state is State.COMPLETED, job.error
    assert [picture[:4] for picture in content(job)] == [b"\x89PNG"]
    assert emulator.keys == {fingerprint(header)}
    assert {(method, path[:11]) for method, path, _ in foreign.visits} == {("GET", "/cdn/files/")}
    assert foreign.secrets == []


async def test_no_request_carries_another_profiles_key(
    emulator: Emulator, foreign: ForeignHost, start_emulator: Callable[..., Emulator], tmp_path: Path
) -> None:
    a, b = start_emulator(faults="relay-a"), start_emulator(faults="relay-b")
    others = [(relay_a(a.url), KEY_A), (relay_b(b.url), KEY_B)]
    async with running(lab(emulator.url), tmp_path, key=KEY_LAB, others=others) as engine:
        jobs = [
            await engine.submit("demo/sketch/fast"),
            await engine.submit("fal-ai/sketch/fast", profile="a"),
            await engine.submit("sketch/fast", profile="b"),
            await engine.submit("sketch/pro", profile="b"),
        ]
        ended = [await engine.until(job) for job in jobs]

    assert [job.state for job in ended] == [State.COMPLETED] * 4
    assert emulator.keys == {fingerprint(f"Key {KEY_LAB}")}
    assert a.keys == {fingerprint(f"Bearer {KEY_A}")}
    assert b.keys == {fingerprint(f"Bearer {KEY_B}"), fingerprint(f"Key {KEY_B}")}
    assert foreign.secrets == []


async def test_a_job_is_followed_with_the_key_of_its_own_profile_after_a_switch(
    emulator: Emulator, start_emulator: Callable[..., Emulator], tmp_path: Path
) -> None:
    relay = start_emulator(faults="relay-a,slow-queue=3600", speed=1)
    async with running(relay_a(relay.url), tmp_path, key=KEY_A) as engine:
        job = await engine.until(await engine.submit("fal-ai/sketch/fast", profile="a"), is_(State.QUEUED))
    relay.forget()
    others = [(relay_a(relay.url), KEY_A)]
    async with running(lab(emulator.url), tmp_path, key=KEY_LAB, others=others, resume=True) as engine:
        await engine.until(await engine.submit())
        await asked_about(relay, job)

    assert relay.keys == {fingerprint(f"Bearer {KEY_A}")}
    assert emulator.keys == {fingerprint(f"Key {KEY_LAB}")}


async def asked_about(service: Emulator, job: Job) -> None:
    """Waits until somebody has asked the service about a job."""
    while True:
        if service.requests(path=str(job.request_id)):
            return
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(("kind", "profile"), [("relay-a", relay_a), ("relay-b", relay_b)])
async def test_a_relay_that_cannot_cancel_says_so_and_the_job_goes_on(
    emulator: Emulator, tmp_path: Path, kind: str, profile: Callable[[str], Profile]
) -> None:
    emulator.faults(kind)
    name = profile("").name
    model = "fal-ai/reel/v2/text-to-video" if name == "a" else "reel/v2/text-to-video"
    async with running(profile(emulator.url), tmp_path, key=KEY_A) as engine:
        job = await engine.until(await engine.submit(model, {"prompt": "x"}, profile=name), sent)
        told: list[Event] = []
        engine.supervisor.events.subscribe(told.append)
        with pytest.raises(errors.NotSupported, match="cannot cancel: the request goes on"):
            await engine.supervisor.cancel(job)
        assert not (await engine.row(job)).cancel_requested
        assert JobChanged(job.id) in told, "whoever shows the job as being cancelled looks at it again"
        job = await engine.until(job)

    assert job.state is State.COMPLETED


def sent(job: Job) -> bool:
    """Whether the service has the request."""
    return job.request_id is not None


async def test_a_failure_in_a_relays_own_word_fails_the_job(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("relay-b")
    async with running(relay_b(emulator.url), tmp_path, key=KEY_A) as engine:
        job = await engine.until(await engine.submit("mishap/any", {"failure": "crash"}, profile="b"))

    assert job.state is State.FAILED
    assert job.error is not None and job.error.message


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (LAKE, State.COMPLETED),
        ({**LAKE, "response_format": "b64_json"}, State.COMPLETED),
        ({**LAKE, "num_images": 99}, State.FAILED),
    ],
)
async def test_pictures_of_the_images_page_are_kept_however_they_come(
    emulator: Emulator, tmp_path: Path, body: Any, kind: State
) -> None:
    emulator.faults("relay-b")
    async with running(relay_b(emulator.url), tmp_path, key=KEY_A) as engine:
        job = await engine.until(await engine.submit("sketch/fast", body, profile="b"))

    assert job.state is kind
    assert job.options["mode"] == "images"
    assert all(picture.startswith(b"\x89PNG") for picture in content(job))
    assert len(job.outputs) == (1 if kind is State.COMPLETED else 0)
    assert len(emulator.requests(method="POST", path="/v1/images")) == 1


@pytest.mark.parametrize("fault", ["drop-before@images=1x", "drop-after@images=1x", "truncate@images=1x"])
async def test_a_lost_answer_of_the_images_page_is_never_asked_for_again(
    emulator: Emulator, tmp_path: Path, fault: str
) -> None:
    emulator.faults(f"relay-b,{fault}")
    async with running(relay_b(emulator.url), tmp_path, key=KEY_A) as engine:
        job = await engine.until(await engine.submit("sketch/fast", profile="b"), is_(State.UNCONFIRMED))

    assert "may have been accepted" in job.notice
    assert len(emulator.requests(method="POST", path="/v1/images")) == 1


def gateway_says(status: dict[str, Any]) -> httpx.MockTransport:
    """A relay that takes every request, has nothing but status pages, and says the same on all of them."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json={"request_id": "r1", "status": "IN_QUEUE"})
        if request.url.path.endswith("/status"):
            return httpx.Response(200, json={"request_id": "r1", **status})
        return httpx.Response(404, json={"error": {"message": "Invalid URL"}})

    return httpx.MockTransport(answer)


async def test_an_output_inside_the_status_is_kept_where_there_is_no_result_page(tmp_path: Path) -> None:
    line = gateway_says({"status": "COMPLETED", "result": {"answer": 42}})
    async with running(relay_a("https://relay.example"), tmp_path, key=KEY_A, line=line) as engine:
        job = await engine.until(await engine.submit("fal-ai/flux", profile="a"))
        body = await engine.body(job)

    assert (job.state, body.result) == (State.COMPLETED, {"answer": 42})


async def test_a_failure_inside_the_status_is_one_where_there_is_no_result_page(tmp_path: Path) -> None:
    line = gateway_says({"status": "COMPLETED", "detail": "too dark"})
    async with running(relay_a("https://relay.example"), tmp_path, key=KEY_A, line=line) as engine:
        job = await engine.until(await engine.submit("fal-ai/flux", profile="a"))

    assert (job.state, job.error and job.error.message) == (State.FAILED, "too dark")


async def test_a_word_that_nobody_knows_is_shown_and_waited_for_a_day_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = gateway_says({"status": "WARMING_UP"})
    async with running(relay_a("https://relay.example"), tmp_path, key=KEY_A, line=line) as engine:
        job = await engine.until(await engine.submit("fal-ai/flux", profile="a"), lambda job: bool(job.progress))
        assert (job.state, job.progress) == (State.QUEUED, "the service says WARMING_UP")
        monkeypatch.setattr("faldeck.engine.transitions.GUESSING_SECONDS", 0)
        job = await engine.until(job)

    assert job.state is State.FAILED
    assert job.error is not None and "only sent the status “WARMING_UP”" in job.error.message


@pytest.mark.parametrize("model", ["sketch/fast", "fal-ai/sketch/fast"])
async def test_a_picture_is_asked_for_by_the_relays_own_name_for_its_model(
    emulator: Emulator, tmp_path: Path, model: str
) -> None:
    emulator.faults("relay-b")
    line = Line()
    async with running(relay_b(emulator.url), tmp_path, key=KEY_A, line=line) as engine:
        job = await engine.until(await engine.submit(model, profile="b"))

    assert (job.state, job.options["mode"]) == (State.COMPLETED, "images")
    (post,) = [request for request in line.requests if request.method == "POST"]
    assert json.loads(post.content)["model"] == "sketch/fast"


async def test_a_local_file_is_refused_where_the_relay_has_no_storage(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("relay-b")
    credentials.save("b", KEY_B)
    services = Gateways(Config().with_profile(relay_b(emulator.url)))
    with pytest.raises(errors.NotSupported, match="rest_url"):
        await services.gateway("b").upload(Path(__file__))
    await services.close()


async def test_a_video_task_that_fails_says_why(emulator: Emulator, foreign: ForeignHost, tmp_path: Path) -> None:
    emulator.faults("relay-videos")
    async with running(videos_only(emulator.url), tmp_path, key=KEY_A) as engine:
        job = await engine.until(
            await engine.submit("demo/mishap/any", {"failure": "content_policy_violation"}, profile="videos")
        )

    assert (job.state, job.mode) == (State.FAILED, Mode.VIDEOS)
    assert job.error and job.error.message
    assert len(_tasks(emulator)) == 1


async def test_a_video_task_is_followed_by_the_next_start_and_never_made_twice(
    emulator: Emulator, foreign: ForeignHost, tmp_path: Path
) -> None:
    emulator.faults("relay-videos,drop-after@videos=1x")
    profile = videos_only(emulator.url)
    async with running(profile, tmp_path, key=KEY_A) as engine:
        lost = await engine.until(await engine.submit("fal-ai/sketch/fast", LAKE, profile="videos"))
        job = await engine.until(
            await engine.submit("fal-ai/sketch/fast", LAKE, profile="videos"), lambda job: job.request_id is not None
        )
    async with running(profile, tmp_path, key=KEY_A, resume=True) as engine:
        job = await engine.until(job)

    assert (lost.state, job.state) == (State.UNCONFIRMED, State.COMPLETED)
    assert len(_tasks(emulator)) == 2


async def test_a_video_task_cannot_be_cancelled_and_goes_on(
    emulator: Emulator, foreign: ForeignHost, tmp_path: Path
) -> None:
    emulator.faults("relay-videos")
    async with running(videos_only(emulator.url), tmp_path, key=KEY_A) as engine:
        job = await engine.until(
            await engine.submit("fal-ai/sketch/pro", LAKE, profile="videos"), lambda job: job.request_id is not None
        )
        with pytest.raises(errors.NotSupported, match="cannot cancel"):
            await engine.supervisor.cancel(job)
        assert (await engine.until(job)).state is State.COMPLETED


def _tasks(emulator: Emulator) -> list[dict[str, Any]]:
    return emulator.requests(method="POST", path="/v1/video/generations")
