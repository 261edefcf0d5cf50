"""What a person has chosen in the job list: a section, a filter, an order, and marked jobs. It needs no screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from faldeck.app.job_sections import Section
from faldeck.query import EXACTLY, FilterProblem, Key, Query, SortBy, parse
from faldeck.query.language import SORT, items

if TYPE_CHECKING:
    from faldeck.app.copied_url import RequestAddress

MOST_MARKED = 100_000
"""The most jobs that can be marked at once."""

ORDERS: Mapping[SortBy, str] = {SortBy.TIME: "", SortBy.COST: "by cost", SortBy.TOOK: "by duration"}
"""The text in the title for each order."""


class JobListState:
    """The section that is open, the filter typed over it, and the marked jobs."""

    def __init__(
        self, sections: Sequence[Section], request_of: Callable[[str], RequestAddress | None] = lambda text: None
    ) -> None:
        """`request_of` returns the request whose URL a text is; None for any other text."""
        self._request_of = request_of
        self._sections: Sequence[Section] = sections
        self._open = 0
        self.text = ""
        """The typed filter."""
        self._marked: dict[str, None] = {}

    # Which jobs are shown

    @property
    def sections(self) -> Sequence[Section]:
        """All sections, in the order of their tabs."""
        return self._sections

    @sections.setter
    def sections(self, sections: Sequence[Section]) -> None:
        name = self.section.name
        self._sections = sections
        self._open = next((at for at, one in enumerate(sections) if one.name == name), 0)

    @property
    def section(self) -> Section:
        """The section that is open."""
        return self._sections[self._open]

    def open_section(self, name: str) -> None:
        """Opens the section of this name; does nothing without one."""
        self._open = next((at for at, one in enumerate(self._sections) if one.name == name), self._open)

    def turn(self, steps: int) -> None:
        """Opens a section to the right or the left; the first follows the last."""
        self._open = (self._open + steps) % len(self._sections)

    @property
    def request(self) -> RequestAddress | None:
        """The request whose URL is typed; None for any other filter."""
        return self._request_of(self.text)

    @property
    def query(self) -> Query:
        """The jobs of the section that match the typed filter."""
        request = self.request
        return parse(request.request_id if request else self.text).query.also(parse(self.section.filter).query)

    @property
    def problems(self) -> tuple[FilterProblem, ...]:
        """The problems of the section's filter and the typed one."""
        typed = () if self.request else parse(self.text).problems
        return (*parse(self.section.filter).problems, *typed)

    @property
    def filter(self) -> str:
        """The section's filter and the typed one as one text, to be saved as a section."""
        return " ".join(part for part in (self.section.filter, self.text.strip()) if part)

    @property
    def is_narrowed(self) -> bool:
        """True if a filter may hide some jobs."""
        return bool(self.query.terms)

    def show_all(self) -> None:
        """Opens the first section and clears the typed filter."""
        self._open, self.text = 0, ""

    def toggle_model(self, endpoint_id: str) -> None:
        """Shows one model's jobs only; with a model in the filter already, shows all models again."""
        rest = self._without(Key.MODEL)
        self.text = rest if rest != self.text.strip() else f"{rest} {Key.MODEL}:{EXACTLY}{endpoint_id}".strip()

    def next_order(self) -> SortBy:
        """Sorts by the next of time, cost and duration, and returns it."""
        orders = list(SortBy)
        order = orders[(orders.index(self.query.sort) + 1) % len(orders)]
        sort = "" if order is SortBy.TIME and not parse(self.section.filter).query.has_own_order else f"{SORT}:{order}"
        self.text = f"{self._without(SORT)} {sort}".strip()
        return order

    def _without(self, key: str) -> str:
        """The typed filter without the terms of a key."""
        return " ".join(item.text for item in items(self.text) if (item.key or "").lower() != key)

    # Marked jobs

    @property
    def marked(self) -> Sequence[str]:
        """The ids of the marked jobs, in the order in which they were marked."""
        return tuple(self._marked)

    def is_marked(self, job_id: str) -> bool:
        """True if the job is marked."""
        return job_id in self._marked

    def toggle_mark(self, job_id: str) -> None:
        """Marks a job, or removes its mark."""
        if job_id in self._marked:
            del self._marked[job_id]
        else:
            self._marked[job_id] = None

    def mark(self, job_ids: Iterable[str]) -> None:
        """Marks these jobs too."""
        self._marked |= dict.fromkeys(job_ids)

    def invert_marks(self, job_ids: Iterable[str]) -> None:
        """Marks the jobs of these that are not marked, and removes all other marks."""
        self._marked = {job_id: None for job_id in job_ids if job_id not in self._marked}

    def unmark(self) -> None:
        """Removes all marks."""
        self._marked = {}
