"""Prices, costs, sizes and times as the deck writes them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from faldeck import hostile, money
from faldeck.job import Cost

if TYPE_CHECKING:
    from faldeck.fal.listings import Price


def usd(amount: float) -> str:
    """An amount in USD with the digits it needs: `$12.41`, `$0.0375`, `$0.0004`."""
    if amount == 0 or amount >= 1:
        return f"${amount:,.2f}"
    return f"${money.written(amount)}" if amount >= 0.0001 else "<$0.0001"


def price(known: Price | None) -> str:
    """A model's price: `$0.025 / megapixel`; nothing where it is not known."""
    if known is None:
        return ""
    unit = hostile.clean_line(known.unit, limit=30) or "unit"
    # Of `compute seconds` one is meant, of `1000 tokens` a thousand.
    return f"${money.in_full(known.unit_price)} / {unit if unit[0].isdigit() else unit.removesuffix('s')}"


def cost(known: Cost | None) -> str:
    """A request's cost, with a tilde while it is an estimate; nothing where it is not known."""
    if known is None or known.total_usd is None:
        return ""
    if known.total_usd == 0:
        return "free"
    return f"{'~' if known.is_estimate else ''}{usd(known.total_usd)}"


def size(count: int) -> str:
    """A number of bytes: `812 B`, `1.2 MB`."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"


def duration(seconds: float) -> str:
    """A time span: `2.2s`, `0:41`, `1:02:03`, `2d 3h`."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    if whole < 86_400:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 86_400}d {whole // 3600 % 24}h"


def when(at: datetime, today: datetime) -> str:
    """A moment as briefly as it stays clear: `14:02` today, `Mar 04` this year, `2025-03-04` before."""
    local, today = at.astimezone(), today.astimezone()
    if local.date() == today.date():
        return local.strftime("%H:%M")
    return local.strftime("%b %d") if local.year == today.year else local.strftime("%Y-%m-%d")
