"""`faldeck diff`: print how the arguments of jobs differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus

if TYPE_CHECKING:
    from faldeck.app.job_documents import Comparison, Given
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.job import Job

_EPILOG = """\
example:
  faldeck diff $(faldeck jobs --search "star:yes model:flux" --json | jq -r .id)

The deck shows the same beside the pictures: mark jobs with Space, then press =.
"""


def configure(parser: Parser) -> None:
    """Adds the arguments: the jobs."""
    from faldeck.cli import select

    parser.epilog = _EPILOG
    parser.add_argument("names", metavar="ID", nargs="+", help=f"{select.ID_HELP}; two or more")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the differences as one JSON object")


def run(context: CommandContext, *, names: list[str], as_json: bool) -> ExitStatus:
    """Prints the differences. Uses no network. Raises CommandError, HistoryError."""
    from faldeck.app import job_documents
    from faldeck.cli import output, select

    with context.store() as store:
        jobs = list({job.id: job for job in (select.require_job(store, name) for name in names)}.values())
        if len(jobs) < 2:
            raise CommandError("Give the ids of two jobs or more.", ExitStatus.USAGE, hint="faldeck diff --help")
        compared = job_documents.compare(jobs, [store.body(job.id) for job in jobs])
    for job in jobs:
        if not job.input_known:
            output.print_message(f"{job.id} was made elsewhere and its input is not known.")
    if as_json:
        output.print_json(_document(compared))
    else:
        _print_lines(compared)
    return ExitStatus.DONE


def _document(compared: Comparison) -> dict[str, object]:
    from faldeck.schema import json_value

    return {
        "jobs": [
            {
                "id": job.id,
                "endpoint_id": job.endpoint_id,
                "state": job.state.value,
                "seconds": _seconds(job),
                "cost_usd": job.cost.total_usd if job.cost else None,
                "input_known": job.input_known,
            }
            for job in compared.jobs
        ],
        "differences": [
            {
                "path": json_value.spell(difference.path),
                "values": [{"is_set": given.is_set, "value": given.value} for given in difference.given],
            }
            for difference in compared.differences
        ],
        "same": compared.same,
    }


def _seconds(job: Job) -> float | None:
    return job.seconds(job.completed_at) if job.completed_at else None


def _print_lines(compared: Comparison) -> None:
    from faldeck.app import wording
    from faldeck.cli import output
    from faldeck.schema import json_value

    output.print_table(
        [[job.id, job.endpoint_id, wording.state(job), _time(job), wording.cost(job.cost)] for job in compared.jobs]
    )
    for difference in compared.differences:
        output.print_text(f"\n{json_value.spell(difference.path)}")
        for job, given in zip(compared.jobs, difference.given, strict=True):
            output.print_text(f"  {job.id}  {_value(job, given)}")
    if not compared.differences:
        output.print_text("\nThe arguments do not differ.")
    elif compared.same:
        output.print_text(f"\n{compared.same} other argument{'s are' if compared.same != 1 else ' is'} the same.")


def _time(job: Job) -> str:
    from faldeck.app import wording

    return wording.duration(job.seconds(job.completed_at)) if job.completed_at else ""


def _value(job: Job, given: Given) -> str:
    from faldeck.app import job_documents
    from faldeck.safety import sanitize

    if not given.is_set:
        return "(not set)" if job.input_known else "(not known)"
    return sanitize.clean_line(job_documents.text(given.value))
