"""`faldeck send`: print a job as one line that opens it on another machine."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import output, select

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext

_EPILOG = """\
The line has the model, the input and the request id, and no key. Paste it into a deck, or into `faldeck adopt -`: a
request is adopted with its result, which needs a key of the same account; a job that was never sent opens as a form.
Line breaks that a chat program adds do no harm.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the job."""
    parser.epilog = _EPILOG
    parser.add_argument("name", metavar="ID", help=select.ID_HELP)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the line in a JSON object")


def run(context: CommandContext, *, name: str, as_json: bool) -> ExitStatus:
    """Prints the line. Uses no network. Raises CommandError, HistoryError, OSError."""
    from faldeck.app.paste import job_line

    with context.store() as store:
        job = select.require_job(store, name)
        body = store.body(job.id)
    try:
        line = job_line.write(job, body)
    except job_line.TooLong as error:
        hint = f"faldeck export {job.id}"
        raise CommandError(f"{error}. `{hint}` writes it to a file.", ExitStatus.FAILED, hint=hint) from error
    if as_json:
        output.print_json({"line": line})
    else:
        output.print_text(line)
    return ExitStatus.DONE
