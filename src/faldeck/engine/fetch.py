"""From a stored result to whole files on disk."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from faldeck.engine import error_meaning, local_files, output_files
from faldeck.engine.events import WriteFailed
from faldeck.engine.job_context import JobContext
from faldeck.engine.leases import now_ms
from faldeck.fal import errors
from faldeck.history import embedded
from faldeck.job import FileState, Job, Output, Waiting
from faldeck.safety.hosts import netloc_of
from faldeck.schema.json_value import JsonValue

UNFINISHED = (FileState.WAITING, FileState.FETCHING)
"""States of the outputs that are still to be fetched."""

PATIENT = 3
"""How many times the usual number of tries a file gets whose host answers with a fault of its own."""

_FAULTS = (output_files.CannotSave, OSError, errors.FalError, output_files.Truncated, output_files.WrongContent)


async def fetch(context: JobContext, job: Job) -> AsyncIterator[Job]:
    """Fetches every waiting output to disk (rule 6): one at a time from each host, and from all hosts at once."""
    if not any(output.state in UNFINISHED for output in job.outputs):
        return
    fetching = _Fetching(context, job)
    task = asyncio.create_task(fetching.run())
    task.add_done_callback(lambda _: fetching.snapshots.put_nowait(None))
    try:
        while (snapshot := await fetching.snapshots.get()) is not None:
            yield snapshot
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass
class _Tries:
    """The failed tries to fetch one output."""

    faults: int = 0
    """Faults since the file last grew."""
    fruitless: int = 0
    """The same, without the try in which it grew."""
    size: int = 0
    """Bytes that had arrived at that time."""
    has_started: bool = False
    """Whether the last try received the start of the file."""
    delay: float = 0.0
    """Seconds until the next try."""

    def count(self, size: int) -> None:
        """Counts a fault; `size` is how many bytes have arrived in all."""
        has_grown = size > self.size
        self.size = max(size, self.size)
        self.faults = 1 if has_grown else self.faults + 1
        self.fruitless = 0 if has_grown else self.fruitless + 1


class _Fetching:
    """Fetches the files of one job."""

    def __init__(self, context: JobContext, job: Job) -> None:
        self.snapshots: asyncio.Queue[Job | None] = asyncio.Queue()
        """The saved snapshots of the job; None after the last."""
        self._context = context
        self._job = job
        self._document: JsonValue = None
        self._waiting: dict[int, Waiting | None] = {}
        """Index of an output → why it does not come now."""
        self._saving = asyncio.Lock()

    async def run(self) -> None:
        """Fetches until no output is unfinished. Raises LeaseLost, HistoryError."""
        waiting = [(index, output) for index, output in enumerate(self._job.outputs) if output.state in UNFINISHED]
        if any(output.url is None for _, output in waiting):
            self._document = (await self._context.body(self._job)).result
        hosts: dict[str, list[int]] = {}
        for index, output in waiting:
            hosts.setdefault(netloc_of(output.url or ""), []).append(index)
        lanes = [asyncio.create_task(self._fetch_in_turn(indexes)) for indexes in hosts.values()]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def _fetch_in_turn(self, indexes: list[int]) -> None:
        """Fetches the outputs of one host; an output that fails is tried again after the others."""
        tries = {index: _Tries() for index in indexes}
        while indexes:
            index = min(indexes, key=lambda one: tries[one].faults)
            if await self._fetch_one(index, tries[index]):
                indexes.remove(index)

    async def _fetch_one(self, index: int, tries: _Tries) -> bool:
        """Tries once to fetch an output; returns True if it is saved or has failed for good."""
        gate = self._context.gate_for_url(self._job.outputs[index].url)
        if tries.delay:
            await gate.wait(tries.delay)
        elif gate.blocked:
            await self._save(index, gate.blocked)
        try:
            async with gate.slot(keyed=False) as slot:
                output = self._job.outputs[index]
                folder = self._context.folder
                place = output.path or str(await asyncio.to_thread(folder.reserve, self._job, index))
                await self._save(index, state=FileState.FETCHING, path=place)
                tries.has_started = False

                def begun() -> None:
                    tries.has_started = True
                    slot.answered()

                size = await output_files.save(
                    self._context.gateway, self._job.outputs[index], self._document, begun, self._require_lease
                )
            saved = await asyncio.to_thread(_described, self._job.outputs[index], Path(place))
            before = await asyncio.to_thread(embedded.size_before, self._job.id, saved)
            size = before or size  # A process that was killed may have changed the file already.
            await self._write_origin(saved._replace(size_bytes=size))
            saved_ms = await asyncio.to_thread(output_files.modified_ms, Path(place))
        except _FAULTS as error:
            return await self._record_fault(index, tries, error)
        await self._save(
            index,
            state=FileState.SAVED,
            size_bytes=size,
            content_type=saved.content_type,
            width=saved.width,
            height=saved.height,
            saved_file_ms=saved_ms,
            problem=saved.problem,
            gone_ms=None,
        )
        return True

    async def _write_origin(self, output: Output) -> None:
        """Notes what made a saved output. A problem is only reported: the history knows what made it."""
        writer = self._context.origin_writer
        if not writer.applies_to(self._job):
            return
        body = await self._context.body(self._job)
        for write in (writer.write_inside, writer.write_beside):
            if problem := await asyncio.to_thread(write, self._job, body, output):
                self._context.events.publish_once(WriteFailed(problem))

    async def _record_fault(self, index: int, tries: _Tries, error: Exception) -> bool:
        """Records why an output could not be fetched; returns True if it has failed for good."""
        path = self._job.outputs[index].path
        size = await asyncio.to_thread(output_files.part_bytes, path) if path else 0
        tries.count(size)
        if _is_final(error) or tries.fruitless >= self._context.timing.file_tries * _patience(error, tries):
            await self._require_lease()  # Another process may own the part now.
            with contextlib.suppress(OSError):
                await asyncio.to_thread(output_files.discard, self._job.outputs[index])
            found = (
                error.size_bytes
                if isinstance(error, output_files.WrongContent)
                else self._job.outputs[index].size_bytes
            )
            problem, gone_ms = error_meaning.file_problem(error), now_ms() if error_meaning.is_gone(error) else None
            await self._save(index, state=FileState.FAILED, problem=problem, size_bytes=found, gone_ms=gone_ms)
            return True
        tries.delay = self._context.timing.retry(error, tries.faults)
        await self._save(index, error_meaning.waiting_to_retry(error, tries.delay))
        return False

    async def _require_lease(self) -> None:
        await self._context.require_lease(self._job)

    async def _save(self, index: int, waiting: Waiting | None = None, **changes: object) -> None:
        """Records a change of one output, and why any of them has to wait."""
        async with self._saving:
            self._waiting[index] = waiting
            changed = self._job.outputs[index]._replace(**changes)  # type: ignore[arg-type]
            outputs = (*self._job.outputs[:index], changed, *self._job.outputs[index + 1 :])
            first = next(filter(None, self._waiting.values()), None)
            self._job = await self._context.save(self._job._replace(outputs=outputs, waiting=first, notice=""))
            self.snapshots.put_nowait(self._job)


def _described(output: Output, path: Path) -> Output:
    """A saved output with what its bytes tell: the type and the sides that the service left out, a wrong content.

    Raises OSError.
    """
    kind = output.content_type or output_files.media_type_of(path)
    sides = output.width, output.height
    if not all(sides):
        facts = local_files.facts(path)
        sides = facts.width or output.width, facts.height or output.height
    problem = output_files.other_content(kind, path)
    return output._replace(content_type=kind, width=sides[0], height=sides[1], problem=problem)


def _is_final(error: Exception) -> bool:
    """Whether another try is useless until a person changes something."""
    if isinstance(error, output_files.CannotSave | OSError):
        return not error_meaning.is_short_of_handles(error)
    return error_meaning.is_refused_for_good(error)


def _patience(error: Exception, tries: _Tries) -> float:
    """How many times the usual number of tries an output gets after this error before it is given up.

    A host that cannot be reached is tried forever (rule 3); one that answers with a fault of its own, for minutes.
    """
    if isinstance(error, errors.ErrorResponse):
        return PATIENT if error.status >= 500 or error.status in error_meaning.PASSING else 1
    is_fault_of_file = isinstance(
        error, output_files.Truncated | output_files.WrongContent | errors.InvalidResponse | errors.NoSuchHost
    )
    is_bounded = is_fault_of_file or (tries.has_started and isinstance(error, errors.ResponseLost))
    return 1 if is_bounded else math.inf
