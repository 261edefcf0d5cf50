"""The lines in which a person types a filter of the jobs or of the models; Tab completes names and values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.style import Style
from textual import work
from textual.actions import SkipAction
from textual.binding import BindingType

from faldeck.history import History, HistoryError
from faldeck.query import FilterProblem, models, parse
from faldeck.query.completion import Completion, Known, complete, complete_from
from faldeck.safety import sanitize
from faldeck.tui.bindings import bindings
from faldeck.tui.panes.lines import Span
from faldeck.tui.panes.search_line import SearchLine

MOST_OPTIONS = 12
"""The most completions that are shown."""


def hint_of(
    completion: Completion | None, text: str, problems: Sequence[FilterProblem], ink: Callable[[str], Style]
) -> Sequence[Span]:
    """What Tab completes in a typed filter, or else what is wrong with it; empty if neither."""
    typed = text[completion.start : completion.end] if completion else ""
    if options := [option for option in (completion.options if completion else ()) if option.strip() != typed]:
        shown = "  ".join(sanitize.clean_line(option, limit=60) for option in options[:MOST_OPTIONS])
        more = f"  +{len(options) - MOST_OPTIONS}" if len(options) > MOST_OPTIONS else ""
        return ((" Tab ", ink("accent")), (f"{shown}{more}", ink("dim")))
    if problems:
        return ((f"  {sanitize.clean_line(problems[0].message, limit=200)}", ink("bad")),)
    return ()


class LastCompletion:
    """The completion of a filter, made once for a text: every line that is drawn asks for it."""

    def __init__(self) -> None:
        self._asked: tuple[str, int, Known] | None = None
        self._found = Completion(0, 0)

    def at(self, text: str, cursor: int, known: Known) -> Completion:
        """The possible completions at the cursor."""
        if self._asked is None or self._asked[:2] != (text, cursor) or self._asked[2] is not known:
            self._asked, self._found = (text, cursor, known), complete(text, cursor, known)
        return self._found


class FilterLine(SearchLine):
    """A search line for the language of filters."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")

    def __init__(
        self, history: History, typed: Callable[[], None], unreadable: Callable[[HistoryError], None], *, id: str
    ) -> None:
        """`typed` is called after each change, `unreadable` if the history cannot be read."""
        super().__init__(typed, id=id, placeholder="words, an id, or filters such as state:failed model:flux since:7d")
        self._history, self._unreadable = history, unreadable
        self._known = Known()
        self._completions = LastCompletion()

    def begin(self) -> None:
        super().begin()
        self._learn()

    @work(exclusive=True)
    async def _learn(self) -> None:
        """Reads the models, profiles and tags that can be completed."""
        try:
            self._known = await self._history.read(lambda store: store.lists.known_values())
        except HistoryError as error:
            self._unreadable(error)

    @property
    def completion(self) -> Completion:
        """The possible completions at the cursor."""
        return self._completions.at(self.value, self.cursor_position, self._known)

    def hint(self, ink: Callable[[str], Style]) -> Sequence[Span]:
        """The possible completions, or else the problem; empty if neither."""
        return hint_of(self.completion, self.value, parse(self.value).problems, ink)

    def action_complete(self) -> None:
        """Completes the word before the cursor. Without a completion, Tab does what it always does."""
        found = self.completion
        if not found.options:
            raise SkipAction
        self.value, self.cursor_position = found.applied(self.value)


class ModelSearchLine(SearchLine):
    """The search line of the models."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")

    categories: Sequence[str] = ()
    """The values of `cat:`."""

    @property
    def completion(self) -> Completion:
        """The possible completions at the cursor."""
        return complete_from(models.vocabulary(self.categories), self.value, self.cursor_position)

    def hint(self, ink: Callable[[str], Style]) -> Sequence[Span]:
        """The possible completions, or else what is wrong with the search; empty if neither."""
        completion = self.completion if self.has_focus and self.value else None
        return hint_of(completion, self.value, models.parse(self.value.strip()).problems, ink)

    def action_complete(self) -> None:
        """Completes the word before the cursor. Without a completion, Tab does what it always does."""
        found = self.completion
        if not found.options:
            raise SkipAction
        self.value, self.cursor_position = found.applied(self.value)
