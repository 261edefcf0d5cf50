"""The fields of a model as command line flags: `--num-images 2`, `--no-sync-mode`, `--image-size.width 512`."""

import difflib
import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from faldeck.schema import arguments, json_value
from faldeck.schema.arguments import Arguments, ArgumentValues
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Field, Items, Kind, Raw, Size, Switch, Text, file_by_name
from faldeck.schema.json_value import InvalidValue, JsonPath, JsonValue

_SHORT = {"-p": "prompt"}
_JSON_WORD = re.compile(r"(?P<flag>-{0,2}\w[^=:]*):=(?P<text>.*)", re.DOTALL)


Expand: TypeAlias = Callable[[Field, str], str]
"""Takes a field and the text that was typed for it, and gives the text to use, for example the contents of a file."""


class UnknownFlag(InvalidValue):
    """No field of the model has this flag. The message suggests the nearest one."""


class Flag(NamedTuple):
    """The field that a flag sets."""

    path: JsonPath
    field: Field
    is_negated: bool = False
    """Whether it turns a switch off: `--no-x`."""


def spell(name: str) -> str:
    """The flag of a field: `num_images` is `--num-images`."""
    return "--" + name.replace("_", "-")


def flags(model: ModelSchema) -> dict[str, Flag]:
    """Every flag of a model, in the order of its form. A switch has a second one, `--no-x`."""
    found: dict[str, Flag] = {}
    for field in model.fields:
        if not field.name:
            continue
        found[spell(field.name)] = Flag((field.name,), field)
        if isinstance(field.kind, Switch):
            found.setdefault(spell(f"no_{field.name}"), Flag((field.name,), field, is_negated=True))
    return found


def find(model: ModelSchema, text: str) -> Flag:
    """The flag `text`; raises `UnknownFlag`.

    Short forms, unless the model has fields of these names: `-p` is the prompt; `--file` and `--image` are the main
    file; `--image-url`, `--video-url` and `--audio-url` are the main file of that kind; `--size` is the size. A value
    inside a field is `--loras[0].path`. Dashes and underscores mean the same; inside a field, an exact name wins.
    """
    known = flags(model)
    name = _SHORT.get(text, text).lstrip("-")
    if flag := known.get(spell(name)):
        return flag
    if field := _main(model, name.replace("-", "_")):
        return Flag((field.name,), field)
    if flag := _inner(model, name):
        return flag
    near = difflib.get_close_matches(spell(name), known, n=1)
    raise UnknownFlag(f"no field for {text}" + (f"; did you mean {near[0]}?" if near else ""))


def _main(model: ModelSchema, name: str) -> Field | None:
    """The field for a short form of the model's main file or size."""
    medium, is_link = name.removesuffix("_url"), name.endswith("_url")
    if is_link and medium in ("image", "video", "audio"):
        return arguments.main_file(model, medium)
    mains = {"file": arguments.main_file, "image": arguments.main_file, "size": main_size}
    return mains[name](model) if name in mains else None


def json_word(word: str) -> tuple[str, JsonValue] | None:
    """The flag and the value of a word such as `--seed:=7`, whose value is JSON; None for any other word.

    The dashes may be left out. Raises `InvalidValue` if the value is not JSON.
    """
    found = _JSON_WORD.fullmatch(word)
    if found is None:
        return None
    flag = found["flag"] if found["flag"].startswith("-") else f"--{found['flag']}"
    try:
        return flag, json_value.read(found["text"])
    except InvalidValue as error:
        raise InvalidValue(f"{flag}: {error}") from error


def _inner(model: ModelSchema, name: str) -> Flag | None:
    """The flag of a value inside a field (`loras[0].path`); None if `name` is not such a path."""
    try:
        steps = json_value.parse(name)
    except InvalidValue:
        return None
    path: JsonPath = ()
    for step in steps:
        folded = step.replace("-", "_") if isinstance(step, str) else step
        path = (*path, step if arguments.find(model, (*path, step)) else folded)
    field = arguments.find(model, path) if len(path) > 1 else None
    return Flag(path, field) if field else None


def main_size(model: ModelSchema) -> Field | None:
    """The field with the size of the picture or video."""
    return next((field for field in model.fields if isinstance(field.kind, Size)), None)


def read(
    model: ModelSchema,
    words: Sequence[str],
    values: ArgumentValues | None = None,
    *,
    expand: Expand = lambda field, text: text,
) -> ArgumentValues:
    """`values` with those that the words of a command line set; raises `InvalidValue` with the name of the flag.

    A flag takes the next word or the text after `=`; a switch needs neither. A list takes one item each time its flag
    is given. The text after `:=` is JSON and is set unchanged.
    """
    values = values or ArgumentValues()
    waiting = deque(words)
    begun: set[JsonPath] = set()
    while waiting:
        if found := json_word(waiting[0]):
            waiting.popleft()
            flag = find(model, found[0])
            if flag.is_negated:
                raise InvalidValue(f"{found[0]}: takes no value")
            values = values.set(flag.path, found[1])
            begun.add(flag.path)
            continue
        text, flag, given = _taken(model, waiting)
        try:
            value = flag.field.parse(expand(flag.field, given))
            if isinstance(flag.field.kind, Items) and flag.path in begun:
                value = _joined(values.get(flag.path), value)
            values = values.set(flag.path, not value if flag.is_negated else value)
        except InvalidValue as error:
            raise InvalidValue(f"{text}: {error}") from error
        begun.add(flag.path)
    return values


def _taken(model: ModelSchema, waiting: deque[str]) -> tuple[str, Flag, str]:
    """Takes the next flag off the words: its text, the flag, and the text of its value."""
    word = waiting.popleft()
    if not word.startswith("-"):
        raise InvalidValue(f"{word}: a value without a flag")
    text, equals, given = word.partition("=")
    flag = find(model, text)
    if equals:
        return text, flag, given
    is_switch = isinstance(flag.field.kind, Switch)
    if is_switch and (not waiting or waiting[0].lower() not in ("true", "false")):
        return text, flag, "true"
    if not waiting:
        raise InvalidValue(f"{text}: a value is missing")
    return text, flag, waiting.popleft()


def kind_of(field: Field) -> Kind:
    """The kind of a field, or of the items of a list: what one text for it means."""
    return field.kind.item.kind if isinstance(field.kind, Items) else field.kind


def is_described(model: ModelSchema) -> bool:
    """True if the model's fields are known. If not, flags are read by `guessed`."""
    return not isinstance(model.input.kind, Raw)


def guessed(model: ModelSchema, words: Sequence[str], given: Arguments, *, expand: Expand) -> Arguments:
    """`given` and the flags in `words`, for a model whose schema is not known. Raises `InvalidValue`.

    A value is text, or JSON after `:=`. A flag without a value is true; `--no-x` without a value sets x to false.
    """
    found: JsonValue = given
    waiting = deque(words)
    begun: set[JsonPath] = set()
    while waiting:
        word = waiting.popleft()
        if written := json_word(word):
            flag, value = written
        elif word.startswith("-"):
            flag, equals, value = word.partition("=")
            if not equals:
                is_given = waiting and not waiting[0].startswith("--")
                value = waiting.popleft() if is_given else not flag.startswith("--no-")
        else:
            raise InvalidValue(f"{word}: a value without a flag")
        path = _guessed_place(model, flag if value is not False else f"--{flag.removeprefix('--no-')}")
        if path in begun:
            raise InvalidValue(f"{flag} is given twice; for a list write {flag}:='[…]'")
        if isinstance(value, str) and not written:
            value = _meant(expand, flag, path, value)
        found = json_value.put(found, path, value)
        begun.add(path)
    assert isinstance(found, dict)
    return found


def _guessed_place(model: ModelSchema, flag: str) -> JsonPath:
    """The place of a flag's value in the arguments. Raises `InvalidValue` if only the schema could tell."""
    if flag.lstrip("-") == "file":
        raise InvalidValue(
            f"{flag}: the fields of {model.endpoint_id} are not known, so name the one that takes the file, such as"
            " --image-url, --video-url or --audio-url"
        )
    name = "prompt" if flag == "-p" else flag.lstrip("-").replace("-", "_")
    if not (path := json_value.parse(name)):
        raise InvalidValue(f"no field for {flag}")
    return path


def _meant(expand: Expand, flag: str, path: JsonPath, text: str) -> str:
    """Expands the text for a field of which only the name is known."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    try:
        return expand(Field(name=name, kind=file_by_name(name) or Text()), text)
    except InvalidValue as error:
        raise InvalidValue(f"{flag}: {error}") from error


def _joined(earlier: JsonValue, later: JsonValue) -> JsonValue:
    return earlier + later if isinstance(earlier, list) and isinstance(later, list) else later
