"""`faldeck batch`: list, show, resume, retry or cancel the batches that `faldeck run` has made."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli.command import count, seconds

if TYPE_CHECKING:
    from faldeck.app.batch import Batch
    from faldeck.cli.batch_runner import BatchOptions
    from faldeck.cli.context import CommandContext

_EPILOG = """\
examples:
  faldeck run fal-ai/flux/dev --each prompts.txt      makes a batch
  faldeck batch list                                  shows all batches and their ids
  faldeck batch status BATCH                          shows each request of one batch
  faldeck batch resume BATCH                          sends the requests without a result, and waits
  faldeck batch retry BATCH                           sends the failed requests only
  faldeck batch retry BATCH --again                   sends all requests again, as a new batch
  faldeck batch cancel BATCH                          sends nothing more, and stops the running jobs

Without --again, no request is sent twice if it is completed, still running, or may have been accepted.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the action, the batch and the options."""
    parser.epilog = _EPILOG
    parser.add_argument("action", choices=("list", "status", "resume", "retry", "cancel"), help="what to do")
    parser.add_argument("name", metavar="BATCH", nargs="?", help="the id of a batch, as shown by `batch list`")
    parser.add_argument("--parallel", type=count, metavar="N", help="run at most N jobs at once (20)")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="wait no longer than S seconds; the jobs go on")
    parser.add_argument("--again", action="store_true", help="with retry: send all requests, even completed ones")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(
    context: CommandContext,
    *,
    action: str,
    name: str | None,
    parallel: int | None,
    timeout: float | None,
    again: bool,
    as_json: bool,
) -> ExitStatus:
    """Does the action. Raises CommandError if there is no such batch, and what the engine raises."""
    from faldeck.app.batch import BatchStore

    if action not in ("resume", "retry") and (parallel or timeout):
        raise CommandError("--parallel and --timeout are for `batch resume` and `batch retry`.", ExitStatus.USAGE)
    if again and action != "retry":
        raise CommandError("--again is for `batch retry`.", ExitStatus.USAGE)
    if action == "list":
        return _list(context, as_json)
    if name is None:
        raise CommandError(f"Which batch? faldeck batch {action} BATCH", ExitStatus.USAGE)
    batch = BatchStore(context.history_path).load(name)
    match action:
        case "status":
            return _print_items(context, batch, as_json)
        case "resume" | "retry":
            from faldeck.cli.batch_runner import BatchOptions

            options = BatchOptions(parallel=parallel, seconds=timeout, as_json=as_json)
            return asyncio.run(_send(context, batch, options, is_retry=action == "retry", again=again))
    return asyncio.run(_cancel(context, batch, as_json))


def _list(context: CommandContext, as_json: bool) -> ExitStatus:
    from faldeck.app.batch import BatchStore
    from faldeck.cli import output

    batches, found = BatchStore(context.history_path), []
    with context.store() as store:
        for batch_id in batches.ids():
            try:
                found.append((batch := batches.load(batch_id), batch.counts(store)))
            except CommandError as damaged:
                output.print_message(damaged.message)
    for batch, counts in found if as_json else ():
        output.print_json_line(_document(batch, counts))
    if found and not as_json:
        output.print_table(
            [[batch.id, f"{batch.created_at.astimezone():%Y-%m-%d %H:%M}", _text(counts)] for batch, counts in found]
        )
    return ExitStatus.DONE


def _print_items(context: CommandContext, batch: Batch, as_json: bool) -> ExitStatus:
    from faldeck.cli import output
    from faldeck.job import headline

    with context.store() as store:
        items = batch.items(store)
    for item in items if as_json else ():
        draft = item.draft
        output.print_json_line(
            {"id": item.id, "state": item.state, "endpoint_id": draft.endpoint_id, "arguments": draft.arguments}
        )
    if not as_json:
        output.print_table(
            [[item.id, item.state, item.draft.endpoint_id, headline(item.draft.arguments)] for item in items]
        )
    return ExitStatus.DONE


async def _send(
    context: CommandContext, batch: Batch, options: BatchOptions, *, is_retry: bool, again: bool
) -> ExitStatus:
    from faldeck.app.batch import BatchStore
    from faldeck.cli import batch_runner, flags

    batches, scope = BatchStore(context.history_path), batch_runner.RETRY if is_retry else batch_runner.RESUME
    async with context.running_session(overrides=flags.overridden(context.config, batch.download)) as session:
        session.gateways.gateway(batch.profile)  # Fails at once if there is no key.
        if again:
            batches.save(batch := batch.copy())
            scope = batch_runner.RESUME
        elif is_retry:
            batch = batches.reopen(batch)
        return await batch_runner.run_batch(session, batches, batch, scope, options)


async def _cancel(context: CommandContext, batch: Batch, as_json: bool) -> ExitStatus:
    """Sends nothing more of the batch, and asks the service to stop the jobs that run."""
    from faldeck.app.batch import BatchStore
    from faldeck.cli import batch_runner, output
    from faldeck.fal.errors import FalError

    BatchStore(context.history_path).cancel(batch)
    async with context.running_session() as session:
        for item in await session.history.read(batch.items):
            if (job := item.job) and job.state.is_followed:
                try:
                    await session.supervisor.cancel(job)
                    await session.supervisor.poll_once(job)
                except FalError as error:
                    output.print_message(f"{job.id}: {error.message}")
        if as_json:
            output.print_json_line(_document(batch, await session.history.read(batch.counts)))
        else:
            output.print_text(await batch_runner.summary(session, batch))
    return ExitStatus.DONE


def _document(batch: Batch, counts: dict[str, int]) -> dict[str, object]:
    from faldeck.history.export import moment

    return {"id": batch.id, "created_at": moment(batch.created_at), "profile": batch.profile, "jobs": counts}


def _text(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in counts.items())
