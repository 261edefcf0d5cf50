"""Small dialogs over the deck: pick one of a list, edit a long text. They are see-through, so that little is painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input, Static, TextArea

from faldeck.tui.lines import Span, pad
from faldeck.tui.list_pane import ListPane
from faldeck.tui.pane import PLAIN
from faldeck.tui.search import Search

Value = TypeVar("Value")

SEARCHED_FROM = 8
"""Items from which on a list can be searched."""


@dataclass(frozen=True, slots=True)
class Item(Generic[Value]):
    """Something that can be picked."""

    label: str
    value: Value
    hint: str = ""
    """What is said of it, flush right."""
    lead: str = ""
    """What stands before the label: its key."""


class ItemList(ListPane, Generic[Value]):
    """The list of a picker."""

    TOP = 1

    @dataclass
    class Picked(Message):
        """An item was picked."""

        item: Item[object]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "pick", "Pick", id="picker.pick", tooltip="Pick the row"),
        Binding("slash", "search", "Search", show=False, id="picker.search", tooltip="Search the list"),
    ]

    def __init__(self, name: str, items: Sequence[Item[Value]], current: int) -> None:
        super().__init__()
        self._label = name
        self._items = items
        self._found = list(items)
        self._lead = max((len(item.lead) for item in items), default=0)
        self.cursor = current

    def compose(self) -> ComposeResult:
        yield Search(self._find, id="picker-search")

    def on_mount(self) -> None:
        self.move_to(self.cursor)

    @property
    def search(self) -> Search:
        """The search line."""
        return self.query_one(Search)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        return ((self._label, self.ink("strong")),), ((f"{len(self._found)}", PLAIN),)

    def head_line(self, y: int) -> Strip:
        return self.drawn(((" / ", self.ink("accent")),))

    def row_count(self) -> int:
        return len(self._found)

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        item = self._found[index]
        lead = (f" {pad(item.lead, self._lead)} ", self.ink("accent")) if self._lead else ("", PLAIN)
        return (lead, (f" {item.label}", PLAIN)), ((f" {item.hint} ", self.ink("dim")),)

    def empty(self) -> Sequence[Sequence[Span]]:
        return (((" Nothing is like that.", self.ink("dim")),),)

    def _find(self) -> None:
        words = self.search.value.lower().split()
        self._found = [
            item for item in self._items if all(word in f"{item.label} {item.hint}".lower() for word in words)
        ]
        self.cursor = self.scrolled = 0
        self.refresh()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_pick()

    def action_search(self) -> None:
        self.search.focus()

    def action_pick(self) -> None:
        if self._found:
            self.post_message(self.Picked(self._found[self.cursor]))


class Picker(ModalScreen["Item[Value] | None"], Generic[Value]):
    """One of several items, or None. Typing searches."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,q", "dismiss(None)", "Close", id="picker.close", tooltip="Pick nothing"),
    ]

    def __init__(self, name: str, items: Sequence[Item[Value]], *, current: int = 0, wide: bool = False) -> None:
        super().__init__()
        self._list = ItemList(name, items, current)
        self._list.styles.height = min(len(items), 18) + 2
        self._list.styles.width = 76 if wide else 52
        self._is_searched = len(items) >= SEARCHED_FROM

    def compose(self) -> ComposeResult:
        with Vertical(classes="popup"):
            yield self._list

    def on_mount(self) -> None:
        (self._list.search if self._is_searched else self._list).focus()

    def on_item_list_picked(self, event: ItemList.Picked) -> None:
        event.stop()
        self.dismiss(event.item)  # type: ignore[arg-type]


class LongText(TextArea):
    """A text area that is let go of when its dialog closes."""

    def on_unmount(self) -> None:
        # Without this the screen's signal keeps every text area that ever was.
        self.screen.text_selection_started_signal.unsubscribe(self)


class TextDialog(ModalScreen["str | None"]):
    """A text of many lines; None where it was left unchanged."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j", "done", "Done", id="text.done", tooltip="Keep the text"),
        Binding("escape", "leave", "Close", id="text.leave", tooltip="Keep the text where it is right"),
    ]

    def __init__(self, name: str, text: str, *, check: Callable[[str], str] = lambda text: "") -> None:
        """`check` gives what is wrong with a text, or nothing."""
        super().__init__()
        self._label = name
        self._text = text
        self._check = check

    def compose(self) -> ComposeResult:
        area = LongText(self._text, soft_wrap=True, show_line_numbers=False, compact=True)
        area.cursor_blink = False
        with Vertical(classes="popup text"):
            yield Static(f" {self._label}", classes="heading", markup=False)
            yield area
            yield Static(" ^J keeps the text · Esc closes", classes="hint", markup=False)

    def on_mount(self) -> None:
        area = self.query_one(LongText)
        area.move_cursor(area.document.end)
        area.focus()

    def action_done(self) -> None:
        text = self.query_one(LongText).text
        if problem := self._check(text):
            self.query_one(".hint", Static).update(f" ✗ {problem}")
        else:
            self.dismiss(text)

    def action_leave(self) -> None:
        text = self.query_one(LongText).text
        self.dismiss(None if text == self._text or self._check(text) else text)


class Confirm(Picker[bool]):
    """A yes or a no to something that cannot be taken back."""

    def __init__(self, question: str, yes: str, no: str = "No, leave it") -> None:
        super().__init__(question, [Item(no, False), Item(yes, True)], wide=True)
