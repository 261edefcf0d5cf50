"""`faldeck open`: open the files of a job in the programs of the desktop."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import select

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the job."""
    parser.add_argument("name", metavar="ID", help=select.ID_HELP)
    parser.add_argument(
        "--json", dest="as_json", action="store_true", help="print each file and whether it was opened as JSON lines"
    )


def run(context: CommandContext, *, name: str, as_json: bool) -> ExitStatus:
    """Opens each file, or its URL, and prints those that could not be opened. Raises HistoryError, OSError."""
    from faldeck.cli import job_output, output
    from faldeck.system import desktop

    with context.store() as store:
        job = select.require_job(store, name)
    places = [job_output.output_location(one) for one in job.outputs]
    if not places:
        raise CommandError(f"The job has no files: it is {job.state}.", ExitStatus.NOT_FOUND)
    for place in places:
        is_opened = desktop.show(place, context.config.open_command)
        if as_json:
            output.print_json_line({"place": place, "is_opened": is_opened})
        elif not is_opened:
            output.print_text(place)
    return ExitStatus.DONE
