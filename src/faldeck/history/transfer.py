"""A job as the one JSON object that commands print and exports hold; its keys are a promise (design §9).

An export holds more of each job than a command prints, so that `restoring` can read it back.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from faldeck.history.store import Record
from faldeck.job import Body, Cost, Failure, Job, Keeping, Output


def document(job: Job, body: Body) -> dict[str, object]:
    """The job with its documents. Times are ISO 8601 in UTC, sizes bytes, money USD; what is unknown is null."""
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
        "error": _error(job.error) if job.error else None,
        "result": body.result,
        "outputs": [_output(output) for output in job.outputs],
        "cost": _cost(job.cost) if job.cost else None,
        "starred": job.starred,
        "tags": list(job.tags),
        "note": job.note,
    }


def moment(at: datetime | None) -> str | None:
    """An instant as documents hold it: `2026-03-01T08:30:00.125Z`."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(error: Failure) -> dict[str, object]:
    fields = [{"loc": list(problem.loc), "message": problem.message} for problem in error.fields]
    return {"type": error.type, "message": error.message, "fields": fields}


def _output(output: Output) -> dict[str, object]:
    return {
        "url": output.url,
        # A path that is only reserved is nobody's business yet.
        "path": output.path if output.state is Keeping.SAVED else None,
        "content_type": output.content_type,
        "file_name": output.file_name,
        "size_bytes": output.size_bytes,
        "width": output.width,
        "height": output.height,
        "state": output.state.value,
    }


def _cost(cost: Cost) -> dict[str, object]:
    return {
        "units": cost.units,
        "unit": cost.unit,
        "unit_price_usd": cost.unit_price_usd,
        "total_usd": cost.total_usd,
        "is_estimate": cost.is_estimate,
    }


def exported(record: Record) -> dict[str, object]:
    """The job's document with all that is needed to make the same job of it elsewhere."""
    job = record.job
    whole = document(job, record.body)
    if job.error:
        whole["error"] = _error(job.error) | {"status": job.error.status}
    return whole | {
        "outputs": [_output(output) | {"at": output.at, "problem": output.problem} for output in job.outputs],
        "title": job.title,
        "status_url": job.status_url,
        "response_url": job.response_url,
        "cancel_url": job.cancel_url,
        "inference_seconds": job.inference_seconds,
        "logs": [asdict(log) for log in record.logs],
    }
