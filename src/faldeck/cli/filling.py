"""From the words of a command line to the arguments of a request, with the model's schema where there is one."""

from __future__ import annotations

from collections.abc import Sequence

from faldeck import localfiles
from faldeck.catalogue import Catalogue
from faldeck.cli import reading
from faldeck.cli.exits import Exit, Stop
from faldeck.cli.meanings import Meanings
from faldeck.cli.rows import Row
from faldeck.fal import errors
from faldeck.job import Upload
from faldeck.schema import arguments, document, flags, jsonvalue, places
from faldeck.schema.arguments import Arguments, Values
from faldeck.schema.document import BrokenSchema, Model
from faldeck.schema.fields import Problem, Raw
from faldeck.schema.jsonvalue import Invalid, JsonValue


async def known(catalogue: Catalogue, endpoint_id: str) -> Model:
    """What is known of a model: its schema from the service, else from disk, else nothing but a `fault`.

    Raises OSError where the disk refuses.
    """
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
            return guessed(row.flags(), guessed(words, given) | row.arguments(model))
        shared = arguments.compose(model, flags.read(model, words, Values(given), expand=expand))
        own = flags.read(model, row.flags(), Values(shared | row.arguments(model)), expand=expand)
        filled = arguments.compose(model, own)
    except Invalid as error:
        raise Stop(f"{where}{error}", Exit.USAGE) from error
    _stop_at(arguments.problems(model, filled), where)
    return filled


def guessed(words: Sequence[str], given: Arguments) -> Arguments:
    """The arguments that flags set where no schema says their types.

    A value is JSON where it is JSON, else text; a flag without a value is true, and `--no-x` without one is x false.
    """
    found = dict(given)
    waiting = list(words)
    while waiting:
        flag, equals, value = waiting.pop(0).partition("=")
        if not flag.startswith("-"):
            raise Invalid(f"{flag}: a value without a flag")
        name = "prompt" if flag == "-p" else flag.lstrip("-").replace("-", "_")
        if equals:
            found[name] = _json_or_text(value)
        elif waiting and not waiting[0].startswith("--"):
            found[name] = _json_or_text(waiting.pop(0))
        else:
            found[name.removeprefix("no_")] = not name.startswith("no_")
    return found


def _json_or_text(text: str) -> JsonValue:
    try:
        return jsonvalue.read(text)
    except Invalid:
        return text


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
    if not is_described(model):
        return []
    _stop_at(localfiles.problems(model, filled))
    return localfiles.uploads(model, filled)


def _stop_at(problems: Sequence[Problem], where: str = "") -> None:
    if problems:
        sentences = (f"{where}{places.spell(problem.loc) or 'input'}: {problem.message}" for problem in problems)
        raise Stop("\n".join(sentences), Exit.USAGE)
