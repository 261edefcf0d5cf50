"""Amounts of money: multiplied and added as decimal numbers, and written in digits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal


def written(amount: float) -> str:
    """An amount of money in digits alone: `12,345.68`, `0.009`, `0.00003`."""
    return f"{Decimal(f'{amount:.4g}' if amount < 1_000 else f'{amount:.2f}'):,f}"


def in_full(amount: float) -> str:
    """A price with all its digits: `0.0375`, `1.125`; but for the noise of binary fractions."""
    return f"{Decimal(f'{amount:.12g}'):,f}"


def times(units: float, unit_price: float) -> float:
    """So many units at a price, multiplied as decimal numbers: 3 × 0.0125 is 0.0375."""
    roughly = units * unit_price
    return float(Decimal(str(units)) * Decimal(str(unit_price))) if math.isfinite(roughly) else roughly


def total(amounts: Iterable[float]) -> float:
    """The sum of amounts, added as decimal numbers."""
    return float(sum((Decimal(str(amount)) for amount in amounts), Decimal(0)))
