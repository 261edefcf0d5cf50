"""What panes ask for pictures: one file is decoded at a time, and what is drawn is kept while its file is unchanged."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from faldeck.job import FileState, Output
from faldeck.tui.pictures import blocks
from faldeck.tui.pictures.blocks import Row
from faldeck.tui.pictures.decode import CannotShow, Room

MOST_KEPT_BYTES = 24_000_000
"""The memory that drawn pictures may take."""
SPAN_BYTES = 250
"""What one text with its colours takes of it."""

SHOWN_KINDS = ("image/",)
"""Media types, by their beginning, that are drawn."""

Kept = tuple[Sequence[Row], int]
"""A drawn picture, and its bytes in memory."""


def can_show(output: Output | None) -> bool:
    """Whether an output is on disk and of a kind that is drawn."""
    return (
        output is not None
        and output.path is not None
        and output.state is FileState.SAVED
        and (output.content_type or "").startswith(SHOWN_KINDS)
    )


class Gallery:
    """Draws files; its methods belong to the event loop."""

    def __init__(self, protocol: str) -> None:
        """`protocol` is the setting `pictures`."""
        self._protocol = protocol
        self._pool: ThreadPoolExecutor | None = None
        self._kept: OrderedDict[tuple[object, ...], Kept] = OrderedDict()
        self._kept_bytes = 0

    @property
    def is_off(self) -> bool:
        """Whether the person wants no pictures."""
        return self._protocol == "off"

    async def rows(self, path: str, room: Room) -> Sequence[Row]:
        """The file as rows of text that fit into the room; raises CannotShow.

        A cancelled call that waits for another file is never begun.
        """
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "faldeck-pictures")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._drawn, path, room)

    def _drawn(self, path: str, room: Room) -> Sequence[Row]:
        try:
            facts = os.stat(path)
        except OSError as error:
            raise CannotShow("The file is gone from the disk.") from error
        key = (path, facts.st_mtime_ns, facts.st_size, room)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        rows = blocks.rows(path, room)
        self._keep(key, rows, SPAN_BYTES * sum(map(len, rows)))
        return rows

    def _keep(self, key: tuple[object, ...], rows: Sequence[Row], size: int) -> None:
        self._kept[key] = rows, size
        self._kept_bytes += size
        while self._kept_bytes > MOST_KEPT_BYTES and len(self._kept) > 1:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._kept_bytes -= dropped
