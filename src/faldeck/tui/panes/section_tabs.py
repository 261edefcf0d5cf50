"""The tabs of the job list's sections, with how many jobs each has, and what this month's jobs cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from rich.style import Style

from faldeck.app import wording
from faldeck.app.job_sections import Section
from faldeck.history import History, Store
from faldeck.job import now
from faldeck.query import Query, parse
from faldeck.safety import sanitize
from faldeck.tui.panes.job_list_state import JobListState
from faldeck.tui.panes.lines import Span, width_of
from faldeck.tui.panes.pane import PLAIN

COUNT_CAP = 1_000_000
"""The most jobs counted in a section that an index alone can count."""

SEARCH_COUNT_CAP = 10_000
"""The most jobs counted in a section that searches for words."""

ALWAYS_SHOWN = 4
"""The first sections have a tab even if they have no jobs."""


class SectionTabs:
    """How the tabs look, and the counts in them."""

    def __init__(self) -> None:
        self._counts: Mapping[str, str] = {}
        """Name of a section → how many jobs it has, as text; empty for zero."""
        self.spent = ""
        """The cost of this month's jobs, as text; empty for zero."""
        self.width = 0
        """Cells of all tabs when they were last drawn."""

    @property
    def are_counted(self) -> bool:
        """True once the jobs were counted."""
        return bool(self._counts)

    @property
    def live(self) -> str:
        """How many jobs are live, as text; empty for none."""
        return self._counts.get("live", "")

    async def count(self, history: History, sections: Sequence[Section]) -> bool:
        """Counts the jobs of each section and adds up this month's cost. True if a number changed.

        Raises HistoryError.
        """
        counts = {}
        for section in sections:  # One query after the other, so that none delays the rows for long.
            query = parse(section.filter).query
            counts[section.name] = await history.read(partial(counted, query=query))
        month = now().astimezone().date().replace(day=1)
        usd = await history.read(lambda store: store.spent_usd(month))
        spent = f"{wording.usd(usd)} this month" if usd else ""
        is_changed = (counts, spent) != (self._counts, self.spent)
        self._counts, self.spent = counts, spent
        return is_changed

    def of(self, section: Section) -> str:
        """How many jobs a section has, as text; empty for none, or before they were counted."""
        return self._counts.get(section.name, "")

    def spans(self, choice: JobListState, width: int, ink: Callable[[str], Style]) -> list[Span]:
        """The tabs that fit into `width` cells, the open one in reverse."""
        spans: list[Span] = []
        for section in self._visible(choice, width):
            is_open = section is choice.section
            spans += [(" ", PLAIN), (self._label(section), ink("tab-open") if is_open else PLAIN)]
        return spans

    def places(self, choice: JobListState) -> Iterator[tuple[int, int, Section]]:
        """The cell where each tab starts, its width and its section."""
        start = 0
        for section in self._visible(choice, self.width):
            width = 1 + width_of(self._label(section))
            yield start, width, section
            start += width

    def _visible(self, choice: JobListState, width: int) -> Sequence[Section]:
        """The sections whose tabs are shown: the open one always; a late built-in one only if it has jobs."""
        shown = [
            section
            for at, section in enumerate(choice.sections)
            if at < ALWAYS_SHOWN or section.is_saved or section is choice.section or self._counts.get(section.name)
        ]
        while len(shown) > 1 and shown[0] is not choice.section and self._width(shown, choice.section) > width:
            shown = shown[1:]
        return shown

    def _width(self, shown: Sequence[Section], last: Section) -> int:
        """The cells of the tabs from the first shown one to `last`."""
        cells = 0
        for section in shown:
            cells += 1 + width_of(self._label(section))
            if section is last:
                break
        return cells

    def _label(self, section: Section) -> str:
        name = sanitize.clean_line(section.name, limit=20)
        count = self._counts.get(section.name, "")
        return f" {name} {count} " if count else f" {name} "


def counted(store: Store, query: Query) -> str:
    """How many jobs match, as text: `1,204`, `10,000+`; empty for none."""
    cap = SEARCH_COUNT_CAP if query.has_words else COUNT_CAP
    count = store.count(query, cap=cap)
    return f"{count:,}{'+' if count == cap else ''}" if count else ""
