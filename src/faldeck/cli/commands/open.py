"""`faldeck open`: open the files of jobs in the programs of the desktop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import many_jobs

if TYPE_CHECKING:
    from faldeck.cli.command import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.job import Job
    from faldeck.query import Query


def configure(parser: Parser) -> None:
    """Adds the arguments: the jobs."""
    many_jobs.add_arguments(parser)
    parser.add_argument(
        "--json", dest="as_json", action="store_true", help="print each file and whether it was opened as JSON lines"
    )


def run(context: CommandContext, *, names: list[str], search: Query | None, as_json: bool) -> ExitStatus:
    """Opens each file, or its URL, and prints those that could not be opened. Raises HistoryError, OSError."""
    from faldeck.cli import job_output, output
    from faldeck.system import desktop

    def show_files(job: Job) -> None:
        places = [job_output.output_location(one) for one in job.outputs]
        if not places:
            raise CommandError(f"The job has no files: it is {job.state}.", ExitStatus.NOT_FOUND)
        for place in places:
            is_opened = desktop.show(place, context.config.open_command)
            if as_json:
                output.print_json_line({"place": place, "is_opened": is_opened})
            elif not is_opened:
                output.print_text(place)

    chosen = many_jobs.Chosen(names, search, "open")
    with context.store() as store:
        return many_jobs.for_each_stored(store, chosen, show_files, as_json=as_json)
