"""Fills a home with a catalogue and a history of realistic size, through faldeck's own catalogue and history."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from fal_emulator.models import CATALOGUE
from fal_emulator.openapi import document
from faldeck.app.catalogue import Catalogue
from faldeck.config import credentials
from faldeck.config.settings import config_path, load
from faldeck.engine.gateways import Gateways
from faldeck.history import Store, history_path
from faldeck.job import Failure, FileState, Job, Output, State
from faldeck.job_ids import first_number, id_text

# Port 9 discards: whatever is asked of this service fails at once, and nothing leaves the machine.
SETTINGS = """\
profile = "bench"
restore = false  # Each scene begins in the same pane.

[profiles.bench]
queue_url = "http://127.0.0.1:9/queue"
api_url = "http://127.0.0.1:9/api"
schema_url = "http://127.0.0.1:9/openapi.json"
"""
BUSY_MODELS = 60
"""As many models were used for the jobs."""

_MAKERS = ("aurora", "birch", "cobalt", "delta", "ember", "flint", "grove", "harbor", "iris", "juniper")
_FAMILIES = ("flux", "kite", "lumen", "mosaic", "nova", "orbit", "prism", "quill", "river", "sketch")
_VARIANTS = ("dev", "pro", "fast", "max")
_TASKS = ("text-to-image", "image-to-image", "text-to-video", "text-to-speech")
_PHRASES = (
    *("a serene mountain lake", "mist over dark water", "golden light", "an old lighthouse", "heavy rain"),
    *("a neon street market", "portrait of a woman reading", "paper boats", "dew on moss", "an isometric city"),
    *("macro photograph", "watercolour", "at dawn", "in the style of a travel poster", "seen from far above"),
)


def environment(home: Path) -> dict[str, str]:
    """What makes faldeck live in `home`, compiled as an installed one is once it has run."""
    folders = {f"XDG_{name.upper()}_HOME": str(home / name) for name in ("config", "data", "cache", "state")}
    return {"HOME": str(home), **folders, "PYTHONDONTWRITEBYTECODE": ""}


def seed(home: Path, *, models: int, jobs: int, more: Mapping[str, object] | None = None) -> None:
    """Makes `home`, which must be new, with so many models and so many jobs, all of them ended.

    `more` are further models: the documents by endpoint id.
    """
    os.environ.update(environment(home))
    path = config_path()
    path.parent.mkdir(parents=True)
    path.write_text(SETTINGS)
    credentials.save("bench", "bench-key")
    endpoint_ids = [name for _, name in zip(range(models), _endpoint_ids(), strict=False)]
    own = {name: replace(CATALOGUE[at % len(CATALOGUE)], endpoint_id=name) for at, name in enumerate(endpoint_ids)}
    made = {name: document(model, "http://127.0.0.1:9") for name, model in own.items()}
    asyncio.run(_fill_catalogue({**made, **(more or {})}))
    _fill_history(endpoint_ids, jobs)


def _endpoint_ids() -> Iterator[str]:
    for task in _TASKS:
        for variant in _VARIANTS:
            for family in _FAMILIES:
                for maker in _MAKERS:
                    yield f"{maker}-ai/{family}/{variant}/{task}"


async def _fill_catalogue(documents: Mapping[str, object]) -> None:
    settings = load()
    services = Gateways(settings, transport=httpx.MockTransport(lambda request: _answer(request, documents)))
    catalogue = Catalogue(services, settings.profile)
    for model in await catalogue.refresh():
        await catalogue.fetch_schema(model.endpoint_id)
    await services.close()


def _answer(request: httpx.Request, documents: Mapping[str, object]) -> httpx.Response:
    if request.url.path.endswith("/openapi.json"):
        return httpx.Response(200, json=documents[request.url.params["endpoint_id"]])
    entries = [_entry(number, endpoint_id) for number, endpoint_id in enumerate(documents)]
    return httpx.Response(200, json={"models": entries, "next_cursor": None, "has_more": False})


def _entry(number: int, endpoint_id: str) -> dict[str, object]:
    maker, family, variant, task = (*endpoint_id.split("/"), "text-to-image")[:4]
    return {
        "endpoint_id": endpoint_id,
        "metadata": {
            "display_name": f"{family.title()} [{variant}]",
            "category": task,
            "description": f"{family.title()} by {maker}: {_prompt(random.Random(number))}.",
            "status": "deprecated" if number % 37 == 0 else "active",
            "tags": [family, task],
            "date": "2026-01-15T00:00:00Z",
        },
    }


def _fill_history(endpoint_ids: list[str], jobs: int) -> None:
    path = history_path()
    store = Store(path)
    chance = random.Random(1)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(jobs):
        endpoint_id = endpoint_ids[int(len(endpoint_ids[:BUSY_MODELS]) * chance.random() ** 2)]
        prompt = _prompt(chance)
        store.add(_job(number, start + timedelta(seconds=60 * number), endpoint_id, prompt), {"prompt": prompt})
    store.close()


def _job(number: int, at: datetime, endpoint_id: str, prompt: str) -> Job:
    job = Job(
        id=id_text(first_number(round(at.timestamp() * 1000)) + number),
        profile="bench",
        endpoint_id=endpoint_id,
        state=State.COMPLETED,
        created_at=at,
        title=prompt,
        request_id=f"request-{number}",
        submitted_at=at,
        started_at=at + timedelta(seconds=1),
        completed_at=at + timedelta(seconds=3),
    )
    if number % 20 == 7:
        return job._replace(state=State.FAILED, error=Failure(message="The prompt was refused.", status=422))
    output = Output(
        at="images[0]",
        url=f"http://127.0.0.1:9/files/{number}.png",
        content_type="image/png",
        file_name=f"{number}.png",
        size_bytes=1_234_567,
        width=1024,
        height=768,
        state=FileState.REMOTE,
    )
    return job._replace(outputs=(output,), inference_seconds=1.8)


def _prompt(chance: random.Random) -> str:
    return ", ".join(chance.sample(_PHRASES, 4))
