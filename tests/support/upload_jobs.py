"""Jobs that have files of this machine, and what is asked of their uploads."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from faldeck.engine import upload
from faldeck.engine.supervisor import Draft
from faldeck.fal.errors import Backoff
from faldeck.fal.multipart import CHUNK_BYTES
from faldeck.job import Job, Upload
from support.engine_process import Engine

CUTOUT = "demo/cutout/remove-background"
SENT = "/cdn/files/upload"
"""The path under which the service takes a file in one request."""
PICTURE = Random(3).randbytes(4 * CHUNK_BYTES)
"""The bytes of a file that is sent in parts."""


def write_picture(folder: Path) -> Path:
    """A file that is sent in parts."""
    path = folder / "photo.png"
    path.write_bytes(PICTURE)
    return path


def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the engine tell of uploads as often as possible, and try again at once."""
    monkeypatch.setattr(upload, "REPORT_SECONDS", 0.005)
    monkeypatch.setattr(Backoff, "delay", lambda *_: 0.001)


async def submit(engine: Engine, *paths: Path | str) -> Job:
    """A new job that has these files, as recorded."""
    places: list[tuple[str | int, ...]] = [("image_url",), ("others", 0)]
    arguments: dict[str, Any] = {"image_url": str(paths[0]), "others": [str(path) for path in paths[1:]]}
    found = [Upload(loc=loc, path=str(path)) for loc, path in zip(places, paths, strict=False)]
    draft = Draft(profile="lab", endpoint_id=CUTOUT, arguments=arguments, uploads=found)
    return await engine.supervisor.submit(draft)


async def sent_url(engine: Engine, job: Job) -> str:
    """The URL that stands in the job's arguments in the file's place."""
    return str((await engine.body(job)).arguments["image_url"])
