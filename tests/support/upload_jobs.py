"""Jobs that have files of this machine, and what is asked of their uploads."""

from pathlib import Path
from random import Random
from typing import Any

from faldeck.engine.supervisor import Draft
from faldeck.fal.multipart import CHUNK_BYTES
from faldeck.job import Job, Upload
from support.engine_process import Engine

CUTOUT = "demo/cutout/remove-background"
SENT = "/cdn/files/upload"
"""The path under which the service takes a file in one request."""
PICTURE = Random(3).randbytes(4 * CHUNK_BYTES)
"""The bytes of a file that is sent in parts."""


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
