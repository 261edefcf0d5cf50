"""`faldeck stats`: how many jobs there were, how they ended, what they cost, how long they took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app import wording
from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output, select

if TYPE_CHECKING:
    from faldeck.app.stats import Report, Sums
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.query import Query

GROUPINGS = ("day", "month", "model", "profile", "tag")
"""The values of `Grouping`, which the help must not import: it would bring the database along."""

_EPILOG = f"""\
examples:
  faldeck stats --by day --since 30d
  faldeck stats --by model --since 2026-03 --until 2026-03 model:flux
  faldeck stats --by month --csv > spending.csv

A job counts for the day on which it was made. The success rate leaves out what was cancelled. The median and the 95th
percentile are of the completed jobs, from the submit to the end, and at most 1.6 % off. Money is exact.

{select.FILTER_EPILOG}"""


def configure(parser: Parser) -> None:
    """Adds the arguments: which jobs, put together by what, and in which form."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "--by",
        choices=GROUPINGS,
        default="month",
        metavar="WHAT",
        help=f"group the jobs by: {', '.join(GROUPINGS)} (month)",
    )
    select.add_filter_words(parser)
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", dest="as_json", action="store_true", help="print one JSON object")
    forms.add_argument("--csv", dest="as_csv", action="store_true", help="print comma-separated values with a header")


def run(context: CommandContext, *, by: str, query: Query, as_json: bool, as_csv: bool) -> ExitStatus:
    """Prints the sums. Uses no network and creates no history. Raises HistoryError, OSError."""
    from faldeck.app.stats import Days, Grouping, Report, Sums, document, report
    from faldeck.job import now

    grouping, at = Grouping(by), now()
    try:
        context.history_path.stat()  # `exists` would also be false if the folder cannot be read.
    except FileNotFoundError:
        found = Report(grouping, Days(), (), Sums(key=""))
    else:
        with context.store() as store:
            found = report(store, grouping, query, at)
    if as_json:
        output.print_json(document(found))
    elif as_csv:
        _print_csv(found)
    elif found.groups:
        output.print_table(_table(found))
    else:
        output.print_message(_why_none(found))
    return ExitStatus.DONE


def _why_none(found: Report) -> str:
    if found.total.jobs:
        return f"{found.total.jobs:,} jobs match, and none has a tag. `faldeck tag TAG ID` gives it one."
    return "There are no such jobs. `faldeck jobs` lists those that there are, `faldeck run` makes one."


def _print_csv(found: Report) -> None:
    """Prints a line a group; amounts have all their digits, what is unknown is empty."""
    from faldeck.app import job_export
    from faldeck.app.stats import COLUMNS, values

    output.print_line(job_export.row([found.by.value, *COLUMNS]))
    for sums in found.groups:
        output.print_line(job_export.row([sums.key, *values(sums).values()]))


def _table(found: Report) -> list[list[str]]:
    """The sums in columns, numbers flush right, and the sums of all in the last line."""
    rows = [
        [found.by.value, "jobs", "ok", "spent", "median", "p95", "size"],
        *(_row(sums) for sums in found.groups),
        *([_row(found.total, "all")] if len(found.groups) > 1 else []),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [[row[0], *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))] for row in rows]


def _row(sums: Sums, name: str = "") -> list[str]:
    return [name or sums.key, *wording.sums(sums)]
