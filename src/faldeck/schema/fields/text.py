"""Text: short or long, free or with suggestions."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from .. import prose
from ..jsonvalue import JsonValue, Path
from ..shape import Shape
from .base import Build, Kind, Problem

_LONG = 200
"""Characters from which a text deserves several lines."""
_CHOICE = r"[*+?]|\{\d*,\d*\}"
_REPEATED_GROUP = r"\)[*+?{]"
_COUNT = r"\{0*(\d{1,9})"
_MOST_WAYS = 10**7
_LONG_WORDS = frozenset(
    {"caption", "content", "description", "instruction", "instructions", "lyrics", "prompt", "script", "text"}
)


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Any text. Every text is one: `2024` and `null` stay as typed."""

    name: ClassVar[str] = "text"
    takes_any_text: ClassVar[bool] = True

    is_long: bool = False
    """Whether to give it several lines: only a matter of looks."""
    suggestions: tuple[str, ...] = ()
    """Known good values, any other text being allowed too."""
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
        return prose.counts(self.min_length if self.min_length > 1 else 0, self.max_length, "character")

    def parse(self, text: str) -> JsonValue:
        return text

    def show(self, value: JsonValue) -> str:
        return str(value)

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, str)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(loc, "must be text")
        elif value in self.suggestions:
            return
        elif len(value) < self.min_length:
            least = prose.count(self.min_length, "character")
            yield Problem(loc, f"must have at least {least}" if value or self.min_length > 1 else "must not be empty")
        elif self.max_length is not None and len(value) > self.max_length:
            yield Problem(loc, f"must have at most {prose.count(self.max_length, 'character')}, has {len(value):,}")
        elif self.pattern and not matches(self.pattern, value):
            yield Problem(loc, f"must match {self.pattern}")


class Free(NamedTuple):
    """A schema that takes any text within its limits."""

    shape: Shape
    suggestions: tuple[str, ...]
    """Texts that are named beside it."""

    @property
    def limits(self) -> tuple[int, int | None, str]:
        """The fewest and the most characters, and the pattern."""
        return _limits(self.shape)


def free_text(shape: Shape) -> Free | None:
    """The free text that a shape is, alone or among texts it names; None where it is not just that."""
    branches = shape.branches() or (shape,)
    free = [branch for branch in branches if not branch.values()]
    is_text = all(branch.type == "string" and not branch.fault for branch in branches)
    if not is_text or len({_limits(branch) for branch in free}) != 1:
        return None
    named = [value for branch in branches for value in branch.values()]
    return Free(free[0], tuple(value for value in named if isinstance(value, str)))


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
    """Whether the pattern is found; one in a dialect we do not read, or that could take for ever, refuses nothing."""
    try:
        return not _is_quick(pattern, len(value)) or re.search(pattern, value) is not None
    except (re.error, OverflowError, RecursionError):
        return True


def _is_quick(pattern: str, length: int) -> bool:
    """Whether so many characters can be searched in time, whoever wrote the pattern.

    Each choice of how often something is repeated multiplies the ways there are to try, each alternative doubles them,
    and a count makes each way longer; a choice or a repeated group within another makes them grow without bound.
    """
    choices, groups = len(re.findall(_CHOICE, pattern)), len(re.findall(_REPEATED_GROUP, pattern))
    if groups > 1 or (groups and (choices > 1 or "|" in pattern)):
        return False
    counts = [int(count) for count in re.findall(_COUNT, pattern) if int(count) > 1]
    ways: int = (length + 1) ** (min(choices, 24) + 1) * 2 ** min(pattern.count("|"), 24) * math.prod(counts[:24])
    return ways <= _MOST_WAYS
