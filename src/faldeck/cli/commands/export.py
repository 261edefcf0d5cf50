"""`faldeck export`: print the history as JSON lines, which `faldeck import` reads back, or as a table of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import many_jobs, output, select

if TYPE_CHECKING:
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.query import Query

_EPILOG = """\
examples:
  faldeck export > history.jsonl
  faldeck export --since 7d --model fal-ai/flux/dev | jq -r .arguments.prompt

  faldeck export --format csv --since 2026-01 > jobs.csv

Each line is a job in the form of --json, with its logs and everything that `faldeck import` needs. Files and keys are
not exported. With --format csv each line has the facts of a job, and no input and result; it cannot be imported.
"""


def configure(parser: Parser) -> None:
    """Adds the arguments: which jobs."""
    parser.epilog = _EPILOG
    parser.add_argument("names", metavar="ID", nargs="*", help="only these jobs; without ids and filters all jobs")
    select.add_search_flags(parser)
    parser.add_argument(
        "--format",
        choices=["jsonl", "csv"],
        default="jsonl",
        help="jsonl (the default), or csv for spreadsheets",
    )
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines, as without it")


def run(context: CommandContext, *, names: list[str], query: Query, format: str, as_json: bool) -> ExitStatus:
    """Prints the jobs, newest first, or in the order of the ids. Uses no network. Raises HistoryError, OSError."""
    from faldeck.app import job_export
    from faldeck.app.job_export import ExportFormat

    if names and query.terms:
        raise CommandError("Give either ids or filters, not both.", ExitStatus.USAGE, hint="faldeck export --help")
    if as_json and format == ExportFormat.CSV:
        raise CommandError("Give either --json or --format csv.", ExitStatus.USAGE, hint="faldeck export --help")
    with context.store() as store:
        if names:
            line_of = job_export.line_of(store, ExportFormat(format))
            for line in job_export.lines(store, ExportFormat(format), ()):
                output.print_line(line)
            chosen = many_jobs.Chosen(names, None, "export")
            return many_jobs.for_each_stored(store, chosen, lambda job: output.print_line(line_of(job)), as_json=True)
        for line in job_export.lines(store, ExportFormat(format), select.iter_jobs(store, query)):
            output.print_line(line)
    return ExitStatus.DONE
