"""`faldeck result`: print the results of jobs, and fetch their files."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import flags, many_jobs

if TYPE_CHECKING:
    from faldeck.app.session import Session
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.job import Job
    from faldeck.query import Query
    from faldeck.schema.json_value import JsonPath

_EPILOG = """\
examples:
  faldeck result ID --select images[0].url
  curl -O "$(faldeck result ID --select video.url)"

--select prints strings as they are and all else as JSON, each on a line of its own. If a path does not exist, the exit
status is 4 and the message names the nearest one.
"""

_TEMPLATE_FIRST = "The word after --download is its TEMPLATE"


def configure(parser: Parser) -> None:
    """Adds the arguments: the jobs, what to print of their results, and where to save their files."""
    parser.epilog = _EPILOG
    many_jobs.add_arguments(parser, with_model=True)
    flags.add_download_flag(parser)
    parser.add_argument(
        "--select",
        action="append",
        type=_parse_path,
        metavar="PATH",
        help="print only this value of the result, such as images[0].url; can be repeated",
    )
    parser.add_argument("--json", dest="as_json", action="store_true", help=many_jobs.JSON_HELP)


def run(
    context: CommandContext,
    *,
    names: list[str],
    search: Query | None,
    model: str | None,
    download: str | None,
    select: list[JsonPath] | None,
    as_json: bool,
) -> ExitStatus:
    """Prints the results of jobs that have ended. Raises CommandError, and what the engine raises."""
    if not names and search is None and download:
        raise CommandError(f"Which jobs? {_TEMPLATE_FIRST}.", ExitStatus.USAGE, hint="faldeck result --help")
    return asyncio.run(_run(context, many_jobs.Chosen(names, search, "result"), model, download, select, as_json))


async def _run(
    context: CommandContext,
    chosen: many_jobs.Chosen,
    model: str | None,
    download: str | None,
    paths: list[JsonPath] | None,
    as_json: bool,
) -> ExitStatus:
    from faldeck.cli import job_output

    async with context.running_session(overrides=flags.overridden(context.config, download)) as session:

        async def print_result(job: Job) -> ExitStatus:
            job = await _ended(session, job, download)
            if paths:
                return await _print_values(session, job, paths, as_json=as_json)
            return await job_output.print_result(
                session.history, job, as_json=as_json, on_line=chosen.are_several, catalogue=session.catalogue
            )

        return await many_jobs.for_each(session, chosen, print_result, model=model, as_json=as_json)


async def _print_values(session: Session, job: Job, paths: list[JsonPath], *, as_json: bool) -> ExitStatus:
    """Prints what the result has at each path; raises CommandError, before it prints, if one does not exist.

    For a failed job the document is the body of its error.
    """
    from faldeck.app import job_documents
    from faldeck.cli import job_output, output
    from faldeck.schema import json_value

    body = await session.history.read(lambda store: store.body(job.id))
    if body.result is None:
        return await job_output.print_result(session.history, job, as_json=as_json, on_line=True)
    try:
        values = {json_value.spell(path): job_documents.select(body.result, path) for path in paths}
    except job_documents.NoSuchValue as error:
        raise CommandError(str(error), ExitStatus.NOT_FOUND, hint=f"faldeck result {job.id} --json") from error
    if as_json:
        output.print_json_line({"id": job.id, "values": values})
    else:
        for value in values.values():
            output.print_text(job_documents.text(value))
    if reason := job_output.failure_text(job):
        output.print_message(reason)
    return job_output.exit_status(job)


def _parse_path(text: str) -> JsonPath:
    from faldeck.schema import json_value

    try:
        return json_value.parse(text)
    except json_value.InvalidValue as error:
        raise argparse.ArgumentTypeError(str(error)) from error


async def _ended(session: Session, job: Job, download: str | None) -> Job:
    """The job with its files fetched; raises CommandError if it has not ended."""
    from faldeck.app import job_actions
    from faldeck.cli import follow
    from faldeck.engine.output_files import CannotSave

    job = await session.supervisor.poll_once(job)
    if job.state.is_followed:
        async with follow.attach_job(session, job.id):
            raise follow.resume_hint(job).error(f"The job is not done: it is {job.state}.", ExitStatus.NO_ANSWER)
    if download is not None:
        await job_actions.download(session, job)
    elif job.is_open:
        await session.supervisor.claim(job)
    job = await follow.wait_until(follow.is_done, session, job)
    if download:
        try:
            job = await asyncio.to_thread(flags.copied, session.config, job)
        except CannotSave as error:
            raise CommandError(str(error), ExitStatus.FAILED) from error
    if download is not None:
        await _write_sidecars(session, job)
    return job


async def _write_sidecars(session: Session, job: Job) -> None:
    """Writes the sidecar of each saved file, also of one that was saved before or is a copy."""
    from faldeck.cli import output
    from faldeck.engine.origin_writer import OriginWriter
    from faldeck.job import FileState

    writer = OriginWriter.of(session.config)
    body = await session.history.read(lambda store: store.body(job.id))
    for one in job.outputs:
        if one.state is FileState.SAVED and (problem := await asyncio.to_thread(writer.write_beside, job, body, one)):
            output.print_message(problem)
