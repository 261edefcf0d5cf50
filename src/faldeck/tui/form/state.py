"""One model's form while it is being filled in: its values, and what is wrong with them. Draws nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy

from faldeck.app.requests import FilledRequest
from faldeck.config.settings import Profile
from faldeck.safety import sanitize
from faldeck.schema import arguments, json_value
from faldeck.schema.arguments import Arguments, ArgumentValues
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Field, Group, Items, Number, Size, ValueProblem
from faldeck.schema.json_value import InvalidValue, JsonPath, JsonValue
from faldeck.tui.form import dropped, row_values, stepping
from faldeck.tui.form.rows import EditMode, FormRow, RowTree, edit_mode


class FieldProblems:
    """The problems of one form."""

    def __init__(self, model: ModelSchema) -> None:
        self._model = model
        self._found: dict[JsonPath, str] = {}
        self._refused: dict[JsonPath, tuple[str, str]] = {}
        """Place → a text that is no value there, and why."""

    @property
    def problems(self) -> Mapping[JsonPath, str]:
        """Place in the arguments → what is wrong there, as one clean line."""
        return self._found | {path: reason for path, (_, reason) in self._refused.items()}

    def take(self, problems: Iterable[ValueProblem]) -> list[str]:
        """Puts each problem at its place, where there is none yet; gives what belongs to no field."""
        loose = []
        for problem in problems:
            message = sanitize.clean_line(problem.message)
            if problem.loc and self._model.field(str(problem.loc[0])):
                self._found.setdefault(problem.loc, message)
            else:
                loose.append(message)
        return loose

    def refuse(self, path: JsonPath, text: str, reason: str) -> None:
        """Keeps a text that is no value at a place, to be mended."""
        self._refused[path] = (text, sanitize.clean_line(reason))

    def refused(self, path: JsonPath) -> str:
        """The text that was typed there and is no value; empty where there is none."""
        return self._refused.get(path, ("", ""))[0]

    def forget_found(self, path: JsonPath = ()) -> None:
        """Forgets what was found in the field that a place is in, or everywhere."""
        self._found = {place: text for place, text in self._found.items() if path and place[:1] != path[:1]}

    def forget_refused(self, path: JsonPath = ()) -> None:
        """Forgets the texts that were refused at a place and inside it."""
        self._refused = {place: text for place, text in self._refused.items() if place[: len(path)] != path}


LARGEST_SEED = 2**31 - 1
"""Where a model sets no limit: every service takes so much."""


class FormState:
    """The values a person has entered for a model. Only what was set, or is required, is ever sent."""

    def __init__(self, model: ModelSchema, values: JsonValue, options: Mapping[str, JsonValue] | None = None) -> None:
        self.model = model
        self.values = ArgumentValues(values if isinstance(values, dict) else {})
        self.options: Mapping[str, JsonValue] = options or {}
        """How the request is to be run; see `run_options`."""
        self.outline = RowTree(model.fields, self._is_needed)
        self.kept: set[JsonPath] = set()
        """The places whose values came from another model's form, and may be meant or not."""
        self._drafted: set[JsonPath] = set()
        """The places whose values are those of a draft."""
        self._findings = FieldProblems(model)
        self._before: list[ArgumentValues] = []
        self._typed_at: JsonPath | None = None
        """Where the last change was typed: the next key there belongs to the same change."""
        self._check(())

    def rows(self) -> list[FormRow]:
        """The rows in sight."""
        return self.outline.rows(self.value)

    def _is_needed(self, field: Field) -> bool:
        return field.place in self.values or any(path[:1] == field.place for path in self.problems)

    # Values

    @property
    def problems(self) -> Mapping[JsonPath, str]:
        """Place in the arguments → what is wrong there."""
        return self._findings.problems

    def value(self, path: JsonPath) -> JsonValue:
        """What stands at a place: what was set, or else what the model takes by default."""
        if path[:1] in self.values or not path:
            return self.values.get(path)
        field = self.model.field(str(path[0]))
        return json_value.get(field.default, path[1:]) if field and field.has_default else None

    def is_set(self, path: JsonPath) -> bool:
        """Whether a person has set what stands there."""
        return bool(self.values.tree) if not path else path in self.values

    def refused(self, path: JsonPath) -> str:
        """The text that was typed there and is no value; empty where there is none."""
        return self._findings.refused(path)

    def examples(self) -> Arguments:
        """The first example of every field that has one."""
        return {field.name: field.examples[0] for field in self.model.fields if field.name and field.examples}

    def file_place(self) -> JsonPath | None:
        """Where one file belongs: the model's main file field, behind what its list holds already."""
        field = arguments.main_file(self.model)
        return self.next_place(field, field.place) if field else None

    def next_place(self, field: Field, path: JsonPath) -> JsonPath:
        """Where one more value goes: the place itself, or behind what the list there holds."""
        if not isinstance(field.kind, Items):
            return path
        held = self.value(path)
        return (*path, len(held) if isinstance(held, list) else 0)

    # Changing

    def enter(self, row: FormRow, text: str) -> None:
        """Takes a typed text as the row's value, an empty one as none; a text that is no value is a problem."""
        path, is_same = row.path, self._typed_at == row.path
        if row.field is None or (text == "" and not _is_item(path)):
            self._change(path, lambda values: _unset(values, path), is_same=is_same)
        elif text == "":
            self._change(path, lambda values: values.set(path, ""), is_same=is_same)
        else:
            try:
                value = row.field.parse(text)
            except InvalidValue as error:
                self._findings.refuse(path, text, str(error))
                return
            self._change(path, lambda values: values.set(path, value), is_same=is_same)
        self._typed_at = path

    def pause(self) -> bool:
        """Ends a change that was typed: what is typed next is taken back by itself.

        An emptied item leaves its list; gives whether one has.
        """
        path, self._typed_at = self._typed_at, None
        if path is None or not _is_item(path) or self.value(path) != "":
            return False
        self._change(path, lambda values: values.unset(path), is_same=True)
        return True

    def set(self, path: JsonPath, value: JsonValue) -> None:
        """Sets what stands at a place."""
        self._change(path, lambda values: values.set(path, value) if path else ArgumentValues(value))

    def unset(self, path: JsonPath) -> None:
        """Takes away what a person has set there; an item leaves its list."""
        if _is_item(path):
            self.remove(path)
        else:
            self._change(path, lambda values: _unset(values, path))

    def choose(self, row: FormRow, choice: JsonValue) -> bool:
        """Gives the row one of its offers; True where that is a shape whose value is to be typed."""
        if not isinstance(choice, Field):
            self.set(row.path, choice)
            return False
        if self.is_set(row.path) and row_values.shape(row, self.value(row.path)) is choice:
            self.outline.open(row.path, choice)
            return edit_mode(choice, self.value(row.path)) is EditMode.INLINE
        if not isinstance(choice.kind, Group | Items):
            return edit_mode(choice, None) is EditMode.INLINE or isinstance(choice.kind, Size)
        # What an object of this shape always holds tells it from others.
        self.set(row.path, arguments.composed(choice, {}) if isinstance(choice.kind, Group) else [])
        self.outline.open(row.path, choice)
        return False

    def open(self, row: FormRow) -> None:
        """Shows or hides the rows inside a row; where it is a list's next item, that is added first."""
        if row.is_new:
            self.set(row.path, [] if row.field and isinstance(row.field.kind, Items) else {})
            self.outline.open(row.path)
        else:
            self.outline.turn(row.path)

    def step(self, row: FormRow, steps: int) -> None:
        """Moves the row's number, or goes on to another of its choices; other rows stay as they are."""
        value = self.value(row.path)
        if choices := row_values.choices(row):
            place = choices.index(value) + steps if value in choices else 0
            self.set(row.path, choices[place % len(choices)])
        elif row.field and isinstance(row.field.kind, Number) and not row.is_new:
            self.set(row.path, stepping.stepped(row.field.kind, value, steps))

    def pin_seed(self, seed: int | None) -> JsonPath | None:
        """Sets the seed, to any where None is given, and gives its place; None where the model takes none."""
        field = next((field for field in self.model.fields if row_values.is_seed(field)), None)
        if field is None or not isinstance(field.kind, Number):
            return None
        least, most = field.kind.minimum, field.kind.maximum
        any_seed = random.randint(int(least or 0), int(most if most is not None else LARGEST_SEED))
        self.set(field.place, any_seed if seed is None else seed)
        return field.place

    def add_files(self, row: FormRow, files: Sequence[str]) -> None:
        """Puts files into the row, or into the list that it is or stands in."""
        field, path = row.field, row.path
        if field is None:
            return
        if isinstance(field.kind, Items):
            field, path = field.kind.item, self.next_place(field, path)
        above, index = path[:-1], path[-1] if path else ""
        if not isinstance(index, int):
            self.set(path, field.parse(files[0]))
            return
        held = self.value(above)
        items = list(held) if isinstance(held, list) else []
        items[index : index + 1] = [field.parse(file) for file in files]
        self.set(above, items)
        self.outline.open(above)

    def duplicate(self, path: JsonPath) -> JsonPath:
        """Puts a copy of an item behind it, and gives its place."""
        return self._rearrange(path, lambda order, index: order.insert(index + 1, index), 1)

    def move(self, path: JsonPath, step: int) -> JsonPath:
        """Moves an item up or down its list, and gives its new place; at its ends it stays."""
        held, index = self.value(path[:-1]), path[-1] if path else ""
        if not isinstance(held, list) or not isinstance(index, int) or not 0 <= index + step < len(held):
            return path
        return self._rearrange(path, lambda order, index: order.insert(index + step, order.pop(index)), step)

    def remove(self, path: JsonPath) -> JsonPath:
        """Takes an item out of its list, and gives the place, where the next one is now."""
        return self._rearrange(path, lambda order, index: order.pop(index), 0)

    def _rearrange(self, path: JsonPath, change: Callable[[list[int], int], object], step: int) -> JsonPath:
        """Gives the items of a list another order, in which one may be there twice; what is open moves along.

        Gives the place `step` items on, or the same where there is no item.
        """
        above, index = path[:-1], path[-1] if path else ""
        items = self.value(above)
        if not isinstance(index, int) or not isinstance(items, list) or not index < len(items):
            return path
        order = list(range(len(items)))
        change(order, index)
        self.set(above, [deepcopy(items[old]) for old in order])
        self.outline.follow(above, order)
        return (*above, index + step)

    def enter_all(self, text: str) -> str:
        """Takes JSON, or a request pasted from elsewhere, as the whole input; gives what is wrong with it.

        Nothing has changed where something is wrong.
        """
        try:
            self.set((), self.read_all(text) if text.strip() else {})
        except InvalidValue as error:
            return sanitize.clean_line(str(error))
        return ""

    def mark_drafted(self) -> None:
        """Marks all values as those of a draft: a text typed now replaces one of them, and does not go on with it."""
        self._drafted = {(str(step),) for step in self.values.tree} if isinstance(self.values.tree, dict) else set()

    def is_from_before(self, path: JsonPath) -> bool:
        """Whether the value at a place is a draft's, or another form's, and has not been changed since."""
        return path[:1] in self.kept or path[:1] in self._drafted

    def read_all(self, text: str, profiles: Iterable[Profile] = ()) -> Arguments:
        """The whole input that a text holds: JSON, or a request as `pasted.request` takes it; raises Invalid."""
        request = dropped.request(text, profiles)
        if request.endpoint_id and not dropped.is_same(request.endpoint_id, self.model.endpoint_id):
            raise InvalidValue(f"is for {request.endpoint_id}: leave this, and paste it into the form")
        return request.fitting([field.name for field in self.model.fields])

    def keep(self, earlier: FormState) -> None:
        """Takes over what was set for another model, as far as it fits this one. A seed stays in its own form."""
        for field in earlier.model.fields:
            mine = self.model.field(field.name) if field.name else None
            if mine and not row_values.is_seed(mine) and earlier.is_set(field.place):
                value = earlier.values.get(field.place)
                if not mine.check(arguments.composed(mine, value)):
                    self.values = self.values.set(mine.place, value)
                    self.kept.add(mine.place)

    def undo(self) -> bool:
        """Takes back the last change; False where there is none."""
        self.pause()
        if not self._before:
            return False
        self.values = self._before.pop()
        self._findings = FieldProblems(self.model)
        return True

    def _change(
        self, path: JsonPath, change: Callable[[ArgumentValues], ArgumentValues], *, is_same: bool = False
    ) -> None:
        """Changes what stands at a place; `is_same` goes on with the last change instead of beginning another."""
        values = change(self._with_default(path))
        if not is_same:
            self._before.append(self.values)
            self._typed_at = None
        self.values = values
        self.kept.discard(path[:1])
        self._drafted.discard(path[:1])
        if not path:
            self.kept, self._drafted = set(), set()
        # Where an item comes or goes the others move, and a refused text would be told of the wrong one.
        self._findings.forget_refused(path[:-1] if _is_item(path) else path)
        self._check(path)

    def _with_default(self, path: JsonPath) -> ArgumentValues:
        """The values with a copy of the default that `path` leads into, where only that stands there."""
        field = self.model.field(str(path[0])) if len(path) > 1 else None
        if field and path[:1] not in self.values and isinstance(field.default, dict | list):
            return self.values.set(path[:1], deepcopy(field.default))
        return self.values

    def _check(self, path: JsonPath) -> None:
        """Finds anew what is wrong with the field that `path` leads into, or with all that are set."""
        self._findings.forget_found(path)
        for field in self.model.fields:
            if field.place[: len(path)] == path[:1] and self.is_set(field.place):
                self.take_problems(field.check(arguments.composed(field, self.values.get(field.place))))

    # FileUpload

    def arguments(self) -> Arguments:
        """What would be sent."""
        return arguments.compose(self.model, self.values)

    def request(self) -> FilledRequest:
        """What would be sent, as it is now."""
        return FilledRequest(self.model, self.arguments(), dict(self.options))

    def check(self) -> list[str]:
        """Finds what is wrong before anything is sent; gives what belongs to no field.

        What a service or the disk had against it is forgotten: it may be right by now.
        """
        self._findings.forget_found()
        return self.take_problems(arguments.problems(self.model, self.arguments()))

    def take_answer(self, body: JsonValue) -> list[str]:
        """Takes what a service found wrong (protocol §4.1); gives what belongs to no field."""
        return self.take_problems(arguments.server_problems(self.model, body))

    def take_problems(self, problems: Iterable[ValueProblem]) -> list[str]:
        """Puts each problem at its place and opens what hides it; gives what belongs to no field."""
        known = set(self.problems)
        loose = self._findings.take(problems)
        for path in self.problems.keys() - known:
            self.outline.reveal(path)
        return loose


def _unset(values: ArgumentValues, path: JsonPath) -> ArgumentValues:
    """The values without what stands at a place, and without the objects that this leaves empty."""
    values = values.unset(path)
    while len(path := path[:-1]) > 1 and values.get(path) == {}:
        values = values.unset(path)
    return values


def _is_item(path: JsonPath) -> bool:
    return isinstance(path[-1], int) if path else False
