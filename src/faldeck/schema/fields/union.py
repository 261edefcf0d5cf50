"""Fields with several shapes, one of which a value has."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from .. import prose
from ..jsonvalue import Invalid, JsonValue, Path, read, same, write
from ..shape import Shape
from .base import Build, Field, Kind, Problem
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
        """The branch that `value` has: the first it fits, else the first of its type, else None."""
        fitting = (branch for branch in self.branches if not branch.check(value, ()))
        alike = (branch for branch in self.branches if branch.kind.takes(value))
        return next(fitting, None) or next(alike, None)

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
        shown = branch.show(value) if branch else write(value)
        try:
            known = self.parse(shown)
        except Invalid:
            return write(value)
        return shown if type(known) is type(value) and same(known, value) else write(value)

    def takes(self, value: JsonValue) -> bool:
        return any(branch.kind.takes(value) for branch in self.branches)

    def problems(self, value: JsonValue, loc: Path) -> Iterator[Problem]:
        if branch := self.branch(value):
            yield from branch.check(value, loc)
        else:
            yield Problem(loc, "must be " + " or ".join(dict.fromkeys(branch.kind.name for branch in self.branches)))


def _flat(field: Field, shape: Shape) -> Iterator[Field]:
    """A branch with its label; where that is a union itself, its branches, since a value has one shape of them all."""
    if isinstance(field.kind, Union):
        for branch in field.kind.branches:
            yield replace(branch, nullable=branch.nullable or field.nullable)
    else:
        yield replace(field, label=prose.line(shape.text("title")) or field.kind.name)


def _leniency(kind: Kind) -> int:
    """How willingly a kind reads any text: the strict are asked before texts, and texts before lists."""
    if kind.takes_any_text:
        return 1
    return 2 if isinstance(kind, Items) else 0
