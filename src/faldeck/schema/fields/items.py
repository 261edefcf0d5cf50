"""Lists, of anything that has a kind."""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from .. import prose
from ..jsonvalue import Invalid, JsonValue, Path, key, read, write
from ..shape import Shape
from .base import Build, Field, Kind, Problem


@dataclass(frozen=True, slots=True)
class Items(Kind):
    """A list whose items are all of one kind: texts, files, numbers, objects, lists."""

    name: ClassVar[str] = "list"

    item: Field
    min_items: int = 0
    max_items: int | None = None
    is_unique: bool = False

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        if shape.type != "array":
            return None
        least, most = shape.size("minItems") or 0, shape.size("maxItems")
        item = shape.schema.get("items", True)
        places = _places(shape)
        if places:
            if any(place != places[0] for place in places):
                return None
            item, most = places[0], most if most is not None else len(places)
        return cls(build(name, shape.below(item)), least, most, shape.schema.get("uniqueItems") is True)

    @property
    def limits(self) -> str:
        counts = prose.counts(self.min_items, self.max_items, "item")
        each = f"each {self.item.limits}" if self.item.limits else ""
        return "; ".join(part for part in (counts, each) if part)

    @property
    def children(self) -> tuple[Field, ...]:
        return (self.item,)

    def child(self, step: str | int) -> Field | None:
        return self.item if isinstance(step, int) else None

    def parse(self, text: str) -> JsonValue:
        """A JSON list, or else the items: one a line or, unless they are texts, set apart by commas."""
        plain = self.item.kind.takes_any_text
        if text.lstrip().startswith("["):
            try:
                value = read(text)
                if isinstance(value, list):
                    return value
            except Invalid:
                if not plain:
                    raise
        if text.lstrip().startswith("{"):
            return [self.item.parse(text)]
        parts = text.split("\n") if plain else re.split(r"[,\n]", text)
        return [self.item.parse(part.strip()) for part in parts if part.strip()]

    def show(self, value: JsonValue) -> str:
        return write(value)

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, list)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(loc, "must be a list")
            return
        if len(value) < self.min_items:
            yield Problem(loc, f"must have at least {prose.count(self.min_items, 'item')}")
        if self.max_items is not None and len(value) > self.max_items:
            yield Problem(loc, f"must have at most {prose.count(self.max_items, 'item')}, has {len(value):,}")
        seen: set[Hashable] = set()
        for index, item in enumerate(value):
            yield from self.item.check(item, (*loc, index))
            if self.is_unique:
                if key(item) in seen:
                    yield Problem((*loc, index), "must not be there twice")
                seen.add(key(item))


def _places(shape: Shape) -> list[JsonValue]:
    """The schemas of a tuple's places: `prefixItems`, or `items` as a list or keyed by numbers."""
    items = shape.schema.get("items")
    if isinstance(items, list):
        return items
    if isinstance(items, dict) and items and all(key.isdigit() for key in items):
        return list(items.values())
    return shape.items("prefixItems")
