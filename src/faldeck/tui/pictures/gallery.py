"""Draws pictures for the panes. One file is decoded at a time; a drawn picture is kept while its file is unchanged."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from faldeck.tui.pictures.decode import CannotShow, Room
from faldeck.tui.pictures.kinds import MediaKind
from faldeck.tui.terminal.placements import MOST_CELLS, GraphicsTerminal

if TYPE_CHECKING:
    from faldeck.tui.pictures.blocks import Row
    from faldeck.tui.terminal.bitmaps import Bitmap

MOST_KEPT_BYTES = 24_000_000
"""The memory that drawn pictures may use (bytes)."""
MOST_KEPT_CELLS = MOST_CELLS // 2
"""The cells of drawn pictures that are kept in pixels; panes keep some more."""
SPAN_BYTES = 250
"""The memory of one text with its colours (bytes)."""


class DrawnPicture(NamedTuple):
    """A picture as rows of text."""

    rows: Sequence[Row]
    bitmap: Bitmap | None = None
    """What the terminal draws instead of the rows. It is kept as long as this object."""

    @property
    def size_bytes(self) -> int:
        """Its memory, roughly (bytes)."""
        return SPAN_BYTES * sum(map(len, self.rows)) + (self.bitmap.size_bytes if self.bitmap else 0)

    @property
    def cells(self) -> int:
        """The number of its cells that the terminal draws in pixels."""
        return self.bitmap.columns * self.bitmap.rows if self.bitmap else 0


class Gallery:
    """Draws files. Call its methods on the event loop."""

    def __init__(self, setting: str, terminal: Callable[[], Awaitable[GraphicsTerminal | None]]) -> None:
        """`setting` is the setting `pictures`; `terminal` returns how it draws pixels, or None for half blocks."""
        self._setting = setting
        self._terminal = terminal
        self._pool: ThreadPoolExecutor | None = None
        self._kept: OrderedDict[tuple[object, ...], DrawnPicture] = OrderedDict()
        self._kept_bytes = self._kept_cells = 0

    @property
    def is_off(self) -> bool:
        """Whether the person wants no pictures."""
        return self._setting == "off"

    async def draw(self, path: str, room: Room, kind: MediaKind = MediaKind.IMAGE) -> DrawnPicture:
        """The file as rows of text that fit into the room; raises CannotShow.

        Keep the result as long as the rows are shown. A cancelled call that waits for another file never starts.
        """
        terminal = await self._terminal()
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "faldeck-pictures")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._drawn, path, room, kind, terminal)

    def _drawn(self, path: str, room: Room, kind: MediaKind, terminal: GraphicsTerminal | None) -> DrawnPicture:
        try:
            facts = os.stat(path)
        except OSError as error:
            raise CannotShow("The file is gone from the disk.") from error
        look = (terminal.protocol, terminal.cell) if terminal else None
        key = (path, facts.st_mtime_ns, facts.st_size, room, look)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        drawn = self._draw(path, room, kind, terminal)
        self._keep(key, drawn)
        return drawn

    def _draw(self, path: str, room: Room, kind: MediaKind, terminal: GraphicsTerminal | None) -> DrawnPicture:
        from faldeck.tui.pictures import blocks, media  # Only where needed: the first frame shows no file.

        if kind is MediaKind.AUDIO:
            return DrawnPicture(media.waveform(path, room))
        if kind in (MediaKind.MODEL, MediaKind.ARCHIVE):
            return DrawnPicture(media.facts(path, kind, room))
        source = media.first_frame(path) if kind is MediaKind.VIDEO else path
        drawn = self._as_pixels(source, room, terminal) if terminal else None
        return drawn or DrawnPicture(blocks.rows(source, room))

    def _as_pixels(self, source: str | BytesIO, room: Room, terminal: GraphicsTerminal) -> DrawnPicture | None:
        """The picture for a terminal that draws pixels; None if too many are kept, as on a huge screen."""
        from faldeck.tui.pictures import pixels

        bitmap = pixels.bitmap(source, room, terminal)
        try:
            return DrawnPicture(terminal.shelf.add(bitmap), bitmap)
        except LookupError:
            return None

    def _keep(self, key: tuple[object, ...], drawn: DrawnPicture) -> None:
        self._kept[key] = drawn
        self._kept_bytes += drawn.size_bytes
        self._kept_cells += drawn.cells
        while (self._kept_bytes > MOST_KEPT_BYTES or self._kept_cells > MOST_KEPT_CELLS) and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= dropped.size_bytes
            self._kept_cells -= dropped.cells
