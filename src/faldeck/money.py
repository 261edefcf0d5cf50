"""Amounts of money and billed quantities: decimal numbers from the service's text to the screen, never a float.

The history adds whole nano-dollars. A person reads `usd_text` and `price_text`.
"""

from __future__ import annotations

from decimal import Decimal

MAX_USD = Decimal(1_000_000)
"""A higher amount is taken for an error: it would spoil every sum."""

MAX_EXPONENT = 30
"""A quantity of more than 10^30, or of less than 10^-30, is no quantity."""

MAX_CHARACTERS = 60
"""A longer text is no number that anybody bills."""

SMALL = 10**12
"""A smaller whole number is a quantity as it is."""

FLOAT_DIGITS, NOISY_DIGITS = 15, 12
"""A float with more digits than the first has binary noise; it is rounded to the second."""

NANOS = Decimal(1_000_000_000)
"""Nano-dollars in a dollar."""


def decimal_of(value: object) -> Decimal | None:
    """A number that a text or a JSON number writes, without zeros at its end; None for everything else.

    NaN, infinity and absurd sizes are None. A float is read as the decimal number that it was written as.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    if isinstance(value, int) and abs(value) < SMALL:
        return Decimal(value)
    try:
        text = str(value)  # Raises ValueError for a whole number of thousands of digits.
        if len(text) > MAX_CHARACTERS or not text.isascii() or "_" in text:
            return None
        number = Decimal(text)
    except (ValueError, ArithmeticError):
        return None
    if not number.is_finite() or (number and abs(number.adjusted()) > MAX_EXPONENT):
        return None
    if isinstance(value, float) and len(number.normalize().as_tuple().digits) > FLOAT_DIGITS:
        number = Decimal(f"{value:.{NOISY_DIGITS}g}")
    return shortest(number)


def shortest(number: Decimal) -> Decimal:
    """The same number without zeros at its end, at most 28 digits of it: `1.50` is `1.5`, `1E+2` is `100`."""
    return Decimal(f"{number.normalize():f}") if number else Decimal(0)


def nanos(usd: Decimal | None) -> int | None:
    """An amount in whole nano-dollars, rounded half to even; None where it is unknown, or spoils sums."""
    return None if usd is None or abs(usd) > MAX_USD else round(usd * NANOS)


def from_nanos(count: int) -> Decimal:
    """So many nano-dollars, in USD."""
    return shortest(Decimal(count) / NANOS)


def usd_text(amount: Decimal) -> str:
    """An amount of money in digits alone, rounded to what a person reads: `12,345.68`, `0.009`, `0.00003`."""
    rounded = Decimal(f"{amount:.4g}" if amount < 1_000 else f"{amount:.2f}")
    return f"{shortest(rounded) if amount < 1_000 else rounded:,f}"


def price_text(amount: Decimal) -> str:
    """A price with all its digits: `0.0375`, `1.125`."""
    return f"{shortest(amount):,f}"
