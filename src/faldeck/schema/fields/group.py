"""Objects: with named members, or with names of one's own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Self

from ..jsonvalue import Invalid, JsonValue, Path, read, write
from ..shape import Shape
from .base import Build, Field, Kind, Problem


def read_object(text: str) -> dict[str, JsonValue]:
    """The JSON object written in `text`."""
    value = read(text)
    if not isinstance(value, dict):
        raise Invalid("must be a JSON object")
    return value


@dataclass(frozen=True, slots=True)
class Group(Kind):
    """An object with named members, each a field."""

    name: ClassVar[str] = "group"

    fields: tuple[Field, ...]
    """In display order."""
    is_open: bool = True
    """Whether other members may be sent too."""
    _by_name: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {field.name: field for field in self.fields})

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        members, is_closed = shape.table("properties"), shape.schema.get("additionalProperties") is False
        if shape.type != "object" or "" in members or not (members or is_closed):
            return None
        required = {member for member in shape.items("required") if isinstance(member, str)}
        return cls(
            tuple(
                build(member, shape.below(schema), required=member in required) for member, schema in shape.properties()
            ),
            is_open=not is_closed,
        )

    @property
    def children(self) -> tuple[Field, ...]:
        return self.fields

    def child(self, step: str | int) -> Field | None:
        return self._by_name.get(step) if isinstance(step, str) else None

    def parse(self, text: str) -> JsonValue:
        return read_object(text)

    def show(self, value: JsonValue) -> str:
        return write(value)

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, dict)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(loc, "must be an object")
            return
        for member in self.fields:
            if member.name in value:
                yield from member.check(value[member.name], (*loc, member.name))
            elif member.required:
                yield Problem((*loc, member.name), "is required")
        if not self.is_open:
            for name in value:
                if name not in self._by_name:
                    yield Problem((*loc, name), "is not known to the model")


@dataclass(frozen=True, slots=True)
class Map(Kind):
    """An object whose member names are free and whose values are all of one kind."""

    name: ClassVar[str] = "map"

    value: Field

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        if shape.type != "object" or shape.table("properties"):
            return None
        return cls(build("", shape.below(shape.schema.get("additionalProperties", True))))

    @property
    def children(self) -> tuple[Field, ...]:
        return (self.value,)

    def child(self, step: str | int) -> Field | None:
        return self.value if isinstance(step, str) else None

    def parse(self, text: str) -> JsonValue:
        return read_object(text)

    def show(self, value: JsonValue) -> str:
        return write(value)

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, dict)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(loc, "must be an object")
            return
        for member, inner in value.items():
            yield from self.value.check(inner, (*loc, member))
