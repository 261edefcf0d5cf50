"""Numbers: whole ones of any length, and decimals that keep every digit a double has."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Self

from .. import prose
from ..jsonvalue import Invalid, JsonValue, Path
from ..shape import Shape
from .base import Build, Kind, Problem

_WHOLE = r"[+-]?[0-9]{1,4000}"
_DECIMAL = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "enum", "const")


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A number, whole or not. A text with a point or an exponent is a float, any other an exact integer."""

    name: ClassVar[str] = "number"
    json_type: ClassVar[str] = "number"

    minimum: int | float | None = None
    maximum: int | float | None = None
    above: int | float | None = None
    """The exclusive lower limit."""
    below: int | float | None = None
    """The exclusive upper limit."""
    multiple_of: int | float | None = None
    step: int | float | None = None
    """How far one keypress should move it; a hint of the schema, not a limit."""

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        if branches := shape.branches():
            shape = _widest(branches) or shape
        if shape.type != cls.json_type:
            return None
        multiple = shape.number("multipleOf") or 0
        return cls(
            minimum=shape.number("minimum"),
            maximum=shape.number("maximum"),
            above=shape.number("exclusiveMinimum"),
            below=shape.number("exclusiveMaximum"),
            multiple_of=multiple if multiple > 0 else None,
            step=shape.number("step") or (multiple if multiple > 0 else None),
        )

    @property
    def limits(self) -> str:
        least, most = self.minimum, self.maximum
        if least is not None and most is not None and self.above is None and self.below is None:
            parts = [f"{prose.number(least)} to {prose.number(most)}"]
        else:
            limits = (("at least", least), ("above", self.above), ("at most", most), ("below", self.below))
            parts = [f"{word} {prose.number(limit)}" for word, limit in limits if limit is not None]
        if self.multiple_of is not None and self.multiple_of != 1:
            parts.append(f"in steps of {prose.number(self.multiple_of)}")
        return ", ".join(parts)

    def parse(self, text: str) -> JsonValue:
        text = text.strip()
        if re.fullmatch(_WHOLE, text):
            return int(text)
        if not re.fullmatch(_DECIMAL, text):
            raise Invalid("must be a number")
        number = float(text)
        if not math.isfinite(number):
            raise Invalid("is too large for a number")
        return number

    def show(self, value: JsonValue) -> str:
        return str(value)

    def takes(self, value: JsonValue) -> bool:
        if isinstance(value, float):
            return math.isfinite(value)
        return isinstance(value, int) and not isinstance(value, bool)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if not isinstance(value, (int, float)) or not self.takes(value):
            yield Problem(loc, "must be a number")
        elif self.minimum is not None and value < self.minimum:
            yield Problem(loc, f"must be at least {prose.number(self.minimum)}")
        elif self.above is not None and value <= self.above:
            yield Problem(loc, f"must be above {prose.number(self.above)}")
        elif self.maximum is not None and value > self.maximum:
            yield Problem(loc, f"must be at most {prose.number(self.maximum)}")
        elif self.below is not None and value >= self.below:
            yield Problem(loc, f"must be below {prose.number(self.below)}")
        elif self.multiple_of is not None and not _divides(self.multiple_of, value):
            yield Problem(loc, f"must be a multiple of {prose.number(self.multiple_of)}")


class Integer(Number):
    """A whole number of any length."""

    __slots__ = ()

    name: ClassVar[str] = "integer"
    json_type: ClassVar[str] = "integer"

    def parse(self, text: str) -> JsonValue:
        if not re.fullmatch(_WHOLE, text.strip()):
            raise Invalid("must be a whole number")
        return int(text)

    def show(self, value: JsonValue) -> str:
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if not self.takes(value) or (isinstance(value, float) and not value.is_integer()):
            yield Problem(loc, "must be a whole number")
        else:
            yield from Number.problems(self, value, loc)


def _widest(branches: tuple[Shape, ...]) -> Shape | None:
    """The number among numbers and whole numbers of the same limits; None where they are not just that."""
    limits = [{key: value for key, value in branch.schema.items() if key in _LIMITS} for branch in branches]
    types = [branch.type for branch in branches]
    is_one = {"integer", "number"} == set(types) and all(limit == limits[0] for limit in limits)
    return branches[types.index("number")] if is_one else None


def _divides(step: int | float, value: int | float) -> bool:
    """Whether `value` is a multiple of `step` as both are written in decimals: 0.3 is one of 0.1."""
    return (Fraction(str(value)) / Fraction(str(step))).denominator == 1
