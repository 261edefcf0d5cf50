"""`faldeck import`: add the jobs of an export to the history. Jobs that are already there do not change."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import output

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext
    from faldeck.history.store import Record

BATCH_SIZE = 200
"""How many jobs are added in one transaction."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the file."""
    parser.epilog = "It is safe to import the same file twice: a job with a known id or request id is skipped."
    parser.add_argument("source", metavar="FILE", help="a file made by `faldeck export`; - for stdin")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the counts as one JSON object")


def run(context: CommandContext, *, source: str, as_json: bool) -> ExitStatus:
    """Adds the jobs and prints how many were new. Raises CommandError for a bad line, HistoryError, OSError."""
    total = new = 0
    with _open_source(source) as lines, context.store() as store:
        records = _records(lines)
        while batch := list(islice(records, BATCH_SIZE)):
            total += len(batch)
            new += store.import_records(batch)
    if as_json:
        output.print_json({"new": new, "known": total - new})
    else:
        output.print_text(f"{new} new, {total - new} known")
    return ExitStatus.DONE


def _open_source(source: str) -> BinaryIO:
    is_stdin = source == "-"
    try:
        return open(sys.stdin.fileno() if is_stdin else source, "rb", closefd=not is_stdin)
    except OSError as error:
        raise CommandError(f"{source}: {error.strerror}.", ExitStatus.USAGE) from error


def _records(lines: Iterable[bytes]) -> Iterator[Record]:
    from faldeck.history.export import restored
    from faldeck.schema import json_value

    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield restored(json_value.read(line.decode("utf-8-sig")))
            except ValueError as error:
                raise CommandError(f"Line {number} is not a job: {error}.", ExitStatus.USAGE) from error
