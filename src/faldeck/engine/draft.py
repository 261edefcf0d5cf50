"""A request before it is a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from faldeck.job import Cost, Job, State, Upload, headline, now
from faldeck.job_ids import new_id
from faldeck.schema.json_value import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request that is filled in and not sent yet. It becomes one job, even if it is submitted twice."""

    profile: str
    endpoint_id: str
    arguments: Mapping[str, JsonValue]
    options: Mapping[str, object] = field(default_factory=dict)
    uploads: Sequence[Upload] = ()
    cost: Cost | None = None
    """The estimate."""
    id: str = field(default_factory=new_id)
    """The id of the future job."""
    group: str | None = None
    """What it is sent together with; see `Job.group`."""
    parent: str | None = None
    """The job whose output is in the arguments; see `Job.parent`."""
    tags: Sequence[str] = ()
    note: str = ""
    no_history: bool = False
    """See `Job.no_history`."""

    @classmethod
    def of_job(cls, job: Job, arguments: Mapping[str, JsonValue]) -> Draft:
        """The draft of a new job with the same request."""
        return cls(
            profile=job.profile,
            endpoint_id=job.endpoint_id,
            arguments=arguments,
            options=job.options,
            cost=job.cost,
            group=job.group,
            parent=job.parent,
            tags=job.tags,
            note=job.note,
            no_history=job.no_history,
        )

    def job(self, options: Mapping[str, object], *, no_history: bool = False) -> Job:
        """The job of this draft, with complete options; `no_history` if its profile keeps none."""
        no_history = no_history or self.no_history
        return Job(
            id=self.id,
            profile=self.profile,
            endpoint_id=self.endpoint_id,
            state=State.SUBMITTING,
            created_at=now(),
            title="" if no_history else headline(self.arguments),
            options=options,
            uploads=tuple(self.uploads),
            cost=self.cost,
            group=self.group,
            parent=self.parent,
            tags=tuple(self.tags),
            note=self.note,
            no_history=no_history,
        )
