"""`faldeck history`: look after the history file."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import many_jobs, output, select
from faldeck.cli.command_table import limit

if TYPE_CHECKING:
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.history.maintenance import PruneRule
    from faldeck.job import State

Answer = TypeVar("Answer")

ACTIONS = ("stats", "prune", "check", "vacuum", "backup")

_EPILOG = """\
  stats    what the file holds
  prune    delete old jobs; without --yes it only says what it would delete
  check    look for damage, and for saved files that are missing
  vacuum   give the room of deleted jobs back to the disk
  backup   copy the history to FILE, while others go on writing

examples:
  faldeck history prune --older-than 90d
  faldeck history prune --keep 10000 --files --yes
  faldeck history prune --state failed,cancelled --yes
  faldeck history backup ~/history-copy.db

A job is pruned if it exceeds any of the limits. Jobs that are under way are kept, and so are unconfirmed ones unless
--state names them, and starred and tagged ones unless they are included.
"""

_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def configure(parser: Parser) -> None:
    """Adds the arguments: the action, and what is pruned."""
    parser.epilog = _EPILOG
    parser.add_argument("action", choices=ACTIONS, help="what to do")
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="backup: where to; else into a folder beside the history"
    )
    prune = parser.add_argument_group("prune")
    prune.add_argument(
        "--older-than", type=select.parse_since, metavar="WHEN", help="jobs made before a day or a time ago (90d)"
    )
    prune.add_argument("--keep", type=limit, metavar="N", help="all but the newest N")
    prune.add_argument(
        "--max-size", type=parse_size, metavar="SIZE", help="so many of the oldest that about SIZE is left, as 2GB"
    )
    prune.add_argument(
        "--state", dest="states", type=_parse_states, default=(), metavar="STATES", help="only these, as failed,expired"
    )
    prune.add_argument("--include-starred", dest="with_starred", action="store_true", help="starred jobs, too")
    prune.add_argument("--include-tagged", dest="with_tagged", action="store_true", help="tagged jobs, too")
    prune.add_argument("--files", action="store_true", help="delete the saved files of the jobs, too")
    prune.add_argument("--yes", action="store_true", help="delete them")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON")


def parse_size(text: str) -> int:
    """Parses a size in bytes: `2GB`, `500 MB`, `1.5gb`."""
    word = text.strip().upper().replace(" ", "")
    number = word.rstrip("KMGTB")
    try:
        size = float(number) * _UNITS[word[len(number) :] or "B"]
    except (KeyError, ValueError):
        size = -1.0
    if not 0 < size < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a size such as 2GB or 500MB, not {text!r}")
    return int(size)


def _parse_states(text: str) -> tuple[State, ...]:
    from faldeck.job import State

    try:
        states = tuple(State(word.strip()) for word in text.split(","))
    except ValueError:
        known = ", ".join(state for state in State if state.is_final)
        raise argparse.ArgumentTypeError(f"must be states such as {known}, not {text!r}") from None
    if any(state.is_followed for state in states):
        raise argparse.ArgumentTypeError(f"jobs that are under way are never pruned: {text}")
    return states


def run(
    context: CommandContext,
    *,
    action: str,
    file: str | None,
    older_than: datetime | None,
    keep: int | None,
    max_size: int | None,
    states: tuple[State, ...],
    with_starred: bool,
    with_tagged: bool,
    files: bool,
    yes: bool,
    as_json: bool,
) -> ExitStatus:
    """Does the action. Uses no network. Raises CommandError, HistoryError, OSError."""
    is_limited = bool(states) or any(given is not None for given in (older_than, keep, max_size))
    if action != "prune" and (is_limited or with_starred or with_tagged or files or yes):
        raise CommandError("These options are for `faldeck history prune`.", ExitStatus.USAGE)
    if action != "backup" and file is not None:
        raise CommandError("A FILE is only for `faldeck history backup`.", ExitStatus.USAGE)
    if not context.history_path.exists():
        raise CommandError("There is no history yet. `faldeck run` makes one.", ExitStatus.NOT_FOUND)
    match action:
        case "stats":
            return _print_stats(context, as_json)
        case "check":
            return _check(context, as_json)
        case "vacuum":
            return _vacuum(context, as_json)
        case "backup":
            return _backup(context, Path(file).expanduser() if file else None, as_json)
    if not is_limited:
        raise CommandError(
            "What is to be pruned? Give --older-than, --keep, --max-size or --state.",
            ExitStatus.USAGE,
            hint="faldeck history --help",
        )
    from faldeck.history.maintenance import PruneRule
    from faldeck.history.rows import milliseconds

    rule = PruneRule(
        before_ms=milliseconds(older_than) if older_than else None,
        keep=keep,
        max_bytes=max_size,
        states=states,
        with_starred=with_starred,
        with_tagged=with_tagged,
    )
    return _prune(context, rule, files=files, yes=yes, as_json=as_json)


def _print_stats(context: CommandContext, as_json: bool) -> ExitStatus:
    from faldeck.app import wording
    from faldeck.history.export import moment
    from faldeck.history.maintenance import Maintenance
    from faldeck.history.rows import instant

    with closing(Maintenance(context.history_path, output.print_message)) as maintenance:
        stats = _shown("Counting the jobs", maintenance.stats)
    oldest, newest = (None if ms is None else instant(ms) for ms in (stats.oldest_ms, stats.newest_ms))
    if as_json:
        output.print_json(
            {
                "path": str(context.history_path),
                **{name: getattr(stats, name) for name in ("jobs", "live", "starred", "tagged", "deleted")},
                "size_bytes": stats.size_bytes,
                "free_bytes": stats.free_bytes,
                "by_state": stats.by_state,
                "oldest_at": moment(oldest),
                "newest_at": moment(newest),
            }
        )
        return ExitStatus.DONE
    states = ", ".join(f"{count:,} {state}" for state, count in stats.by_state.items())
    facts = {
        "file": str(context.history_path),
        "size": f"{wording.file_size(stats.size_bytes)}, {wording.file_size(stats.free_bytes)} of it free",
        "jobs": f"{stats.jobs:,}" + (f": {states}" if states else ""),
        "live": f"{stats.live:,}",
        "starred": f"{stats.starred:,}",
        "tagged": f"{stats.tagged:,}",
        "deleted": f"{stats.deleted:,} can still be brought back" if stats.deleted else "",
        "oldest": f"{oldest.astimezone():%Y-%m-%d %H:%M}" if oldest else "",
        "newest": f"{newest.astimezone():%Y-%m-%d %H:%M}" if newest else "",
    }
    output.print_table([[name, value] for name, value in facts.items() if value])
    return ExitStatus.DONE


def _prune(context: CommandContext, rule: PruneRule, *, files: bool, yes: bool, as_json: bool) -> ExitStatus:
    from faldeck.app import deletion, wording
    from faldeck.cli.commands import delete
    from faldeck.history.export import moment
    from faldeck.history.maintenance import Maintenance

    with closing(Maintenance(context.history_path, output.print_message)) as maintenance:
        ids = _shown("Looking for jobs", lambda: maintenance.prunable(rule))
    with context.store() as store:
        ends = [job for job in (store.job(ids[0]), store.job(ids[-1])) if job] if ids else []
        folder = context.config.output_dir if files else None
        plan = _shown("Looking for files", lambda: deletion.plan_ids(store, ids, folder))
    if not yes or not ids:
        if as_json:
            oldest, newest = (ends[0].created_at, ends[-1].created_at) if ends else (None, None)
            counts = {"jobs": len(ids), "files": plan.files, "size_bytes": plan.size_bytes}
            output.print_json({**counts, "oldest_at": moment(oldest), "newest_at": moment(newest)})
        elif not ids:
            output.print_text("No job is to be pruned.")
        else:
            made = " to ".join(dict.fromkeys(f"{job.created_at.astimezone():%Y-%m-%d}" for job in ends))
            what = f"with {wording.file_count(plan.files, plan.size_bytes)}" if files else "files stay on disk"
            output.print_text(f"{many_jobs.counted(len(ids))}, made {made}, {what}")
            output.print_message("Nothing was deleted. --yes deletes for good.")
        return ExitStatus.DONE
    purged = asyncio.run(delete.delete(context, plan, files=files, yes=True, live=False))
    if as_json:
        output.print_json(delete.document(purged))
    else:
        output.print_text(delete.report(purged, files=files))
        output.print_hint("The file gets smaller with `faldeck history vacuum`.")
    return ExitStatus.FAILED if purged.kept else ExitStatus.DONE


def _check(context: CommandContext, as_json: bool) -> ExitStatus:
    from faldeck.app import maintenance

    checks = maintenance.checks(context.history_path, output.print_message)
    is_well = True
    while (check := _shown("Checking the history", lambda: next(checks, None))) is not None:
        is_well = is_well and not check.problem
        if as_json:
            words = check.problem or "ok"
            output.print_json_line({"subject": check.subject, "words": words, "is_well": not check.problem})
        else:
            output.print_text(f"{check.subject}: {check.problem or 'ok'}")
    return ExitStatus.DONE if is_well else ExitStatus.FAILED


def _vacuum(context: CommandContext, as_json: bool) -> ExitStatus:
    from faldeck.app import maintenance, wording

    before, after = _shown(
        "Making the file smaller", lambda: maintenance.vacuum(context.history_path, output.print_message)
    )
    if as_json:
        output.print_json({"before_bytes": before, "after_bytes": after})
    else:
        output.print_text(f"{wording.file_size(before)} before, {wording.file_size(after)} after")
    return ExitStatus.DONE


def _backup(context: CommandContext, target: Path | None, as_json: bool) -> ExitStatus:
    from faldeck.app import maintenance, wording

    done = [0.0]
    path, size = _shown(
        lambda: f"Copying the history, {done[0]:.0%}",
        lambda: maintenance.backup(
            context.history_path, target, output.print_message, lambda part: done.__setitem__(0, part)
        ),
    )
    if as_json:
        output.print_json({"path": str(path), "size_bytes": size})
    else:
        output.print_text(f"{path} ({wording.file_size(size)})")
    return ExitStatus.DONE


def _shown(label: str | Callable[[], str], work: Callable[[], Answer]) -> Answer:
    """Does work in a thread; if it takes over a second, a line on the terminal says for how long."""
    from faldeck.cli.progress import StatusLine

    async def wait() -> Answer:
        start = time.monotonic()
        task = asyncio.create_task(asyncio.to_thread(work))
        async with StatusLine() as line:
            while not (await asyncio.wait([task], timeout=1))[0]:
                words = label if isinstance(label, str) else label()
                line.show(f"{words}, {time.monotonic() - start:.0f} s")
        return await task

    return asyncio.run(wait())
