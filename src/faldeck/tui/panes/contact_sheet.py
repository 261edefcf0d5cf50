"""The contact sheet: the pictures of many jobs as a grid, or one of them large. Only visible pictures are decoded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import ClassVar, NamedTuple

from textual import events, work
from textual.binding import BindingType
from textual.geometry import Region
from textual.reactive import var
from textual.strip import Strip

from faldeck.app import wording
from faldeck.history import History, HistoryError
from faldeck.job import Job, Output
from faldeck.safety import sanitize
from faldeck.tui.bindings import bindings
from faldeck.tui.panes.jumping import JumpTarget
from faldeck.tui.panes.lines import Span, pad, width_of, wrap
from faldeck.tui.panes.moves import Moves
from faldeck.tui.panes.pane import PLAIN, Pane, PaneMessage, notify_unreadable
from faldeck.tui.panes.picture_slot import PictureSlot
from faldeck.tui.pictures.decode import CannotShow, Room
from faldeck.tui.pictures.gallery import DrawnPicture, Gallery
from faldeck.tui.pictures.kinds import can_show

CELL_COLUMNS = 26
"""The least width of a cell of the grid, if the screen is as wide."""
LARGEST_COLUMNS = 60
"""The most: a larger picture costs a slow line more than it shows."""
OFF = "  No pictures are drawn while “pictures” is off, with NO_COLOR, or in ASCII."
MOST_JOBS = 200
"""The most jobs whose pictures are on one sheet."""


class Shot(NamedTuple):
    """One picture on the sheet."""

    job: Job
    output: Output

    @property
    def path(self) -> str:
        return self.output.path or ""

    @property
    def place(self) -> str:
        """Which of the job's outputs it is, with a blank before it: ` 2/3`; empty if it is the only one."""
        outputs = self.job.outputs
        return f" {outputs.index(self.output) + 1}/{len(outputs)}" if len(outputs) > 1 else ""


def shots_of(jobs: Iterable[Job]) -> list[Shot]:
    """The pictures of jobs that are on disk, in the order of the jobs."""
    return [Shot(job, output) for job in jobs for output in job.outputs if can_show(output)]


class SheetGrid(NamedTuple):
    """The layout of the sheet, in cells of the terminal."""

    across: int
    """Pictures in one row."""
    width: int
    """The width of one picture and the gap next to it."""
    height: int
    """The height of one picture and its caption."""

    @classmethod
    def within(cls, width: int, height: int, pictures: int) -> SheetGrid:
        """The grid for a body of this size: with all pictures as large as possible, or else as many as possible."""
        most = max(1, width // CELL_COLUMNS)
        for across in range(max(1, min(most, -(-width // LARGEST_COLUMNS))), most + 1):
            column = max(4, width // across)
            usual = max(4, min(column // 2, height))
            # A third of a row more is made from what the others can spare.
            rows = max(1, (height + usual // 3) // usual)
            if rows * across >= pictures:
                break
        return cls(across, column, max(4, height // rows))


class SheetPane(Moves, Pane):
    """A grid of pictures with a cursor."""

    NAME = "Contact sheet"
    HELP = "The pictures of the listed jobs, or of one job. Only those on disk are shown."

    has_rule = False
    is_active = True

    BINDINGS: ClassVar[list[BindingType]] = bindings("move", "sheet")

    is_large = var(False)
    """Whether one picture fills the sheet."""

    class SheetLeft(PaneMessage):
        """The person left the sheet."""

    def __init__(self, history: History, read: Callable[[], Awaitable[Sequence[Job]]], gallery: Gallery) -> None:
        """`read` returns the jobs whose pictures are shown; it may raise HistoryError."""
        super().__init__(id="sheet")
        self._history = history
        self._read = read
        self._gallery = gallery
        self._shots: Sequence[Shot] | None = None
        self._cursor = 0
        self._scrolled = 0
        """The first visible row of pictures."""
        self._drawn: dict[int, DrawnPicture] = {}
        """The pictures on the screen, by their index; no others are kept."""
        self._slot = PictureSlot(self, gallery, self._draw_again)

    @work
    async def on_mount(self) -> None:
        self.screen.set_focus(self)
        try:
            self._shots = shots_of(await self._read())
        except HistoryError as error:
            notify_unreadable(self, self._history, error)
            self._shots = ()
        self._show()

    @property
    def here(self) -> Shot | None:
        """The picture under the cursor."""
        return self._shots[self._cursor] if self._shots else None

    @property
    def _grid(self) -> SheetGrid:
        return SheetGrid.within(self.line_width, self.body_height, len(self._shots or ()))

    @property
    def _rows_seen(self) -> int:
        return max(1, self.body_height // self._grid.height)

    @property
    def _seen(self) -> range:
        """The indexes of the pictures on the screen."""
        across = self._grid.across
        return range(self._scrolled * across, min((self._scrolled + self._rows_seen) * across, len(self._shots or ())))

    # Drawing

    def _show(self) -> None:
        """Scrolls to the cursor, and draws the visible pictures."""
        row = self._cursor // self._grid.across
        self._scrolled = max(row - self._rows_seen + 1, min(self._scrolled, row))
        seen = self._seen
        self._drawn = {place: drawn for place, drawn in self._drawn.items() if place in seen}
        self.refresh()
        if not self._gallery.is_off and not self.is_large:
            self._draw_seen()

    @work(exclusive=True, group="sheet")
    async def _draw_seen(self) -> None:
        grid, shots = self._grid, self._shots or ()
        room = Room(grid.width - 2, grid.height - 1, self.background_colors[1].rgb)
        for place in self._seen:
            if place in self._drawn:
                continue
            try:
                drawn = await self._gallery.draw(shots[place].path, room)
            except CannotShow as error:
                drawn = DrawnPicture([[(line, "dim")] for line in wrap(str(error), room.columns)])
            self._drawn[place] = drawn
            row = place // grid.across - self._scrolled
            self.refresh(Region(0, 1 + row * grid.height, self.size.width, grid.height))

    def _draw_again(self) -> None:
        self.refresh()

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        shot = self.here
        if shot is None:
            return (), ()
        place = f" {self._cursor + 1}/{len(self._shots or ())}  "
        return ((place, PLAIN), (sanitize.clean_line(shot.job.title), PLAIN)), ((self._words(shot), PLAIN),)

    @staticmethod
    def _pixels(shot: Shot) -> str:
        return f"{shot.output.width}×{shot.output.height}" if shot.output.width and shot.output.height else ""

    def _words(self, shot: Shot) -> str:
        return "  ".join(part for part in (wording.model_name(shot.job.endpoint_id), self._pixels(shot)) if part)

    def body_line(self, y: int) -> Strip:
        if not self._shots:
            return self.drawn(((self._empty(y), self.ink("dim")),))
        if self.is_large and self.here and not self._gallery.is_off:
            room = Room(self.line_width - 4, self.body_height - 1, self.background_colors[1].rgb)
            rows = self._slot.rows(self.here.path, room, is_large=True)
            spans = rows[y] if y < len(rows) else []
            return self.drawn([("  ", PLAIN), *((text, self.styled(style)) for text, style in spans)])
        if self.is_large:
            return self.drawn(((OFF, self.ink("dim")),) if y == 1 else ())
        grid = self._grid
        row, line = divmod(y, grid.height)
        places = (place for place in self._seen if place // grid.across == self._scrolled + row)
        return self.drawn([span for place in places for span in self._cell_line(place, line, grid)])

    def _empty(self, y: int) -> str:
        if self._shots is None or y not in (1, 2):
            return ""
        return ("  No picture of these jobs is on the disk.", "  d in the Jobs pane fetches a job's files.")[y - 1]

    def _cell_line(self, place: int, line: int, grid: SheetGrid) -> list[Span]:
        """One line of a picture with its caption above, in exactly the cell's width."""
        shot = (self._shots or ())[place]
        if line == 0:
            is_here = place == self._cursor
            name = f"{'▸' if is_here else ' '}{sanitize.clean_line(shot.job.title)}"
            caption = f"{pad(name, grid.width - 1 - len(shot.place))}{shot.place}"
            return [(caption, self.ink(self.cursor_style if is_here else "dim")), (" ", PLAIN)]
        rows = self._drawn[place].rows if place in self._drawn else ()
        if self._gallery.is_off:
            rows = [[(self._pixels(shot), "dim")]]
        spans = rows[line - 1] if line <= len(rows) else []
        used = sum(width_of(text) for text, _ in spans)
        return [
            (" ", PLAIN),
            *((text, self.styled(style)) for text, style in spans),
            (" " * max(0, grid.width - 1 - used), PLAIN),
        ]

    # Keys

    def action_turn(self, steps: int) -> None:
        if self._shots:
            self._cursor = max(0, min(self._cursor + steps, len(self._shots) - 1))
            self._show()

    @property
    def page_size(self) -> int:
        return 1 if self.is_large else self._rows_seen

    def move_by(self, rows: int) -> None:
        """Moves by rows of pictures; one row too far moves nothing, more go to the first or the last picture."""
        across = 1 if self.is_large else self._grid.across
        wanted = self._cursor + rows * across
        if abs(rows) > 1 or (self._shots and 0 <= wanted < len(self._shots)):
            self.action_turn(rows * across)

    def action_enlarge(self) -> None:
        self.is_large = bool(self._shots) and not self.is_large
        self._show()

    def action_leave(self) -> None:
        if self.is_large:
            self.action_enlarge()
        else:
            self.post_message(self.SheetLeft())

    def on_resize(self, event: events.Resize) -> None:
        self._drawn = {}
        self._show()

    def jump_targets(self) -> Iterator[JumpTarget]:
        yield from super().jump_targets()
        grid = self._grid
        for place in () if self.is_large else self._seen:
            x, y = place % grid.across * grid.width, 1 + (place // grid.across - self._scrolled) * grid.height
            yield JumpTarget(x, y, lambda place=place: self.action_turn(place - self._cursor))  # type: ignore[misc]

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()  # A click anywhere on a picture means it; the handler of Pane knows only its letter.
        grid = self._grid
        place = (self._scrolled + (event.y - 1) // grid.height) * grid.across + event.x // grid.width
        if not self.is_large and event.y > 0 and place in self._seen:
            self.action_turn(place - self._cursor)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.move_by(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.move_by(-1)
