"""Where a job's input comes from, and what its outputs were used in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from faldeck.app import wording
from faldeck.job import Job
from faldeck.safety import sanitize

if TYPE_CHECKING:
    from faldeck.history import Store

MOST_CHILDREN = 50
"""Jobs that are named of those that a job was used in."""


class Lineage(NamedTuple):
    """The neighbours of a job: the one whose output it was given, and those that were given its outputs."""

    parent_id: str | None = None
    parent: Job | None = None
    """None also where that job was deleted, or is not in this history."""
    children: tuple[Job, ...] = ()
    """The newest first, at most `MOST_CHILDREN`."""

    @property
    def made_from(self) -> str:
        """The parent in words; empty if the job has none."""
        if self.parent_id is None:
            return ""
        return name(self.parent) if self.parent else f"{self.parent_id}, a job that is not in this history"


def of_job(store: Store, job: Job) -> Lineage:
    """Reads the neighbours of a job; each by an index."""
    parent = store.job(job.parent) if job.parent else None
    return Lineage(job.parent, parent, tuple(store.lists.children(job.id, limit=MOST_CHILDREN)))


def lines(kin: Lineage) -> list[list[str]]:
    """The neighbours of a job as rows of two: `made from` and `used in`, each with a job and its id."""
    made_from = f"{name(kin.parent)} ({kin.parent.id})" if kin.parent else kin.made_from
    return [
        *([["made from", made_from]] if made_from else []),
        *(["used in", f"{name(one)} ({one.id})"] for one in kin.children),
    ]


def name(job: Job) -> str:
    """A job in one line, as another job names it: `flux/dev · a fox in snow`."""
    title = f" · {sanitize.clean_line(job.title, limit=60)}" if job.title else ""
    return f"{sanitize.clean_line(wording.model_name(job.endpoint_id))}{title}"
