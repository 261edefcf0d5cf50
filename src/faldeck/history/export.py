"""A job as the one JSON object that commands print and exports hold.

An export holds more of each job than a command prints, so that `restoring` can read it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from faldeck.history.record import Record
from faldeck.history.rows import failure_table
from faldeck.job import Body, Cost, FileState, Job, Output, State

_ENDED_WITHOUT_ERROR: Mapping[State, str] = {
    State.CANCELLED: "The job was cancelled.",
    State.UNCONFIRMED: "The answer to the request was lost: the service may have it.",
    State.DISMISSED: "The answer to the request was lost, and the job was dismissed.",
}
"""States of jobs that ended badly without an error from the service → the message if the job has no notice."""


def document(job: Job, body: Body) -> dict[str, Any]:
    """The job with its documents. Times are ISO 8601 in UTC, sizes bytes, money USD; unknown values are null.

    Money and billed units are `Decimal`, which `json_value.ascii_text` writes with all their digits.
    """
    return {
        "id": job.id,
        "request_id": job.request_id,
        "profile": job.profile,
        "endpoint_id": job.endpoint_id,
        "state": job.state.value,
        "created_at": moment(job.created_at),
        "submitted_at": moment(job.submitted_at),
        "started_at": moment(job.started_at),
        "completed_at": moment(job.completed_at),
        "queue_position": job.queue_position,
        "arguments": body.arguments,
        "options": dict(job.options),
        "error": _error(job),
        "result": body.result,
        "outputs": [_output(job, output) for output in job.outputs],
        "cost": cost_document(job.cost),
        "starred": job.starred,
        "tags": list(job.tags),
        "note": job.note,
        "group": job.group,
        "parent": job.parent,
    }


def moment(at: datetime | None) -> str | None:
    """An instant as documents hold it: `2026-03-01T08:30:00.125Z`."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(job: Job) -> dict[str, object] | None:
    """The service's error; for a job that ended badly without one, an error made from its state."""
    if job.error is not None:
        fields = [{"loc": list(field.loc), "message": field.message} for field in job.error.fields]
        return {"type": job.error.type, "message": job.error.message, "fields": fields}
    if (sentence := _ENDED_WITHOUT_ERROR.get(job.state)) is None:
        return None
    message = sentence if job.state is State.CANCELLED else job.notice or sentence
    return {"type": job.state.value, "message": message, "fields": []}


def cost_document(cost: Cost | None) -> dict[str, object] | None:
    """A cost as documents hold it."""
    if cost is None:
        return None
    return {
        "units": cost.units,
        "unit": cost.unit,
        "unit_price_usd": cost.unit_price_usd,
        "total_usd": cost.total_usd,
        "is_estimate": cost.is_estimate,
    }


def _output(job: Job, output: Output) -> dict[str, object]:
    gone_at = None if output.gone_ms is None else datetime.fromtimestamp(output.gone_ms / 1000, UTC)
    return {
        "url": output.url,
        # Until the file is complete, its path is only reserved.
        "path": output.path if output.state is FileState.SAVED else None,
        **file_facts(output),
        "state": output.state.value,
        "expires_at": moment(job.links_end_at) if output.url else None,
        "gone_at": moment(gone_at),
        "problem": output.problem,
    }


def file_facts(output: Output) -> dict[str, object]:
    """What is known about the file of an output, wherever it is."""
    return {
        "content_type": output.content_type,
        "file_name": output.file_name,
        "size_bytes": output.size_bytes,
        "declared_bytes": output.declared_bytes,
        "width": output.width,
        "height": output.height,
    }


def exported(record: Record) -> dict[str, object]:
    """The job's document with everything that is needed to restore the job on another machine."""
    job = record.job
    whole = document(job, record.body)
    return whole | {
        "error": failure_table(job.error) if job.error else None,
        "outputs": [
            told | {"at": output.at, "saved_file_ms": output.saved_file_ms}
            for told, output in zip(whole["outputs"], job.outputs, strict=True)
        ],
        "title": job.title,
        "input_known": job.input_known,
        "status_url": job.status_url,
        "response_url": job.response_url,
        "cancel_url": job.cancel_url,
        "inference_seconds": job.inference_seconds,
        "logs": [log._asdict() for log in record.logs],
    }
