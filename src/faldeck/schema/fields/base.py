"""What every field has and what every kind can do."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Protocol, Self

from faldeck.schema.json_value import InvalidValue, JsonPath, JsonValue, write
from faldeck.schema.normalize import Schema, Shape


class ValueProblem(NamedTuple):
    """One thing that is wrong with a value."""

    loc: JsonPath
    """Its path from the root of the arguments; empty for the whole."""
    message: str
    """A phrase that can follow the field's label: `must be at most 4`."""


class Build(Protocol):
    """Makes the fields below a compound kind."""

    def __call__(self, name: str, shape: Shape, *, required: bool = False) -> "Field": ...


@dataclass(frozen=True, slots=True)
class Kind(ABC):
    """How the values of one sort of field are written, shown and checked; a frozen dataclass."""

    name: ClassVar[str]
    """One word for the sort of field, the same for every field of the kind."""
    takes_any_text: ClassVar[bool] = False
    """Whether every text is a value of this kind, so that `null` or `2024` stay text."""

    @classmethod
    @abstractmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        """The kind for a field of this shape, or None when it is not of this kind."""

    @abstractmethod
    def parse(self, text: str) -> JsonValue:
        """The value that a person wrote as `text`; raises `InvalidValue`. It does not check limits: `check` does."""

    def show(self, value: JsonValue) -> str:
        """The text that `parse` reads as `value`; JSON unless the kind has a shorter form."""
        return write(value)

    @abstractmethod
    def takes(self, value: JsonValue) -> bool:
        """Whether `value` is of the right JSON type. It may still break a limit."""

    @abstractmethod
    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        """Everything that is wrong with a value at `loc`."""

    @property
    def limits(self) -> str:
        """The limits as a short phrase (`1 to 4`); empty if it has none."""
        return ""

    @property
    def children(self) -> tuple["Field", ...]:
        """The fields inside: an object's members, a list's item, a union's branches."""
        return ()

    def child(self, step: str | int) -> "Field | None":
        """The field that a member name or list index of a value belongs to."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input of the form: what the schema says about a value, beside its kind."""

    name: str
    """The member name in the arguments; the same for a list and its items, and for a union and its branches.

    Empty for the whole input and for the value of a map.
    """
    kind: Kind
    label: str = ""
    """The title, on one line."""
    help: str = ""
    """The description as plain text, possibly several lines."""
    description: str = ""
    """The description as written, Markdown or HTML included."""
    required: bool = False
    nullable: bool = False
    has_default: bool = False
    default: JsonValue = None
    is_default_sound: bool = True
    """False for a default that breaks its own schema. It is shown, but not sent unless the person sets it."""
    examples: tuple[JsonValue, ...] = ()
    """The examples that fit the schema; the first is a good first value."""
    deprecated: bool = False
    raw: Schema = field(default_factory=dict, repr=False)
    """The schema, plain at this level."""

    @property
    def place(self) -> JsonPath:
        """The path of its value in the object around it; empty for the whole input."""
        return (self.name,) if self.name else ()

    @property
    def limits(self) -> str:
        """The limits as a short phrase (`1 to 4`, `at most 2,000 characters`); empty if it has none."""
        return self.kind.limits

    @property
    def children(self) -> tuple["Field", ...]:
        """The fields inside a compound field."""
        return self.kind.children

    def parse(self, text: str) -> JsonValue:
        """The value that a person wrote as `text`; raises `InvalidValue`.

        `null` is None if the field may be null and the kind does not read it as another value.
        """
        try:
            return self.kind.parse(text)
        except InvalidValue:
            if self.nullable and text.strip() == "null":
                return None
            raise

    def show(self, value: JsonValue) -> str:
        """The text that `parse` reads as `value`; a value of a wrong type is shown as JSON.

        None is shown as `null`. A kind that takes any text reads `null` back as text, so a form keeps None separately.
        """
        if value is None and not self.kind.takes(None):
            return "null"
        return self.kind.show(value) if self.kind.takes(value) else write(value)

    def check(self, value: JsonValue, loc: JsonPath | None = None) -> tuple[ValueProblem, ...]:
        """Everything that is wrong with `value` at `loc` (by default the field's own place)."""
        if value is None and self.nullable:
            return ()
        return tuple(self.kind.problems(value, self.place if loc is None else loc))
