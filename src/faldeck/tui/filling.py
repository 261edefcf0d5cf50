"""One model's form while it is being filled in: its values, its rows, and what is wrong with them. Draws nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from faldeck import hostile
from faldeck.job import Upload
from faldeck.schema import arguments, jsonvalue, places
from faldeck.schema.arguments import Arguments, Values
from faldeck.schema.document import Model
from faldeck.schema.fields import Choice, Const, Field, Group, Items, Map, Problem, Raw, Size, Switch, Text, Union
from faldeck.schema.jsonvalue import Invalid, JsonValue

ALWAYS_SHOWN = 12
"""A form of so few fields folds none."""

UNFOLDED = 8
"""Fields shown of a longer form, besides those that are required or set."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A field's value on one line."""

    text: str
    is_set: bool
    """Whether a person has set it; else it is the model's default, or says what happens without one."""
    is_picked: bool = False
    """Whether it is one of several choices."""
    mark: str = ""
    """What stands before the text: a switch."""


class Filling:
    """The values a person has entered for a model. Only what was set, or is required, is ever sent."""

    def __init__(self, model: Model, values: JsonValue) -> None:
        self.model = model
        self.values = Values(values if isinstance(values, dict) else {})
        self.problems: dict[str, str] = {}
        """Field name → what is wrong there."""
        self.is_unfolded = False

    def rows(self) -> list[Field | None]:
        """The fields in the schema's order, rarely used ones folded; None is the row that folds and unfolds."""
        fields = self.model.fields
        if len(fields) <= ALWAYS_SHOWN:
            return list(fields)
        if self.is_unfolded:
            return [*fields, None]
        return [*(field for field in fields if field not in self._folded()), None]

    @property
    def hidden(self) -> int:
        """How many fields are folded away."""
        return 0 if self.is_unfolded else len(self._folded())

    def _folded(self) -> list[Field]:
        """The optional fields that nobody has set, without the first few."""
        needed = (field.required or self.is_set(field) or field.name in self.problems for field in self.model.fields)
        optional = [field for field, is_needed in zip(self.model.fields, needed, strict=True) if not is_needed]
        return [field for place, field in enumerate(optional) if place >= UNFOLDED or field.deprecated]

    def is_set(self, field: Field) -> bool:
        """Whether a person has set the field."""
        return bool(self.values.tree) if not field.place else field.place in self.values

    def shown(self, field: Field) -> Shown:
        """The field's value as its row shows it."""
        is_set, default = self.is_set(field), self.default(field)
        text = "required" if field.required else "random" if field.name == "seed" else "—"
        if is_set:
            text = _line(field, self.values.get(field.place))
        elif isinstance(field.kind, Const):
            text = _line(field, field.kind.value)
        elif field.has_default and field.default is not None:
            text = default or "(empty)"
        if self.is_switch(field):
            return Shown(text, is_set, mark="◉ " if text == "true" else "○ ")
        return Shown(text, is_set, is_picked=bool(self.choices(field)))

    def default(self, field: Field) -> str:
        """The field's default on one line; empty where there is none."""
        return _line(field, field.default) if field.has_default and field.default is not None else ""

    def text(self, field: Field) -> str:
        """The field's value as it is edited: JSON on many lines where it is structured; empty while it is unset."""
        if _is_structured(field):
            value = self.values.get(field.place, field.default if field.has_default else None)
            return json.dumps(value, indent=2, ensure_ascii=False) if value is not None else ""
        return field.show(self.values.get(field.place)) if self.is_set(field) else ""

    # How a field is edited

    def is_switch(self, field: Field) -> bool:
        """Whether the field is on or off."""
        return isinstance(field.kind, Switch)

    def choices(self, field: Field) -> tuple[JsonValue, ...]:
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

    def is_typed(self, field: Field) -> bool:
        """Whether the field's value is typed on its row: it is no choice, not structured, and of one line."""
        is_line = not isinstance(field.kind, Switch | Choice | Size | Const) and not _is_structured(field)
        return is_line and "\n" not in self.text(field)

    def suggestions(self, field: Field) -> tuple[str, ...]:
        """What may be typed, among other things."""
        return field.kind.suggestions if isinstance(field.kind, Text) else ()

    def fault_finder(self, field: Field | None) -> Callable[[str], str]:
        """What tells what is wrong with a text of many lines for a field, or for the whole input."""
        return _json_fault if field is None or _is_structured(field) else lambda text: ""

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

    def enter_all(self, text: str) -> str:
        """Takes a JSON object as the whole input; gives what is wrong with it, and then nothing has changed."""
        try:
            whole = jsonvalue.read(text) if text.strip() else {}
        except Invalid as error:
            return hostile.clean_line(str(error))
        if not isinstance(whole, dict):
            return "It must be a JSON object."
        self.values, self.problems = Values(whole), {}
        return ""

    # Sending

    def arguments(self) -> Arguments:
        """What would be sent."""
        return arguments.compose(self.model, self.values)

    def uploads(self) -> list[Upload]:
        """The local files among the arguments."""
        composed = self.arguments()
        found = arguments.local_files(self.model, composed)
        return [Upload(loc=path, path=str(places.get(composed, path))) for path in found]

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


def _is_structured(field: Field) -> bool:
    """Whether the field's value is edited as JSON on many lines."""
    structured = Group | Map | Raw | Union
    kind = field.kind
    return isinstance(kind, structured) or (isinstance(kind, Items) and isinstance(kind.item.kind, structured | Items))


def _json_fault(text: str) -> str:
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
