"""`faldeck export`: print the history as JSON lines, which `faldeck import` reads back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output, select

if TYPE_CHECKING:
    from faldeck.cli.command import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.query import Query

_EPILOG = """\
examples:
  faldeck export > history.jsonl
  faldeck export --since 7d --model fal-ai/flux/dev | jq -r .arguments.prompt

Each line is a job in the form of --json, with its logs and all else that `faldeck import` needs. The files of the
jobs and the keys are not exported.
"""


def configure(parser: Parser) -> None:
    """Adds the arguments: which jobs."""
    parser.epilog = _EPILOG
    select.add_search_flags(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines (always on)")


def run(context: CommandContext, *, query: Query, as_json: bool) -> ExitStatus:
    """Prints the jobs, newest first. Uses no network. Raises HistoryError, OSError."""
    from faldeck.history.export import exported
    from faldeck.history.store import Record

    with context.store() as store:
        for job in select.iter_jobs(store, query):
            output.print_json_line(exported(Record(job, store.body(job.id), tuple(store.logs(job.id)))))
    return ExitStatus.DONE
