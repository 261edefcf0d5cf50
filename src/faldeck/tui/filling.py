"""One model's form while it is being filled in: its values, its rows, and what is wrong with them. Draws nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from faldeck import hostile
from faldeck.schema import arguments, jsonvalue, places
from faldeck.schema.arguments import Arguments, Values
from faldeck.schema.document import Model
from faldeck.schema.fields import Choice, Const, Field, Group, Items, Map, Problem, Raw, Size, Switch, Union
from faldeck.schema.jsonvalue import Invalid, JsonValue

ALWAYS_SHOWN = 12
"""A form of so few fields folds none."""

UNFOLDED = 8
"""Fields shown of a longer form, besides those that are required or set."""


@dataclass(frozen=True, slots=True)
class Fold:
    """The row that stands for the fields that are folded away, or that folds them again."""

    hidden: int
    """How many are folded; 0 where all are shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A field's value on one line."""

    text: str
    is_set: bool
    """Whether a person has set it; else it is the model's default, or says what happens without one."""


class Filling:
    """The values a person has entered for a model. Only what was set, or is required, is ever sent."""

    def __init__(self, model: Model, values: JsonValue) -> None:
        self.model = model
        self.values = Values(values if isinstance(values, dict) else {})
        self.problems: dict[str, str] = {}
        """Field name → what is wrong there."""
        self.is_unfolded = False

    def rows(self) -> list[Field | Fold]:
        """The fields in the schema's order, rarely used ones folded."""
        fields = self.model.fields
        if len(fields) <= ALWAYS_SHOWN:
            return list(fields)
        if self.is_unfolded:
            return [*fields, Fold(0)]
        room = UNFOLDED
        shown: list[Field | Fold] = []
        for field in fields:
            if field.required or field.place in self.values or field.name in self.problems:
                shown.append(field)
            elif room > 0 and not field.deprecated:
                shown.append(field)
                room -= 1
        return [*shown, Fold(len(fields) - len(shown))]

    def is_set(self, field: Field) -> bool:
        """Whether a person has set the field."""
        return bool(self.values.tree) if not field.place else field.place in self.values

    def shown(self, field: Field) -> Shown:
        """The field's value as its row shows it."""
        if self.is_set(field):
            return Shown(_line(field, self.values.get(field.place)), True)
        if isinstance(field.kind, Const):
            return Shown(_line(field, field.kind.value), False)
        if field.has_default and field.default is not None:
            return Shown(_line(field, field.default) or "(empty)", False)
        return Shown("required" if field.required else "random" if field.name == "seed" else "—", False)

    def text(self, field: Field) -> str:
        """The field's value as it is edited: JSON on many lines where it is structured; empty while it is unset."""
        if is_structured(field):
            value = self.values.get(field.place, field.default if field.has_default else None)
            return json.dumps(value, indent=2, ensure_ascii=False) if value is not None else ""
        return field.show(self.values.get(field.place)) if self.is_set(field) else ""

    # Changing

    def enter(self, field: Field, text: str) -> None:
        """Takes a typed text as the field's value, an empty one as none; a text that is no value is a problem."""
        self.problems.pop(field.name, None)
        if text == "":
            self.values = self.values.unset(field.place)
            return
        try:
            value = field.parse(text)
        except Invalid as error:
            self.problems[field.name] = hostile.clean_line(str(error))
        else:
            self.choose(field, value)

    def choose(self, field: Field, value: JsonValue) -> None:
        """Sets the field's value."""
        self.values = self.values.set(field.place, value) if field.place else Values(value)
        self.problems.pop(field.name, None)
        for problem in field.check(value)[:1]:
            self.problems[field.name] = _told(problem, below=1)

    def enter_all(self, text: str) -> None:
        """Takes a JSON object as the whole input; raises Invalid, and nothing has changed."""
        whole = jsonvalue.read(text) if text.strip() else {}
        if not isinstance(whole, dict):
            raise Invalid("must be a JSON object")
        self.values, self.problems = Values(whole), {}

    # Sending

    def arguments(self) -> Arguments:
        """What would be sent."""
        return arguments.compose(self.model, self.values)

    def check(self) -> list[str]:
        """Finds what is wrong before anything is sent; gives what belongs to no field."""
        if any(self.problems.values()):
            return []
        return self.take_problems(arguments.problems(self.model, self.arguments()))

    def take_answer(self, body: JsonValue) -> list[str]:
        """Takes what a service found wrong (protocol §4.1); gives what belongs to no field."""
        return self.take_problems(arguments.server_problems(self.model, body))

    def take_problems(self, problems: Iterable[Problem]) -> list[str]:
        """Puts each problem at its field; gives what belongs to none."""
        loose = []
        for problem in problems:
            name = str(problem.loc[0]) if problem.loc else ""
            if name and self.model.field(name):
                self.problems.setdefault(name, _told(problem, below=1))
            else:
                loose.append(_told(problem, below=0))
        return loose


def is_structured(field: Field) -> bool:
    """Whether the field's value is edited as JSON on many lines."""
    structured = Group | Map | Raw | Union
    kind = field.kind
    return isinstance(kind, structured) or (isinstance(kind, Items) and isinstance(kind.item.kind, structured | Items))


def is_typed(field: Field) -> bool:
    """Whether the field's value is typed on its row."""
    return not isinstance(field.kind, Switch | Choice | Size | Const) and not is_structured(field)


def choices(field: Field) -> tuple[JsonValue, ...]:
    """The values that the field is picked from; none where it is typed."""
    match field.kind:
        case Switch():
            return (True, False)
        case Choice(choices=values):
            return values
        case Size(presets=presets):
            return presets
        case _:
            return ()


def json_fault(text: str) -> str:
    """What keeps a text from being JSON; nothing where it is."""
    try:
        if text.strip():
            jsonvalue.read(text)
    except Invalid as error:
        return hostile.clean_line(str(error))
    return ""


def _line(field: Field, value: JsonValue) -> str:
    return hostile.clean_line(field.show(value), limit=500)


def _told(problem: Problem, *, below: int) -> str:
    """The problem as a phrase, with the place inside the field where it is not the field itself."""
    place = places.spell(problem.loc[below:])
    return hostile.clean_line(f"{place} {problem.message}" if place else problem.message)
