"""Relays of every kind at the deck, from the form to the file on disk, and whose key is told to whom (protocol §9)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.emulator import HELD, Emulator
from support.foreign_host import ForeignHost
from support.person import Person, at_the_deck, received

from fal_emulator.art.painting import png
from fal_emulator.state import fingerprint
from faldeck.config import credentials, toml_edit
from faldeck.config.settings import config_path, load
from faldeck.job import Job, Mode, State

pytestmark = pytest.mark.usefixtures("public")

KEY = "sk-relay-canary-1234"
OTHER_KEY = "sk-other-canary-5678"
PICTURE = png(Image.new("RGB", (16, 16), (40, 80, 120)))

A = {"queue_url": "{url}/queue", "auth": "Bearer"}
B = {
    "queue_url": "{url}/queue/fal-ai",
    "auth": "Key",
    "models": ["sketch/pro", "sketch/edit", "mishap/any", "reel/v2/text-to-video"],
    "images_url": "{url}/v1/images/generations",
    "images_models": ["sketch/fast"],
}
IMAGES = {"images_url": "{url}/v1/images/generations", "images_models": ["sketch/fast"]}


@pytest.fixture
def relay(emulator: Emulator, tmp_path: Path) -> Callable[[str, dict[str, Any]], Any]:
    """Opens a deck on the emulator as a relay of a kind, by a profile with these settings, beside another profile."""

    def opened(kind: str, settings: dict[str, Any]) -> Any:
        emulator.faults(kind)
        placed = {
            name: value.format(url=emulator.url) if isinstance(value, str) else value
            for name, value in settings.items()
        }
        toml_edit.save_profile("relay", placed)
        toml_edit.save_profile("other", {"queue_url": f"{emulator.url}/queue"})
        credentials.save("relay", KEY)
        credentials.save("other", OTHER_KEY)
        config = load("relay")
        return at_the_deck(emulator.url, tmp_path, profile=config.active, profiles=config.profiles)

    return opened


def files(job: Job) -> list[bytes]:
    """The bytes of the job's files, as they are on disk."""
    return [Path(output.path or "").read_bytes() for output in job.outputs]


async def sent(person: Person, model: str, **fields: str) -> None:
    """Fills in a model's form and submits it."""
    await person.open_form(model)
    for name, text in {"prompt": "a lake", **fields}.items():
        await person.fill(name, text)
    await person.press("escape", "ctrl+j")


LIVES = pytest.mark.parametrize(
    ("kind", "settings", "model", "header"),
    [
        ("relay-a", A, "fal-ai/sketch/fast", f"Bearer {KEY}"),
        ("relay-a,result-only", A, "fal-ai/sketch/fast", f"Bearer {KEY}"),
        ("relay-b", B, "sketch/pro", f"Key {KEY}"),
        ("relay-b", B, "sketch/fast", f"Bearer {KEY}"),
        ("relay-images", IMAGES, "sketch/fast", f"Bearer {KEY}"),
    ],
    ids=["a", "a-results-only", "b", "b-images", "images-only"],
)


@LIVES
async def test_a_job_lives_on_a_relay_from_the_form_to_the_file(
    relay: Any,
    emulator: Emulator,
    foreign: ForeignHost,
    kind: str,
    settings: dict[str, Any],
    model: str,
    header: str,
) -> None:
    async with relay(kind, settings) as person:
        await sent(person, model)
        job = await person.job()
        await person.sees("completed", "image/png")
        assert [notice.message for notice in person.app._notifications if notice.severity == "error"] == []

    assert job.state is State.COMPLETED, job.error
    assert (job.profile, job.endpoint_id) == ("relay", model)
    assert [head[:4] for head in files(job)] == [b"\x89PNG"]
    assert emulator.keys == {fingerprint(header)}
    assert len(emulator.requests(method="POST")) == 1
    assert {(method, path[:11]) for method, path, _ in foreign.visits} == {("GET", "/cdn/files/")}
    assert foreign.secrets == []


@pytest.mark.parametrize(
    ("kind", "settings", "model"),
    [("relay-a", A, "fal-ai/mishap/any"), ("relay-b", B, "mishap/any")],
    ids=["a", "b"],
)
async def test_a_failure_in_a_relays_own_words_is_told(
    relay: Any, emulator: Emulator, kind: str, settings: dict[str, Any], model: str
) -> None:
    async with relay(kind, settings) as person:
        await person.open_form(model)
        await person.press("escape", "ctrl+j")
        job = await person.job()
        await person.sees("failed")

    assert job.state is State.FAILED
    assert job.error is not None and job.error.message


async def test_what_a_relay_cannot_cancel_goes_on_and_the_person_is_told(relay: Any, emulator: Emulator) -> None:
    async with relay(f"relay-b,{HELD}", B) as person:
        await person.open_form("reel/v2/text-to-video")
        await person.fill("prompt", "x")
        await person.press("escape", "ctrl+j")
        await person.job(lambda job: job.request_id is not None)
        await person.press("3", "c")
        await person.sees("Not cancelled.", "○ queued")
        emulator.start_jobs("relay-b")
        job = await person.job()

    assert job.state is State.COMPLETED


async def test_a_picture_of_the_images_page_runs_until_it_is_answered(
    relay: Any, start_emulator: Callable[..., Emulator]
) -> None:
    async with relay("relay-images,slow@images=1", IMAGES) as person:
        await sent(person, "sketch/fast")
        job = await person.job(lambda job: job.state is State.RUNNING)
        assert job.mode is Mode.IMAGES
        await person.sees("● running")
        await person.press("3", "c")
        await person.sees("A direct call cannot be cancelled")
        assert (await person.job()).state is State.COMPLETED


@pytest.mark.parametrize("fault", ["drop-after@images=1x", "truncate@images=1x", "nginx@images=1x"])
async def test_a_lost_answer_of_the_images_page_is_unsure_and_not_asked_for_again(
    relay: Any, emulator: Emulator, fault: str
) -> None:
    async with relay(f"relay-images,{fault}", IMAGES) as person:
        await sent(person, "sketch/fast")
        job = await person.job(lambda job: job.state is State.UNCONFIRMED)
        await person.sees("unconfirmed", "The service may or may not have")

    assert "may have been accepted" in job.notice
    assert len(emulator.requests(method="POST")) == 1


async def test_an_answer_that_is_lost_with_the_deck_is_unsure_at_the_next_start(
    relay: Any, emulator: Emulator, tmp_path: Path
) -> None:
    async with relay("relay-images,slow@images=600", IMAGES) as person:
        await sent(person, "sketch/fast")
        await person.job(lambda job: job.state is State.RUNNING)
    config = load("relay")
    async with at_the_deck(emulator.url, tmp_path, profile=config.active, profiles=config.profiles) as person:
        await person.job(lambda job: job.state is State.UNCONFIRMED)
        await person.sees("unconfirmed")

    assert len(emulator.requests(method="POST")) <= 1


async def test_packed_pictures_become_files(relay: Any, emulator: Emulator) -> None:
    async with relay("relay-b", B) as person:
        await person.open_form("sketch/fast")
        await person.fill("prompt", "a lake")
        await person.press("escape", "J")
        await person.press("f7")
        await person.paste('{"prompt": "a lake", "response_format": "b64_json"}')
        await person.press("ctrl+j", "ctrl+j")
        job = await person.job()

    (output,) = job.outputs
    assert output.url is None
    assert files(job)[0].startswith(b"\x89PNG")


async def test_a_local_file_goes_inside_the_request_where_there_is_no_storage(
    relay: Any, emulator: Emulator, tmp_path: Path
) -> None:
    picture = tmp_path / "small.png"
    picture.write_bytes(PICTURE)
    async with relay("relay-b", B) as person:
        await sent(person, "sketch/edit", image_url=str(picture))
        job = await person.job()
        assert job.state is State.COMPLETED, job.error
        arguments = received(emulator.url, job._replace(endpoint_id="demo/sketch/edit"))

    assert isinstance(arguments, dict)
    assert arguments["image_url"] == f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
    assert emulator.requests(path="/rest/") == []


async def test_a_local_file_too_large_to_go_inside_is_refused_and_nothing_is_sent(
    relay: Any, emulator: Emulator, tmp_path: Path
) -> None:
    picture = tmp_path / "large.png"
    picture.write_bytes(PICTURE + bytes(8 * 2**20))
    async with relay("relay-b", B) as person:
        await sent(person, "sketch/edit", image_url=str(picture))
        job = await person.job()
        await person.sees("large.png is too", "Give a link instead.")

    assert job.state is State.FAILED
    assert job.error is not None and "large.png is too large" in job.error.message
    assert emulator.requests(method="POST") == []


async def test_only_the_models_of_a_relays_own_list_are_shown_with_what_the_catalogue_says_of_them(
    relay: Any, emulator: Emulator
) -> None:
    async with relay("relay-b", B) as person:
        await person.until(lambda: person.models.row_count() == 5)
        assert "demo/" not in person.screen


@pytest.mark.parametrize(
    ("settings", "model", "offered"),
    [
        (A, "fal-ai/sketch/fast", ["queue"]),
        (B, "sketch/fast", ["images", "queue"]),
        (IMAGES, "sketch/fast", ["images"]),
    ],
    ids=["a", "b", "images"],
)
async def test_only_the_ways_that_a_relay_has_are_offered(
    relay: Any, settings: dict[str, Any], model: str, offered: list[str]
) -> None:
    async with relay("relay-a", settings) as person:
        await person.open_form(model)
        await person.press("escape", "O")
        await person.sees("How it is run", f"default {offered[0]}")
        await person.press("enter")
        await person.sees(*offered)
        send_modes = {part.strip() for part in person.screen.replace("\n", "│").split("│")} & set(Mode)
    assert send_modes == set(offered)


async def test_the_config_holds_no_key(relay: Any) -> None:
    async with relay("relay-a", A) as person:
        await person.until(lambda: person.models.row_count())
    assert "canary" not in config_path().read_text()
