"""The number that one key press leads to: the size of a step, and the limits. Pure functions."""

from __future__ import annotations

import math
from fractions import Fraction

from faldeck.schema.fields import Integer, Number
from faldeck.schema.json_value import JsonValue

STEPS_OF_A_RANGE = 100
"""About how many steps a decimal with two limits has between them."""


def stepped(kind: Number, value: JsonValue, steps: int) -> int | float:
    """Adds steps to a number, within its limits. If `value` is no number, returns 0 or the limit nearest to it.

    Counts in fractions, not floats, so that 0.1 + 0.2 is 0.3.
    """
    unit = _unit(kind, value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return _number(kind, _within(kind, Fraction(0), unit))
    return _number(kind, _within(kind, Fraction(str(value)) + steps * unit, unit))


def _unit(kind: Number, value: JsonValue) -> Fraction:
    """The size of a step: the schema's, or 1 for integers, or a power of ten that suits the range or the value."""
    if kind.step is not None and kind.step > 0:
        return Fraction(str(kind.step))
    if isinstance(kind, Integer):
        return Fraction(1)
    least, most = _limits(kind)
    if least is not None and most is not None and most > least:
        return _power_of_ten((most - least) / STEPS_OF_A_RANGE)
    if isinstance(value, int | float) and not isinstance(value, bool) and value:
        return _power_of_ten(Fraction(str(abs(value))) / 10)
    return Fraction("0.1")


def _power_of_ten(size: Fraction) -> Fraction:
    """The largest power of ten that is not above `size`."""
    return Fraction(f"1e{math.floor(math.log10(size))}")


def _within(kind: Number, number: Fraction, unit: Fraction) -> Fraction:
    """The number moved inside the limits. An excluded limit is missed by one step."""
    least, most = _limits(kind)
    if most is not None and number >= most:
        number = most if kind.below is None or most != Fraction(str(kind.below)) else most - unit
    if least is not None and number <= least:
        number = least if kind.above is None or least != Fraction(str(kind.above)) else least + unit
    return number


def _limits(kind: Number) -> tuple[Fraction | None, Fraction | None]:
    """The lower and the upper limit, included or excluded."""
    low = [Fraction(str(limit)) for limit in (kind.minimum, kind.above) if limit is not None]
    high = [Fraction(str(limit)) for limit in (kind.maximum, kind.below) if limit is not None]
    return (max(low) if low else None), (min(high) if high else None)


def _number(kind: Number, number: Fraction) -> int | float:
    is_whole = isinstance(kind, Integer) and number.denominator == 1
    return int(number) if is_whole else float(number)
