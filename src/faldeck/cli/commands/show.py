"""`faldeck show`: show everything about jobs, or print their requests as code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import many_jobs

if TYPE_CHECKING:
    from faldeck.app.lineage import Lineage
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.job import Body, Job
    from faldeck.query import Query

_EPILOG = """\
examples:
  faldeck show ID --as curl | sh
  faldeck show ID --as json > input.json && faldeck run fal-ai/flux/dev --input input.json --seed 8

The code contains no key, only the name of the environment variable that holds it.
"""

FORMS = ("curl", "python", "js", "json")


def configure(parser: Parser) -> None:
    """Adds the arguments: the jobs and the format."""
    parser.epilog = _EPILOG
    many_jobs.add_arguments(parser)
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--as", dest="form", choices=FORMS, help="print the request as code that sends it again, or its input as JSON"
    )
    way.add_argument("--json", dest="as_json", action="store_true", help=many_jobs.JSON_HELP)


def run(
    context: CommandContext, *, names: list[str], search: Query | None, form: str | None, as_json: bool
) -> ExitStatus:
    """Prints the jobs. Uses no network. Raises CommandError, ConfigError, HistoryError, NotSupported, OSError."""
    from faldeck.app import lineage
    from faldeck.cli import job_output, output

    chosen = many_jobs.Chosen(names, search, "show")
    printed: list[Job] = []
    with context.store() as store:

        def show(job: Job) -> None:
            if printed and not as_json:
                output.print_text("")
            printed.append(job)
            if form:
                _print_code(context, job, store.body(job.id), form)
            elif as_json:
                job_output.print_with_kin(store, job, as_json=True, on_line=chosen.are_several)
            else:
                output.print_table(_facts(job, lineage.of_job(store, job)))

        return many_jobs.for_each_stored(store, chosen, show, as_json=as_json)


def _print_code(context: CommandContext, job: Job, body: Body, form: str) -> None:
    from faldeck.app import export_code
    from faldeck.cli import output
    from faldeck.engine import send_modes

    if job.uploads:
        output.print_message("The input names a file on this machine that was never sent: upload it first.")
    call = export_code.Call(
        profile=context.config.get_profile(job.profile),
        endpoint_id=job.endpoint_id,
        arguments=body.arguments,
        options=send_modes.submit_options(job.options),
        mode=job.mode,
    )
    output.print_line(export_code.FORMS[form](call))


def _facts(job: Job, kin: Lineage) -> list[list[str]]:
    from faldeck.app import lineage, sharing, wording
    from faldeck.cli import job_output
    from faldeck.cli.progress import summary
    from faldeck.job import now

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
    files = []
    for one in job.outputs:
        life = wording.link_life(job, one, now())
        files.append(["file", f"{sharing.place_of(one)}{f' (link {life})' if life else ''}"])
        if problem := wording.other_content(one):
            files.append(["", problem])
    return [[name, value] for name, value in facts.items() if value] + lineage.lines(kin) + files
