"""What the driver's own work costs: frames of 120 by 40 cells in which every row has changed."""

from __future__ import annotations

import random
import time
from statistics import median

from rich.cells import set_cell_size

from faldeck.tui.terminal.diff import ScreenDiff
from faldeck.tui.terminal.grid import Grid

COLUMNS, ROWS = 120, 40
_COLOURS = ("38;2;215;220;226", "38;2;111;115;120", "1;38;2;226;168;87", "38;2;134;184;120", "4;38;2;108;178;217")
_TEXTS = ("✓ done", "3.0s", "a serene mountain lake, mist over dark water", "夜の東京、雨", "│", "flux/dev", "")


def full_frame(frames: int) -> float:
    """The median CPU seconds that a frame takes from Textual's text to the bytes for the terminal."""
    chance = random.Random(1)
    grid, shadow = Grid(COLUMNS, ROWS), ScreenDiff()
    spent = []
    for _ in range(frames):
        frame = "\n".join(_row(y, chance) for y in range(ROWS))
        begun = time.process_time()
        grid.paint(frame)
        shadow.follow(grid)
        spent.append(time.process_time() - begun)
    return median(spent)


def _row(y: int, chance: random.Random) -> str:
    """Twelve texts side by side, each in a colour of its own."""
    texts = [chance.choice(_TEXTS) for _ in range(12)]
    cells = "".join(f"\x1b[{chance.choice(_COLOURS)};48;2;15;19;24m{set_cell_size(text, 10)}\x1b[0m" for text in texts)
    return f"\x1b[{y + 1};1H{cells}"
