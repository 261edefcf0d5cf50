"""A model as a row of the list and as the lines below it, and what is shown instead of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.style import Style

from faldeck.app import wording
from faldeck.tui.panes.lines import Span, cut, joined, pad, width_of, wrap
from faldeck.tui.panes.pane import PLAIN

if TYPE_CHECKING:
    from faldeck.app.model_list import ModelList
    from faldeck.fal.values import Model
    from faldeck.query.models import ModelQuery

ABOUT_LINES = 4
"""Lines about the model under the cursor: its name, its category and price, two of its note and description."""

WIDE = 64
"""A list of at least this many cells shows the category of every model."""

CATEGORY_CELLS = 16
"""Cells of a category: `image-to-image` and `speech-to-speech` fit."""

Ink = Callable[[str], Style]


def spans(
    model: Model, models: ModelList, query: ModelQuery, width: int, ink: Ink, *, is_listed: bool
) -> tuple[Sequence[Span], Sequence[Span]]:
    """A row: star or use, id, and flush right what the models are sorted or filtered by; in a wide list the category.

    The category stands in a column of its own: words of many lengths are hard to read flush right.
    """
    mark = models.mark(model.endpoint_id)
    sign = ("★ ", ink("accent")) if mark.starred else ("• ", ink("dim")) if mark.used_ms else ("  ", PLAIN)
    owner, slash, rest = model.endpoint_id.partition("/")
    name = (rest, ink("dim") if model.is_deprecated else PLAIN)
    left = [(" ", PLAIN), sign, (owner + slash, ink("dim")), name]
    if model.is_deprecated:
        return left, ((" deprecated ", ink("busy")),)
    if not is_listed:
        return left, ((" not listed ", ink("busy")),)
    remark = ""
    if query.uses_prices:
        remark = wording.price(models.prices.get(model.endpoint_id)).partition(" / ")[0]
    elif query.sort == "newest":
        remark = model.published_at[:7]
    right = [(f" {remark} ", ink("dim"))] if remark else []
    if width >= WIDE:
        right.insert(0, (f" {pad(model.category, CATEGORY_CELLS)} ", ink("dim")))
    return left, right


def about(model: Model, models: ModelList, width: int, y: int, ink: Ink) -> Sequence[Span]:
    """Line `y` of the lines about a model."""
    if y == 0:
        aliases = " ".join(models.aliases.get(model.endpoint_id, ()))
        return ((f" {model.name}", ink("strong")), (f"  = {aliases}" if aliases else "", ink("dim")))
    if y == 1:
        price = wording.price(models.prices.get(model.endpoint_id))
        # A price that is cut says the wrong thing.
        category = cut(model.category, max(1, width - 5 - width_of(price))) if price else model.category
        facts = joined([(category, ink("accent")), (price, ink("good"))], (" · ", ink("dim")))
        return ((" ", PLAIN), *facts)
    note = models.mark(model.endpoint_id).note
    lines = [(line, ink("busy")) for line in wrap(note, width - 2, limit=1)] if note else []
    left = ABOUT_LINES - 2 - len(lines)
    lines += [(line, ink("head")) for line in wrap(model.description, width - 2, limit=left)]
    return ((" ", PLAIN), lines[y - 2]) if y - 2 < len(lines) else ()


def no_models_yet(ink: Ink, *, is_listing: bool) -> Sequence[Sequence[Span]]:
    """What is shown before the models were listed."""
    any_id = (("  Type any endpoint id above.", ink("dim")),)
    if is_listing:
        return ((), (("  The models are being listed…", ink("busy")),), any_id)
    how = (("  ^R", ink("accent")), (" lists them.", ink("dim")))
    return ((), (("  No models are known yet.", ink("dim")),), how, any_id)


def none_found(typed: str, category: str, advice: Sequence[str], width: int, ink: Ink) -> Sequence[Sequence[Span]]:
    """What is shown if no model is found: why, and what to leave out of the search."""
    searched = f"“{typed}”" if typed else "that"
    first = f"No model matches {searched}{f' in {category}' if category else ''}."
    # What was typed is easier to read on one line.
    texts = (first,) if width_of(first) <= width - 3 else (first[:16], first[17:])
    words = [line for text in (*texts, *advice) for line in wrap(text, width - 3)]
    last = (("  Esc", ink("accent")), (" shows all models.", ink("dim")))
    return ((), *(((f"  {line}", ink("dim")),) for line in words), last)
