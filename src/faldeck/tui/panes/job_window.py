"""The part of the history that a list has in memory: a run of neighbouring jobs, read by keyset pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from faldeck.history import History, Query
from faldeck.job import Job, id_number, id_text

PAGE = 200
"""Jobs read at once."""

MOST = 1_000
"""Jobs kept in memory; what is scrolled away from is let go."""


@dataclass
class JobWindow:
    """A run of the jobs that a query shows, newest first.

    Every method reads behind the event loop, and raises Interrupted where `History.interrupt` ended that.
    """

    history: History
    query: Query = field(default_factory=Query)
    jobs: list[Job] = field(default_factory=list)
    at_newest: bool = True
    """False where newer jobs have been let go."""
    at_oldest: bool = False
    """False where older jobs have not been read."""

    async def newest(self) -> None:
        """Goes to the newest jobs."""
        jobs = await self.history.browse(lambda store: store.page(self.query, limit=PAGE))
        self.jobs, self.at_newest, self.at_oldest = jobs, True, len(jobs) < PAGE

    async def oldest(self) -> None:
        """Goes to the oldest jobs."""
        jobs = await self.history.browse(lambda store: store.last_page(self.query, limit=PAGE))
        self.jobs, self.at_newest, self.at_oldest = jobs, len(jobs) < PAGE, True

    async def older(self) -> None:
        """Reads on at the end."""
        if self.at_oldest or not self.jobs:
            return
        last = self.jobs[-1].id
        page = await self.history.browse(lambda store: store.page(self.query, limit=PAGE, before=last))
        if self.jobs and self.jobs[-1].id == last:
            self.at_oldest = len(page) < PAGE
            kept = [*self.jobs, *page]
            self.at_newest = self.at_newest and len(kept) <= MOST
            self.jobs = kept[-MOST:]

    async def newer(self) -> None:
        """Reads on at the start."""
        if self.at_newest or not self.jobs:
            return
        first = self.jobs[0].id
        page = await self.history.browse(lambda store: store.page(self.query, limit=PAGE, after=first))
        if self.jobs and self.jobs[0].id == first:
            self.at_newest = len(page) < PAGE
            kept = [*page, *self.jobs]
            self.at_oldest = self.at_oldest and len(kept) <= MOST
            self.jobs = kept[:MOST]

    async def again(self) -> None:
        """Reads the same run again, with what has come in front of it where it is the newest."""
        before = None if self.at_newest or not self.jobs else id_text(id_number(self.jobs[0].id) + 1)
        limit = min(MOST, max(PAGE, len(self.jobs)))
        jobs = await self.history.browse(lambda store: store.page(self.query, limit=limit, before=before))
        self.jobs, self.at_oldest = jobs, len(jobs) < limit

    def place(self, job_id: str | None) -> int | None:
        """Where the job stands in the run."""
        return next((place for place, job in enumerate(self.jobs) if job.id == job_id), None)
