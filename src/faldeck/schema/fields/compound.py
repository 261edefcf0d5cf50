"""The kinds that hold other fields: objects, maps, lists and unions; and raw JSON."""

import re
from abc import abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from faldeck.schema import plain_text
from faldeck.schema.fields.base import Build, Field, Kind, ValueProblem
from faldeck.schema.fields.scalars import Switch
from faldeck.schema.json_value import InvalidValue, JsonPath, JsonValue, key, read, same, write
from faldeck.schema.normalize import Shape


def read_object(text: str) -> dict[str, JsonValue]:
    """The JSON object in `text`; raises `InvalidValue`."""
    value = read(text)
    if not isinstance(value, dict):
        raise InvalidValue("must be a JSON object")
    return value


@dataclass(frozen=True, slots=True)
class _Object(Kind):
    """What a `Group` and a `Map` share."""

    def parse(self, text: str) -> JsonValue:
        return read_object(text)

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, dict)

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        if not isinstance(value, dict):
            yield ValueProblem(loc, "must be an object")
        else:
            yield from self._inner_problems(value, loc)

    @abstractmethod
    def _inner_problems(self, value: Mapping[str, JsonValue], loc: JsonPath) -> Iterator[ValueProblem]:
        """Everything that is wrong with the members of an object at `loc`."""


@dataclass(frozen=True, slots=True)
class Group(_Object):
    """An object with named members, each a field."""

    name: ClassVar[str] = "group"

    fields: tuple[Field, ...]
    """In display order."""
    is_open: bool = True
    """Whether members that the schema does not name may be sent too."""
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

    def _inner_problems(self, value: Mapping[str, JsonValue], loc: JsonPath) -> Iterator[ValueProblem]:
        for member in self.fields:
            if member.name in value:
                yield from member.check(value[member.name], (*loc, member.name))
            elif member.required:
                yield ValueProblem((*loc, member.name), "is required")
        if not self.is_open:
            for name in value:
                if name not in self._by_name:
                    yield ValueProblem((*loc, name), "is not known to the model")


@dataclass(frozen=True, slots=True)
class Map(_Object):
    """An object with any member names, whose values are all of one kind."""

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

    def _inner_problems(self, value: Mapping[str, JsonValue], loc: JsonPath) -> Iterator[ValueProblem]:
        for member, inner in value.items():
            yield from self.value.check(inner, (*loc, member))


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
        counts = plain_text.counts(self.min_items, self.max_items, "item")
        each = f"each {self.item.limits}" if self.item.limits else ""
        return "; ".join(part for part in (counts, each) if part)

    @property
    def children(self) -> tuple[Field, ...]:
        return (self.item,)

    def child(self, step: str | int) -> Field | None:
        return self.item if isinstance(step, int) else None

    def parse(self, text: str) -> JsonValue:
        """A JSON list; or the items, one on each line, or separated by commas unless they are texts."""
        plain = self.item.kind.takes_any_text
        if text.lstrip().startswith("["):
            try:
                value = read(text)
                if isinstance(value, list):
                    return value
            except InvalidValue:
                if not plain:
                    raise
        if text.lstrip().startswith("{"):
            return [self.item.parse(text)]
        parts = text.split("\n") if plain else re.split(r"[,\n]", text)
        return [self.item.parse(part.strip()) for part in parts if part.strip()]

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, list)

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        if not isinstance(value, list):
            yield ValueProblem(loc, "must be a list")
            return
        if len(value) < self.min_items:
            yield ValueProblem(loc, f"must have at least {plain_text.count(self.min_items, 'item')}")
        if self.max_items is not None and len(value) > self.max_items:
            yield ValueProblem(loc, f"must have at most {plain_text.count(self.max_items, 'item')}, has {len(value):,}")
        seen: set[Hashable] = set()
        for index, item in enumerate(value):
            yield from self.item.check(item, (*loc, index))
            if self.is_unique:
                if key(item) in seen:
                    yield ValueProblem((*loc, index), "must not be there twice")
                seen.add(key(item))


def _places(shape: Shape) -> list[JsonValue]:
    """The schemas of the places of a tuple: `prefixItems`, or `items` as a list or as an object keyed by numbers."""
    items = shape.schema.get("items")
    if isinstance(items, list):
        return items
    if isinstance(items, dict) and items and all(key.isdigit() for key in items):
        return list(items.values())
    return shape.items("prefixItems")


@dataclass(frozen=True, slots=True)
class Union(Kind):
    """A choice of shapes. The label of a branch is its title or, without one, the name of its kind."""

    name: ClassVar[str] = "union"

    branches: tuple[Field, ...]

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        branches = shape.branches()
        if len(branches) < 2 or "properties" in shape.schema:
            return None
        return cls(tuple(flat for branch in branches for flat in _flat(build(name, branch), branch)))

    @property
    def children(self) -> tuple[Field, ...]:
        return self.branches

    def branch(self, value: JsonValue) -> Field | None:
        """The branch of `value`: of those of its type, the one with the fewest problems; None if there is none.

        An object that is only begun may have equally many problems with several branches. Of those, the branch that
        knows most of its members is taken, then the first.
        """
        return self._fitting(value, ())[0]

    def _fitting(self, value: JsonValue, loc: JsonPath) -> tuple[Field | None, tuple[ValueProblem, ...]]:
        """The branch of a value at `loc`, and its problems there."""
        tried = [(branch, branch.check(value, loc)) for branch in self.branches]
        alike = [(branch, found) for branch, found in tried if not found or branch.kind.takes(value)]
        return min(alike, key=lambda fit: (len(fit[1]), _strange(fit[0], value)), default=(None, ()))

    def parse(self, text: str) -> JsonValue:
        """The value as the strictest branch reads it: `0.5` is a number if one may stand there, `"0.5"` a text."""
        if text.lstrip()[:1] in ("[", "{", '"') and (value := self._parse_json(text)) is not None:
            return value
        unfit, refusals = [], []
        for branch in sorted(self.branches, key=lambda branch: _leniency(branch.kind)):
            try:
                value = branch.parse(text)
            except InvalidValue as error:
                refusals.append(str(error))
            else:
                if not branch.check(value, ()):
                    return value
                unfit.append(value)
        if unfit:
            return unfit[0]
        raise InvalidValue(", or ".join(dict.fromkeys(refusals)))

    def _parse_json(self, text: str) -> JsonValue:
        """The JSON value in `text` if it fits a branch, else None."""
        try:
            value = read(text)
        except InvalidValue:
            return None
        return value if any(not branch.check(value, ()) for branch in self.branches) else None

    def show(self, value: JsonValue) -> str:
        branch = self.branch(value)
        texts = (branch.show(value) if branch else write(value), write(value))
        alike = [(text, known) for text, known in self._readings(texts) if same(known, value)]
        exact = [text for text, known in alike if type(known) is type(value)]
        return next(iter([*exact, *(text for text, _ in alike)]), write(value))

    def _readings(self, texts: Iterable[str]) -> Iterator[tuple[str, JsonValue]]:
        """The texts that can be read, each with its value."""
        for text in texts:
            try:
                known = self.parse(text)
            except InvalidValue:
                continue
            yield text, known

    def takes(self, value: JsonValue) -> bool:
        return any(branch.kind.takes(value) for branch in self.branches)

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        branch, found = self._fitting(value, loc)
        yield from found
        if branch is None:
            yield ValueProblem(
                loc, "must be " + " or ".join(dict.fromkeys(branch.kind.name for branch in self.branches))
            )


def _flat(field: Field, shape: Shape) -> Iterator[Field]:
    """A branch with its label; or, if the branch is a union itself, the branches of that union."""
    if isinstance(field.kind, Union):
        for branch in field.kind.branches:
            yield replace(branch, nullable=branch.nullable or field.nullable)
    else:
        yield replace(field, label=plain_text.line(shape.text("title")) or field.kind.name)


def _leniency(kind: Kind) -> int:
    """How many different texts a kind reads. The strict kinds are tried before texts, and texts before lists.

    A switch is tried after the numbers, because it reads 1 and 0 too.
    """
    if isinstance(kind, Items):
        return 3
    return 2 if kind.takes_any_text else int(isinstance(kind, Switch))


def _strange(field: Field, value: JsonValue) -> int:
    """How many members of an object a group does not know."""
    if not isinstance(field.kind, Group) or not isinstance(value, dict):
        return 0
    return sum(field.kind.child(name) is None for name in value)


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

    def takes(self, value: JsonValue) -> bool:
        return True

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        yield from ()


def _reason(shape: Shape) -> str:
    if shape.type == "array":
        return "is a list with a meaning for each place"
    if "" in shape.table("properties"):
        return "has a member without a name"
    return f"has the unknown type {shape.type[:40]}" if shape.type else "may be any value"
