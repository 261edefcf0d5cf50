"""Fields with few values: switches, choices, constants."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from ..jsonvalue import Invalid, JsonValue, Path, same, write
from ..shape import Shape
from .base import Build, Kind, Problem

_NAMED = 6
"""Values a message names before it says how many more there are."""


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
            raise Invalid("must be true or false") from None

    def show(self, value: JsonValue) -> str:
        return "true" if value else "false"

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, bool)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if not self.takes(value):
            yield Problem(loc, "must be true or false")


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of the given values, which are sent with the type they have in the schema."""

    name: ClassVar[str] = "choice"

    choices: tuple[JsonValue, ...]

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        if choices := shape.values():
            return cls(tuple(choices))
        each = [branch.values() for branch in shape.branches()]
        return cls(tuple(choice for choices in each for choice in choices)) if each and all(each) else None

    def parse(self, text: str) -> JsonValue:
        texts = [self.show(choice) for choice in self.choices]
        for wanted in (text, text.strip()):
            if wanted in texts:
                return self.choices[texts.index(wanted)]
        alike = [index for index, known in enumerate(texts) if known.lower() == text.strip().lower()]
        if len(alike) == 1:
            return self.choices[alike[0]]
        near = difflib.get_close_matches(text, texts, n=3)
        raise Invalid(f"is no choice; did you mean {' or '.join(near)}?" if near else self._must_be())

    def show(self, value: JsonValue) -> str:
        return value if isinstance(value, str) else write(value)

    def takes(self, value: JsonValue) -> bool:
        return any(type(value) is type(choice) for choice in self.choices)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if not any(same(value, choice) for choice in self.choices):
            alike = next((choice for choice in self.choices if self.show(choice) == self.show(value)), None)
            yield Problem(loc, self._must_be() if alike is None else _must_be(alike, value))

    def _must_be(self) -> str:
        named = ", ".join(self.show(choice) or '""' for choice in self.choices[:_NAMED])
        more = len(self.choices) - _NAMED
        return f"must be one of {named}" + (f" and {more:,} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class Const(Kind):
    """The one value that is allowed."""

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
            raise Invalid(f"can only be {self.show(self.value)}")
        return self.value

    def show(self, value: JsonValue) -> str:
        return value if isinstance(value, str) else write(value)

    def takes(self, value: JsonValue) -> bool:
        return type(value) is type(self.value)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if not same(value, self.value):
            yield Problem(loc, _must_be(self.value, value))


def _must_be(wanted: JsonValue, found: JsonValue) -> str:
    """Says what is wanted, as JSON, since a text and a number may look alike."""
    return f"must be {write(wanted)}, not {write(found)}"
