"""Fields with few values: switches, choices, constants."""

import difflib
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Self

from ..jsonvalue import Invalid, JsonValue, Path, key, same, write
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
    _texts: dict[Hashable, str] = field(init=False, repr=False, compare=False)
    """The key of each choice → how it is written. A text is written as JSON where it would look like another choice."""
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
        raise Invalid(f"is no choice; did you mean {' or '.join(near)}?" if near else self._must_be())

    def show(self, value: JsonValue) -> str:
        if (known := self._texts.get(key(value))) is not None:
            return known
        return value if isinstance(value, str) and value not in self._by_text else write(value)

    def takes(self, value: JsonValue) -> bool:
        return key(value) in self._texts or any(type(value) is type(choice) for choice in self.choices)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if key(value) not in self._texts:
            text = value if isinstance(value, str) else write(value)
            is_alike = text in self._by_text
            yield Problem(loc, _must_be(self._by_text[text], value) if is_alike else self._must_be())

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
        value = self.value if same(value, self.value) else value
        return value if isinstance(value, str) else write(value)

    def takes(self, value: JsonValue) -> bool:
        return type(value) is type(self.value) or same(value, self.value)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if not same(value, self.value):
            yield Problem(loc, _must_be(self.value, value))


def _must_be(wanted: JsonValue, found: JsonValue) -> str:
    """Says what is wanted, as JSON, since a text and a number may look alike."""
    return f"must be {write(wanted)}, not {write(found)}"
