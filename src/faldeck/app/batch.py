"""Batches on disk: what many requests are and which jobs they become, written before the first of them is sent.

A batch is carried out by submitting its drafts. Each knows its job's id, and a job that ended without a result knows
the id of the one that takes its place, so no process sends a request that another has sent.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.history.export import moment
from faldeck.job import Cost, Job, State, Upload, new_id, now, successor
from faldeck.safety import private_file

if TYPE_CHECKING:
    from faldeck.engine.supervisor import Draft
    from faldeck.history import Store

SWEPT_SECONDS = 60.0
"""What lies unfinished for so long is nobody's any more."""

UNSENT = "unsent"
"""What a request of a batch is called that has no job yet, or one that was never sent."""

WITHOUT_RESULT = (State.FAILED, State.CANCELLED)
"""The states in which a request may be sent again, as a new job. What may still have been paid is none of them."""


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One request of a batch, with what has become of it."""

    draft: Draft
    jobs: tuple[Job, ...] = ()
    """The jobs that it has been, each but the last without a result."""

    @property
    def job(self) -> Job | None:
        """The job that counts."""
        return self.jobs[-1] if self.jobs else None

    @property
    def state(self) -> str:
        """The state of that job in a word."""
        return UNSENT if self.job is None or self.job.was_never_sent else self.job.state.value

    @property
    def id(self) -> str:
        """The id of the job that counts, also where there is none yet."""
        return self.job.id if self.job else self.draft.id

    def next_draft(self) -> Draft:
        """What is submitted to have it sent, or sent again."""
        return replace(self.draft, id=_successor(self.job)) if self.job else self.draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Many requests that were asked for together."""

    id: str
    created_at: datetime
    profile: str
    drafts: tuple[Draft, ...]
    download: str | None = None
    """Where its files go, as `--download` says."""
    is_cancelled: bool = False
    """Whether what has not been sent shall not be sent."""

    @classmethod
    def create(cls, drafts: Sequence[Draft], download: str | None) -> Batch:
        """A new batch."""
        return cls(id=new_id(), created_at=now(), profile=drafts[0].profile, drafts=tuple(drafts), download=download)

    @property
    def fingerprint(self) -> str:
        """The same for two batches that would send the same."""
        asked = [[_table(draft) | {"id": None, "cost": None} for draft in self.drafts], self.profile, self.download]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def items(self, store: Store) -> list[BatchItem]:
        """Its requests, with the jobs that they have become."""
        return [BatchItem(draft, tuple(_attempts(store, draft.id))) for draft in self.drafts]

    def counts(self, store: Store) -> dict[str, int]:
        """How many of its requests are in which state."""
        return dict(Counter(row.state for row in self.items(store)).most_common())

    def copy(self) -> Batch:
        """A new batch of the same requests."""
        return Batch.create([replace(draft, id=new_id()) for draft in self.drafts], self.download)


class BatchStore:
    """The batches of one history, a file for each."""

    def __init__(self, history_path: Path) -> None:
        self._folder = history_path.parent / "batches"

    def save(self, batch: Batch) -> None:
        """Puts a batch on disk, whole; raises OSError."""
        head = {
            "batch": batch.id,
            "created_at": moment(batch.created_at),
            "profile": batch.profile,
            "download": batch.download,
            "is_given_up": batch.is_cancelled,
            "fingerprint": batch.fingerprint,
        }
        private_file.private_dir(self._folder)
        self._sweep()
        new = self._folder / f".{batch.id}.new"
        try:
            with new.open("w", encoding="ascii") as file:
                os.chmod(new, 0o600)
                for table in (head, *map(_table, batch.drafts)):
                    file.write(f"{json.dumps(table)}\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path(batch.id))
        finally:
            new.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Removes what a process left that was killed while it wrote: writing takes no minute."""
        for left in self._folder.glob(".*.new"):
            with contextlib.suppress(FileNotFoundError):
                if abs(time.time() - left.stat().st_mtime) > SWEPT_SECONDS:
                    left.unlink()

    def load(self, batch_id: str) -> Batch:
        """The batch of that id; raises CommandError, OSError."""
        if not batch_id.isalnum() or not self._path(batch_id).is_file():
            raise CommandError(f"There is no batch {batch_id}. `faldeck batch list` names them.", ExitStatus.NOT_FOUND)
        try:
            head, *rows = [json.loads(line) for line in self._path(batch_id).read_text("ascii").splitlines()]
            return Batch(
                id=head["batch"],
                created_at=datetime.fromisoformat(head["created_at"]),
                profile=head["profile"],
                drafts=tuple(_draft(row, head["profile"]) for row in rows),
                download=head["download"],
                is_cancelled=head["is_given_up"],
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CommandError(
                f"The batch {batch_id} cannot be read: {self._path(batch_id)} is damaged.", ExitStatus.FAILED
            ) from None

    def ids(self) -> list[str]:
        """The id of every batch, newest first."""
        return [path.stem for path in self._paths()]

    def find_same(self, batch: Batch) -> Batch | None:
        """The newest batch that the same command line began; raises OSError."""
        for path in self._paths():
            with contextlib.suppress(ValueError, KeyError, TypeError, CommandError), path.open("rb") as file:
                if json.loads(file.readline())["fingerprint"] == batch.fingerprint:
                    return self.load(path.stem)
        return None

    def reopen(self, batch: Batch) -> Batch:
        """The batch, of which more may be sent although it was given up; raises OSError."""
        if batch.is_cancelled:
            batch = replace(batch, is_cancelled=False)
            self.save(batch)
        return batch

    def cancel(self, batch: Batch) -> None:
        """Has nothing more of a batch sent; raises OSError."""
        self.save(replace(batch, is_cancelled=True))

    def is_cancelled(self, batch: Batch) -> bool:
        """Whether anybody, in whatever process, has given a batch up by now; raises OSError."""
        with self._path(batch.id).open("rb") as file:
            return bool(json.loads(file.readline())["is_given_up"])

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl"), reverse=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"


def _attempts(store: Store, name: str) -> Iterator[Job]:
    """The job of that id, and those that took its place, one after the other."""
    while job := store.job(name):
        yield job
        if job.state not in WITHOUT_RESULT:
            return
        name = _successor(job)


def _successor(job: Job) -> str:
    from faldeck.history.rows import milliseconds

    # When it ended is known for good: nothing changes a job that has failed or was cancelled.
    return successor(job.id, milliseconds(job.completed_at or job.created_at))


def _table(draft: Draft) -> dict[str, object]:
    return {
        "id": draft.id,
        "endpoint_id": draft.endpoint_id,
        "arguments": dict(draft.arguments),
        "options": dict(draft.options),
        "uploads": [asdict(upload) for upload in draft.uploads],
        "cost": asdict(draft.cost) if draft.cost else None,
    }


def _draft(table: Mapping[str, Any], profile: str) -> Draft:
    from faldeck.engine.supervisor import Draft  # Whoever only lists batches by their ids does without.

    return Draft(
        id=table["id"],
        profile=profile,
        endpoint_id=table["endpoint_id"],
        arguments=table["arguments"],
        options=table["options"],
        uploads=[Upload(loc=tuple(upload["loc"]), path=upload["path"]) for upload in table["uploads"]],
        cost=Cost(**table["cost"]) if table["cost"] else None,
    )
