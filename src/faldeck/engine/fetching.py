"""From a stored result to whole files on disk."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from faldeck.engine import outputs, verdicts
from faldeck.engine.means import Means
from faldeck.fal import errors
from faldeck.job import Job, Keeping
from faldeck.schema.jsonvalue import JsonValue

UNFINISHED = (Keeping.WAITING, Keeping.FETCHING)
"""The outputs that are still to be brought to disk."""


async def fetch(means: Means, job: Job) -> AsyncIterator[Job]:
    """Brings every waiting output to disk, one after the other (rule 6)."""
    document: JsonValue = None
    if any(output.url is None and output.state in UNFINISHED for output in job.outputs):
        document = (await means.body(job)).result
    faults = 0
    while waiting := [index for index, output in enumerate(job.outputs) if output.state in UNFINISHED]:
        index = waiting[0]
        line = means.line_to(job.outputs[index].url)
        try:
            async with line.turn(keyed=False) as turn:
                place = job.outputs[index].path or str(await asyncio.to_thread(means.folder.place, job, index))
                job = await _save(means, job, index, state=Keeping.FETCHING, path=place)
                size = await outputs.keep(means.gateway, job.outputs[index], document, turn.answered)
            kind = job.outputs[index].content_type or await asyncio.to_thread(outputs.media_type_of, Path(place))
            job = await _save(means, job, index, state=Keeping.SAVED, size_bytes=size, content_type=kind)
            faults = 0
        except (outputs.CannotKeep, OSError, errors.FalError, outputs.CutShort) as error:
            if isinstance(error, outputs.CannotKeep | OSError) or verdicts.is_lost(error):
                with contextlib.suppress(OSError):
                    await asyncio.to_thread(outputs.discard, job.outputs[index])
                yield (job := await _save(means, job, index, state=Keeping.FAILED, problem=verdicts.words(error)))
                continue
            faults += 1
            delay = means.pace.retry(error, faults)
            yield (job := await means.save(replace(job, notice=verdicts.retry_notice(error, delay))))
            await line.rest(delay)
        else:
            yield job


async def _save(means: Means, job: Job, index: int, **changes: object) -> Job:
    changed = replace(job.outputs[index], **changes)  # type: ignore[arg-type]
    kept = (*job.outputs[:index], changed, *job.outputs[index + 1 :])
    return await means.save(replace(job, outputs=kept, notice=""))
