"""`faldeck batch`: what was asked for by one `faldeck run`: listed, looked at, gone on with, cancelled."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli.command import count, seconds

if TYPE_CHECKING:
    from faldeck.app.batch import Batch
    from faldeck.cli.context import Desk

_EPILOG = """\
examples:
  faldeck run fal-ai/flux/dev --each prompts.txt      makes a batch
  faldeck batch list
  faldeck batch resume BATCH                          sends what has no result yet, and waits
  faldeck batch retry BATCH                           sends what has failed, and nothing else
  faldeck batch retry BATCH --again                   sends all of it once more, as a new batch

No request is sent again that is completed, still runs, or may have been accepted, unless --again says so.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Which batch, and what about it."""
    parser.epilog = _EPILOG
    parser.add_argument("action", choices=("list", "status", "resume", "retry", "cancel"), help="what to do")
    parser.add_argument("name", metavar="BATCH", nargs="?", help="its id, as `list` tells it")
    parser.add_argument("--parallel", type=count, metavar="N", help="so many jobs under way at once (20)")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="wait no longer than S seconds; the jobs go on")
    parser.add_argument("--again", action="store_true", help="retry all of it, also what is completed")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(
    desk: Desk,
    *,
    action: str,
    name: str | None,
    parallel: int | None,
    timeout: float | None,
    again: bool,
    as_json: bool,
) -> ExitStatus:
    """Does it; raises CommandError where there is no such batch, and as the engine does."""
    from faldeck.app.batch import BatchStore

    if action not in ("resume", "retry") and (parallel or timeout):
        raise CommandError("--parallel and --timeout are for `batch resume` and `batch retry`.", ExitStatus.USAGE)
    if again and action != "retry":
        raise CommandError("--again is for `batch retry`.", ExitStatus.USAGE)
    if action == "list":
        return _list(desk, as_json)
    if name is None:
        raise CommandError(f"Which batch? faldeck batch {action} BATCH", ExitStatus.USAGE)
    batch = BatchStore(desk.history_path).load(name)
    match action:
        case "status":
            return _status(desk, batch, as_json)
        case "resume" | "retry":
            return asyncio.run(_go_on(desk, batch, action == "retry", again, parallel, timeout, as_json))
    return asyncio.run(_cancel(desk, batch, as_json))


def _list(desk: Desk, as_json: bool) -> ExitStatus:
    from faldeck.app.batch import BatchStore
    from faldeck.cli import output

    batches, found = BatchStore(desk.history_path), []
    with desk.store() as store:
        for name in batches.ids():
            try:
                found.append((batch := batches.load(name), batch.counts(store)))
            except CommandError as damaged:
                output.print_message(damaged.message)
    for batch, counts in found if as_json else ():
        output.print_json_line(_document(batch, counts))
    if found and not as_json:
        output.print_table(
            [[batch.id, f"{batch.created_at.astimezone():%Y-%m-%d %H:%M}", _words(counts)] for batch, counts in found]
        )
    return ExitStatus.DONE


def _status(desk: Desk, batch: Batch, as_json: bool) -> ExitStatus:
    from faldeck.cli import output
    from faldeck.job import headline

    with desk.store() as store:
        rows = batch.items(store)
    for row in rows if as_json else ():
        draft = row.draft
        output.print_json_line(
            {"id": row.id, "state": row.state, "endpoint_id": draft.endpoint_id, "arguments": draft.arguments}
        )
    if not as_json:
        output.print_table([[row.id, row.state, row.draft.endpoint_id, headline(row.draft.arguments)] for row in rows])
    return ExitStatus.DONE


async def _go_on(
    desk: Desk,
    batch: Batch,
    is_retry: bool,
    again: bool,
    parallel: int | None,
    seconds: float | None,
    as_json: bool,
) -> ExitStatus:
    from faldeck.app.batch import BatchStore
    from faldeck.cli import flags, run_batch

    batches, scope = BatchStore(desk.history_path), run_batch.RETRY if is_retry else run_batch.RESUME
    async with desk.engine(overrides=flags.overridden(desk.config, batch.download)) as engine:
        engine.services.gateway(batch.profile)  # Without a key nothing can go on.
        if again:
            batches.save(batch := batch.copy())
            scope = run_batch.RESUME
        elif is_retry:
            batch = batches.reopen(batch)
        return await run_batch.run_batch(
            engine, batches, batch, scope, parallel=parallel or run_batch.PARALLEL, seconds=seconds, as_json=as_json
        )


async def _cancel(desk: Desk, batch: Batch, as_json: bool) -> ExitStatus:
    """Sends nothing more of it, and asks the service to stop what runs."""
    from faldeck.app.batch import BatchStore
    from faldeck.cli import output, run_batch
    from faldeck.fal.errors import FalError

    BatchStore(desk.history_path).cancel(batch)
    async with desk.engine() as engine:
        for row in await engine.history.read(batch.items):
            if (job := row.job) and job.state.is_followed:
                try:
                    await engine.supervisor.cancel(job)
                    await engine.supervisor.poll_once(job)
                except FalError as error:
                    output.print_message(f"{job.id}: {error.message}")
        if as_json:
            output.print_json_line(_document(batch, await engine.history.read(batch.counts)))
        else:
            output.print_text(await run_batch.summary(engine, batch))
    return ExitStatus.DONE


def _document(batch: Batch, counts: dict[str, int]) -> dict[str, object]:
    from faldeck.history.export import moment

    return {"id": batch.id, "created_at": moment(batch.created_at), "profile": batch.profile, "jobs": counts}


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in counts.items())
