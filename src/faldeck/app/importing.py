"""Reads jobs from files into the history, fast, and without keeping other processes from writing.

What is read: exports of faldeck (one job a line), files beside outputs (`history.sidecar`), and the histories of other
programs (`foreign_histories`). The same file can be read again: what is known is merged, nothing is there twice. So an
import that was interrupted is done again from the start, and goes on where it was.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias, TypeVar

from faldeck.app import foreign_histories
from faldeck.history import Store, sidecar
from faldeck.history.record import Imported, PreparedRecord, Record, prepare
from faldeck.history.restoring import read_line, restored
from faldeck.schema import json_value
from faldeck.schema.json_value import JsonValue

SLICE_SECONDS = 0.04
"""How long one transaction of an import may keep others from writing (seconds)."""

PAUSE_SECONDS = 0.006
"""How long an import lets others write between two transactions; several times `connection.LOOK_SECONDS`."""

LOG_PAGES = 3_500
"""About how many pages the write-ahead log has when it is written to the file; fewer than `connection.LOG_PAGES`."""

LEAST_LOG_BYTES, MOST_LOG_BYTES = 1_000_000, 10_000_000
"""Bytes of imported documents after which that is done."""

FIRST_SLICE, LARGEST_SLICE = 50, 5_000
"""Jobs in the first transaction, and at most in any."""

BLOCK_BYTES = 4 << 20
"""Bytes of the lines that are read and prepared in one go."""

LARGE_BYTES = 8_000_000
"""Files from this size on are read by several processes, and their jobs are indexed for the search afterwards."""

MOST_WORKERS = 3

LONGEST_DOCUMENT = 256 << 20
"""Bytes of the largest file that is read as one document."""

MOST_PROBLEMS = 1_000
"""Problems that are kept; of the others only the number is known."""


class ImportProblem(NamedTuple):
    """Something that is no job, and was left out."""

    place: str
    """`line 3`, or the name of a file."""
    reason: str


@dataclass(slots=True)
class ImportOutcome:
    """What an import has done so far."""

    counts: Imported = field(default_factory=Imported)
    problems: list[ImportProblem] = field(default_factory=list)
    problem_count: int = 0
    bytes_read: int = 0

    def note(self, place: str, reason: str) -> None:
        """Notes something that is left out."""
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(ImportProblem(place, reason))


_Source = TypeVar("_Source")

PreparedLine: TypeAlias = "PreparedRecord | str | None"
"""What a line is: a job, or why it is none; None for an empty line."""


def prepare_lines(block: bytes, *, with_words: bool = True) -> list[PreparedLine]:
    """Reads lines of an export. Runs in processes of its own for large files, and without the words of the search."""
    return [_prepared_line(line, with_words) for line in block.removesuffix(b"\n").split(b"\n")]


def _prepared_line(line: bytes, with_words: bool) -> PreparedLine:
    if not line.strip():
        return None
    try:
        return read_line(line.decode("utf-8-sig"), with_words=with_words)
    except ValueError as error:
        return str(error)


def _record_of(line: bytes) -> Record:
    return restored(json_value.read(line.decode("utf-8-sig")))


class Importer:
    """Imports into one history. `profile` is that of jobs whose source names none."""

    def __init__(
        self, store: Store, *, profile: str, progress: Callable[[ImportOutcome], None] = lambda _: None
    ) -> None:
        """`progress` is called after each transaction."""
        self.outcome = ImportOutcome()
        self._store = store
        self._profile = profile
        self._progress = progress
        self._slice = FIRST_SLICE
        self._logged, self._most_logged = 0, LEAST_LOG_BYTES
        """Bytes of documents since the log was written to the file, and how many there may be."""

    def read_path(self, path: Path) -> None:
        """Imports a file, or all files below a folder; raises OSError, HistoryError."""
        with self._store.imports.written_later():
            self._read_path(path)

    def _read_path(self, path: Path) -> None:
        if not path.is_dir():
            with path.open("rb") as file:
                self._read_file(file, size=path.stat().st_size, name=path.name, path=path)
            return
        parts: dict[str, list[sidecar.Sidecar]] = {}
        for place in sorted(path.rglob("*.json*")):
            if place.suffix not in (".json", ".jsonl") or not place.is_file():
                continue
            if one := _sidecar_at(place):
                parts.setdefault(one.job_id, []).append(one)
                continue
            name = str(place.relative_to(path))
            with place.open("rb") as file:
                self._read_file(file, size=place.stat().st_size, name=name, path=place, is_one_of_many=True)
        for some in parts.values():
            self._add_sidecars(some)

    def read_stream(self, file: BinaryIO, *, name: str) -> None:
        """Imports what an open file gives; raises OSError, HistoryError."""
        with self._store.imports.written_later():
            self._read_file(file, size=None, name=name)

    def _read_file(
        self, file: BinaryIO, *, size: int | None, name: str, path: Path | None = None, is_one_of_many: bool = False
    ) -> None:
        """Imports an open file; `size` is its bytes, None where that is not known.

        `is_one_of_many` files that hold no jobs are no problem: a folder has other files, too.
        """
        first = file.readline(LONGEST_DOCUMENT)
        if not _is_export_line(first):
            first += file.read(LONGEST_DOCUMENT - len(first))
            if self._read_document(first, name, path, is_one_of_many=is_one_of_many):
                self.outcome.bytes_read += len(first)
                return
        blocks = _blocks(first, file)
        where = f"{name}, line" if is_one_of_many else "line"
        if size is None:
            size, blocks = _size_of_some(blocks)
        is_large = size >= LARGE_BYTES
        with _executor() if is_large else nullcontext() as executor:
            self._read_lines(blocks, where, executor, with_words=not is_large)

    def index(self) -> None:
        """Indexes the jobs of large files for the search now; what is not done when it is interrupted is done later."""
        while self._store.index.progress() and self._store.index.step(SLICE_SECONDS):
            self._progress(self.outcome)
            time.sleep(PAUSE_SECONDS)

    def _read_document(self, text: bytes, name: str, path: Path | None, *, is_one_of_many: bool) -> bool:
        """Imports a file that is one document; False where it may be lines."""
        try:
            document = json_value.read(text.decode("utf-8-sig"))
        except ValueError:
            return is_one_of_many and not name.endswith(".jsonl")
        try:
            single = sidecar.read(document, path)
        except ValueError as error:
            self.outcome.note(name, str(error))
            return True
        if single:
            self._add_sidecars([single])
            return True
        for number, found in enumerate(foreign_histories.records(document, self._profile), 1):
            if isinstance(found, str):
                self.outcome.note(f"{name}, entry {number}", found)
            else:
                self._add_records([found])
        is_known = foreign_histories.is_known(document)
        return is_known or (is_one_of_many and not _is_job(document))

    def _add_sidecars(self, some: list[sidecar.Sidecar]) -> None:
        try:
            self._add_records([sidecar.record(some, self._profile)])
        except ValueError as error:
            self.outcome.note(some[0].name, str(error))

    def _read_lines(self, blocks: Iterator[bytes], where: str, executor: Executor | None, *, with_words: bool) -> None:
        number = 1
        for block, prepared in _prepared_blocks(blocks, executor, with_words):
            jobs: list[tuple[PreparedRecord, int]] = []
            for place, one in enumerate(prepared):
                if isinstance(one, str):
                    self.outcome.note(f"{where} {number + place}", one)
                elif one is not None:
                    jobs.append((one, place))
            number += len(prepared)
            self.outcome.bytes_read += len(block)
            lines = cache(partial(block.split, b"\n"))
            self._add(jobs, lambda place, lines=lines: _record_of(lines()[place]))  # type: ignore[misc]

    def _add_records(self, records: list[Record]) -> None:
        self._add([(prepare(record), record) for record in records], lambda record: record)

    def _add(self, jobs: list[tuple[PreparedRecord, _Source]], read: Callable[[_Source], Record]) -> None:
        """Adds jobs in transactions of about `SLICE_SECONDS`, and lets others write in between."""
        place = 0
        while place < len(jobs):
            some = jobs[place : place + self._slice]
            place += len(some)
            began = time.monotonic()
            added = self._store.imports.add(
                [one for one, _ in some],
                lambda index, some=some: read(some[index][1]),  # type: ignore[misc]
            )
            self.outcome.counts = self.outcome.counts.plus(added)
            took = time.monotonic() - began
            self._logged += sum(one.size_bytes for one, _ in some)
            fitting = round(len(some) * SLICE_SECONDS / max(took, 0.001))
            self._slice = min(max(fitting, 1), max(len(some) * 3 // 2, FIRST_SLICE), LARGEST_SLICE)
            self._progress(self.outcome)
            self._let_others_write()

    def _let_others_write(self) -> None:
        if self._logged >= self._most_logged:
            # In a large history, the indexes change more pages for each job.
            fitting = self._logged * LOG_PAGES // max(self._store.imports.write_log_to_file(), 1)
            self._logged, self._most_logged = 0, min(max(fitting, LEAST_LOG_BYTES), MOST_LOG_BYTES)
        time.sleep(PAUSE_SECONDS)


def _document(file: Path) -> JsonValue:
    """The JSON value in a file; None for what is too large to be one. Raises OSError, ValueError."""
    if file.stat().st_size > LONGEST_DOCUMENT:
        return None
    return json_value.read(file.read_bytes().decode("utf-8-sig"))


def _sidecar_at(place: Path) -> sidecar.Sidecar | None:
    """The sidecar in a file; None where it is none, or a broken one, which is then told when it is read as a file."""
    try:
        return sidecar.read(_document(place), place)
    except (ValueError, OSError):
        return None


def _is_export_line(line: bytes) -> bool:
    """Whether a first line is a job of an export; a document of another kind is spread over lines, or has others."""
    try:
        return _is_job(json_value.read(line.decode("utf-8-sig")))
    except ValueError:
        return False


def _is_job(document: JsonValue) -> bool:
    return isinstance(document, dict) and document.keys() >= {"id", "endpoint_id", "state"}


def _size_of_some(blocks: Iterator[bytes]) -> tuple[int, Iterator[bytes]]:
    """The size of blocks, counted until they are a large file, and the same blocks."""
    size, some = 0, list[bytes]()
    for block in blocks:
        some.append(block)
        size += len(block)
        if size >= LARGE_BYTES:
            break
    return size, chain(some, blocks)


def _blocks(first: bytes, file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file in blocks of about `BLOCK_BYTES`, beginning with what was read of it already."""
    block = first if first.endswith(b"\n") else first + file.readline()
    while block:
        if (more := BLOCK_BYTES - len(block)) > 0:
            block += file.read(more) + file.readline()
        yield block
        block = file.readline()


@contextmanager
def _executor() -> Iterator[Executor | None]:
    """Processes that prepare lines; None on a machine with one processor."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = min(MOST_WORKERS, processors)
    if workers < 2:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_leave_interrupts_alone) as executor:
        try:
            yield executor
        finally:
            executor.shutdown(cancel_futures=True)


def _leave_interrupts_alone() -> None:
    """Ctrl-C goes to all processes of a terminal; the first of them ends the others."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _prepared_blocks(
    blocks: Iterator[bytes], executor: Executor | None, with_words: bool
) -> Iterator[tuple[bytes, list[PreparedLine]]]:
    """Blocks of lines with what they are, in their order; a few blocks are prepared ahead."""
    work = partial(prepare_lines, with_words=with_words)
    if executor is None:
        yield from ((block, work(block)) for block in blocks)
        return
    ahead = deque((block, executor.submit(work, block)) for block in islice(blocks, 2 * MOST_WORKERS))
    while ahead:
        block, prepared = ahead.popleft()
        yield block, prepared.result()
        ahead.extend((more, executor.submit(work, more)) for more in islice(blocks, 1))
