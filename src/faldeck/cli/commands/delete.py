"""`faldeck delete`: delete jobs from the history, and their files if asked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import many_jobs, output

if TYPE_CHECKING:
    from pathlib import Path

    from faldeck.app.deletion import DeletionPlan
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.engine.purge import Purged
    from faldeck.query import Query

_EPILOG = """\
examples:
  faldeck delete ID ID
  faldeck delete --search "fox snow" --files
  faldeck delete --search "state:failed" --yes

It cannot be undone; the deck's delete can, until the deck ends. A job that is still under way goes on at the service,
and is paid: cancel it first. With --files, only files below the output folder are deleted that faldeck has written,
that are unchanged, and that no other job names.
"""


def configure(parser: Parser) -> None:
    """Adds the arguments: the jobs, and whether their files go too."""
    parser.epilog = _EPILOG
    many_jobs.add_arguments(parser)
    parser.add_argument("--files", action="store_true", help="delete the saved files of the jobs, too")
    parser.add_argument("--yes", action="store_true", help="do not ask; jobs that are under way are deleted, too")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the counts as one JSON object")


def run(
    context: CommandContext, *, names: list[str], search: Query | None, files: bool, yes: bool, as_json: bool
) -> ExitStatus:
    """Deletes the jobs. Uses no network. Raises CommandError, HistoryError, OSError."""
    from faldeck.app import deletion

    chosen = many_jobs.Chosen(names, search, "delete")
    folder = context.config.output_dir
    with context.store() as store:
        jobs, status = chosen.stored(store, as_json=as_json)
    plan = deletion.plan(jobs, folder if files else None)
    purged = asyncio.run(delete(context, plan, files=files, yes=yes))
    if as_json:
        output.print_json(document(purged))
    else:
        output.print_text(report(purged, files=files))
    return max(status, ExitStatus.FAILED) if purged.kept else status


async def delete(context: CommandContext, plan: DeletionPlan, *, files: bool, yes: bool, live: bool = True) -> Purged:
    """Asks, unless `yes`, and deletes; jobs that are under way by now stay unless `live`.

    Raises CommandError if the answer is no, or without a terminal.
    """
    from faldeck.app import deletion
    from faldeck.cli.asking import confirm
    from faldeck.cli.progress import StatusLine
    from faldeck.history import History

    folder = context.config.output_dir
    if not yes:
        await confirm(question(plan, folder, files=files), refusal="Nothing was deleted.")
    history = History(context.history_path)
    try:
        async with StatusLine() as line:
            return await deletion.delete_for_good(
                history,
                plan.job_ids,
                folder,
                files=files,
                live=live,
                on_progress=lambda jobs: line.show(f"{jobs:,} of {len(plan.job_ids):,} jobs deleted"),
            )
    finally:
        history.close()


def question(plan: DeletionPlan, folder: Path, *, files: bool) -> str:
    """What would be deleted, as a question."""
    from faldeck.app import wording

    what = many_jobs.counted(len(plan.job_ids))
    if files:
        what += f" and {wording.file_count(plan.files, plan.size_bytes)} in {folder}"
    return f"Delete {what}? It cannot be undone.{_warning(plan)}"


def _warning(plan: DeletionPlan) -> str:
    """What a person should know who deletes jobs that are still under way; empty if there are none."""
    if not plan.live:
        return ""
    count = len(plan.live)
    which = "It is" if len(plan.job_ids) == 1 else f"{count:,} of them {'is' if count == 1 else 'are'}"
    return f" {which} still under way and will go on at the service; `faldeck cancel` stops it."


def report(purged: Purged, *, files: bool) -> str:
    """What was deleted, as sentences, with the files that were not and why."""
    from faldeck.app import wording

    lines = [f"{many_jobs.counted(purged.jobs)} deleted"]
    if files:
        lines[0] += f", {wording.file_count(purged.files, purged.size_bytes)}"
    return "\n".join([*lines, *(f"not deleted: {path}: {reason}" for path, reason in purged.kept)])


def document(purged: Purged) -> dict[str, object]:
    """What was deleted, for `--json`."""
    return {
        "jobs": purged.jobs,
        "files": purged.files,
        "size_bytes": purged.size_bytes,
        "kept_files": [{"path": path, "reason": reason} for path, reason in purged.kept],
    }
