"""A job as the one JSON object that commands print and exports hold.

An export holds more of each job than a command prints, so that `restoring` can read it back.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from faldeck.history import documents, rows
from faldeck.history.store import Record
from faldeck.job import Body, Job


def document(job: Job, body: Body) -> dict[str, Any]:
    """The job with its documents, as `documents.document` tells it from the row."""
    return documents.document(rows.values(job), body.arguments, body.result)


def exported(record: Record) -> dict[str, object]:
    """The job's document with all that is needed to make the same job of it elsewhere."""
    job = record.job
    whole = document(job, record.body)
    return whole | {
        "error": asdict(job.error) if job.error else None,
        "outputs": [
            told | {"at": output.at, "problem": output.problem}
            for told, output in zip(whole["outputs"], job.outputs, strict=True)
        ],
        "title": job.title,
        "status_url": job.status_url,
        "response_url": job.response_url,
        "cancel_url": job.cancel_url,
        "inference_seconds": job.inference_seconds,
        "logs": [asdict(log) for log in record.logs],
    }
