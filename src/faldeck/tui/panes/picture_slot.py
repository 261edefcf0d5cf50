"""The place for one picture in a pane. It is drawn when the cursor rests, and cancelled when the cursor moves on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from faldeck.tui import workers
from faldeck.tui.pictures.gallery import DrawnPicture, Gallery
from faldeck.tui.pictures.kinds import MediaKind

if TYPE_CHECKING:
    from faldeck.tui.pictures.blocks import Row
    from faldeck.tui.pictures.decode import Room

REST_SECONDS = 0.1
"""How much longer the cursor must rest on a job, once its result is shown, before its picture is drawn."""

NOTHING = DrawnPicture(())


class PictureSlot:
    """The picture of one file, in the size of the slot."""

    def __init__(self, pane: Widget, gallery: Gallery, on_drawn: Callable[[], None]) -> None:
        """`on_drawn` is called when `rows` has something new."""
        self._pane = pane
        self._gallery = gallery
        self._on_drawn = on_drawn
        self._wanted: tuple[str, Room, MediaKind] | None = None
        self._drawn = NOTHING
        self._rest: Timer | None = None
        self._work: Worker[None] | None = None

    def rows(self, path: str | None, room: Room, kind: MediaKind = MediaKind.IMAGE, *, is_large: bool) -> Sequence[Row]:
        """The picture of a file, if it is drawn already. Another file or another room makes it draw again.

        A large picture is drawn at once; if it cannot be shown, the rows say why. A small one is drawn after a rest.
        """
        wanted = (path, room, kind) if path else None
        if wanted == self._wanted:
            return self._drawn.rows
        self._give_up()
        self._wanted = wanted
        if wanted is None:
            self._drawn = NOTHING
        elif is_large:
            self._drawn = DrawnPicture([[("being drawn…", "dim")]])
            self._begin(is_large)
        else:
            self._drawn = NOTHING
            self._rest = self._pane.set_timer(REST_SECONDS, lambda: self._begin(is_large))
        return self._drawn.rows

    def _give_up(self) -> None:
        if self._rest:
            self._rest.stop()
        if self._work:
            self._work.cancel()
        self._rest = self._work = None

    def _begin(self, is_large: bool) -> None:
        self._work = workers.start(self._pane, partial(self._draw, is_large), group="picture", exclusive=True)

    async def _draw(self, is_large: bool) -> None:
        from faldeck.tui.pictures.decode import CannotShow

        if self._wanted is None:
            return
        wanted = self._wanted
        try:
            drawn = await self._gallery.draw(*wanted)
        except CannotShow as error:
            drawn = DrawnPicture([[(str(error), "dim")]] if is_large else ())
        if wanted == self._wanted:
            self._drawn = drawn
            self._on_drawn()
