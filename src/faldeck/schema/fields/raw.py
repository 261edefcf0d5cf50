"""The way out: whatever no other kind describes is written as JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from ..jsonvalue import JsonValue, Path, read, write
from ..shape import Shape
from .base import Build, Kind, Problem


@dataclass(frozen=True, slots=True)
class Raw(Kind):
    """Any JSON value."""

    name: ClassVar[str] = "json"

    reason: str
    """Why no other kind fits, as a phrase."""

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        return cls(shape.fault or _reason(shape))

    def parse(self, text: str) -> JsonValue:
        return read(text)

    def show(self, value: JsonValue) -> str:
        return write(value)

    def takes(self, value: JsonValue) -> bool:
        return True

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        yield from ()


def _reason(shape: Shape) -> str:
    if shape.type == "array":
        return "is a list with a meaning for each place"
    if "" in shape.table("properties"):
        return "has a member without a name"
    return f"has the unknown type {shape.type[:40]}" if shape.type else "may be any value"
