"""Fields with several shapes, one of which a value has."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from .. import prose
from ..jsonvalue import Invalid, JsonValue, Path, read, same, write
from ..shape import Shape
from .base import Build, Field, Kind, Problem
from .choice import Switch
from .group import Group
from .items import Items


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
        """The branch that `value` has: of those of its type the one with the fewest problems; None where none is.

        Of several it is the one that knows most members of the value, then the first: an object that is just begun may
        have as many problems with one as with another.
        """
        return self._fitting(value, ())[0]

    def _fitting(self, value: JsonValue, loc: Path) -> tuple[Field | None, tuple[Problem, ...]]:
        """The branch that a value at `loc` has, with its problems there."""
        tried = [(branch, branch.check(value, loc)) for branch in self.branches]
        alike = [(branch, found) for branch, found in tried if not found or branch.kind.takes(value)]
        return min(alike, key=lambda fit: (len(fit[1]), _strange(fit[0], value)), default=(None, ()))

    def parse(self, text: str) -> JsonValue:
        """What the strictest branch reads: `0.5` a number where one may stand, `"0.5"` in quotes a text."""
        if text.lstrip()[:1] in ("[", "{", '"') and (value := self._parse_json(text)) is not None:
            return value
        unfit, refusals = [], []
        for branch in sorted(self.branches, key=lambda branch: _leniency(branch.kind)):
            try:
                value = branch.parse(text)
            except Invalid as error:
                refusals.append(str(error))
            else:
                if not branch.check(value, ()):
                    return value
                unfit.append(value)
        if unfit:
            return unfit[0]
        raise Invalid(", or ".join(dict.fromkeys(refusals)))

    def _parse_json(self, text: str) -> JsonValue:
        """The JSON value written in `text` if it fits a branch, else None."""
        try:
            value = read(text)
        except Invalid:
            return None
        return value if any(not branch.check(value, ()) for branch in self.branches) else None

    def show(self, value: JsonValue) -> str:
        branch = self.branch(value)
        texts = (branch.show(value) if branch else write(value), write(value))
        alike = [(text, known) for text, known in self._readings(texts) if same(known, value)]
        exact = [text for text, known in alike if type(known) is type(value)]
        return next(iter([*exact, *(text for text, _ in alike)]), write(value))

    def _readings(self, texts: Iterable[str]) -> Iterator[tuple[str, JsonValue]]:
        """The texts that can be read, each with what it is read as."""
        for text in texts:
            try:
                known = self.parse(text)
            except Invalid:
                continue
            yield text, known

    def takes(self, value: JsonValue) -> bool:
        return any(branch.kind.takes(value) for branch in self.branches)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        branch, found = self._fitting(value, loc)
        yield from found
        if branch is None:
            yield Problem(loc, "must be " + " or ".join(dict.fromkeys(branch.kind.name for branch in self.branches)))


def _flat(field: Field, shape: Shape) -> Iterator[Field]:
    """A branch with its label; where that is a union itself, its branches, since a value has one shape of them all."""
    if isinstance(field.kind, Union):
        for branch in field.kind.branches:
            yield replace(branch, nullable=branch.nullable or field.nullable)
    else:
        yield replace(field, label=prose.line(shape.text("title")) or field.kind.name)


def _leniency(kind: Kind) -> int:
    """How willingly a kind reads any text: the strict are asked before texts, and texts before lists.

    A switch is asked after the numbers, whose 1 and 0 it reads too.
    """
    if isinstance(kind, Items):
        return 3
    return 2 if kind.takes_any_text else int(isinstance(kind, Switch))


def _strange(field: Field, value: JsonValue) -> int:
    """How many members an object has that are none of a group's."""
    if not isinstance(field.kind, Group) or not isinstance(value, dict):
        return 0
    return sum(field.kind.child(name) is None for name in value)
