"""The state of one model's form: its values, its problems, and undo. Draws nothing."""

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
from faldeck.tui.form import row_values, stepping
from faldeck.tui.form.rows import EditMode, FormRow, RowTree, edit_mode

MAX_SEED = 2**31 - 1
"""The largest random seed for a model that sets no limit; every service accepts it."""


class FieldProblems:
    """The problems of one form, by their paths in the arguments."""

    def __init__(self, model: ModelSchema) -> None:
        self._model = model
        self._found: dict[JsonPath, str] = {}
        self._rejected: dict[JsonPath, tuple[str, str]] = {}
        """Path → a typed text that is not a valid value there, and why."""

    @property
    def by_path(self) -> Mapping[JsonPath, str]:
        """Path → the problem there, as one clean line."""
        return self._found | {path: reason for path, (_, reason) in self._rejected.items()}

    def add(self, problems: Iterable[ValueProblem]) -> list[str]:
        """Adds problems at paths that have none yet. Returns the messages of those that belong to no field."""
        general = []
        for problem in problems:
            message = sanitize.clean_line(problem.message)
            if problem.loc and self._model.field(str(problem.loc[0])):
                self._found.setdefault(problem.loc, message)
            else:
                general.append(message)
        return general

    def reject_text(self, path: JsonPath, text: str, reason: str) -> None:
        """Keeps a typed text that is no value, so that the person can correct it."""
        self._rejected[path] = (text, sanitize.clean_line(reason))

    def rejected_text(self, path: JsonPath) -> str:
        """The rejected text at a path, or ""."""
        return self._rejected.get(path, ("", ""))[0]

    def clear_found(self, path: JsonPath = ()) -> None:
        """Removes the problems of the field that contains a path, or of all fields."""
        self._found = {place: text for place, text in self._found.items() if path and place[:1] != path[:1]}

    def clear_rejected(self, path: JsonPath = ()) -> None:
        """Removes the rejected texts at a path and below it."""
        self._rejected = {place: text for place, text in self._rejected.items() if place[: len(path)] != path}


class FormState:
    """The values of a form. Only values that the person has set, and required ones, are sent."""

    def __init__(self, model: ModelSchema, values: JsonValue, options: Mapping[str, JsonValue] | None = None) -> None:
        self.model = model
        self.values = ArgumentValues(values if isinstance(values, dict) else {})
        self.options: Mapping[str, JsonValue] = options or {}
        """How the request is run: priority, time limits, webhook …"""
        self.tree = RowTree(model.fields, self._is_needed)
        self.carried_over: set[JsonPath] = set()
        """Paths of the values that came from another model's form and were not changed since."""
        self._earlier: set[JsonPath] = set()
        """Paths of the values that came from a draft or were sent, and were not changed since."""
        self._problems = FieldProblems(model)
        self._undo_stack: list[ArgumentValues] = []
        self._typed_path: JsonPath | None = None
        """The path that is being typed at: the next character there belongs to the same change."""
        self._find_problems(())

    def rows(self) -> list[FormRow]:
        """The rows that are not hidden."""
        return self.tree.rows(self.value)

    def _is_needed(self, field: Field) -> bool:
        return field.place in self.values or any(path[:1] == field.place for path in self.problems)

    # Reading

    @property
    def problems(self) -> Mapping[JsonPath, str]:
        """Path in the arguments → the problem there."""
        return self._problems.by_path

    def value(self, path: JsonPath) -> JsonValue:
        """The value at a path: what was set, or else the model's default."""
        if path[:1] in self.values or not path:
            return self.values.get(path)
        field = self.model.field(str(path[0]))
        return json_value.get(field.default, path[1:]) if field and field.has_default else None

    def is_set(self, path: JsonPath) -> bool:
        """Whether the person has set the value at a path."""
        return bool(self.values.tree) if not path else path in self.values

    def is_inherited(self, path: JsonPath) -> bool:
        """Whether the value at a path was sent, or came from a draft or another form, and was not changed since."""
        return path[:1] in self.carried_over or path[:1] in self._earlier

    def rejected_text(self, path: JsonPath) -> str:
        """The text typed at a path if it is not a valid value there, or ""."""
        return self._problems.rejected_text(path)

    def examples(self) -> Arguments:
        """The first example of every field that has one."""
        return {field.name: field.examples[0] for field in self.model.fields if field.name and field.examples}

    def main_file_path(self) -> JsonPath | None:
        """Where a file goes: the model's main file field, or the end of its list. None if the model takes no file."""
        field = arguments.main_file(self.model)
        return self._append_path(field, field.place) if field else None

    def _append_path(self, field: Field, path: JsonPath) -> JsonPath:
        """Where one more value of a field goes: the path itself, or the end of the list there."""
        if not isinstance(field.kind, Items):
            return path
        items = self.value(path)
        return (*path, len(items) if isinstance(items, list) else 0)

    def parse_input(self, text: str, profiles: Iterable[Profile] = ()) -> Arguments:
        """The arguments in a text: JSON, or a request as `paste.request` reads it. Raises InvalidValue."""
        from faldeck.app import paste

        request = paste.request(text, profiles)
        if request.endpoint_id and not paste.is_same(request.endpoint_id, self.model.endpoint_id):
            raise InvalidValue(f"is for {request.endpoint_id}: leave this, and paste it into the form")
        if request.words:
            raise InvalidValue("is a command: leave this, and paste it into the form")
        return request.fitting([field.name for field in self.model.fields])

    # Changing values

    def set(self, path: JsonPath, value: JsonValue) -> None:
        """Sets the value at a path; the empty path is the whole input."""
        self._change(path, lambda values: values.set(path, value) if path else ArgumentValues(value))

    def unset(self, path: JsonPath) -> None:
        """Unsets the value at a path. An item is removed from its list."""
        if _is_item(path):
            self.remove(path)
        else:
            self._change(path, lambda values: _unset(values, path))

    def set_text(self, row: FormRow, text: str) -> None:
        """Sets a row's value to what a typed text means there; an empty text unsets it.

        A text that is no value becomes a problem, and the value stays as it was.
        """
        path, continues = row.path, self._typed_path == row.path
        if row.field is None or (text == "" and not _is_item(path)):
            self._change(path, lambda values: _unset(values, path), continues=continues)
        elif text == "":
            self._change(path, lambda values: values.set(path, ""), continues=continues)
        else:
            try:
                value = row.field.parse(text)
            except InvalidValue as error:
                self._problems.reject_text(path, text, str(error))
                return
            self._change(path, lambda values: values.set(path, value), continues=continues)
        self._typed_path = path

    def end_typing(self) -> bool:
        """Ends a typed change: the next typing is a separate change.

        An item that was emptied is removed from its list; returns whether one was.
        """
        path, self._typed_path = self._typed_path, None
        if path is None or not _is_item(path) or self.value(path) != "":
            return False
        self._change(path, lambda values: values.unset(path), continues=True)
        return True

    def choose(self, row: FormRow, choice: JsonValue) -> bool:
        """Sets a row to one of its picker options. Returns True if that is a variant whose value is typed next."""
        if not isinstance(choice, Field):
            self.set(row.path, choice)
            return False
        if self.is_set(row.path) and row_values.current_variant(row, self.value(row.path)) is choice:
            self.tree.open(row.path, choice)
            return edit_mode(choice, self.value(row.path)) is EditMode.INLINE
        if not isinstance(choice.kind, Group | Items):
            return edit_mode(choice, None) is EditMode.INLINE or isinstance(choice.kind, Size)
        # The constants of an object tell this variant from the others, so they are set at once.
        self.set(row.path, arguments.composed(choice, {}) if isinstance(choice.kind, Group) else [])
        self.tree.open(row.path, choice)
        return False

    def toggle_open(self, row: FormRow) -> None:
        """Opens or closes a row. The row for a new item is added to its list first."""
        if row.is_new:
            self.set(row.path, [] if row.field and isinstance(row.field.kind, Items) else {})
            self.tree.open(row.path)
        else:
            self.tree.toggle(row.path)

    def step(self, row: FormRow, steps: int) -> None:
        """Adds steps to a number, or goes on to another choice. Other rows do not change."""
        value = self.value(row.path)
        if choices := row_values.choices(row):
            index = choices.index(value) + steps if value in choices else 0
            self.set(row.path, choices[index % len(choices)])
        elif row.field and isinstance(row.field.kind, Number) and not row.is_new:
            self.set(row.path, stepping.stepped(row.field.kind, value, steps))

    def set_seed(self, seed: int | None) -> JsonPath | None:
        """Sets the seed field, to a random seed for None. Returns its path; None if the model has no seed."""
        field = next((field for field in self.model.fields if row_values.is_seed(field)), None)
        if field is None or not isinstance(field.kind, Number):
            return None
        low, high = field.kind.minimum, field.kind.maximum
        random_seed = random.randint(int(low or 0), int(high if high is not None else MAX_SEED))
        self.set(field.place, random_seed if seed is None else seed)
        return field.place

    def add_files(self, row: FormRow, files: Sequence[str]) -> None:
        """Puts files into a row, or into the list that the row is or belongs to."""
        field, path = row.field, row.path
        if field is None:
            return
        if isinstance(field.kind, Items):
            field, path = field.kind.item, self._append_path(field, path)
        parent, index = path[:-1], path[-1] if path else ""
        if not isinstance(index, int):
            self.set(path, field.parse(files[0]))
            return
        value = self.value(parent)
        items = list(value) if isinstance(value, list) else []
        items[index : index + 1] = [field.parse(file) for file in files]
        self.set(parent, items)
        self.tree.open(parent)

    # The order of lists

    def duplicate(self, path: JsonPath) -> JsonPath:
        """Inserts a copy of an item after it. Returns the copy's path."""
        return self._reorder(path, lambda order, index: order.insert(index + 1, index), 1)

    def move(self, path: JsonPath, step: int) -> JsonPath:
        """Moves an item up or down its list, not beyond the ends. Returns its new path."""
        items, index = self.value(path[:-1]), path[-1] if path else ""
        if not isinstance(items, list) or not isinstance(index, int) or not 0 <= index + step < len(items):
            return path
        return self._reorder(path, lambda order, index: order.insert(index + step, order.pop(index)), step)

    def remove(self, path: JsonPath) -> JsonPath:
        """Removes an item from its list. Returns the same path, where the next item is now."""
        return self._reorder(path, lambda order, index: order.pop(index), 0)

    def _reorder(self, path: JsonPath, change: Callable[[list[int], int], object], step: int) -> JsonPath:
        """Changes the order of a list, in which an item may then occur twice. Open rows stay open.

        Returns the path `step` items further, or the same path if there is no item.
        """
        parent, index = path[:-1], path[-1] if path else ""
        items = self.value(parent)
        if not isinstance(index, int) or not isinstance(items, list) or not index < len(items):
            return path
        order = list(range(len(items)))
        change(order, index)
        self.set(parent, [deepcopy(items[old]) for old in order])
        self.tree.reorder(parent, order)
        return (*parent, index + step)

    # Drafts, other forms, undo

    def mark_as_earlier(self, is_earlier: bool = True) -> None:
        """Marks all values as those of a draft or of a sent request, which what is typed now replaces; or as new."""
        tree = self.values.tree
        self._earlier = {(str(step),) for step in tree} if is_earlier and isinstance(tree, dict) else set()

    def carry_over_from(self, earlier: FormState) -> None:
        """Takes over the values of another model's form that fit this one, but not the seed."""
        for field in earlier.model.fields:
            mine = self.model.field(field.name) if field.name else None
            if mine and not row_values.is_seed(mine) and earlier.is_set(field.place):
                value = earlier.values.get(field.place)
                if not mine.check(arguments.composed(mine, value)):
                    self.values = self.values.set(mine.place, value)
                    self.carried_over.add(mine.place)

    def undo(self) -> bool:
        """Undoes the last change; False without one."""
        self.end_typing()
        if not self._undo_stack:
            return False
        self.values = self._undo_stack.pop()
        self._problems = FieldProblems(self.model)
        return True

    def _change(
        self, path: JsonPath, change: Callable[[ArgumentValues], ArgumentValues], *, continues: bool = False
    ) -> None:
        """Changes the value at a path. With `continues` the change belongs to the one before, for undo.

        The order of the steps matters:
        1. The default is copied in first. A change inside a default list or object must send the whole of it, and the
           schema's own copy must not change.
        2. The values before the change go on the undo stack. `ArgumentValues` never changes in place, so the stack
           holds references, not copies. Every character typed into one row comes here with `continues`, so one undo
           takes back the whole text.
        3. A changed value is new: it no longer counts as an earlier one or as carried over.
        4. Rejected texts at the path are dropped, since the new value replaces them. A change of one item drops those
           of its whole list: items move when one comes or goes, and a text would be shown at the wrong item.
        5. Only the field that contains the path is checked again. This runs for every character, and checking every
           field of a large form would be slow.
        """
        values = change(self._with_default(path))
        if not continues:
            self._undo_stack.append(self.values)
            self._typed_path = None
        self.values = values
        self.carried_over.discard(path[:1])
        self._earlier.discard(path[:1])
        if not path:
            self.carried_over, self._earlier = set(), set()
        self._problems.clear_rejected(path[:-1] if _is_item(path) else path)
        self._find_problems(path)

    def _with_default(self, path: JsonPath) -> ArgumentValues:
        """The values, with a copy of the default that contains `path` if nothing is set there."""
        field = self.model.field(str(path[0])) if len(path) > 1 else None
        if field and path[:1] not in self.values and isinstance(field.default, dict | list):
            return self.values.set(path[:1], deepcopy(field.default))
        return self.values

    def _find_problems(self, path: JsonPath) -> None:
        """Checks the field that contains a path, or all fields that are set for the empty path."""
        self._problems.clear_found(path)
        for field in self.model.fields:
            if field.place[: len(path)] == path[:1] and self.is_set(field.place):
                self.add_problems(field.check(arguments.composed(field, self.values.get(field.place))))

    # Sending

    def arguments(self) -> Arguments:
        """The arguments as they would be sent."""
        return arguments.compose(self.model, self.values)

    def request(self) -> FilledRequest:
        """The request as it would be sent now."""
        return FilledRequest(self.model, self.arguments(), dict(self.options))

    def check(self) -> list[str]:
        """Checks the whole input before it is sent. Returns the messages of problems that belong to no field.

        Problems that a service or the disk reported are removed: they may be solved by now.
        """
        self._problems.clear_found()
        return self.add_problems(arguments.problems(self.model, self.arguments()))

    def add_service_problems(self, body: JsonValue) -> list[str]:
        """Adds what a service rejected (protocol §4.1). Returns the messages that belong to no field."""
        return self.add_problems(arguments.server_problems(self.model, body))

    def add_rejected(self, sent: Arguments, body: JsonValue) -> list[str]:
        """Does the same for arguments that were sent, at fields that have not changed since then."""
        found = arguments.server_problems(self.model, body)
        present, nothing = self.arguments(), object()
        changed = {
            name
            for name in {*present, *sent}
            if not json_value.same(present.get(name, nothing), sent.get(name, nothing))
        }
        return self.add_problems(problem for problem in found if not problem.loc or problem.loc[0] not in changed)

    def add_problems(self, problems: Iterable[ValueProblem]) -> list[str]:
        """Adds problems and opens the rows that hide them. Returns the messages that belong to no field."""
        before = set(self.problems)
        general = self._problems.add(problems)
        for path in self.problems.keys() - before:
            self.tree.reveal(path)
        return general


def _unset(values: ArgumentValues, path: JsonPath) -> ArgumentValues:
    """The values without the one at a path, and without objects that are empty after that."""
    values = values.unset(path)
    while len(path := path[:-1]) > 1 and values.get(path) == {}:
        values = values.unset(path)
    return values


def _is_item(path: JsonPath) -> bool:
    return isinstance(path[-1], int) if path else False
