"""Batches on disk: what many requests are and which jobs they become, written before the first of them is sent.

A batch is carried out by submitting its drafts; since each knows its job's id, going on with one sends none twice.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faldeck import paths
from faldeck.cli.exits import Exit, Stop
from faldeck.history.documents import moment
from faldeck.job import Cost, Job, Upload, new_id, now

if TYPE_CHECKING:
    from faldeck.engine.supervisor import Draft
    from faldeck.history import Store

UNSENT = "unsent"
"""What a request of a batch is called that has no job yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Many requests that were asked for together."""

    id: str
    created_at: datetime
    profile: str
    drafts: tuple[Draft, ...]
    download: str | None = None
    """Where its files go, as `--download` says."""
    is_given_up: bool = False
    """Whether what has not been sent shall not be sent."""

    @classmethod
    def of(cls, drafts: Sequence[Draft], download: str | None) -> Batch:
        """A new batch."""
        return cls(id=new_id(), created_at=now(), profile=drafts[0].profile, drafts=tuple(drafts), download=download)

    @property
    def fingerprint(self) -> str:
        """The same for two batches that would send the same."""
        asked = [[_table(draft) | {"id": None, "cost": None} for draft in self.drafts], self.profile, self.download]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def jobs(self, store: Store) -> list[Job | None]:
        """The job of each request; None for one that has not been sent."""
        return [store.job(draft.id) for draft in self.drafts]

    def counts(self, store: Store) -> dict[str, int]:
        """How many of its requests are in which state."""
        return dict(Counter(job.state.value if job else UNSENT for job in self.jobs(store)).most_common())

    def is_finished(self, store: Store) -> bool:
        """Whether nothing is left to send or to wait for."""
        return all(not job.is_open if job else self.is_given_up for job in self.jobs(store))


class Shelf:
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
            "is_given_up": batch.is_given_up,
            "fingerprint": batch.fingerprint,
        }
        paths.private_dir(self._folder)
        new = self._folder / f".{batch.id}.new"
        with new.open("w", encoding="ascii") as file:
            os.chmod(new, 0o600)
            for table in (head, *map(_table, batch.drafts)):
                file.write(f"{json.dumps(table)}\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path(batch.id))

    def find(self, name: str) -> Batch:
        """The batch of that id; raises Stop, OSError."""
        if not name.isalnum() or not self._path(name).is_file():
            raise Stop(f"There is no batch {name}. `faldeck batch list` names them.", Exit.NOT_FOUND)
        head, *rows = [json.loads(line) for line in self._path(name).read_text("ascii").splitlines()]
        return Batch(
            id=head["batch"],
            created_at=datetime.fromisoformat(head["created_at"]),
            profile=head["profile"],
            drafts=tuple(_draft(row, head["profile"]) for row in rows),
            download=head["download"],
            is_given_up=head["is_given_up"],
        )

    def names(self) -> list[str]:
        """The id of every batch, newest first."""
        return [path.stem for path in self._paths()]

    def all(self) -> Iterator[Batch]:
        """Every batch, newest first; raises OSError."""
        return (self.find(path.stem) for path in self._paths())

    def unfinished_like(self, batch: Batch, store: Store) -> Batch | None:
        """The batch that the same command line began and that was not carried out to its end."""
        for path in self._paths():
            with path.open("rb") as file:
                is_alike = json.loads(file.readline())["fingerprint"] == batch.fingerprint
            if is_alike and not (old := self.find(path.stem)).is_finished(store):
                return old
        return None

    def give_up(self, batch: Batch) -> None:
        """Has nothing more of a batch sent; raises OSError."""
        self.save(replace(batch, is_given_up=True))

    def is_given_up(self, batch: Batch) -> bool:
        """Whether anybody, in whatever process, has given a batch up by now; raises OSError."""
        with self._path(batch.id).open("rb") as file:
            return bool(json.loads(file.readline())["is_given_up"])

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl"), reverse=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"


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
