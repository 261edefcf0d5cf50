"""A small dialog that picks one item of a list. It covers a small part of the deck, so that little is repainted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input

from faldeck.tui.bindings import bindings
from faldeck.tui.panes.lines import Span, pad, width_of, wrap
from faldeck.tui.panes.pane import PLAIN, ListPane
from faldeck.tui.panes.search_line import SearchLine

Value = TypeVar("Value")

TALLEST = 16
"""The most lines of a list. The part that a dialog covers is repainted when it closes."""

LEAST_SEEN = 6
"""Lines of a list that stay in sight below a long text: the title, and some items."""

WIDEST = 100
"""The most cells of a list; a narrow screen shows less."""

SEARCHED_FROM = 8
"""A list with this many items or more has a search line."""


@dataclass(frozen=True, slots=True)
class PickerItem(Generic[Value]):
    """An item of a list."""

    label: str
    value: Value
    hint: str = ""
    """A remark, flush right."""
    lead: str = ""
    """The item's key, before the label."""
    words: str = ""
    """Other words by which a search finds it."""

    @property
    def searched(self) -> str:
        """The text that a search looks at, in small letters."""
        return f"{self.label} {self.hint} {self.words}".lower()


class PickerList(ListPane, Generic[Value]):
    """A list of items; a long one has a search line."""

    has_rule = False
    is_active = True

    @dataclass
    class Picked(Message):
        """An item was picked."""

        item: PickerItem[object]

    BINDINGS: ClassVar[list[BindingType]] = bindings("picker")

    def __init__(
        self,
        name: str,
        items: Sequence[PickerItem[Value]],
        current: int,
        *,
        is_searched: bool | None = None,
        find: Callable[[str], Sequence[PickerItem[Value]]] | None = None,
        if_empty: str = "Nothing matches. Esc closes.",
    ) -> None:
        """`is_searched` says whether the list has a search line; by default a long one has.

        `find` returns the items for a typed text; by default those with all its words. `if_empty` is shown where there
        are none.
        """
        super().__init__()
        self._label = name
        self._if_empty = if_empty
        self._items = items
        self._found = list(items)
        self._search = find or self._with_all_words
        self._lead = max((width_of(item.lead) for item in items), default=0)
        self.is_searched = len(items) >= SEARCHED_FROM if is_searched is None else is_searched
        self.cursor = current
        self.text: Sequence[str] = ()
        """Lines between the title and the items."""

    def compose(self) -> ComposeResult:
        if self.is_searched:
            search = SearchLine(self._find, id="picker-search")
            search.styles.offset = 3, 1 + len(self.text)
            yield search

    def on_mount(self) -> None:
        self.screen.set_focus(self.query_one(SearchLine) if self.is_searched else self)
        # Scrolls to the cursor, which keys may have moved before the first frame.
        self.call_after_refresh(lambda: self.move_to(self.cursor))

    def show(self, items: Sequence[PickerItem[Value]]) -> None:
        """Shows other items. The cursor stays on its row."""
        self._items, self._found = items, list(items)
        self.move_to(self.cursor)
        self.refresh()

    @property
    def here(self) -> PickerItem[Value] | None:
        """The item under the cursor."""
        return self._found[self.cursor] if self.cursor < len(self._found) else None

    @property
    def top(self) -> int:
        return len(self.text) + self.is_searched

    @property
    def height(self) -> int:
        """The number of lines of the whole list."""
        return 1 + self.top + len(self._items)

    @property
    def width(self) -> int:
        """The cells of the widest item, with room for its key and its remark."""
        items = (width_of(item.label) + width_of(item.hint) for item in self._items)
        return self._lead + 7 + max(items, default=0)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        return ((self._label, self.ink("strong")),), ((f"{len(self._found)}" if self.is_searched else "", PLAIN),)

    def head_line(self, y: int) -> Strip:
        if y < len(self.text):
            return self.drawn(((f" {self.text[y]}", self.ink("head")),))
        return self.drawn(((" / ", self.ink("accent")),))

    def row_count(self) -> int:
        return len(self._found)

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        item = self._found[index]
        lead = (f" {pad(item.lead, self._lead)} ", self.ink("accent")) if self._lead else ("", PLAIN)
        return (lead, (f" {item.label}", PLAIN)), ((f" {item.hint} ", self.ink("dim")),)

    def empty(self) -> Sequence[Sequence[Span]]:
        return (((f" {self._if_empty}", self.ink("dim")),),)

    def _find(self) -> None:
        self._found = list(self._search(self.query_one(SearchLine).value))
        self.cursor = self.scrolled = 0
        self.refresh()

    def _with_all_words(self, text: str) -> Sequence[PickerItem[Value]]:
        words = text.lower().split()
        return [item for item in self._items if all(word in item.searched for word in words)]

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_pick()

    def action_pick(self) -> None:
        if self.here:
            self.post_message(self.Picked(self.here))  # type: ignore[arg-type]


class Picker(ModalScreen["PickerItem[Value] | None"], Generic[Value]):
    """Picks one of several items. Returns it, or None. In a long list typing searches."""

    def __init__(
        self,
        name: str,
        items: Sequence[PickerItem[Value]],
        *,
        current: int = 0,
        width: int = 52,
        text: str = "",
        tallest: int = TALLEST,
        find: Callable[[str], Sequence[PickerItem[Value]]] | None = None,
    ) -> None:
        """`text` is shown below the title. The list has at most `tallest` lines without it.

        `find` is as for `PickerList`.
        """
        super().__init__()
        self._text = text
        self._list = PickerList(name, items, current, find=find)
        self._tallest = tallest
        self._width = max(width, min(self._list.width, WIDEST))

    def compose(self) -> ComposeResult:
        here, size = self._list, self.app.size
        width = min(self._width, max(1, size.width - 2))  # Two are the frame's.
        height = min(here.height, self._tallest)
        if self._text:
            # A long text leaves some items in sight; they can be scrolled.
            room = size.height - 2 - min(height, LEAST_SEEN)
            here.text = wrap(self._text, width - 2, limit=max(1, room))
        here.styles.width, here.styles.height = width, min(height + len(here.text), max(1, size.height - 2))
        with Vertical(classes="popup tall"):
            yield here

    def on_picker_list_picked(self, event: PickerList.Picked) -> None:
        event.stop()
        self.dismiss(event.item)  # type: ignore[arg-type]
