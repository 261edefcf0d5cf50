"""The part of the history that a list has in memory: a run of neighbouring jobs, read by keyset pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from faldeck.app import wording
from faldeck.history import History, Query
from faldeck.job import Job, now
from faldeck.query import LIVE
from faldeck.tui.panes import job_row
from faldeck.tui.panes.section_tabs import counted

PAGE = 200
"""Jobs read at once."""

COUNT_CAP = 1_000_000
"""Jobs that are counted."""

MOST = 1_000
"""Jobs kept in memory; those far from the cursor are dropped."""


@dataclass
class JobWindow:
    """A run of the jobs that a query shows, newest first.

    Every method reads in another thread, and raises Interrupted if `History.interrupt` ended that.
    """

    history: History
    query: Query = field(default_factory=Query)
    jobs: list[Job] = field(default_factory=list)
    at_newest: bool = True
    """False if newer jobs have been dropped."""
    at_oldest: bool = False
    """False if older jobs have not been read."""
    found: str = ""
    """How many jobs match, as text, once they were counted."""

    loosened: tuple[Query, str] | None = None
    """A query that shows no jobs, and which of its terms hides how many, as a sentence."""

    async def newest(self) -> None:
        """Goes to the newest jobs."""
        jobs = await self.history.browse(lambda store: store.page(self.query, limit=PAGE))
        self.jobs, self.at_newest, self.at_oldest = jobs, True, len(jobs) < PAGE

    async def newest_with(self, job_id: str | None) -> None:
        """Goes to the newest jobs; if the job is not one of them, to the jobs from there on, if it is still listed."""
        await self.newest()
        if job_id is None or self.index_of(job_id) is not None:
            return
        page = await self.history.browse(lambda store: store.lists.page_from(self.query, job_id, limit=PAGE))
        if page and page[0].id == job_id:
            self.jobs, self.at_newest, self.at_oldest = page, False, len(page) < PAGE

    async def oldest(self) -> None:
        """Goes to the oldest jobs."""
        jobs = await self.history.browse(lambda store: store.last_page(self.query, limit=PAGE))
        self.jobs, self.at_newest, self.at_oldest = jobs, len(jobs) < PAGE, True

    async def older(self) -> None:
        """Reads more at the end."""
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
        """Reads more at the start."""
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
        """Reads the same run again, with newer jobs if it starts at the newest."""
        first = None if self.at_newest or not self.jobs else self.jobs[0].id
        limit = min(MOST, max(PAGE, len(self.jobs)))
        jobs = await self.history.browse(
            lambda store: (
                store.lists.page_from(self.query, first, limit=limit) if first else store.page(self.query, limit=limit)
            )
        )
        self.jobs, self.at_oldest = jobs, len(jobs) < limit

    async def count(self) -> None:
        """Counts the jobs that match; if none do, those that would with one term less."""
        query = self.query
        if self.at_newest and self.at_oldest:
            self.found = f"{len(self.jobs):,}"
            if not self.jobs and query.terms:
                found = await self.history.browse(lambda store: store.lists.loosened(query, cap=wording.MOST_COUNTED))
                self.loosened = query, wording.loosened(found)
        else:
            self.found = await self.history.browse(lambda store: counted(store, query))

    @property
    def way_out(self) -> str:
        """Which terms hide how many jobs, if that has been counted for a query that shows none."""
        return self.loosened[1] if self.loosened and self.loosened[0] == self.query else ""

    async def summary(self) -> str:
        """The number of all jobs and the cost of this month's jobs, as text."""
        month = now().astimezone().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        counts = await self.history.read(
            lambda store: (
                store.count(LIVE, cap=COUNT_CAP),
                store.count(Query(), cap=COUNT_CAP),
                store.spent_usd(month),
                store.index.progress(),
            )
        )
        if counts[-1] is not None:
            self.history.index_in_background()
        return job_row.summary(*counts)

    def index_of(self, job_id: str | None) -> int | None:
        """The index of the job in the run."""
        return next((index for index, job in enumerate(self.jobs) if job.id == job_id), None)
