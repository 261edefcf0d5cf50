"""`faldeck show`: show all about a job, or print its request as code."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import select

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext
    from faldeck.job import Job

_EPILOG = """\
examples:
  faldeck show ID --as curl | sh
  faldeck show ID --as json > input.json && faldeck run fal-ai/flux/dev --input input.json --seed 8

The code contains no key, only the name of the environment variable that holds it.
"""

FORMS = ("curl", "python", "js", "json")


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the job and the format."""
    parser.epilog = _EPILOG
    parser.add_argument("name", metavar="ID", help=select.ID_HELP)
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--as", dest="form", choices=FORMS, help="print the request as code that sends it again, or its input as JSON"
    )
    way.add_argument("--json", dest="as_json", action="store_true", help="print the job as one JSON object")


def run(context: CommandContext, *, name: str, form: str | None, as_json: bool) -> ExitStatus:
    """Prints the job. Uses no network. Raises CommandError, ConfigError, HistoryError, NotOffered, OSError."""
    from faldeck.app import export_code
    from faldeck.cli import output
    from faldeck.engine import send_modes
    from faldeck.history.export import document

    with context.store() as store:
        job = select.require_job(store, name)
        body = store.body(job.id)
    if form is None:
        if as_json:
            output.print_json(document(job, body))
        else:
            output.print_table(_facts(job))
        return ExitStatus.DONE
    if job.uploads:
        output.print_message("The input names a file on this machine that was never sent: upload it first.")
    call = export_code.Call(
        profile=context.config.get_profile(job.profile),
        endpoint_id=job.endpoint_id,
        arguments=body.arguments,
        options=send_modes.submit_options(job.options),
        mode=job.mode,
    )
    output.print_code(export_code.FORMS[form](call))
    return ExitStatus.DONE


def _facts(job: Job) -> list[list[str]]:
    from faldeck.app import wording
    from faldeck.cli import job_output
    from faldeck.cli.progress import summary

    facts = {
        "job": job.id,
        "request": job.request_id or "",
        "profile": job.profile,
        "model": job.endpoint_id,
        "state": summary(job),
        "why": job_output.failure_text(job),
        "made": f"{job.created_at.astimezone():%Y-%m-%d %H:%M:%S}",
        "input": job.title,
        "cost": wording.cost(job.cost),
        "tags": ", ".join(job.tags),
        "note": job.note,
    }
    files = [["file", job_output.output_location(one)] for one in job.outputs]
    return [[name, value] for name, value in facts.items() if value] + files
