"""`faldeck batch`: list, show, resume, retry or cancel the batches that `faldeck run` has made."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import asking
from faldeck.cli.command_table import count, seconds

if TYPE_CHECKING:
    from decimal import Decimal

    from faldeck.app.batch import Batch
    from faldeck.cli.batch_runner import BatchOptions, BatchScope
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
    asking.add_spending_flags(parser)
    parser.add_argument("--again", action="store_true", help="with retry: send all requests, even completed ones")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(
    context: CommandContext,
    *,
    action: str,
    name: str | None,
    parallel: int | None,
    timeout: float | None,
    max_usd: Decimal | None,
    yes: bool,
    again: bool,
    as_json: bool,
) -> ExitStatus:
    """Does the action. Raises CommandError if there is no such batch, and what the engine raises."""
    from faldeck.app.batch import BatchStore

    if action not in ("resume", "retry") and (parallel or timeout or yes or max_usd is not None):
        raise CommandError(
            "--parallel, --timeout, --max-usd and --yes are for `batch resume` and `batch retry`.", ExitStatus.USAGE
        )
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
            from faldeck.cli import batch_runner

            options = batch_runner.BatchOptions(parallel=parallel, seconds=timeout, as_json=as_json)
            scope = batch_runner.RETRY if action == "retry" and not again else batch_runner.RESUME
            return asyncio.run(_send(context, batch, scope, options, again=again, max_usd=max_usd, yes=yes))
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
    context: CommandContext,
    batch: Batch,
    scope: BatchScope,
    options: BatchOptions,
    *,
    again: bool,
    max_usd: Decimal | None,
    yes: bool,
) -> ExitStatus:
    """Sends the requests in scope, with `again` all of them, as a new batch. Asks first if that is dear."""
    from faldeck.app.batch import BatchStore
    from faldeck.app.requests import estimates_usd
    from faldeck.cli import batch_runner, flags

    batches = BatchStore(context.history_path)
    async with context.running_session(overrides=flags.overridden(context.config, batch.download)) as session:
        session.gateways.gateway(batch.profile)  # Fails at once if there is no key.
        if again:
            batch = batch.copy()
        items = await session.history.read_settled(batch.items)
        unsent = [(item.draft.endpoint_id, item.draft.arguments) for item in items if scope.sends(item)]
        estimates = await estimates_usd(session.catalogue_of(batch.profile), unsent)
        asking.stop_above(max_usd, estimates)
        await asking.confirm_cost(estimates, session.config, yes=yes)
        if again:
            batches.save(batch)
        elif scope is batch_runner.RETRY:
            batch = batches.reopen(batch)
        return await batch_runner.run_batch(session, batches, batch, scope, options)


async def _cancel(context: CommandContext, batch: Batch, as_json: bool) -> ExitStatus:
    """Sends nothing more of the batch, and asks the service to stop the jobs that run."""
    from faldeck.app import job_actions
    from faldeck.app.batch import BatchStore
    from faldeck.cli import batch_runner, output
    from faldeck.fal.errors import FalError

    BatchStore(context.history_path).cancel(batch)
    async with context.running_session() as session:
        for item in await session.history.read(batch.items):
            if (job := item.job) and job.state.is_followed:
                try:
                    await job_actions.cancel(session, job)
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
