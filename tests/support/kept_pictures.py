"""Jobs in the history with pictures on disk, as if they had been made long ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from faldeck.history import Store
from faldeck.job import FileState, Job, Output, State
from faldeck.job_ids import first_number, id_text

BEGUN = datetime(2026, 5, 4, 12, tzinfo=UTC)


def keep(store: Store, folder: Path, number: int, files: int = 1, side: int = 256) -> Job:
    """A completed job, the later the higher its number, with square pictures of that many pixels a side."""
    at = BEGUN + timedelta(minutes=number)
    outputs = []
    for index in range(files):
        path = folder / f"{number}-{index}.png"
        Image.radial_gradient("L").resize((side, side)).convert("RGB").save(path)
        outputs.append(
            Output(at=f"images[{index}]", url=None, content_type="image/png", path=str(path), state=FileState.SAVED)
        )
    job = Job(
        id=id_text(first_number(round(at.timestamp() * 1000))),
        profile="local",
        endpoint_id="demo/sketch/fast",
        state=State.COMPLETED,
        created_at=at,
        title=f"picture {number}",
        outputs=tuple(outputs),
    )
    store.add(job, {"prompt": job.title})
    return job
