"""A picture for terminals that draw pixels."""

from __future__ import annotations

from io import BytesIO
from math import ceil

from faldeck.tui.pictures import decode
from faldeck.tui.pictures.decode import Room
from faldeck.tui.terminal import placeholders
from faldeck.tui.terminal.bitmaps import Bitmap, KittyBitmap, SixelBitmap
from faldeck.tui.terminal.graphics import Protocol
from faldeck.tui.terminal.placements import GraphicsTerminal

SIXEL_COLOURS = 64
"""More take longer to encode than a person waits; the errors are spread, so that few are seen."""
SAMPLE = 100
"""Pixels of each side of the copy from which the colours are chosen."""
FAST = 1
"""How hard a PNG is compressed, from 0 to 9."""


def bitmap(source: str | BytesIO, room: Room, terminal: GraphicsTerminal) -> Bitmap:
    """The picture in a file, as large as fits in the room. Blocks; raises CannotShow."""
    with decode.opened(source) as file:
        from PIL import Image

        cell = terminal.cell
        across, down = room.columns, room.rows
        if terminal.protocol is Protocol.KITTY_IN_TMUX:
            across, down = min(across, placeholders.MOST_CELLS_A_SIDE), min(down, placeholders.MOST_CELLS_A_SIDE)
        picture = decode.shrunk(file, across * cell.width, down * cell.height, room.background)
        columns, rows = ceil(picture.width / cell.width), ceil(picture.height / cell.height)
        whole = Image.new("RGB", (columns * cell.width, rows * cell.height), room.background)
        whole.paste(picture)
        number = terminal.shelf.new_number()
        if terminal.protocol is not Protocol.SIXEL:
            png = BytesIO()
            whole.save(png, "PNG", compress_level=FAST)
            if in_tmux := terminal.protocol is Protocol.KITTY_IN_TMUX:
                number = placeholders.number(number)
            return KittyBitmap(number, cell, columns, rows, png.getvalue(), in_tmux)
        # The colours of a small copy: those of each pixel would take a second to choose from.
        sample = whole.resize((SAMPLE, SAMPLE), Image.Resampling.NEAREST).quantize(SIXEL_COLOURS)
        few = whole.quantize(palette=sample, dither=Image.Dither.FLOYDSTEINBERG)
        made = SixelBitmap(number, cell, columns, rows, few.tobytes(), bytes(few.getpalette() or ()))
        made.encoded(made.whole)  # Encoded here, in a thread that nothing waits for.
        return made
