"""What made a file: read from the sidecar beside it or inside it, or found in the history by the file's path."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faldeck.app import png_settings
from faldeck.history import embedded, sidecar
from faldeck.history.sidecar import Sidecar
from faldeck.schema.json_value import JsonValue

if TYPE_CHECKING:
    from faldeck.app.output_as_input import Sources
    from faldeck.history import Store
    from faldeck.job import Body, Job
    from faldeck.schema.document import ModelSchema

SCANNED = 2_000
"""Jobs of which the files are read at once."""


class UnknownOrigin(Exception):
    """It cannot be found out what made a file. The text says why."""


class Origin(NamedTuple):
    """The request that made a file."""

    endpoint_id: str
    """Empty where another program made the file."""
    arguments: dict[str, JsonValue]
    """What was sent."""
    seed: JsonValue
    """The seed that the model used, given or returned; None if unknown."""

    def fitting(self, model: ModelSchema) -> dict[str, JsonValue]:
        """The arguments that a model has fields for."""
        return {name: value for name, value in self.arguments.items() if model.field(name)}


def of_file(store: Store, sources: Sources, name: str) -> Origin:
    """The request that made the file called `name`, or the output that a sidecar of that name stands beside.

    The history knows it best, as a sidecar has no keys; one inside the file is read if none is beside it. `sources`
    remembers which arguments are files of its parent. Raises UnknownOrigin if the file is not there, or nothing tells
    what made it.
    """
    path = Path(name).expanduser()
    file = path.with_name(path.name.removesuffix(sidecar.SUFFIX))
    try:
        facts = sidecar.find(path) or sidecar.find(file)
    except (OSError, ValueError) as error:
        raise UnknownOrigin(f"{sidecar.path_beside(file)} cannot be read: {error}.") from error
    if facts is None and not os.path.lexists(path):
        raise UnknownOrigin(f"There is no file {path}.")
    facts = facts or _inside(path)
    job = store.job(facts.job_id) if facts else job_of_file(store, path)
    if job and job.input_known and not job.no_history:
        return _of_job(*sources.past_request(store, job))
    if facts:
        record = sidecar.record([facts], "")
        return _of_job(record.job, record.body)
    if read := png_settings.read(path):
        return Origin("", read, None)
    raise UnknownOrigin(
        f"Nothing tells what made {path}: it has no {path.name}{sidecar.SUFFIX} beside it, and no job of the history"
        " with a known input saved it."
    )


def _inside(path: Path) -> Sidecar | None:
    """The sidecar in a picture. Anybody may have written it: one that is broken says nothing."""
    try:
        return embedded.find(path) if path.is_file() else None
    except ValueError:
        return None


def job_of_file(store: Store, path: Path) -> Job | None:
    """The newest job that saved the file at `path`; None if the history knows none. Reads the files of all jobs."""
    place = os.path.abspath(path)
    real = os.path.realpath(path)
    newest: Job | None = None
    after: str | None = ""
    while after is not None:
        page = store.trash.named_files(after, {os.path.basename(place), os.path.basename(real)}, limit=SCANNED)
        for job_id, saved in page.found:
            if saved == place or os.path.realpath(saved) == real:
                newest = store.job(job_id) or newest
        after = page.last
    return newest


def _of_job(job: Job, body: Body) -> Origin:
    result = body.result if isinstance(body.result, dict) else {}
    return Origin(job.endpoint_id, body.arguments, result.get("seed", body.arguments.get("seed")))
