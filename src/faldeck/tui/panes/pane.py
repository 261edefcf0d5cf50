"""What the four panes share: a title line that shows the focus, and a body drawn line by line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip

from faldeck.tui.bindings import bindings
from faldeck.tui.panes.jumping import JumpTarget
from faldeck.tui.panes.kept_lines import KeptLines
from faldeck.tui.panes.lines import Span, cut, line
from faldeck.tui.panes.moves import Moves
from faldeck.tui.panes.position import BAR, Position, thumb
from faldeck.tui.terminal.plain import has_no_colours
from faldeck.tui.theme import ink

if TYPE_CHECKING:
    from faldeck.history import History, HistoryError
    from faldeck.tui.panes.search_line import FindLine


PLAIN = Style()
REVERSE = Style(reverse=True)


class PaneMessage(Message):
    """Something happened in a pane; its screen answers."""


class SearchTarget(NamedTuple):
    """The lines that a search in a pane goes through."""

    lines: Callable[[], Sequence[str]]
    start: Callable[[], int]
    """Returns the index of the line at which the search starts."""
    show: Callable[[int | None], None]
    """Shows the line of a match; None means no match."""


@lru_cache(1024)
def _coloured(words: str) -> Style:
    """The style `#rrggbb on #rrggbb`. Rich's own parser takes longer and keeps thousands of styles."""
    foreground, _, background = words.rpartition("on ")
    return Style(color=foreground.strip() or None, bgcolor=background)


def plain(spans: Sequence[Span]) -> Sequence[Span]:
    """The spans without their colours."""
    return [(text, style.without_color) for text, style in spans]


class Pane(KeptLines, can_focus=True):
    """A pane that draws itself. Subclasses return the title's spans and the body's lines."""

    HELP: ClassVar[str] = ""
    """What the pane is for, shown above its keys."""

    NUMBER: ClassVar[str] = ""
    """The key that brings the focus here, shown in the title."""
    NAME: ClassVar[str] = ""

    BINDINGS: ClassVar[list[BindingType]] = bindings("pane")

    labels: Mapping[tuple[int, int], str] = {}
    """Cell (x, y) → the letters of jump mode that are drawn there."""

    find_line: FindLine | None = None
    """The search over the shown lines, after the first one."""

    _own_style: Style | None = None
    """The pane's own style, once a line was drawn: Textual blends the colours of all parents when it is asked."""

    is_active = var(False)
    """Whether the focus is on the pane or inside it. Its screen sets this."""

    def ink(self, name: str) -> Style:
        """The style called `name`, to add to a line's own."""
        return ink(self, name)

    def styled(self, style: str) -> Style:
        """The style of a piece of a row: colours, the name of an ink, or `link` and a URL."""
        if style.startswith(("#", "on #")):
            return _coloured(style)
        name, _, link = style.partition(" ")
        base = self.ink(name) if name else PLAIN
        return base.update_link(link) if link else base

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        """The spans after the pane's name, and those flush right."""
        return (), ()

    def body_line(self, y: int) -> Strip:
        """The body's line `y`, from 0 just below the title."""
        return self.drawn(())

    def drawn(self, left: Sequence[Span], right: Sequence[Span] = (), *, over: str = "") -> Strip:
        """One line of the pane; `over` names a style for the whole line, such as the cursor's."""
        if self._own_style is None:
            self._own_style = self.rich_style
        own = self._own_style
        base = own
        if over:
            ground = self.ink(over)
            base += ground
            if ground.reverse:
                # Without a ground of its own a marked row is reversed as a whole: colours would make patches of it.
                left, right = plain(left), plain(right)
        if self.has_rule:
            rule = ("│" if over not in ("title", "title-focused") else " ", own + self.ink("rule"))
            left = (rule, *left)
        return line(self.size.width, base, left, right)

    def begin(self) -> None:
        """Takes the focus at once, so that the next keys come here."""
        self.screen.set_focus(self)

    @property
    def is_left(self) -> bool:
        """Whether another pane has the focus; False while the terminal itself has lost it."""
        return any(pane.is_active for pane in self.screen.query(Pane) if pane is not self)

    @property
    def has_rule(self) -> bool:
        """Whether a thin line separates the pane from its left neighbour."""
        return self.region.x > 0

    @property
    def line_width(self) -> int:
        """Cells for text in a line."""
        return self.size.width - self.has_rule

    @property
    def cursor_style(self) -> str:
        """The name of the style of the row that keys act on."""
        return "cursor" if self.is_active else "cursor-blurred"

    @property
    def body_height(self) -> int:
        """Lines below the title."""
        return max(0, self.size.height - 1)

    # Searching what is shown

    def search_target(self) -> SearchTarget:
        """The lines that a search in the pane goes through; nothing by default."""
        return SearchTarget(lambda: (), lambda: 0, lambda line: None)

    async def action_find(self) -> None:
        from faldeck.tui.panes.search_line import FindLine

        if self.find_line is None:
            target = self.search_target()

            def show_match() -> None:
                if self.find_line:
                    target.show(self.find_line.matches.here)
                    self.refresh_title()

            self.find_line = FindLine(target.lines, target.start, show_match)
            await self.mount(self.find_line)
        self.find_line.open()
        self.refresh_title()

    def action_find_next(self, steps: int) -> None:
        if self.find_line and self.find_line.matches.words:
            self.find_line.step(steps)

    # Jumping, and clicks

    def jump_targets(self) -> Iterator[JumpTarget]:
        """The places of the pane that a letter or a click goes to: its title, and what subclasses add."""
        yield JumpTarget(int(self.has_rule), 0, self.begin)

    def on_click(self, event: events.Click) -> None:
        if target := next((one for one in self.jump_targets() if one.is_at(event.x, event.y)), None):
            target.go()

    def render_line(self, y: int) -> Strip:
        strip = self._line(y)
        for (x, place), letters in self.labels.items():
            if place == y:
                label = Strip([Segment(letters, self.rich_style + self.ink("jump"))])
                strip = Strip.join([strip.crop(0, x), label, strip.crop(x + len(letters))])
        return strip

    def _line(self, y: int) -> Strip:
        if y > 0:
            return self.body_line(y - 1)
        left, right = self.title()
        if self.find_line and self.find_line.matches.words:
            words = f"“{cut(self.find_line.matches.words, 12)}” " if not self.find_line.display else ""
            right = (*right, (f"  {words}{self.find_line.matches.position}", self.ink("strong")))
        if self.find_line and self.find_line.display:
            return self.drawn(((" / ", self.ink("strong")),), (*right[-1:], (" ", PLAIN)), over="title-focused")
        number = f" {self.NUMBER}" if self.NUMBER else ""
        # Without colours the first row of a dialog is often the row of the cursor: one bar would be made of the two.
        is_bar = self.is_active and not (self.screen.is_modal and has_no_colours())
        over = "title-focused" if is_bar else "title"
        name = ((number, self.ink(f"{over}-key")), (f" {self.NAME} " if self.NAME else " ", self.ink("strong")))
        return self.drawn((*name, *left), (*right, (" ", PLAIN)), over=over)

    def render_lines(self, crop: Region) -> list[Strip]:
        self._own_style = None
        return super().render_lines(crop)

    def refresh_title(self) -> None:
        """Repaints the title line."""
        self.refresh(Region(0, 0, self.size.width, 1))

    def watch_is_active(self) -> None:
        self.refresh()


def notify_unreadable(pane: Pane, history: History, error: HistoryError) -> None:
    """Reports that the history could not be read, once for each reason."""
    if history.is_news(error):
        pane.notify(str(error), title="The history cannot be read", severity="error", markup=False)


class ListPane(Moves, Pane):
    """A list of rows with a cursor. Subclasses return the number of rows and draw one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("move")

    cursor = 0
    """The row that keys act on."""

    scrolled = 0
    """The first row shown."""

    _painted: tuple[tuple[int, int, int], Sequence[object]] = ((0, 0, 0), ())
    """The last call of `refresh_changed`: the first row, the cursor and the number of rows; and what they showed."""

    @cached_property
    def position(self) -> Position:
        """What the title says of the cursor's place."""
        return Position(self)

    @property
    def top(self) -> int:
        """Body lines above the rows."""
        return 0

    @property
    def foot(self) -> int:
        """Body lines below the rows."""
        return 0

    @property
    def page_size(self) -> int:
        """Rows that fit."""
        return max(1, self.body_height - self.top - self.foot)

    @property
    def row_width(self) -> int:
        """Cells for text in a row: one less than in a line, beside the scroll bar."""
        return self.line_width - (self.total > self.page_size)

    @abstractmethod
    def row_count(self) -> int:
        """The number of rows."""

    @abstractmethod
    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        """The spans of a row, and those flush right."""

    def head_line(self, y: int) -> Strip:
        """A body line above the rows."""
        return self.drawn(())

    def foot_line(self, y: int) -> Strip:
        """A body line below the rows."""
        return self.drawn(())

    def empty(self) -> Sequence[Sequence[Span]]:
        """The lines to show if there are no rows: they say what to do next."""
        return ()

    def body_line(self, y: int) -> Strip:
        y -= self.top
        if y < 0:
            return self.head_line(y + self.top)
        if y >= self.page_size:
            return self.foot_line(y - self.page_size)
        if not self.row_count():
            words = self.empty()
            return self.drawn(words[y] if y < len(words) else ())
        index = self.scrolled + y
        if index >= self.row_count():
            return self.drawn(())
        left, right = self.row(index)
        if self.total > self.page_size:
            is_filled = y in thumb(self.page_size, self.scrolled, self.total)
            right = (*right, (BAR if is_filled else " ", self.ink("rule")))
        return self.drawn(left, right, over=self.cursor_style if index == self.cursor else "")

    @property
    def total(self) -> int:
        """The number of rows with those that are not in memory."""
        return self.row_count()

    @property
    def place(self) -> str:
        """The position of the cursor and the number of rows, as text."""
        return self.position.words(self.total, self.page_size)

    def move_to(self, index: int) -> None:
        """Puts the cursor on a row, and scrolls as little as possible."""
        before, scrolled = self.cursor, self.scrolled
        self.cursor = max(0, min(index, self.row_count() - 1))
        last_page = max(0, self.row_count() - self.page_size)
        self.scrolled = max(self.cursor - self.page_size + 1, min(self.scrolled, self.cursor, last_page))
        if self.scrolled != scrolled:
            self.position.shown = self.cursor
            self.refresh()
        elif self.cursor != before:
            for row in (before, self.cursor):
                self.refresh_row(row)
        if self.cursor != before:
            if self.total > self.page_size:
                self.position.follow()
            self.moved()

    def refresh_row(self, index: int) -> None:
        """Paints one row again."""
        y = 1 + self.top + index - self.scrolled
        self.refresh(Region(0, y, self.size.width, 1))

    def refresh_changed(self, shown: Sequence[object]) -> None:
        """Paints the title again, and the rows that have changed since the last call.

        `shown` is what the rows on the screen stand for, from the top row on.
        """
        painted = (self.scrolled, self.cursor, self.row_count()), shown
        (place, rows), self._painted = self._painted, painted
        if not shown or place != painted[0] or len(rows) != len(shown):
            self.refresh()
            return
        self.refresh_title()
        for row, (before, now) in enumerate(zip(rows, shown, strict=True), self.scrolled):
            if now != before:
                self.refresh_row(row)

    def refresh_foot(self) -> None:
        """Paints the lines below the rows again."""
        self.refresh(Region(0, self.size.height - self.foot, self.size.width, self.foot))

    def moved(self) -> None:
        """Called after the cursor has moved to another row."""

    def move_by(self, rows: int) -> None:
        self.move_to(self.cursor + rows)

    def search_target(self) -> SearchTarget:
        def lines() -> Sequence[str]:
            return ["".join(text for text, _ in self.row(index)[0]) for index in range(self.row_count())]

        def show(line: int | None) -> None:
            if line is not None:
                self.move_to(line)

        return SearchTarget(lines, lambda: self.cursor, show)

    def on_resize(self, event: events.Resize) -> None:
        self.move_to(self.cursor)

    def jump_targets(self) -> Iterator[JumpTarget]:
        yield from super().jump_targets()
        for row in range(self.scrolled, min(self.scrolled + self.page_size, self.row_count())):
            y = 1 + self.top + row - self.scrolled
            yield JumpTarget(int(self.has_rule), y, partial(self._jump_to, row), self.line_width)

    def _jump_to(self, row: int) -> None:
        self.begin()
        self.move_to(row)

    def clicked_row(self, event: events.Click) -> int | None:
        """The row at a click; None outside the rows."""
        y = event.y - 1 - self.top
        index = self.scrolled + y
        return index if 0 <= y < self.page_size and index < self.row_count() else None

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.move_to(self.cursor + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.move_to(self.cursor - 3)
