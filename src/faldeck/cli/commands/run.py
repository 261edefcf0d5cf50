"""`faldeck run`: send requests to models, wait, and print the results."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.app.output_as_input import Sources
from faldeck.cli import asking, old_flags
from faldeck.cli.command_table import count, seconds
from faldeck.cli.commands.tag import parse_tag
from faldeck.cli.flags import add_download_flag, add_send_flags, overridden, read

if TYPE_CHECKING:
    from decimal import Decimal

    from faldeck.app.origin import Origin
    from faldeck.app.session import Session
    from faldeck.cli.context import CommandContext
    from faldeck.cli.run_requests import RunRequest, RunSpec
    from faldeck.engine.timing import Timing

_EPILOG = """\
Every field of the model is a flag: --prompt, --num-images, --image-size.width. `faldeck run ENDPOINT --help` lists
them. These flags work for every model:
  -p TEXT      the prompt. In every text field, @FILE reads the text from a file and - reads it from stdin.
  --file PATH  the main input file (also --image). Every file field takes a path, a URL, or job:ID#2 for the second
               file of a job.
  --size SIZE  the size: a preset, its short form (square, portrait, landscape), or 1024x768
Flags after -- belong to the model, even if an option above has the same name. A value after := is JSON: --seed:=7.
If the schema of a model is not available, other values are sent as text, and a file needs the name of its field:
--image-url fox.png.

Several requests make a batch; `faldeck batch list` shows all batches. The same command again sends only the requests
that have no result yet; with --again it sends all.

The output on stdout is the paths of the files, or the text that the model wrote. After Ctrl-C the jobs go on.

examples:
  faldeck run fal-ai/flux/dev -p "a fox in snow" --size landscape --download "fox-{index}.{ext}"
  faldeck run fal-ai/kling-video/v3/pro/image-to-video -p "it turns its head" --file fox-1.png --async
  faldeck run fal-ai/flux/dev --each prompts.txt --max-usd 2 --json
  faldeck run --like fox.png --seed random
  faldeck run --model fal-ai/flux/dev --model fal-ai/flux/schnell -p "a fox" --repeat 3
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the command. The fields of the model are read later, from its schema."""
    parser.usage = (
        "faldeck run [ENDPOINT] [--FIELD VALUE …] [options]\n       faldeck run --model ENDPOINT [--model …] …"
    )
    parser.epilog = _EPILOG
    parser.add_argument(
        "--model",
        "-m",
        dest="endpoint_ids",
        action="append",
        default=[],
        metavar="ENDPOINT",
        help="a model, if the first word is not one; may be given again",
    )
    parser.add_argument(
        "--help", "-h", dest="wants_help", action="store_true", help="show this help, and the fields of the model"
    )
    parser.add_argument(
        "--like",
        metavar="FILE",
        help="send the request that made this file, with its seed; flags change it; --seed random takes a new seed",
    )
    parser.add_argument("--input", metavar="FILE", help="read arguments from a file with a JSON object; - for stdin")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the job as one JSON object")
    parser.add_argument("--async", dest="is_async", action="store_true", help="do not wait: print the request id")
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would be sent and its cost, but send nothing"
    )
    parser.add_argument(
        "--unlisted",
        action="store_true",
        help="send even if the model is not in the catalogue and its id looks misspelt",
    )
    asking.add_spending_flags(parser)
    parser.add_argument("--logs", action="store_true", help="print the logs of the model on stderr")
    parser.add_argument(
        "--tag",
        dest="tags",
        action="append",
        type=parse_tag,
        default=[],
        metavar="TAG",
        help="give the job this tag, one word; may be given again",
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="write this note on the job")
    parser.add_argument(
        "--no-history", action="store_true", help="keep only what is needed to get the result, and forget the job then"
    )
    add_download_flag(parser)
    parser.add_argument("--timeout", type=seconds, metavar="S", help="wait no longer than S seconds; the job goes on")
    parser.add_argument(
        "--poll-interval", type=seconds, metavar="S", help="if the status is not streamed, ask for it every S seconds"
    )
    many = parser.add_argument_group("many requests")
    many.add_argument(
        "--each",
        metavar="FILE",
        help="one request for each line of a text file, row of a CSV file or object of a JSON lines file; - for stdin",
    )
    many.add_argument(
        "--read-cells", action="store_true", help="in a CSV file, read @FILE in a cell as the text of that file"
    )
    many.add_argument("--repeat", type=count, default=1, metavar="N", help="send each request N times")
    many.add_argument(
        "--again", action="store_true", help="send all requests, even if the same command has sent them before"
    )
    many.add_argument("--parallel", type=count, metavar="N", help="run at most N jobs at once (20)")
    add_send_flags(parser)


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> dict[str, object]:
    """Parses the words into the arguments of `run`: the ENDPOINT first, then options and fields in any order.

    After an ENDPOINT, `--model` is a field, because many models have a field of that name.
    """
    end = words.index("--") if "--" in words else len(words)
    own, rest = list(words[:end]), words[end + 1 :]
    named = own[:1] if own and not own[0].startswith("-") else []
    own = own[len(named) :]
    if named:
        own, rest = _without("--model", own, rest)
    known, flags = parser.parse_known_args(own)
    known.endpoint_ids = [*named, *known.endpoint_ids]
    known.may_be_misplaced = flags
    if not known.endpoint_ids and not known.like:
        old_flags.refuse(flags)
    return {"parser": parser, "flags": [*flags, *rest], "options": vars(known)}


def _without(option: str, words: Sequence[str], rest: Sequence[str]) -> tuple[list[str], list[str]]:
    """Moves an option and its value from `words` to the front of `rest`."""
    kept, moved = [], []
    waiting = iter(words)
    for word in waiting:
        if word == option:
            moved += [word, *([value] if (value := next(waiting, None)) is not None else [])]
        elif word.startswith(f"{option}="):
            moved.append(word)
        else:
            kept.append(word)
    return kept, [*moved, *rest]


class _RunOptions(NamedTuple):
    """What to send, and how to wait for it and print it."""

    spec: RunSpec
    as_json: bool
    is_async: bool
    logs: bool
    download: str | None
    timeout: float | None
    poll_interval: float | None
    parallel: int | None
    again: bool
    max_usd: Decimal | None
    yes: bool

    @property
    def timing(self) -> Timing | None:
        from faldeck.engine.timing import Timing

        seconds = self.poll_interval
        return Timing(first_poll=seconds, slowest_poll=seconds) if seconds else None


def run(
    context: CommandContext,
    *,
    parser: argparse.ArgumentParser,
    flags: Sequence[str],
    options: Mapping[str, Any],
) -> ExitStatus:
    """Sends the requests, or prints help or what would be sent. Raises CommandError, and what the engine raises.

    `flags` are the words for the model, `options` the parsed options of the command.
    """
    sources = Sources()
    like = _origin(context, sources, options["like"])
    made_by = [like.endpoint_id] if like and like.endpoint_id else []
    if like and not made_by and not options["endpoint_ids"]:
        parser.error("another program made this file, so name the model, too: faldeck run ENDPOINT --like FILE")
    if options["wants_help"]:
        print(parser.format_help())
        return asyncio.run(_print_fields(context, parser, _endpoint_ids(context, options["endpoint_ids"] or made_by)))
    endpoint_ids = _endpoint_ids(context, options["endpoint_ids"] or made_by or [context.config.default_model or ""])
    if not all(endpoint_ids):
        parser.error("which model? Give an ENDPOINT first, such as fal-ai/flux/dev, or set default_model in the config")
    from faldeck.cli.run_requests import RunSpec
    from faldeck.history.marks import clean_note

    spec = RunSpec(
        endpoint_ids=endpoint_ids,
        flags=flags,
        input=options["input"],
        like=like,
        sources=sources,
        each=options["each"],
        reads_cells=options["read_cells"],
        repeat=options["repeat"],
        options=read(options),
        tags=tuple({tag.casefold(): tag for tag in options["tags"]}.values()),
        note=clean_note(options["note"]),
        no_history=options["no_history"],
        unlisted=options["unlisted"],
        may_be_misplaced=options["may_be_misplaced"],
    )
    if spec.no_history and spec.is_many:
        raise CommandError(
            "--no-history is for one request: a batch keeps its requests on disk to go on with them.", ExitStatus.USAGE
        )
    if options["is_async"] and "mode" in spec.options:
        raise CommandError("--async needs the queue: a direct call ends with its connection.", ExitStatus.USAGE)
    if options["is_async"] and options["download"] is not None:
        raise CommandError(
            "--async waits for no files: faldeck result ID --download fetches them later.", ExitStatus.USAGE
        )
    if options["dry_run"]:
        return asyncio.run(_preview(context, spec, options["max_usd"]))
    run_options = _RunOptions(
        spec=spec,
        as_json=options["as_json"],
        is_async=options["is_async"],
        logs=options["logs"],
        download=options["download"],
        timeout=options["timeout"],
        poll_interval=options["poll_interval"],
        parallel=options["parallel"],
        again=options["again"],
        max_usd=options["max_usd"],
        yes=options["yes"],
    )
    return asyncio.run(_run(context, run_options))


def _origin(context: CommandContext, sources: Sources, file: str | None) -> Origin | None:
    """The request that made the file of `--like`; raises UnknownOrigin."""
    if file is None:
        return None
    from faldeck.app import origin

    with context.store() as store:
        return origin.of_file(store, sources, file)


def _endpoint_ids(context: CommandContext, texts: Sequence[str]) -> list[str]:
    """The endpoint ids that aliases, ids and URLs name."""
    from faldeck.cli import select

    return select.named_models(context, texts)


async def _print_fields(
    context: CommandContext, parser: argparse.ArgumentParser, endpoint_ids: Sequence[str]
) -> ExitStatus:
    if not endpoint_ids:
        return ExitStatus.DONE
    from faldeck.app.requests import load_model
    from faldeck.cli import command_table, field_help, output

    own_flags = {flag for action in command_table.parser_actions(parser) for flag in action.option_strings} - {
        "--model"
    }
    async with context.session() as session:
        for endpoint_id in endpoint_ids:
            model = await load_model(session.catalogue, endpoint_id)
            if model.fault:
                raise CommandError(f"The fields of {endpoint_id} are not known: {model.fault}", ExitStatus.NOT_FOUND)
            output.print_text(field_help.fields(model, taken=own_flags).rstrip())
    return ExitStatus.DONE


async def _preview(context: CommandContext, spec: RunSpec, max_usd: Decimal | None) -> ExitStatus:
    from faldeck.app import wording
    from faldeck.app.requests import total_usd
    from faldeck.cli import output, run_requests
    from faldeck.cli.request_arguments import TextExpander

    async with context.session() as session:
        requests = await run_requests.requests(
            session, spec, TextExpander(context, spec.sources, reads_cells=spec.reads_cells)
        )
    for request in requests if spec.is_many else ():
        output.print_json_line(request.document())
    if not spec.is_many:
        output.print_json(requests[0].document())
    estimates = [request.estimate_usd for request in requests]
    total = total_usd(estimates)
    cost = "Their cost is not known" if total is None else f"They cost about {wording.usd(total)}"
    output.print_hint(f"{len(requests):,} requests. {cost}. Nothing was sent.")
    asking.stop_above(max_usd, estimates)
    return ExitStatus.DONE


async def _run(context: CommandContext, options: _RunOptions) -> ExitStatus:
    from faldeck.cli import run_requests
    from faldeck.cli.request_arguments import TextExpander

    spec = options.spec
    async with context.running_session(
        timing=options.timing, overrides=overridden(context.config, options.download)
    ) as session:
        session.gateways.gateway(session.profile.name)  # Fails at once if there is no key.
        requests = await run_requests.requests(
            session, spec, TextExpander(context, spec.sources, reads_cells=spec.reads_cells)
        )
        estimates = [request.estimate_usd for request in requests]
        asking.stop_above(options.max_usd, estimates)
        if spec.is_many:
            return await _send_batch(context, session, requests, options)
        await asking.confirm_cost(estimates, session.config, yes=options.yes)
        return await _send(session, requests[0], options)


async def _send(session: Session, request: RunRequest, options: _RunOptions) -> ExitStatus:
    from faldeck.cli import follow, job_output, output
    from faldeck.cli.progress import TextPrinter
    from faldeck.job import Mode

    job = await session.supervisor.submit(request.draft)
    is_detached = options.is_async and not job.mode.is_direct
    condition = follow.can_detach if is_detached else follow.is_done
    printer = TextPrinter(session.history) if job.mode is Mode.STREAM and not options.as_json else None
    job = await follow.wait_until(condition, session, job, seconds=options.timeout, logs=options.logs, printer=printer)
    if not is_detached or job.request_id is None:
        return await job_output.print_result(
            session.history, job, as_json=options.as_json, printer=printer, catalogue=session.catalogue
        )
    if options.as_json:
        await job_output.print_stored_job(session.history, job, as_json=True)
    else:
        output.print_text(job.request_id)
        output.print_hint(str(follow.resume_hint(job)))
    return ExitStatus.DONE


async def _send_batch(
    context: CommandContext, session: Session, requests: Sequence[RunRequest], options: _RunOptions
) -> ExitStatus:
    """Runs the requests as a batch. Continues the batch that the same command made before, unless `again` is set."""
    from faldeck.app.batch import Batch, BatchStore
    from faldeck.cli import batch_runner, output

    batches = BatchStore(context.history_path)
    batch = Batch.create([request.draft for request in requests], options.download)
    earlier = None if options.again else batches.find_same(batch)
    items = await session.history.read((earlier or batch).items)
    unsent = [request for request, item in zip(requests, items, strict=True) if batch_runner.RERUN.sends(item)]
    await asking.confirm_cost([request.estimate_usd for request in unsent], session.config, yes=options.yes)
    if earlier:
        batch = batches.reopen(earlier)
        is_done = not unsent and not any(map(batch_runner.is_pending, items))
        summary = await batch_runner.summary(session, batch)
        output.print_message(
            f"It is done, so nothing is sent; --again sends all of it. {summary}"
            if is_done
            else f"Going on with {summary}"
        )
    else:
        batches.save(batch)
    batch_options = batch_runner.BatchOptions(
        parallel=options.parallel, seconds=options.timeout, as_json=options.as_json, only_sent=options.is_async
    )
    status = await batch_runner.run_batch(session, batches, batch, batch_runner.RERUN, batch_options)
    if not session.profile.history and all(item.is_deleted for item in await session.history.read(batch.items)):
        batches.remove(batch)
    return status
