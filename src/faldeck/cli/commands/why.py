"""`faldeck why`: explain why jobs failed or wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import many_jobs

if TYPE_CHECKING:
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.job import Job
    from faldeck.query import Query

_EPILOG = """\
It says what the service answered, whether the job was billed as far as that is known, what to change at which field,
and which command or key goes on. It asks nobody: what is stored is explained.

examples:
  faldeck why ID
  faldeck why --search "state:failed since:today"
"""


def configure(parser: Parser) -> None:
    """Adds the arguments: the jobs and the format."""
    parser.epilog = _EPILOG
    many_jobs.add_arguments(parser)
    parser.add_argument(
        "--json", dest="as_json", action="store_true", help="print one JSON object; several jobs as JSON lines"
    )


def run(context: CommandContext, *, names: list[str], search: Query | None, as_json: bool) -> ExitStatus:
    """Prints a paragraph for each job. Uses no network. Raises CommandError, ConfigError, HistoryError, OSError."""
    from faldeck.app.why import explanation
    from faldeck.cli import output

    chosen = many_jobs.Chosen(names, search, "why")

    def explain(job: Job) -> None:
        why = explanation(job, context.config)
        if as_json:
            (output.print_json_line if chosen.are_several else output.print_json)(why.document())
        else:
            output.print_text(f"{job.id}: {why.paragraph}" if chosen.are_several else why.paragraph)

    with context.store() as store:
        return many_jobs.for_each_stored(store, chosen, explain, as_json=as_json)
