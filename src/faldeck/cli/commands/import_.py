"""`faldeck import`: add the jobs of an export, of files beside outputs, or of another program to the history."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import output

if TYPE_CHECKING:
    from collections.abc import Callable

    from faldeck.app.importing import Importer, ImportOutcome
    from faldeck.cli.context import CommandContext
    from faldeck.history.search_index import IndexingProgress

MOST_PROBLEMS = 20
"""Lines that are no jobs and that are told one by one."""

PROGRESS_SECONDS = 0.2
"""How often the progress is shown."""

_EPILOG = """\
FILE is made by `faldeck export`. A FOLDER is searched for the .json files that lie beside outputs, and for exports.
The sessions of genmedia (~/.genmedia/gallery/sessions/*/data.json) and the history of Falcon (~/.falcon/history.json)
are read, too; they hold a part of each input only.

A job that is known is not added again. It takes over what the import knows better: completed over running, a saved
file over a remote one, the stars and tags of both. So an import that was interrupted can simply be run again.
A line that is no job is told with its number, the others are added, and the exit status is 1.

The jobs of a large file are there at once: their ids, all filters and the order. Their words are found bit by bit, as
the deck indexes them in the background. With --index, the command ends when all words are found.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the file or the folder."""
    parser.epilog = _EPILOG
    parser.add_argument("source", metavar="FILE|FOLDER", help="what to read; - for stdin")
    parser.add_argument("--index", action="store_true", help="end only when the words of all jobs are found")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the counts as one JSON object")


def run(context: CommandContext, *, source: str, index: bool, as_json: bool) -> ExitStatus:
    """Adds the jobs and prints how many were new. Uses no network. Raises CommandError, HistoryError, OSError."""
    from faldeck.app import wording
    from faldeck.app.importing import Importer

    progress = _Progress(source)
    with context.store() as store:
        importer = Importer(store, profile=context.config.profile, progress=progress.show)
        try:
            _read(importer, source)
            if index:
                progress.indexing = store.index.progress
                importer.index()
        finally:
            progress.clear()
        behind = store.index.progress()
    outcome = importer.outcome
    for problem in outcome.problems[:MOST_PROBLEMS]:
        # A place in one file is the line alone; the name of a file stays as it is.
        place = problem.place.capitalize() if problem.place.startswith("line ") else problem.place
        output.print_message(f"{place} is not a job: {problem.reason}.")
    if outcome.problem_count > MOST_PROBLEMS:
        output.print_message(f"{outcome.problem_count - MOST_PROBLEMS:,} more are not jobs.")
    if behind:
        output.print_message(wording.not_indexed(behind))
    counts = outcome.counts
    if as_json:
        numbers = {"new": counts.new, "updated": counts.updated, "known": counts.known}
        output.print_json({**numbers, "problems": outcome.problem_count})
    else:
        updated = f"{counts.updated} updated, " if counts.updated else ""
        output.print_text(f"{counts.new} new, {updated}{counts.known} known")
    return ExitStatus.FAILED if outcome.problem_count else ExitStatus.DONE


def _read(importer: Importer, source: str) -> None:
    try:
        if source == "-":
            with open(sys.stdin.fileno(), "rb", closefd=False) as file:
                importer.read_stream(file, name="stdin")
        else:
            importer.read_path(Path(source))
    except OSError as error:
        raise CommandError(f"{source}: {error.strerror}.", ExitStatus.USAGE) from error


class _Progress:
    """Shows on a terminal's stderr how far an import is."""

    def __init__(self, source: str) -> None:
        self._size = os.path.getsize(source) if os.path.isfile(source) else 0
        self._is_shown = sys.stderr.isatty()
        self._next = time.monotonic() + PROGRESS_SECONDS
        self._width = 0
        self.indexing: Callable[[], IndexingProgress | None] | None = None
        """How far the index is, once the jobs are there."""

    def show(self, outcome: ImportOutcome) -> None:
        """Shows the counts, not too often."""
        if not self._is_shown or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PROGRESS_SECONDS
        counts = outcome.counts
        share = f"{min(99, outcome.bytes_read * 100 // self._size)} %  " if self._size else ""
        line = f"{share}{counts.new:,} new, {counts.updated:,} updated, {counts.known:,} known"
        if self.indexing and (left := self.indexing()):
            line = f"{counts.new:,} new; {left.total - left.done:,} jobs are to be indexed for the search"
        print(f"\r{line:<{self._width}}", end="", file=sys.stderr, flush=True)
        self._width = len(line)

    def clear(self) -> None:
        """Takes the line away."""
        if self._width:
            print(f"\r{'':<{self._width}}\r", end="", file=sys.stderr, flush=True)
