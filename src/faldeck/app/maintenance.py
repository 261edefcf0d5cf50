"""Looks after the history file: checks it, prunes it, makes it smaller, copies it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.engine.leases import LeaseHolder, place_and_pid
from faldeck.history.maintenance import Check, Maintenance
from faldeck.job import now
from faldeck.safety import private_file

READ_TOGETHER = 2_000
"""Jobs whose files are looked for at once."""

NAMED_FILES = 10
"""Missing files that are named."""

LEASE_SECONDS = 30.0
"""After this time (seconds) without a sign a process that cannot be seen is taken as ended."""


def checks(path: Path, tell: Callable[[str], None]) -> Iterator[Check]:
    """Checks the history at `path` and the files that its jobs have saved, one thing after the other."""
    with closing(Maintenance(path, tell)) as maintenance:
        yield from maintenance.checks()
        missing: list[str] = []
        after: int | None = -1
        while after is not None:
            paths, after = maintenance.saved_paths(after, limit=READ_TOGETHER)
            missing += [saved for saved in paths if not os.path.lexists(saved)]
        more = f"\n… and {len(missing) - NAMED_FILES:,} more" if len(missing) > NAMED_FILES else ""
        named = "\n".join(missing[:NAMED_FILES]) + more
        yield Check("saved files", f"{len(missing):,} are not where they were saved:\n{named}" if missing else "")


def vacuum(path: Path, tell: Callable[[str], None]) -> tuple[int, int]:
    """Makes the history file as small as it can be; returns its bytes before and after.

    Raises CommandError while another faldeck is at work, or if the disk has no room for the copy that it takes.
    """
    with closing(Maintenance(path, tell)) as maintenance:
        holder = LeaseHolder(LEASE_SECONDS)
        if others := [lease for lease in maintenance.leases() if not holder.is_over(lease)]:
            processes = ", ".join(_process(lease.owner) for lease in others)
            raise CommandError(
                f"Another faldeck uses the history ({processes}). Try again when it has ended.", ExitStatus.FAILED
            )
        before = path.stat().st_size
        if (free := shutil.disk_usage(path.parent).free) < 2 * before:
            raise CommandError(
                f"There is no room: this takes {2 * before / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free.",
                ExitStatus.FAILED,
            )
        maintenance.vacuum()
    return before, path.stat().st_size


def _process(owner: str) -> str:
    place, pid = place_and_pid(owner)
    return f"process {pid} on {place.partition('/')[0]}"


def backup(
    path: Path, target: Path | None, tell: Callable[[str], None], on_progress: Callable[[float], object]
) -> tuple[Path, int]:
    """Copies the history to `target`, or into the folder `backups` beside it; returns the path and its bytes.

    The copy is private to the user and appears when it is whole. Raises CommandError if `target` exists, OSError.
    """
    if target is None:
        folder = private_file.private_dir(path.parent / "backups")
        target = folder / f"{path.stem}-{now().astimezone():%Y-%m-%d-%H%M%S}.db"
    if target.exists():
        raise CommandError(f"{target} is there already. Nothing was overwritten.", ExitStatus.USAGE)
    if not target.parent.is_dir():
        raise CommandError(f"There is no folder {target.parent}.", ExitStatus.USAGE)
    part = target.with_name(f".{target.name}-{os.getpid()}{private_file.UNFINISHED}")
    try:
        part.touch(mode=0o600, exist_ok=False)
        with closing(Maintenance(path, tell)) as maintenance:
            maintenance.backup(part, on_progress)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    return target, target.stat().st_size
