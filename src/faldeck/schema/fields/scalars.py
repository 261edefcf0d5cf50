"""The kinds of a single value: text, numbers, switches, choices and constants."""

import difflib
import math
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar, NamedTuple, Self

from faldeck.schema import plain_text
from faldeck.schema.fields.base import Build, Kind, ValueProblem
from faldeck.schema.json_value import InvalidValue, JsonPath, JsonValue, key, same, write
from faldeck.schema.normalize import Shape

_LONG = 200
"""A text of so many characters is edited on several lines."""
_CHOICE = r"[*+?]|\{\d*,\d*\}"
_REPEATED_GROUP = r"\)[*+?{]"
_COUNT = r"\{0*(\d{1,9})"
_MOST_WAYS = 10**7
_LONG_WORDS = frozenset(
    {"caption", "content", "description", "instruction", "instructions", "lyrics", "prompt", "script", "text"}
)


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Any text. `2024` and `null` stay text."""

    name: ClassVar[str] = "text"
    takes_any_text: ClassVar[bool] = True

    is_long: bool = False
    """Whether the form edits it on several lines. Only a matter of display."""
    suggestions: tuple[str, ...] = ()
    """Known good values. Any other text is allowed too."""
    min_length: int = 0
    max_length: int | None = None
    pattern: str = ""

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        if (free := free_text(shape)) is None:
            return None
        return cls(_is_long(name, free.shape), free.suggestions, *free.limits)

    @property
    def limits(self) -> str:
        return plain_text.counts(self.min_length if self.min_length > 1 else 0, self.max_length, "character")

    def parse(self, text: str) -> JsonValue:
        return text

    def show(self, value: JsonValue) -> str:
        return str(value)

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, str)

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        if not isinstance(value, str):
            yield ValueProblem(loc, "must be text")
        elif value in self.suggestions:
            return
        elif len(value) < self.min_length:
            least = plain_text.count(self.min_length, "character")
            yield ValueProblem(
                loc, f"must have at least {least}" if value or self.min_length > 1 else "must not be empty"
            )
        elif self.max_length is not None and len(value) > self.max_length:
            yield ValueProblem(
                loc, f"must have at most {plain_text.count(self.max_length, 'character')}, has {len(value):,}"
            )
        elif self.pattern and not matches(self.pattern, value):
            yield ValueProblem(loc, f"must match {self.pattern}")


class FreeText(NamedTuple):
    """A schema that takes any text within limits."""

    shape: Shape
    suggestions: tuple[str, ...]
    """Texts that the schema names."""

    @property
    def limits(self) -> tuple[int, int | None, str]:
        """The least and the greatest number of characters, and the pattern."""
        return _limits(self.shape)


def free_text(shape: Shape) -> FreeText | None:
    """The free text of a shape that takes any text, with the texts that it names; None for any other shape."""
    branches = shape.branches() or (shape,)
    free = [branch for branch in branches if not branch.values()]
    is_text = all(branch.type == "string" and not branch.fault for branch in branches)
    if not is_text or len({_limits(branch) for branch in free}) != 1:
        return None
    named = [value for branch in branches for value in branch.values()]
    return FreeText(free[0], tuple(value for value in named if isinstance(value, str)))


def _limits(shape: Shape) -> tuple[int, int | None, str]:
    return shape.size("minLength") or 0, shape.size("maxLength"), shape.text("pattern")


def _is_long(name: str, shape: Shape) -> bool:
    longest = shape.size("maxLength")
    if longest is not None and longest < _LONG:
        return False
    samples = [shape.schema.get("default"), *shape.items("examples")]
    return bool(_LONG_WORDS.intersection(name.lower().split("_"))) or any(
        isinstance(sample, str) and (len(sample) >= _LONG or "\n" in sample) for sample in samples
    )


def matches(pattern: str, value: str) -> bool:
    """Whether `pattern` is found in `value`; also True if Python cannot read it or the search could take too long."""
    try:
        return not _is_quick(pattern, len(value)) or re.search(pattern, value) is not None
    except (re.error, OverflowError, RecursionError):
        return True


def _is_quick(pattern: str, length: int) -> bool:
    """Whether a search in `length` characters takes a bounded time.

    Each repetition multiplies the number of ways to try, each alternative doubles it, and a count makes each way
    longer. A repetition inside a repeated group has no useful bound.
    """
    choices, groups = len(re.findall(_CHOICE, pattern)), len(re.findall(_REPEATED_GROUP, pattern))
    if groups > 1 or (groups and (choices > 1 or "|" in pattern)):
        return False
    counts = [int(count) for count in re.findall(_COUNT, pattern) if int(count) > 1]
    ways: int = (length + 1) ** (min(choices, 24) + 1) * 2 ** min(pattern.count("|"), 24) * math.prod(counts[:24])
    return ways <= _MOST_WAYS


_WHOLE = r"[+-]?[0-9]{1,4000}"
_DECIMAL = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "enum", "const")


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A number. A text with a point or an exponent is a float; any other is an exact integer."""

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
    """How far one keypress should move it. A hint of the schema, not a limit."""

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
            parts = [f"{plain_text.number(least)} to {plain_text.number(most)}"]
        else:
            limits = (("at least", least), ("above", self.above), ("at most", most), ("below", self.below))
            parts = [f"{word} {plain_text.number(limit)}" for word, limit in limits if limit is not None]
        if self.multiple_of is not None and self.multiple_of != 1:
            parts.append(f"in steps of {plain_text.number(self.multiple_of)}")
        return ", ".join(parts)

    def parse(self, text: str) -> JsonValue:
        text = text.strip()
        if re.fullmatch(_WHOLE, text):
            return int(text)
        if not re.fullmatch(_DECIMAL, text):
            raise InvalidValue("must be a number")
        number = float(text)
        if not math.isfinite(number):
            raise InvalidValue("is too large for a number")
        return number

    def show(self, value: JsonValue) -> str:
        return str(value)

    def takes(self, value: JsonValue) -> bool:
        if isinstance(value, float):
            return math.isfinite(value)
        return isinstance(value, int) and not isinstance(value, bool)

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        if not isinstance(value, (int, float)) or not self.takes(value):
            yield ValueProblem(loc, "must be a number")
        elif self.minimum is not None and value < self.minimum:
            yield ValueProblem(loc, f"must be at least {plain_text.number(self.minimum)}")
        elif self.above is not None and value <= self.above:
            yield ValueProblem(loc, f"must be above {plain_text.number(self.above)}")
        elif self.maximum is not None and value > self.maximum:
            yield ValueProblem(loc, f"must be at most {plain_text.number(self.maximum)}")
        elif self.below is not None and value >= self.below:
            yield ValueProblem(loc, f"must be below {plain_text.number(self.below)}")
        elif self.multiple_of is not None and not _divides(self.multiple_of, value):
            yield ValueProblem(loc, f"must be a multiple of {plain_text.number(self.multiple_of)}")


class Integer(Number):
    """A whole number of any length."""

    __slots__ = ()

    name: ClassVar[str] = "integer"
    json_type: ClassVar[str] = "integer"

    def parse(self, text: str) -> JsonValue:
        if not re.fullmatch(_WHOLE, text.strip()):
            raise InvalidValue("must be a whole number")
        return int(text)

    def show(self, value: JsonValue) -> str:
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        if not self.takes(value) or (isinstance(value, float) and not value.is_integer()):
            yield ValueProblem(loc, "must be a whole number")
        else:
            yield from Number.problems(self, value, loc)


def _widest(branches: tuple[Shape, ...]) -> Shape | None:
    """The number of a number and a whole number with the same limits; None for any other branches."""
    limits = [{key: value for key, value in branch.schema.items() if key in _LIMITS} for branch in branches]
    types = [branch.type for branch in branches]
    is_one = {"integer", "number"} == set(types) and all(limit == limits[0] for limit in limits)
    return branches[types.index("number")] if is_one else None


def _divides(step: int | float, value: int | float) -> bool:
    """Whether `value` is a multiple of `step`, both taken as decimals: 0.3 is a multiple of 0.1."""
    return (Fraction(str(value)) / Fraction(str(step))).denominator == 1


_NAMED = 6
"""The most values that a message names; it counts the others."""


class Switch(Kind):
    """True or false."""

    __slots__ = ()

    name: ClassVar[str] = "switch"

    words: ClassVar[dict[str, bool]] = {
        **dict.fromkeys(("true", "yes", "on", "1"), True),
        **dict.fromkeys(("false", "no", "off", "0"), False),
    }

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        return cls() if shape.type == "boolean" else None

    def parse(self, text: str) -> JsonValue:
        try:
            return self.words[text.strip().lower()]
        except KeyError:
            raise InvalidValue("must be true or false") from None

    def show(self, value: JsonValue) -> str:
        return "true" if value else "false"

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, bool)

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        if not self.takes(value):
            yield ValueProblem(loc, "must be true or false")


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of several values, sent with the type that it has in the schema."""

    name: ClassVar[str] = "choice"

    choices: tuple[JsonValue, ...]
    _texts: dict[Hashable, str] = field(init=False, repr=False, compare=False)
    """The key of each choice → its text. A text that would look like another choice is written as JSON."""
    _by_text: dict[str, JsonValue] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        as_json = {write(choice) for choice in self.choices}
        texts = [
            choice if isinstance(choice, str) and choice not in as_json else write(choice) for choice in self.choices
        ]
        object.__setattr__(self, "_texts", dict(zip(map(key, self.choices), texts, strict=True)))
        object.__setattr__(self, "_by_text", dict(zip(texts, self.choices, strict=True)))

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        if choices := shape.values():
            return cls(tuple(choices))
        each = [branch.values() for branch in shape.branches()]
        return cls(tuple(choice for choices in each for choice in choices)) if each and all(each) else None

    def parse(self, text: str) -> JsonValue:
        for wanted in (text, text.strip()):
            if wanted in self._by_text:
                return self._by_text[wanted]
        alike = [choice for known, choice in self._by_text.items() if known.lower() == text.strip().lower()]
        if len(alike) == 1:
            return alike[0]
        near = difflib.get_close_matches(text, self._by_text, n=3)
        raise InvalidValue(f"is no choice; did you mean {' or '.join(near)}?" if near else self._must_be())

    def show(self, value: JsonValue) -> str:
        if (known := self._texts.get(key(value))) is not None:
            return known
        return value if isinstance(value, str) and value not in self._by_text else write(value)

    def takes(self, value: JsonValue) -> bool:
        return key(value) in self._texts or any(type(value) is type(choice) for choice in self.choices)

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        if key(value) not in self._texts:
            text = value if isinstance(value, str) else write(value)
            is_alike = text in self._by_text
            yield ValueProblem(loc, _must_be(self._by_text[text], value) if is_alike else self._must_be())

    def _must_be(self) -> str:
        named = ", ".join(self.show(choice) or '""' for choice in self.choices[:_NAMED])
        more = len(self.choices) - _NAMED
        return f"must be one of {named}" + (f" and {more:,} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class Const(Kind):
    """The only value that is allowed."""

    name: ClassVar[str] = "const"

    value: JsonValue

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        if shape.type == "null":
            return cls(None)
        values = shape.values()
        return cls(values[0]) if len(values) == 1 else None

    def parse(self, text: str) -> JsonValue:
        if text.strip() not in ("", self.show(self.value).strip()):
            raise InvalidValue(f"can only be {self.show(self.value)}")
        return self.value

    def show(self, value: JsonValue) -> str:
        value = self.value if same(value, self.value) else value
        return value if isinstance(value, str) else write(value)

    def takes(self, value: JsonValue) -> bool:
        return type(value) is type(self.value) or same(value, self.value)

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        if not same(value, self.value):
            yield ValueProblem(loc, _must_be(self.value, value))


def _must_be(wanted: JsonValue, found: JsonValue) -> str:
    """Names both values as JSON, because a text and a number may look alike."""
    return f"must be {write(wanted)}, not {write(found)}"
