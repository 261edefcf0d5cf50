"""One model's form while it is being filled in: its values, its rows, and what is wrong with them. Draws nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass

from faldeck import costs, hostile, localfiles
from faldeck.fal.values import Price
from faldeck.job import Upload
from faldeck.schema import arguments, places
from faldeck.schema.arguments import Arguments, Values
from faldeck.schema.document import Model
from faldeck.schema.fields import Choice, Const, Field, File, Group, Items, Problem, Size, Switch, Text, Union
from faldeck.schema.jsonvalue import Invalid, JsonValue, Path
from faldeck.tui import pasted
from faldeck.tui.form_rows import How, Row, below, how

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
    colour: str = ""
    """The colour that the value is, as `#rrggbb`."""


class Filling:
    """The values a person has entered for a model. Only what was set, or is required, is ever sent."""

    def __init__(self, model: Model, values: JsonValue) -> None:
        self.model = model
        self.values = Values(values if isinstance(values, dict) else {})
        self.problems: dict[Path, str] = {}
        """Place in the arguments → what is wrong there."""
        self._answered: set[Path] = set()
        """The places of problems that a service found, and may find no more when it is asked again."""
        self.is_unfolded = False
        self.kept: set[Path] = set()
        """The places whose values came from another model's form, and may be meant or not."""
        self._open: set[Path] = set()
        self._before: list[Values] = []

    # Rows

    def rows(self) -> list[Row]:
        """The fields in the schema's order, rarely used ones folded, what is open followed by what is inside it."""
        fields = self.model.fields
        folded = set() if self.is_unfolded or len(fields) <= ALWAYS_SHOWN else {field.name for field in self._folded()}
        rows: list[Row] = []
        for field in fields:
            if field.name not in folded:
                value = self.value(field.place)
                rows.extend(below(Row(field.place, field, how(field, value)), value, self._open.__contains__))
        if len(fields) > ALWAYS_SHOWN:
            rows.append(Row((), None, How.FOLDED))
        return rows

    @property
    def hidden(self) -> int:
        """How many fields are folded away."""
        return 0 if self.is_unfolded else len(self._folded())

    def _folded(self) -> list[Field]:
        """The optional fields that nobody has set, without the first few."""
        wrong = {path[0] for path in self.problems if path}
        optional = [
            field
            for field in self.model.fields
            if not field.required and field.place not in self.values and field.name not in wrong
        ]
        return [field for place, field in enumerate(optional) if place >= UNFOLDED or field.deprecated]

    # Values

    def value(self, path: Path) -> JsonValue:
        """What stands at a place: what was set, or else what the model takes by default."""
        if path[:1] in self.values or not path:
            return self.values.get(path)
        field = self.model.field(str(path[0]))
        return places.get(field.default, path[1:]) if field and field.has_default else None

    def is_set(self, path: Path) -> bool:
        """Whether a person has set what stands there."""
        return bool(self.values.tree) if not path else path in self.values

    def shown(self, row: Row) -> Shown:
        """The row's value on one line."""
        field = row.field
        if field is None or row.is_new:
            return Shown("", False)
        is_set, value = self.is_set(row.path), self.value(row.path)
        text = "required" if field.required else "random" if field.name == "seed" else "—"
        if is_set or value is not None:
            text = self._told(row, field, value)
        elif isinstance(field.kind, Const):
            text = _line(field, field.kind.value)
        elif field.has_default and field.default is not None:
            text = _line(field, field.default) or "(empty)"
        return Shown(text, is_set, text if field.kind.name == "colour" and text.startswith("#") else "")

    def _told(self, row: Row, field: Field, value: JsonValue) -> str:
        if row.is_open:
            return ""
        if isinstance(value, list) and row.how is How.OPENED:
            return "no items" if not value else f"{len(value)} item{'s' if len(value) > 1 else ''}"
        return _line(field, value) or "(empty)"

    def text(self, row: Row) -> str:
        """The row's value as it is edited: JSON where it is not a text; empty while it is unset."""
        if row.field is None or row.is_new:
            return ""
        value = self.value(row.path) if row.how is How.WRITTEN else self.values.get(row.path)
        if row.how is How.WRITTEN and not isinstance(value, str):
            return json.dumps(value, indent=2, ensure_ascii=False) if value is not None else ""
        return row.field.show(value) if self.is_set(row.path) else ""

    def default(self, row: Row) -> str:
        """The row's default on one line; empty where there is none."""
        field = row.field
        return _line(field, field.default) if field and field.has_default and field.default is not None else ""

    def choices(self, row: Row) -> tuple[JsonValue, ...]:
        """The values that the row is picked from; none where it is not picked."""
        match row.field.kind if row.field else None:
            case Switch():
                return (True, False)
            case Choice(choices=values):
                return values
            case Size(presets=presets):
                return presets
            case _:
                return ()

    def offers(self, row: Row) -> list[tuple[str, JsonValue]]:
        """What the row can be given, by name: its choices, or its shapes; nothing where it is not picked."""
        match row.field, row.how:
            case Field(kind=Union(branches=shapes)), How.SHAPED:
                return [(hostile.clean_line(shape.label), shape) for shape in shapes]
            case Field(kind=Size()) as field, _:
                return [*self._named(field, self.choices(row)), ("width × height …", field)]
            case Field() as field, _:
                return self._named(field, self.choices(row))
            case _:
                return []

    def _named(self, field: Field, values: Iterable[JsonValue]) -> list[tuple[str, JsonValue]]:
        return [(_line(field, value) or "(empty)", value) for value in values]

    def choose(self, row: Row, choice: JsonValue) -> bool:
        """Gives the row one of its offers; True where that is a shape whose value is to be typed."""
        if not isinstance(choice, Field):
            self.set(row.path, choice)
            return False
        empty: JsonValue = {} if isinstance(choice.kind, Group) else [] if isinstance(choice.kind, Items) else None
        if empty is None:
            return how(choice, None) is How.TYPED or isinstance(choice.kind, Size)
        self.set(row.path, empty)
        self._open.add(row.path)
        return False

    def open(self, row: Row) -> None:
        """Shows or hides the rows inside a row; where it is a list's next item, that is added first."""
        if row.is_new:
            self.set(row.path, {})
            self._open.add(row.path)
        else:
            self._open ^= {row.path}

    def is_file(self, row: Row) -> bool:
        """Whether the row takes a file."""
        return row.field is not None and isinstance(row.field.kind, File)

    def file_place(self) -> Path | None:
        """Where one file belongs: the model's main file field, behind what its list holds already."""
        field = arguments.main_file(self.model)
        if field is None or not isinstance(field.kind, Items):
            return field.place if field else None
        held = self.values.get(field.place)
        return (*field.place, len(held) if isinstance(held, list) else 0)

    def suggestions(self, row: Row) -> tuple[str, ...]:
        """What may be typed, among other things."""
        return row.field.kind.suggestions if row.field and isinstance(row.field.kind, Text) else ()

    def fault_finder(self, row: Row | None) -> Callable[[str], str]:
        """What tells what is wrong with a text of many lines for a row, or for the whole input."""
        if row is None:
            return _whole_fault
        return _json_fault if row.field and not row.field.kind.takes_any_text else lambda text: ""

    # Changing

    def enter(self, row: Row, text: str) -> None:
        """Takes a typed text as the row's value, an empty one as none; a text that is no value is a problem."""
        if text == "" or row.field is None:
            self.unset(row.path)
            return
        try:
            value = row.field.parse(text)
        except Invalid as error:
            self.problems[row.path] = hostile.clean_line(str(error))
            self._answered.discard(row.path)
        else:
            self.set(row.path, value)

    def set(self, path: Path, value: JsonValue) -> None:
        """Sets what stands at a place."""
        self.kept.discard(path)
        self._remember()
        self.values = self._with_default(path).set(path, value) if path else Values(value)
        self._check(path)

    def unset(self, path: Path) -> None:
        """Takes away what a person has set there; an item leaves its list."""
        self._remember()
        values = self._with_default(path) if len(path) > 1 else self.values
        values = values.unset(path)
        while len(path := path[:-1]) > 1 and values.get(path) == {}:
            values = values.unset(path)
        self.values = values
        self._check(path)

    def duplicate(self, path: Path) -> None:
        """Puts a copy of an item behind it."""
        self._change_list(path, lambda items, index: items.insert(index + 1, deepcopy(items[index])))

    def move(self, path: Path, step: int) -> Path:
        """Moves an item up or down its list, and gives its new place."""
        *above, index = path
        items = self.value(tuple(above))
        if not isinstance(index, int) or not isinstance(items, list) or not 0 <= index + step < len(items):
            return path
        self._change_list(path, lambda items, index: items.insert(index + step, items.pop(index)))
        return (*above, index + step)

    def _change_list(self, path: Path, change: Callable[[list[JsonValue], int], None]) -> None:
        *above, index = path
        items = self.value(tuple(above))
        if isinstance(index, int) and isinstance(items, list) and index < len(items):
            changed = list(items)
            change(changed, index)
            self.set(tuple(above), changed)

    def enter_all(self, text: str) -> str:
        """Takes JSON, or a request pasted from elsewhere, as the whole input; gives what is wrong with it.

        Nothing has changed where something is wrong.
        """
        if fault := _whole_fault(text):
            return fault
        self._remember()
        self.values, self.problems = Values(pasted.arguments(text) if text.strip() else {}), {}
        return ""

    def keep(self, earlier: Filling) -> None:
        """Takes over what was set for another model, as far as it fits this one."""
        for field in earlier.model.fields:
            mine = self.model.field(field.name) if field.name else None
            if mine and earlier.is_set(field.place):
                value = earlier.values.get(field.place)
                if not mine.check(value):
                    self.values = self.values.set(mine.place, value)
                    self.kept.add(mine.place)

    def _remember(self) -> None:
        self._before.append(self.values)

    def undo(self) -> bool:
        """Takes back the last change; False where there is none."""
        if not self._before:
            return False
        self.values = self._before.pop()
        self.problems = {}
        return True

    def _with_default(self, path: Path) -> Values:
        """The values with a copy of the default that `path` leads into, where only that stands there."""
        field = self.model.field(str(path[0])) if len(path) > 1 else None
        if field and path[:1] not in self.values and isinstance(field.default, dict | list):
            return self.values.set(path[:1], deepcopy(field.default))
        return self.values

    def _check(self, path: Path) -> None:
        """Finds anew what is wrong with the field that `path` leads into."""
        self.problems = {place: text for place, text in self.problems.items() if place[:1] != path[:1]}
        field = self.model.field(str(path[0])) if path else self.model.input
        if field and self.is_set(path[:1]):
            self.take_problems(field.check(self.values.get(path[:1])))

    # Sending

    def arguments(self) -> Arguments:
        """What would be sent."""
        return arguments.compose(self.model, self.values)

    def uploads(self) -> list[Upload]:
        """The local files among the arguments."""
        return localfiles.uploads(self.model, self.arguments())

    def check_files(self) -> list[str]:
        """Looks at the local files among the arguments, on disk; gives what belongs to no field."""
        return self.take_problems(localfiles.problems(self.model, self.arguments()))

    def estimate_usd(self, price: Price | None) -> float | None:
        """About what the request will cost."""
        return costs.estimate(price, self.model, self.arguments())

    def check(self) -> list[str]:
        """Finds what is wrong before anything is sent; gives what belongs to no field."""
        self.problems = {path: text for path, text in self.problems.items() if path not in self._answered}
        self._answered.clear()
        return [] if self.problems else self.take_problems(arguments.problems(self.model, self.arguments()))

    def take_answer(self, body: JsonValue) -> list[str]:
        """Takes what a service found wrong (protocol §4.1); gives what belongs to no field."""
        known = set(self.problems)
        loose = self.take_problems(arguments.server_problems(self.model, body))
        self._answered = set(self.problems) - known
        return loose

    def take_problems(self, problems: Iterable[Problem]) -> list[str]:
        """Puts each problem at its place and opens what hides it; gives what belongs to no field."""
        loose = []
        for problem in problems:
            message = hostile.clean_line(problem.message)
            if problem.loc and self.model.field(str(problem.loc[0])):
                self.problems.setdefault(problem.loc, message)
                self._open |= {problem.loc[:depth] for depth in range(1, len(problem.loc))}
            else:
                loose.append(message)
        return loose


def _line(field: Field, value: JsonValue) -> str:
    return hostile.clean_line(field.show(value), limit=500)


def _whole_fault(text: str) -> str:
    try:
        if text.strip():
            pasted.arguments(text)
    except Invalid as error:
        return hostile.clean_line(str(error))
    return ""


def _json_fault(text: str) -> str:
    try:
        if text.strip():
            json.loads(text)
    except ValueError as error:
        return hostile.clean_line(str(error))
    return ""
