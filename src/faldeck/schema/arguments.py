"""Makes the arguments of a request from the values of a form, and finds the field of each problem in an answer.

A value is sent if the person has set it, or if it is required and has a valid default. A value that was never set is
not sent at all, neither as null nor as an empty text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from faldeck.schema import json_value
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Const, Field, File, Group, Items, Map, Raw, Union, ValueProblem
from faldeck.schema.json_value import InvalidValue, JsonPath, JsonValue

Arguments = dict[str, JsonValue]

_LAST = frozenset({"end", "ending", "final", "last", "tail"})
"""Words in the name of a field for the last frame of a video."""

_BESIDE = frozenset({"control", "depth", "guide", "ip", "lora", "pose", "reference", "ref", "style"})
"""Words in the name of a field for a reference file, such as a style."""

_ANY = frozenset({"content", "file", "files", "input", "media", "source", "url", "urls"})
"""The name of a field that takes a file of any kind consists of these words."""

_INDEX = r"[0-9]{1,6}"
"""An index in a server's `loc`. No list is long enough for more digits."""


@dataclass(frozen=True, slots=True)
class ArgumentValues:
    """The values that a person has set, by path. Immutable: `set` and `unset` give new `ArgumentValues`."""

    tree: JsonValue = field(default_factory=dict)
    """All values, in the shape of the arguments. It is never changed in place."""

    def get(self, path: JsonPath, default: JsonValue = None) -> JsonValue:
        """The value at `path`, or `default`. The empty path is the whole."""
        return json_value.get(self.tree, path, default)

    def __contains__(self, path: JsonPath) -> bool:
        return json_value.has(self.tree, path)

    def set(self, path: JsonPath, value: JsonValue) -> "ArgumentValues":
        """These values with `value` at `path`. Missing objects and lists on the way are made.

        Raises `InvalidValue` for an index more than one past the end of its list.
        """
        return ArgumentValues(json_value.put(self.tree, path, value))

    def unset(self, path: JsonPath) -> "ArgumentValues":
        """These values without the one at `path`. Later items of a list move up."""
        return ArgumentValues(json_value.drop(self.tree, path) if path else {})


def compose(model: ModelSchema, values: ArgumentValues) -> Arguments:
    """The arguments to send, in the order of the schema. Members that the schema does not know come last.

    Raises `InvalidValue` if the whole input is not an object.
    """
    sent = composed(model.input, values.tree)
    if not isinstance(sent, dict):
        raise InvalidValue("must be a JSON object")
    return sent


def problems(model: ModelSchema, arguments: JsonValue) -> tuple[ValueProblem, ...]:
    """Everything that is wrong with these arguments by the schema, in the order of the fields."""
    if not isinstance(arguments, dict):
        return (ValueProblem((), "must be a JSON object"),)
    return model.input.check(arguments, ())


def find(model: ModelSchema, path: JsonPath, arguments: JsonValue = None) -> Field | None:
    """The field at a path, through objects, lists and unions. The arguments there choose the branch of a union."""
    found: Field | None = model.input
    for depth, step in enumerate(path):
        if found is None:
            return None
        found = _below(found, step, json_value.get(arguments, path[:depth]))
    return found


def local_files(model: ModelSchema, arguments: JsonValue) -> tuple[JsonPath, ...]:
    """The paths in the arguments at which there are local files: neither links nor data URIs."""
    return tuple(local_file_kinds(model, arguments))


def local_file_kinds(model: ModelSchema, arguments: JsonValue) -> dict[JsonPath, File]:
    """The same, each with the kind of its field, which has the limits for the file."""
    return dict(_local_files(model.input, arguments, ()))


def undescribed_texts(model: ModelSchema, arguments: JsonValue) -> dict[JsonPath, str]:
    """The texts that the schema does not describe: those in raw JSON and extra members; all if there is no schema."""
    return dict(reversed(list(_undescribed(model.input, arguments))))


def main_file(model: ModelSchema, medium: str = "") -> Field | None:
    """The field for a single file, of one `medium` or of any; it may be a list of files. None if there is none.

    Required fields come first; masks and references, such as a style, come last. The last frame of a video is left out.
    """
    files = [field for field in model.fields if _medium(field) and not _LAST & _name_words(field)]
    named = [field for field in files if _medium(field) == medium] if medium else files
    fit = named or [field for field in files if _medium(field) == "any" and _name_words(field) <= _ANY]
    return min(fit, key=_strangeness, default=None)


def _strangeness(field: Field) -> tuple[bool, bool, bool]:
    """The sort key of the fields for a file: the main one has the lowest."""
    return not field.required, _medium(field) == "mask", bool(_BESIDE & _name_words(field))


def _name_words(field: Field) -> set[str]:
    return set(field.name.lower().split("_"))


def server_problems(model: ModelSchema, body: JsonValue) -> tuple[ValueProblem, ...]:
    """The problems in the body of an error answer, each with the path of its field, or `()` (protocol §4.1).

    `loc` may have indexes, branches of a union and dotted members (`input.image_urls`). Steps that name no field are
    left out.
    """
    detail = body.get("detail", body.get("error")) if isinstance(body, Mapping) else body
    if isinstance(detail, Mapping):
        detail = detail.get("message")
    if isinstance(detail, str):
        return (ValueProblem((), detail),)
    found = []
    for entry in detail if isinstance(detail, list) else []:
        message = entry.get("msg") if isinstance(entry, Mapping) else entry
        loc = entry.get("loc") if isinstance(entry, Mapping) else None
        if isinstance(message, str):
            found.append(ValueProblem(locate(model, loc), message))
    return tuple(found)


def locate(model: ModelSchema, loc: JsonValue) -> JsonPath:
    """The path of the field that a server's `loc` names, as far as it can be followed; `()` for the whole."""
    steps: list[str | int] = []
    for part in loc if isinstance(loc, list) else []:
        if isinstance(part, int):
            steps.append(part)
        elif isinstance(part, str):
            steps += [
                int(step) if re.fullmatch(_INDEX, step) else step
                for step in part.replace("[", ".").replace("]", "").split(".")
            ]
    if steps[:1] == ["body"]:
        steps = steps[1:]
    return _followed(model.input, tuple(steps))


def _followed(field: Field, steps: JsonPath) -> JsonPath:
    """The longest path below a field that `steps` give, without the steps that lead nowhere."""
    if isinstance(field.kind, Union):
        return max((_followed(branch, steps) for branch in field.kind.branches), key=len, default=())
    for skipped, step in enumerate(steps):
        if (child := field.kind.child(step)) is not None:
            return (step, *_followed(child, steps[skipped + 1 :]))
    return ()


def _below(field: Field, step: str | int, value: JsonValue) -> Field | None:
    """The field one step below a field with this value."""
    if not isinstance(field.kind, Union):
        return field.kind.child(step)
    chosen = field.kind.branch(value) if value is not None else None
    for branch in (chosen, *field.kind.branches) if chosen else field.kind.branches:
        if (child := _below(branch, step, value)) is not None:
            return child
    return None


def composed(field: Field, value: JsonValue) -> JsonValue:
    """The value of a field as it is sent: members in order, and required ones filled in if the schema gives a value."""
    kind = field.kind
    if isinstance(kind, Union):
        branch = kind.branch(value)
        return composed(branch, value) if branch else value
    if isinstance(kind, Items) and isinstance(value, list):
        return [composed(kind.item, item) for item in value]
    if isinstance(kind, Map) and isinstance(value, dict):
        return {name: composed(kind.value, inner) for name, inner in value.items()}
    if not isinstance(kind, Group) or not isinstance(value, dict):
        return value
    sent = {}
    for member in kind.fields:
        if member.name in value:
            sent[member.name] = composed(member, value[member.name])
        elif member.required:
            for filling in _fillings(member):
                sent[member.name] = filling
    return sent | {name: inner for name, inner in value.items() if name not in sent}


def _fillings(field: Field) -> Iterator[JsonValue]:
    """The value of a required field that nobody has set, if the schema gives one."""
    if field.has_default:
        if field.is_default_sound:
            yield field.default
    elif isinstance(field.kind, Const):
        yield field.kind.value
    elif isinstance(field.kind, Group):
        filled = composed(field, {})
        if not field.check(filled):
            yield filled


def _local_files(field: Field, value: JsonValue, loc: JsonPath) -> Iterator[tuple[JsonPath, File]]:
    kind = field.kind
    if isinstance(kind, File):
        if (path := kind.path(value, loc)) is not None:
            yield path, kind
    elif isinstance(kind, Union):
        if branch := kind.branch(value):
            yield from _local_files(branch, value, loc)
    else:
        inner = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else [])
        for step, below in inner:
            if (child := kind.child(step)) is not None:
                yield from _local_files(child, below, (*loc, step))


def _undescribed(field: Field, value: JsonValue) -> Iterator[tuple[JsonPath, str]]:
    waiting: list[tuple[Field | None, JsonValue, JsonPath]] = [(field, value, ())]
    while waiting:
        known, value, loc = waiting.pop()
        if known and isinstance(known.kind, Union):
            known = known.kind.branch(value)
        if known and isinstance(known.kind, File):
            continue
        if isinstance(value, dict | list):
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [(known and known.kind.child(step), below, (*loc, step)) for step, below in inner]
        elif isinstance(value, str) and (known is None or isinstance(known.kind, Raw)):
            yield loc, value


def _medium(field: Field) -> str:
    """The medium of a field that takes a file or files; empty for any other."""
    kind = field.kind.item.kind if isinstance(field.kind, Items) else field.kind
    return kind.medium if isinstance(kind, File) else ""
