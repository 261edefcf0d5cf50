"""From the words of a command line to the arguments of a request, with the model's schema where there is one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeAlias

from faldeck import localfiles
from faldeck.catalogue import Catalogue
from faldeck.cli import oldflags, reading
from faldeck.cli.exits import Exit, Stop
from faldeck.cli.meanings import Meanings
from faldeck.cli.rows import Row
from faldeck.fal import errors
from faldeck.job import Upload
from faldeck.schema import arguments, document, flags, jsonvalue, places
from faldeck.schema.arguments import Arguments, Values
from faldeck.schema.document import BrokenSchema, Model
from faldeck.schema.fields import Field, Problem, Raw, Text, file_by_name
from faldeck.schema.jsonvalue import Invalid, JsonValue, Path

Expand: TypeAlias = Callable[[Field, str], str]
"""What gives the text that is meant by the text for a field."""


async def known(catalogue: Catalogue, endpoint_id: str) -> Model:
    """What is known of a model: its schema from the service, else from disk, else nothing but a `fault`."""
    try:
        schema = await catalogue.schema(endpoint_id)
    except errors.FalError as error:
        schema = catalogue.stored_schema(endpoint_id)
        if schema is None:
            return document.unknown(endpoint_id, error.message)
    try:
        return document.read(schema, endpoint_id)
    except BrokenSchema as error:
        return document.unknown(endpoint_id, str(error))


def is_described(model: Model) -> bool:
    """Whether the model's fields are known; without, flags are read by `guessed`."""
    return not isinstance(model.input.kind, Raw)


def filled(model: Model, words: Sequence[str], given: Arguments, *, row: Row, expand: Meanings) -> Arguments:
    """The arguments that flags set on top of `given`, and a row on top of both.

    Raises Stop naming every field that is wrong, and the row's line.
    """
    where = f"line {row.number}: " if row.number else ""
    try:
        if not is_described(model):
            oldflags.refuse_requests(words)
            shared = guessed(model, words, given, expand=expand) | row.arguments(model)
            return guessed(model, row.flags(), shared, expand=expand.of_cell)
        shared = arguments.compose(model, flags.read(model, words, Values(given), expand=expand))
        own = flags.read(model, row.flags(), Values(shared | row.arguments(model)), expand=expand.of_cell)
        filled = arguments.compose(model, own)
    except Invalid as error:
        if isinstance(error, flags.UnknownFlag):
            oldflags.refuse(words)
        raise Stop(f"{where}{error}", Exit.USAGE) from error
    _stop_at(arguments.problems(model, filled), where)
    return filled


def guessed(model: Model, words: Sequence[str], given: Arguments, *, expand: Expand) -> Arguments:
    """The arguments that flags set, on top of `given`, where no schema says their types. Raises Invalid.

    A value is text, and JSON after `:=`; a flag without a value is true, and `--no-x` without one is x false.
    """
    found: JsonValue = given
    waiting = deque(words)
    begun: set[Path] = set()
    while waiting:
        word = waiting.popleft()
        if written := flags.json_word(word):
            flag, value = written
        elif word.startswith("-"):
            flag, equals, value = word.partition("=")
            if not equals:
                is_given = waiting and not waiting[0].startswith("--")
                value = waiting.popleft() if is_given else not flag.startswith("--no-")
        else:
            raise Invalid(f"{word}: a value without a flag")
        path = _guessed_place(model, flag if value is not False else f"--{flag.removeprefix('--no-')}")
        if path in begun:
            raise Invalid(f"{flag}: stands here twice; a list is written {flag}:='[…]'")
        if isinstance(value, str) and not written:
            value = _meant(expand, flag, path, value)
        found = places.put(found, path, value)
        begun.add(path)
    assert isinstance(found, dict)
    return found


def _guessed_place(model: Model, flag: str) -> Path:
    """Where a flag without a field puts its value; raises Invalid where only the schema could tell."""
    if flag.lstrip("-") == "file":
        raise Invalid(
            f"{flag}: the fields of {model.endpoint_id} are not known, so say which one takes the file, such as"
            " --image-url, --video-url or --audio-url"
        )
    name = "prompt" if flag == "-p" else flag.lstrip("-").replace("-", "_")
    if not (path := places.parse(name)):
        raise Invalid(f"no field for {flag}")
    return path


def _meant(expand: Expand, flag: str, path: Path, text: str) -> str:
    """What a text stands for, in a field of which only the name is known."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    try:
        return expand(Field(name=name, kind=file_by_name(name) or Text()), text)
    except Invalid as error:
        raise Invalid(f"{flag}: {error}") from error


def read_input(source: str | None) -> Arguments:
    """The JSON object in the file `source`, or on stdin for `-`; raises Stop."""
    if source is None:
        return {}
    try:
        value = jsonvalue.read(reading.text_of(source))
    except Invalid as error:
        raise Stop(f"--input {source}: {error}.", Exit.USAGE) from error
    except OSError as error:
        raise Stop(f"--input {source}: {error.strerror}.", Exit.USAGE) from error
    if not isinstance(value, dict):
        raise Stop(f"--input {source}: must be a JSON object.", Exit.USAGE)
    return value


def uploads(model: Model, filled: Arguments) -> list[Upload]:
    """The files of this machine that stand in the arguments; raises Stop naming every one that will not do."""
    _stop_at(localfiles.problems(model, filled))
    return localfiles.uploads(model, filled)


def _stop_at(problems: Sequence[Problem], where: str = "") -> None:
    if problems:
        sentences = (f"{where}{places.spell(problem.loc) or 'input'}: {problem.message}" for problem in problems)
        raise Stop("\n".join(sentences), Exit.USAGE)
