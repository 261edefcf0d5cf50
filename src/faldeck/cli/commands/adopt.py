"""`faldeck adopt`: add a request that was made elsewhere to the history."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.safety.sanitize import clean_line

if TYPE_CHECKING:
    from faldeck.app.paste import Pasted
    from faldeck.cli.context import CommandContext
    from faldeck.schema.json_value import JsonValue

LONGEST_INPUT = 1_000_000
"""Characters that are read from stdin."""


_EPILOG = """\
examples:
  faldeck adopt fal-ai/flux/dev 6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11
  pbpaste | faldeck adopt -        # a line that `faldeck send` printed on another machine
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the model and the request."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "endpoint_id",
        metavar="ENDPOINT",
        help="the model of the request, or the request's URL, or a line of `faldeck send`; - reads it from stdin",
    )
    parser.add_argument(
        "request_id", metavar="REQUEST_ID", nargs="?", help="the service's id of the request; not needed with a URL"
    )
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the job as one JSON object")


def run(context: CommandContext, *, endpoint_id: str, request_id: str | None, as_json: bool) -> ExitStatus:
    """Records the request, and its result if it has ended. Raises CommandError, and what the engine raises."""
    from faldeck.app.paste import job_line
    from faldeck.cli import select

    active = [context.config.active]
    text = sys.stdin.read(LONGEST_INPUT) if endpoint_id == "-" else endpoint_id
    if request_id is None and (endpoint_id == "-" or job_line.is_line(text)):
        pasted = _pasted(text)
        if not pasted.request_id:
            _print_input(pasted, as_json)
            return ExitStatus.DONE
        return asyncio.run(_run(context, pasted.endpoint_id, pasted.request_id, as_json, pasted.arguments))
    found_id, model = select.parse_request(request_id or endpoint_id, active)
    if request_id is not None:
        model = select.parse_endpoint(endpoint_id, active)
    elif model is None:
        raise CommandError("Give the model and the request id: faldeck adopt ENDPOINT REQUEST_ID", ExitStatus.USAGE)
    return asyncio.run(_run(context, model, found_id, as_json, {}))


def _pasted(text: str) -> Pasted:
    from faldeck.app.paste import job_line
    from faldeck.schema.json_value import InvalidValue

    try:
        return job_line.read(text)
    except InvalidValue as error:
        raise CommandError(f"The text {clean_line(str(error))}.", ExitStatus.USAGE) from error


def _print_input(pasted: Pasted, as_json: bool) -> None:
    """Prints what a line holds that has no request: nobody has sent it yet, and this command sends nothing."""
    from faldeck.cli import output

    model = clean_line(pasted.endpoint_id)
    if as_json:
        output.print_json({"endpoint_id": model, "arguments": pasted.arguments})
        return
    output.print_json(pasted.arguments)
    output.print_message(
        f"It was not sent yet. Paste the line into the deck, or send it: faldeck run {model} --input FILE"
    )


async def _run(
    context: CommandContext, endpoint_id: str, request_id: str, as_json: bool, arguments: Mapping[str, JsonValue]
) -> ExitStatus:
    from faldeck.app import job_actions
    from faldeck.cli import follow, job_output

    async with context.running_session() as session:
        job, has_ended = await job_actions.adopt(session, endpoint_id, request_id, arguments=arguments)
        if has_ended:
            job = await follow.wait_until(follow.is_done, session, job)
        await job_output.print_stored_job(session.history, job, as_json=as_json)
    return ExitStatus.DONE
