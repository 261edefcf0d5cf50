"""The first thing that a person sees: the program's name, what it is for, and the keys to begin with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.style import Style

from faldeck.tui.panes.lines import Span, pad
from faldeck.tui.terminal.plain import is_ascii_only

NAME = (
    "█▀▀ ▄▀█ █   █▀▄ █▀▀ █▀▀ █▄▀",
    "█▀  █▀█ █▄▄ █▄▀ ██▄ █▄▄ █ █",
)
SLOGAN = "a deck for fal.ai"

KEYS = (
    (("/", "find a model"), ("Enter", "open its form")),
    (("^J", "submit"), ("3", "the jobs")),
    (("^P", "all commands"), ("?", "the keys here")),
)
KEY_CELLS, WORD_CELLS = 6, 17


def lines(width: int, ink: Callable[[str], Style]) -> Sequence[Sequence[Span]]:
    """The welcome in lines of `width` cells, as wide as there is room."""
    dim, strong = ink("head"), ink("accent")
    name: list[Sequence[Span]] = [((f"  {part}", strong),) for part in NAME]
    if is_ascii_only() or width < len(NAME[0]) + 4:
        name = [(("  faldeck", strong),)]
    keys = [
        [span for key, word in row for span in ((f"  {pad(key, KEY_CELLS)}", strong), (pad(word, WORD_CELLS), dim))]
        for row in KEYS
    ]
    if width < 2 * (KEY_CELLS + WORD_CELLS + 2):
        keys = [row[at : at + 2] for row in keys for at in (0, 2)]
    return ((), *name, ((f"  {SLOGAN}", dim),), (), *keys)
