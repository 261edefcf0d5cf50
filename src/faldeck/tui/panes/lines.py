"""Lines of styled text, cut and padded to a width. Every pane draws with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from faldeck.safety import sanitize

Span: TypeAlias = "tuple[str, Style]"
"""A text and the style to add to the line's own."""

ELLIPSIS = "…"


def width_of(text: str) -> int:
    """The width of `text` in cells."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, width: int, *, keep_end: bool = False) -> str:
    """`text` cut to at most `width` cells. An ellipsis shows where it was cut: at its end, or at its start."""
    if width_of(text) <= width:
        return text
    if width < 1:
        return ""
    if keep_end:
        return ELLIPSIS + set_cell_size(text[::-1], width - 1)[::-1].lstrip()
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def cut_middle(text: str, width: int) -> str:
    """`text` cut to at most `width` cells in its middle: both ends of an id say something."""
    if width_of(text) <= width or width < 3:
        return cut(text, width)
    end = set_cell_size(text[::-1], (width - 1) // 2)[::-1].lstrip()
    return set_cell_size(text, width - 1 - width_of(end)).rstrip() + ELLIPSIS + end


def pad(text: str, width: int) -> str:
    """`text` padded or cut to exactly `width` cells."""
    text = cut(text, width)
    return text + " " * (width - width_of(text))


def line(width: int, base: Style, left: Iterable[Span], right: Iterable[Span] = ()) -> Strip:
    """One line of exactly `width` cells: `left` from the start, cut before `right`, which is flush right.

    A blank stays between a text that is cut and what follows it: `sea,…1/3` reads as one word.
    Control characters, which could move the cursor, erase or reverse text, are replaced by harmless ones.
    """
    ending = [(sanitize.visible(text), style) for text, style in right if text]
    room = width - sum(width_of(text) for text, _ in ending)
    segments = []
    for text, style in left:
        if room <= 0:
            break
        text = sanitize.visible(text)
        if (cells := width_of(text)) > room:
            is_apart = not ending or ending[0][0].startswith(" ")
            text = cut(text, room if is_apart else room - 1)
            segments.append(Segment(text, base + style))
            room -= width_of(text)
            break
        room -= cells
        segments.append(Segment(text, base + style))
    if room > 0:
        segments.append(Segment(" " * room, base))
    segments.extend(Segment(text, base + style) for text, style in ending)
    return Strip(segments).adjust_cell_length(width, base)


def wrap(text: str, width: int, *, limit: int | None = None) -> list[str]:
    """`text` as lines of at most `width` cells, broken at spaces if possible; at most `limit` lines.

    Words longer than a line are broken anywhere. An ellipsis shows that the limit left something out.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        for piece in _wrapped(paragraph, max(1, width)):
            if limit is not None and len(lines) == limit:
                lines[-1] = cut(f"{lines[-1]} {ELLIPSIS}", width) if limit else ""
                return lines
            lines.append(piece)
    return lines


def _wrapped(paragraph: str, width: int) -> Iterator[str]:
    row: str | None = None  # Empty if the paragraph starts with a blank, which is kept.
    for word in paragraph.split(" "):
        joined = word if row is None else f"{row} {word}"
        if width_of(joined) <= width:
            row = joined
            continue
        if row and row.strip():
            yield row
        *full, row = _broken(word, width)
        yield from full
    yield row or ""


def _broken(word: str, width: int) -> Iterator[str]:
    """A word as pieces of at most `width` cells. It may have 100,000 letters, so only a few are measured at a time."""
    start = 0
    while True:
        head = word[start : start + 4 * width]
        if start + len(head) == len(word) and width_of(head) <= width:
            yield head
            return
        head = set_cell_size(head, width).rstrip() or head[0]
        yield head
        start += len(head)


def line_starts(text: str, width: int) -> list[int]:
    """The offsets at which the lines of an edited text start. Each has at most `width` cells and breaks after a space.

    Every character is kept; the last line has a free cell for the cursor after the text.
    """
    starts, cells, space = [0], 0, 0
    if text.isascii() and len(text) < width:
        return starts  # The usual case, and it runs at every key.
    for index, character in enumerate(f"{text} "):
        taken = 1 if character.isascii() else cell_len(character)
        if cells + taken > width and index > starts[-1]:
            starts.append(space if space > starts[-1] else index)
            cells = width_of(text[starts[-1] : index])
        cells += taken
        if character == " ":
            space = index + 1
    return starts


def joined(spans: Sequence[Span], separator: Span) -> list[Span]:
    """The spans with text, with `separator` between them."""
    shown: list[Span] = []
    for span in spans:
        if span[0]:
            shown.extend([separator, span] if shown else [span])
    return shown
