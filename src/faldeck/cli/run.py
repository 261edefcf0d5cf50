"""`faldeck run`: fill in a model's fields, submit, wait, and print what came of it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.cli.exits import Exit, Stop
from faldeck.fal.lifecycle import lifecycle

if TYPE_CHECKING:
    from faldeck.catalogue import Catalogue
    from faldeck.cli.desk import Desk, Engine
    from faldeck.config import Config
    from faldeck.pace import Pace
    from faldeck.supervisor import Draft

_EPILOG = """\
A field of the model is a flag: --prompt, --num-images, --image-size.width; see `faldeck run ENDPOINT --help`.
  -p TEXT      the prompt
  --file PATH  the model's main file; a path on this machine is uploaded, here and in every file field
  --size SIZE  the size: a preset or its short form (square, portrait, landscape), or 1024x768
After -- every flag is the model's own, even one that is called like an option above.
Where a model's schema cannot be had, a value is JSON where it is JSON (2024, true, [1]) and text where it is not.

Data goes to stdout: the paths of the files, or the text that the model wrote. Ctrl-C leaves the job running.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command; the fields of the model come with the schema."""
    parser.usage = "faldeck run ENDPOINT [--FIELD VALUE …] [options]"
    parser.epilog = _EPILOG
    parser.add_argument("endpoint_id", metavar="ENDPOINT", nargs="?", help="the model, such as fal-ai/flux/dev")
    parser.add_argument(
        "--help", "-h", dest="wants_help", action="store_true", help="show this, and the model's fields"
    )
    parser.add_argument("--input", metavar="FILE", help="a JSON object to begin with; - is stdin")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the job as one JSON object")
    parser.add_argument("--async", dest="is_async", action="store_true", help="do not wait: print the job's id")
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent, and send nothing")
    parser.add_argument("--logs", action="store_true", help="print what the model prints, on stderr")
    parser.add_argument(
        "--download",
        metavar="TEMPLATE",
        nargs="?",
        const="",
        help="save the files, here by names such as {index}.{ext}",
    )
    parser.add_argument("--timeout", type=float, metavar="S", help="wait no longer than S seconds; the job goes on")
    parser.add_argument(
        "--poll-interval", type=float, metavar="S", help="ask every S seconds where nothing is streamed"
    )
    parser.add_argument(
        "--lifecycle",
        type=lifecycle,
        metavar="S",
        help="let the service keep the files so long: seconds, 1h, 7d …",
    )
    parser.add_argument("--priority", choices=("normal", "low"), help="the place in the queue")
    parser.add_argument(
        "--start-timeout", type=float, metavar="S", help="give up where it has not started in S seconds"
    )
    parser.add_argument("--webhook", metavar="URL", help="let the service call this URL at the end")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """The words of the command line."""

    usage: argparse.ArgumentParser
    flags: Sequence[str]
    endpoint_id: str
    wants_help: bool
    input: str | None
    as_json: bool
    is_async: bool
    dry_run: bool
    logs: bool
    download: str | None
    timeout: float | None
    poll_interval: float | None
    lifecycle: int | None
    priority: str | None
    start_timeout: float | None
    webhook: str | None

    @property
    def options(self) -> dict[str, object]:
        """How the request is run, as the service knows it."""
        given = {
            "lifecycle": self.lifecycle,
            "priority": self.priority,
            "start_timeout": self.start_timeout,
            "webhook": self.webhook,
        }
        return {name: value for name, value in given.items() if value is not None}


def run(desk: Desk, *, usage: argparse.ArgumentParser, endpoint_id: str | None, **words: object) -> Exit:
    """Sends the request, unless only help or a dry run is wanted; raises as the engine does."""
    if endpoint_id is None:
        if not words["wants_help"]:
            usage.error("which model? Name an ENDPOINT, such as fal-ai/flux/dev")
        print(usage.format_help())
        return Exit.DONE
    wish = _Wish(usage=usage, endpoint_id=endpoint_id, **words)  # type: ignore[arg-type]
    return asyncio.run(_run(desk, wish))


async def _run(desk: Desk, wish: _Wish) -> Exit:
    if wish.wants_help:
        return await _help(desk, wish)
    if wish.dry_run:
        return await _preview(desk, wish)
    async with desk.engine(pace=_pace(wish), overrides=saving(desk.config, wish.download)) as engine:
        engine.services.gateway(engine.profile)  # Without a key nothing else need be asked.
        return await _send(engine, await _draft(engine.catalogue, engine.profile, wish), wish)


async def _help(desk: Desk, wish: _Wish) -> Exit:
    from faldeck.cli import fieldhelp, filling, output

    async with desk.reach() as reach:
        model = await filling.known(reach.catalogue, wish.endpoint_id)
    print(wish.usage.format_help())
    if model.fault:
        raise Stop(f"The fields of {wish.endpoint_id} are not known: {model.fault}", Exit.NOT_FOUND)
    output.text(fieldhelp.fields(model).rstrip())
    return Exit.DONE


async def _preview(desk: Desk, wish: _Wish) -> Exit:
    from faldeck.cli import filling, output

    async with desk.reach() as reach:
        draft = await _draft(reach.catalogue, reach.profile, wish)
    output.document(filling.preview(draft))
    return Exit.DONE


async def _draft(catalogue: Catalogue, profile: str, wish: _Wish) -> Draft:
    """The request that the words mean; raises Stop or Unsendable for what cannot be sent."""
    from faldeck.cli import filling, output
    from faldeck.fal.endpoint import app_id
    from faldeck.fal.values import SubmitOptions
    from faldeck.supervisor import Draft

    app_id(wish.endpoint_id)
    SubmitOptions(**wish.options)  # type: ignore[arg-type]
    given = filling.read_input(wish.input)
    model = await filling.known(catalogue, wish.endpoint_id)
    if model.fault:
        output.note(f"The fields of {wish.endpoint_id} are not known, so nothing is checked: {model.fault}")
    arguments = filling.filled(model, wish.flags, given)
    return Draft(
        profile=profile,
        endpoint_id=wish.endpoint_id,
        arguments=arguments,
        options=wish.options,
        uploads=filling.uploads(model, arguments),
    )


async def _send(engine: Engine, draft: Draft, wish: _Wish) -> Exit:
    from faldeck.cli import outcome, output, waiting

    job = await engine.supervisor.submit(draft)
    wanted = waiting.is_sent if wish.is_async else waiting.is_over
    job = await waiting.until(wanted, engine, job, seconds=wish.timeout, logs=wish.logs)
    if not wish.is_async or job.request_id is None:
        return await outcome.report(engine.history, job, as_json=wish.as_json)
    if wish.as_json:
        await outcome.show(engine.history, job, as_json=True)
    else:
        output.text(job.request_id)
        output.aside(waiting.way_back(job))
    return Exit.DONE


def _pace(wish: _Wish) -> Pace | None:
    from faldeck.pace import Pace

    seconds = wish.poll_interval
    return Pace(first_poll=seconds, slowest_poll=seconds) if seconds else None


def saving(config: Config, template: str | None) -> Config:
    """The config where files go as `--download TEMPLATE` says; raises ConfigError.

    A template is relative to the working folder; one without a name in braces is a folder.
    """
    from faldeck.config import check_output_name

    if template is None:
        return config
    config = replace(config, download="auto")
    if not template:
        return config
    check_output_name(template)
    parts = template.split("/")
    fixed = next((count for count, part in enumerate(parts) if "{" in part), len(parts))
    folder = Path("/".join(parts[:fixed]) or ("/" if template.startswith("/") else ".")).expanduser().resolve()
    return replace(config, output_dir=folder, output_name="/".join(parts[fixed:]) or config.output_name)
