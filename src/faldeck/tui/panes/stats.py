"""The Stats pane: the sums of the jobs of a day, week, month or year, as numbers and as charts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.strip import Strip

from faldeck.app import stats, wording
from faldeck.app.stats import Grouping, Period, Report, Span, Sums
from faldeck.history import History, HistoryError, Interrupted
from faldeck.job import now
from faldeck.tui.bindings import bindings
from faldeck.tui.panes import charts
from faldeck.tui.panes.lines import Span as Piece
from faldeck.tui.panes.lines import cut, pad, width_of
from faldeck.tui.panes.pane import PLAIN, ListPane, notify_unreadable

HEADINGS = ("jobs", "ok", "spent", "median", "p95", "size")
SHORTEST_BAR, LONGEST_BAR = 6, 40
CHART_WORDS = 30
"""Cells next to a chart for its highest value."""
LOOK_SECONDS = 2.0
"""Seconds between two checks whether the history has changed."""
UNHURRIED = 10
"""After adding up, the pane waits this many times as long, so that a huge history is not added up all the time."""


class StatsPane(ListPane):
    """A row for each group, the newest or the most expensive first, below the sums and charts of the whole period."""

    NAME = "Stats"
    HELP = "The sums of the jobs. Money is exact; a median or 95th percentile (p95) of the time is at most 1.6 % off."

    has_rule = False
    is_active = True

    BINDINGS: ClassVar[list[BindingType]] = bindings("stats")

    def __init__(self, history: History) -> None:
        super().__init__(id="stats")
        self._history = history
        self.by = Grouping.DAY
        self.period = Period.around(Span.MONTH, _today())
        self.report: Report | None = None
        """What is shown; None until it has been read."""
        self._rows: list[tuple[Sums, list[str]]] = []
        self._days: list[Sums] = []
        """Every day of the period."""
        self._widths: list[int] = []
        self._version = -1
        self._is_reading = False
        self._rests_until = 0.0

    def on_mount(self) -> None:
        self.screen.set_focus(self)
        self._show()
        self.set_interval(LOOK_SECONDS, self._look)

    # Reading

    def _show(self) -> None:
        """Reads the sums of the period and shows them."""
        if self._is_reading:
            self._history.interrupt()
        self._is_reading = True
        self.refresh_title()
        self._read(self.by, self.period, is_new=True)

    def _look(self) -> None:
        if not self._is_reading and time.monotonic() > self._rests_until:
            self._read(self.by, self.period, is_new=False)

    @work(exclusive=True, group="stats")
    async def _read(self, by: Grouping, period: Period, *, is_new: bool) -> None:
        begun = time.monotonic()
        try:
            version = await self._history.read(lambda store: store.version())
            if not is_new and version == self._version:
                return
            report, days = await self._history.browse(
                lambda store: tuple(store.stats.report(one, period.days) for one in (by, Grouping.DAY))
            )
        except Interrupted:
            return  # Another period is being read.
        except HistoryError as error:
            self._is_reading = False
            self.refresh_title()
            notify_unreadable(self, self._history, error)
            return
        self._version, self._is_reading = version, False
        self._rests_until = time.monotonic() + UNHURRIED * (time.monotonic() - begun)
        self.show(report, stats.daily(days.groups, period))
        if is_new:
            self.move_to(0)

    def show(self, report: Report, days: Sequence[Sums]) -> None:
        """Shows a report, and the charts of the days of its period."""
        groups = reversed(report.groups) if report.by.is_of_time else report.groups
        self.report, self._days = report, list(days)
        self._rows = [(sums, wording.sums(sums)) for sums in groups]
        cells = [HEADINGS, *(numbers for _, numbers in self._rows)]
        self._widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        self.move_to(self.cursor)
        self.refresh()

    # Drawing

    def title(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        text = "adding up…" if self._is_reading else f"by {self.by}"
        return ((f" {self.period.title}", PLAIN),), ((text, PLAIN),)

    @property
    def top(self) -> int:
        has_charts = self.period.span is not Span.DAY
        return 1 if not self._has_jobs else 7 if has_charts else 4

    @property
    def _has_jobs(self) -> bool:
        return self.report is not None and self.report.total.jobs > 0

    def head_line(self, y: int) -> Strip:
        if not self._has_jobs or y == 0:
            return self.drawn(())
        return self.drawn(*(self._head_line(y) if self.top > 4 or y in (1, 2) else self._head_line(y + 3)))

    def _head_line(self, y: int) -> tuple[Sequence[Piece], Sequence[Piece]]:
        assert self.report
        match y:
            case 1:
                return self._totals(self.report.total), ()
            case 3:
                return self._chart("spent", lambda sums: sums.spent_usd, lambda sums: f"${sums.spent_usd:,.2f}")
            case 4:
                return self._chart("jobs", lambda sums: sums.jobs, lambda sums: f"{sums.jobs:,}")
            case 6:
                return self._headings()
        return (), ()

    def _totals(self, total: Sums) -> Sequence[Piece]:
        words = ("jobs" if total.jobs != 1 else "job", "ok", "spent", "median", "p95", "")
        spans: list[Piece] = [(" ", PLAIN)]
        for number, word in zip(wording.sums(total), words, strict=True):
            if number:
                before, after = (f"{word} ", "") if word in ("median", "p95") else ("", f" {word}" if word else "")
                dim = self.ink("dim")
                spans += [(before, dim), (number, self.ink("strong")), (f"{after}   ", dim)]
        return spans

    def _chart(
        self, name: str, value: Callable[[Sums], Decimal | int], text: Callable[[Sums], str]
    ) -> tuple[Sequence[Piece], Sequence[Piece]]:
        highest = max(self._days, key=value)
        most = f"most {text(highest)} on {date.fromisoformat(highest.key):%b %d} " if value(highest) else ""
        room = self.line_width - 8 - CHART_WORDS
        drawn = charts.columns([float(value(sums)) for sums in self._days], room)
        return ((f" {pad(name, 7)}", self.ink("head")), (drawn, self.ink("accent"))), ((most, self.ink("dim")),)

    @property
    def _key_width(self) -> int:
        """Cells of the names of the groups."""
        longest = max([width_of(self.by), *(width_of(sums.key) for sums, _ in self._rows)])
        room = self.line_width - 2 - sum(width + 2 for width in self._widths) - SHORTEST_BAR - 2
        return max(10, min(longest, room))

    def _headings(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        numbers = "".join(f"  {name:>{width}}" for name, width in zip(HEADINGS, self._widths, strict=True))
        return ((f" {pad(str(self.by), self._key_width)}{numbers}", self.ink("head")),), ()

    def row_count(self) -> int:
        return len(self._rows)

    def row(self, index: int) -> tuple[Sequence[Piece], Sequence[Piece]]:
        sums, numbers = self._rows[index]
        key_width = self._key_width
        written = "".join(f"  {number:>{width}}" for number, width in zip(numbers, self._widths, strict=True))
        left = self.line_width - 1 - key_width - width_of(written) - 3
        is_free = not any(one.spent_usd for one, _ in self._rows)
        value = float(sums.jobs if is_free else sums.spent_usd)
        most = float(max(one.jobs if is_free else one.spent_usd for one, _ in self._rows))
        return (
            (f" {pad(cut(sums.key, key_width), key_width)}", PLAIN),
            (written, PLAIN),
            (f"  {charts.bar(value, most, min(left, LONGEST_BAR))}", self.ink("accent")),
        ), ()

    def empty(self) -> Sequence[Sequence[Piece]]:
        if self.report is None:
            return ()
        dim, key = self.ink("dim"), self.ink("accent")
        if self._has_jobs:
            return (
                ((" None of these jobs has a tag.", dim),),
                (
                    (" t", key),
                    (" in the list of jobs gives one; ", dim),
                    ("b", key),
                    (" adds up by something else.", dim),
                ),
            )
        return (
            ((f" There are no jobs in this {self.period.span}.", dim),),
            (
                (" ←", key),
                (" shows the one before, ", dim),
                ("y", key),
                (" the whole year, ", dim),
                ("Esc", key),
                (" goes back.", dim),
            ),
        )

    # Actions

    def action_turn(self, steps: int) -> None:
        self.period = self.period.next() if steps > 0 else self.period.previous()
        self._show()

    def action_span(self, span: str) -> None:
        """Shows a period of another length. It contains today if the shown one does."""
        is_now = self.period.first <= _today() <= self.period.last
        self.period = Period.around(Span(span), _today() if is_now else self.period.first)
        self._show()

    def action_today(self) -> None:
        self.period = Period.around(self.period.span, _today())
        self._show()

    def action_next_grouping(self) -> None:
        kinds = list(Grouping)
        self.by = kinds[(kinds.index(self.by) + 1) % len(kinds)]
        self._show()


def _today() -> date:
    return now().astimezone().date()
