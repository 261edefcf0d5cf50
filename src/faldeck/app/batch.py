"""Batches on disk: the requests of a batch and the ids of their jobs, saved before the first request is sent.

A batch runs by submitting its drafts. Each draft has the id of its job, and the id of a job that replaces a failed one
is computed from the failed one. Therefore two processes that run the same batch never send the same request twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.history.export import moment
from faldeck.history.rows import cost, cost_table, milliseconds
from faldeck.job import Job, State, Upload, now
from faldeck.job_ids import new_id, successor
from faldeck.safety import private_file

if TYPE_CHECKING:
    from faldeck.engine.supervisor import Draft
    from faldeck.history import Store

SWEPT_SECONDS = 60.0
"""After this time a file that was not finished is taken as abandoned (seconds)."""

DELETED = "deleted"
"""The state of a request whose newest job was deleted. It is not sent again: it may have been paid."""

UNSENT = "unsent"
"""The state of a request that has no job yet, or whose job was never sent."""

WITHOUT_RESULT = (State.FAILED, State.CANCELLED)
"""The states in which a request may be sent again, as a new job: it is certain that nothing was paid."""


class BatchItem(NamedTuple):
    """One request of a batch, with its jobs."""

    draft: Draft
    jobs: tuple[Job, ...] = ()
    """The jobs of this request, oldest first. All but the last ended without a result."""
    is_deleted: bool = False
    """True if the newest job was deleted; it is not among `jobs`."""

    @property
    def job(self) -> Job | None:
        """The newest job."""
        return self.jobs[-1] if self.jobs else None

    @property
    def state(self) -> str:
        """The state of the newest job, `DELETED`, or `UNSENT`."""
        if self.is_deleted:
            return DELETED
        return UNSENT if self.job is None or self.job.was_never_sent else self.job.state.value

    @property
    def id(self) -> str:
        """The id of the newest job, or the id that the first job will have."""
        return self.job.id if self.job else self.draft.id

    def next_draft(self) -> Draft:
        """The draft to submit: the first one, or a new one in place of the newest job."""
        return replace(self.draft, id=_successor(self.job)) if self.job else self.draft


class Batch(NamedTuple):
    """Requests that were made by one command."""

    id: str
    created_at: datetime
    profile: str
    drafts: tuple[Draft, ...]
    download: str | None = None
    """Where its files are saved, in the form of `--download`."""
    is_cancelled: bool = False
    """True if no more requests are to be sent."""

    @classmethod
    def create(cls, drafts: Sequence[Draft], download: str | None) -> Batch:
        """Makes a new batch of these requests."""
        batch_id = new_id()
        ours = tuple(replace(draft, group=batch_id) for draft in drafts)
        return cls(id=batch_id, created_at=now(), profile=ours[0].profile, drafts=ours, download=download)

    @property
    def fingerprint(self) -> str:
        """A hash that is equal for batches with the same requests."""
        asked = [[_asked(draft) for draft in self.drafts], self.profile, self.download]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def items(self, store: Store) -> list[BatchItem]:
        """Its requests with their jobs."""
        return [_item(store, draft) for draft in self.drafts]

    def counts(self, store: Store) -> dict[str, int]:
        """How many requests are in each state, most frequent state first."""
        return dict(Counter(row.state for row in self.items(store)).most_common())

    def copy(self) -> Batch:
        """A new batch with the same requests."""
        return Batch.create([replace(draft, id=new_id()) for draft in self.drafts], self.download)


class BatchStore:
    """Saves and loads the batches of one history, one file for each."""

    def __init__(self, history_path: Path) -> None:
        self._folder = history_path.parent / "batches"

    def save(self, batch: Batch) -> None:
        """Writes a batch to disk in one step; raises OSError."""
        head = {
            "batch": batch.id,
            "created_at": moment(batch.created_at),
            "profile": batch.profile,
            "download": batch.download,
            "is_given_up": batch.is_cancelled,
            "fingerprint": batch.fingerprint,
        }
        self._sweep()
        lines = (f"{json.dumps(table)}\n" for table in (head, *map(_table, batch.drafts)))
        private_file.write(self._path(batch.id), "".join(lines))

    def _sweep(self) -> None:
        """Removes the unfinished files of processes that were killed while they wrote."""
        for left in self._folder.glob(f".*{private_file.UNFINISHED}"):
            with contextlib.suppress(FileNotFoundError):
                if abs(time.time() - left.stat().st_mtime) > SWEPT_SECONDS:
                    left.unlink()

    def load(self, batch_id: str) -> Batch:
        """Reads the batch with this id. Raises CommandError if there is none or it is damaged, OSError."""
        if not batch_id.isalnum() or not self._path(batch_id).is_file():
            raise CommandError(f"There is no batch {batch_id}. `faldeck batch list` shows all.", ExitStatus.NOT_FOUND)
        try:
            head, *rows = [json.loads(line) for line in self._path(batch_id).read_text("ascii").splitlines()]
            return Batch(
                id=head["batch"],
                created_at=datetime.fromisoformat(head["created_at"]),
                profile=head["profile"],
                drafts=tuple(_draft(row, head["profile"], head["batch"]) for row in rows),
                download=head["download"],
                is_cancelled=head["is_given_up"],
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CommandError(
                f"The batch {batch_id} cannot be read: {self._path(batch_id)} is damaged.", ExitStatus.FAILED
            ) from None

    def ids(self) -> list[str]:
        """The ids of all batches, newest first."""
        return [path.stem for path in self._paths()]

    def find_same(self, batch: Batch) -> Batch | None:
        """The newest batch with the same requests; None if there is none. Raises OSError."""
        for path in self._paths():
            with contextlib.suppress(ValueError, KeyError, TypeError, CommandError), path.open("rb") as file:
                if json.loads(file.readline())["fingerprint"] == batch.fingerprint:
                    return self.load(path.stem)
        return None

    def reopen(self, batch: Batch) -> Batch:
        """Allows a cancelled batch to send requests again, and returns it. Raises OSError."""
        if batch.is_cancelled:
            batch = batch._replace(is_cancelled=False)
            self.save(batch)
        return batch

    def cancel(self, batch: Batch) -> None:
        """Stops all processes from sending more requests of a batch. Raises OSError."""
        self.save(batch._replace(is_cancelled=True))

    def remove(self, batch: Batch) -> None:
        """Removes a batch whose jobs have all ended and been forgotten. Raises OSError."""
        self._path(batch.id).unlink(missing_ok=True)

    def is_cancelled(self, batch: Batch) -> bool:
        """True if any process has cancelled the batch by now. Raises OSError."""
        with self._path(batch.id).open("rb") as file:
            return bool(json.loads(file.readline())["is_given_up"])

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl"), reverse=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"


def _item(store: Store, draft: Draft) -> BatchItem:
    """A request with its jobs: the first one, and those that replaced it."""
    jobs: list[Job] = []
    name = draft.id
    while job := store.job(name):
        jobs.append(job)
        if job.state not in WITHOUT_RESULT:
            return BatchItem(draft, tuple(jobs))
        name = _successor(job)
    return BatchItem(draft, tuple(jobs), is_deleted=store.trash.has(name))


def _successor(job: Job) -> str:
    # The end time never changes: a failed or cancelled job is final. So every process computes the same id.
    return successor(job.id, milliseconds(job.completed_at or job.created_at))


def _asked(draft: Draft) -> dict[str, object]:
    """What makes two requests the same: what is sent, and neither the id, the cost nor what a person marks it with."""
    unimportant = ("parent", "tags", "note")
    return {name: value for name, value in _table(draft).items() if name not in unimportant} | {
        "id": None,
        "cost": None,
    }


def _table(draft: Draft) -> dict[str, object]:
    return {
        "id": draft.id,
        "endpoint_id": draft.endpoint_id,
        "arguments": dict(draft.arguments),
        "options": dict(draft.options),
        "uploads": [upload._asdict() for upload in draft.uploads],
        "cost": cost_table(draft.cost) if draft.cost else None,
        "parent": draft.parent,
        "tags": list(draft.tags),
        "note": draft.note,
    }


def _draft(table: Mapping[str, Any], profile: str, group: str) -> Draft:
    from faldeck.engine.supervisor import Draft  # Not needed to list the ids of batches.

    return Draft(
        id=table["id"],
        profile=profile,
        endpoint_id=table["endpoint_id"],
        arguments=table["arguments"],
        options=table["options"],
        uploads=[Upload(loc=tuple(upload["loc"]), path=upload["path"]) for upload in table["uploads"]],
        cost=cost(table["cost"]) if table["cost"] else None,
        group=group,
        parent=table.get("parent"),
        tags=table.get("tags", ()),
        note=table.get("note", ""),
    )
