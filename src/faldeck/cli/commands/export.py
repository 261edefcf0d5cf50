"""`faldeck export`: print the history as JSON lines, which `faldeck import` reads back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import many_jobs, output, select

if TYPE_CHECKING:
    from faldeck.cli.command import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.job import Job
    from faldeck.query import Query

_EPILOG = """\
examples:
  faldeck export > history.jsonl
  faldeck export --since 7d --model fal-ai/flux/dev | jq -r .arguments.prompt

Each line is a job in the form of --json, with its logs and everything that `faldeck import` needs. Files and keys are
not exported.
"""


def configure(parser: Parser) -> None:
    """Adds the arguments: which jobs."""
    parser.epilog = _EPILOG
    parser.add_argument("names", metavar="ID", nargs="*", help="only these jobs; without ids and filters all jobs")
    select.add_search_flags(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines (always on)")


def run(context: CommandContext, *, names: list[str], query: Query, as_json: bool) -> ExitStatus:
    """Prints the jobs, newest first, or in the order of the ids. Uses no network. Raises HistoryError, OSError."""
    from faldeck.history.export import exported
    from faldeck.history.record import Record

    if names and query.terms:
        raise CommandError("Give either ids or filters, not both.", ExitStatus.USAGE, hint="faldeck export --help")
    with context.store() as store:

        def export(job: Job) -> None:
            output.print_json_line(exported(Record(job, store.body(job.id), tuple(store.logs(job.id)))))

        if names:
            chosen = many_jobs.Chosen(names, None, "export")
            return many_jobs.for_each_stored(store, chosen, export, as_json=True)
        for job in select.iter_jobs(store, query):
            export(job)
    return ExitStatus.DONE
