"""The file next to an output that says which request made it: `fox.png.json` beside `fox.png`. Written and read here.

It holds no key and no path. A folder of such files can be imported: the files of one job make one job again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from faldeck import __version__
from faldeck.history.export import cost_document, file_facts, moment
from faldeck.history.record import Record
from faldeck.history.restoring import restored_cost, restored_output
from faldeck.job import Body, FileState, Job, Output, State, headline, instant
from faldeck.job_ids import id_at, id_number
from faldeck.safety import private_file, redact, sanitize
from faldeck.schema import json_value
from faldeck.schema.json_value import InvalidValue, JsonValue

FORMAT = "faldeck-sidecar-1"
"""The value of the member `format`. Members may be added; a change that breaks older readers gets a new number."""

SUFFIX = ".json"
"""The suffix that is added to the name of the output."""

MAX_BYTES = 64 * 2**20
"""A larger file is not read as a sidecar. Arguments may hold whole files as data URIs."""


def path_beside(output: Path) -> Path:
    """The path of an output's sidecar."""
    return output.with_name(output.name + SUFFIX)


def document(job: Job, body: Body, output: Output) -> dict[str, Any]:
    """The sidecar of one output of a job. Times are ISO 8601 in UTC, money USD; unknown values are null."""
    result = body.result if isinstance(body.result, dict) else {}
    return {
        "format": FORMAT,
        "faldeck": __version__,
        "id": job.id,
        "profile": job.profile,
        "endpoint_id": job.endpoint_id,
        "request_id": job.request_id,
        "arguments": body.arguments,
        "seed": result.get("seed", body.arguments.get("seed")),
        "cost": cost_document(job.cost),
        "created_at": moment(job.created_at),
        "submitted_at": moment(job.submitted_at),
        "started_at": moment(job.started_at),
        "completed_at": moment(job.completed_at),
        "parent": job.parent,
        "output": {"at": output.at, "url": output.url, **file_facts(output)},
    }


def text(job: Job, body: Body, output: Output, *, indent: int | None = None) -> str:
    """The sidecar of one output as JSON in ASCII, without keys."""
    return json_value.ascii_text(redact.redacted_values(document(job, body, output)), indent=indent)


def save(job: Job, body: Body, output: Output) -> bool:
    """Writes the sidecar of a saved output, readable by its owner alone, in one step.

    An older sidecar of the same job is replaced. Returns False and writes nothing if another file has the name.
    Raises OSError.
    """
    path = path_beside(Path(output.path or ""))
    written = text(job, body, output, indent=2) + "\n"
    if path.exists() or path.is_symlink():
        if not _is_of(path, job.id):
            return False
        private_file.write(path, written)
        return True
    return private_file.write_new(path, written)


def remove(output: Path, job_id: str) -> None:
    """Removes the sidecar of an output, if it exists and belongs to that job; raises OSError."""
    path = path_beside(output)
    if _is_of(path, job_id):
        path.unlink()


def find(output: Path) -> Sidecar | None:
    """The sidecar of a file; None without one. Raises ValueError for a broken one, and OSError."""
    path = path_beside(output)
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        return None
    try:
        table = json_value.read(path.read_text("utf-8"))
    except (InvalidValue, UnicodeDecodeError):
        return None
    return read(table, path)


def _is_of(path: Path, job_id: str) -> bool:
    """Whether the file at `path` is a sidecar of this job."""
    try:
        found = find(path.with_name(path.name.removesuffix(SUFFIX)))
    except ValueError:
        return False
    return found is not None and found.job_id == job_id


class Sidecar(NamedTuple):
    """A sidecar that was read."""

    name: str
    """The file's name."""
    job_id: str
    members: dict[str, JsonValue]
    file: Path | None
    """The output next to it; None if that does not exist."""


def read(document: JsonValue, path: Path | None) -> Sidecar | None:
    """Reads a JSON document, found at `path`, as a sidecar, or returns None. Raises ValueError for a broken one."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return None
    if not isinstance(document.get("endpoint_id"), str) or not isinstance(document.get("arguments"), dict):
        raise ValueError("it names no model, or has no arguments")
    file = path.with_name(path.name.removesuffix(SUFFIX)) if path else None
    is_there = file is not None and file != path and file.is_file()
    return Sidecar(path.name if path else "", _job_id(document), document, file if is_there else None)


def record(sidecars: Sequence[Sidecar], profile: str) -> Record:
    """The job of some sidecars; `profile` is its profile if they do not name one. Raises ValueError."""
    members = sidecars[0].members
    arguments = members["arguments"]
    assert isinstance(arguments, dict)
    job = Job(
        id=sidecars[0].job_id,
        profile=_line(members, "profile") or profile,
        endpoint_id=_line(members, "endpoint_id") or "",
        state=State.COMPLETED,
        created_at=instant(str(members.get("created_at"))),
        title=headline(arguments),
        request_id=_line(members, "request_id"),
        submitted_at=_time(members, "submitted_at"),
        started_at=_time(members, "started_at"),
        completed_at=_time(members, "completed_at"),
        outputs=tuple(sorted((_output(one) for one in sidecars), key=lambda output: output.at)),
        cost=restored_cost(members.get("cost")),
        parent=_parent(members),
    )
    seed = members.get("seed")
    return Record(job, Body(arguments, None if seed is None else {"seed": seed}))


def _output(one: Sidecar) -> Output:
    told = one.members.get("output")
    table = dict(told) if isinstance(told, dict) else {}
    table["path"] = None if one.file is None else str(one.file.absolute())
    output = restored_output(table)
    assert output.state in (FileState.SAVED, FileState.REMOTE)
    return output


def _job_id(document: dict[str, JsonValue]) -> str:
    """The sidecar's job id, or else one made from what identifies the job."""
    job_id = document.get("id")
    if isinstance(job_id, str):
        id_number(job_id)
        return job_id
    created = instant(str(document.get("created_at")))
    return id_at(round(created.timestamp() * 1000), f"{document.get('request_id')} {document.get('endpoint_id')}")


def _line(members: dict[str, JsonValue], name: str) -> str | None:
    value = members.get(name)
    return sanitize.clean_line(value) if isinstance(value, str) and value else None


def _time(members: dict[str, JsonValue], name: str) -> Any:
    value = members.get(name)
    return instant(value) if isinstance(value, str) else None


def _parent(members: dict[str, JsonValue]) -> str | None:
    parent = members.get("parent")
    if isinstance(parent, str):
        id_number(parent)
        return parent
    return None
