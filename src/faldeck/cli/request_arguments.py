"""Turns the words of a command line into the arguments of a request, with the model's schema if it is known."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.app.output_as_input import Sources
from faldeck.cli import input_files, old_flags, select
from faldeck.cli.context import CommandContext
from faldeck.cli.input_files import InputRow
from faldeck.schema import arguments, flags, json_value
from faldeck.schema.arguments import Arguments, ArgumentValues
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Field, File, Items, Kind, Raw, Text, ValueProblem, file_by_name
from faldeck.schema.json_value import InvalidValue, JsonPath, JsonValue

_OUTPUT = re.compile(r"job:([\w-]+)(?:#(\d{1,4}))?")


class TextExpander:
    """Expands the texts of one command line: `@FILE`, `-` for stdin, `job:ID#2`."""

    def __init__(self, context: CommandContext, sources: Sources, *, reads_cells: bool = False) -> None:
        """With `reads_cells`, `@FILE` works in the cells of a table, too."""
        self._context = context
        self.sources = sources
        """Learns the jobs whose outputs are named."""
        self._reads_cells = reads_cells

    def __call__(self, field: Field, text: str) -> str:
        """The value of a field for the text that was typed; raises InvalidValue, HistoryError, OSError.

        In a text field, `@PATH` is the text of that file if it exists (`@@` begins a text with @), and `-` is stdin.
        In a file field, `job:ID#2` is the second output of a job.
        """
        kind = _kind(field)
        if isinstance(kind, File) and (named := _OUTPUT.fullmatch(text)):
            return self._output(named[1], int(named[2] or 1))
        if not isinstance(kind, Text):
            return text
        if text == "-":
            return self._stdin
        if not text.isascii() and re.search("[\ud800-\udfff]", text):
            raise InvalidValue("it has bytes that are not text")
        return _text_of(text) if text.startswith("@") else text

    def of_cell(self, field: Field, text: str) -> str:
        """The same for a cell of a table, which somebody else may have written.

        In a text field, `@PATH` stays as it is: no file of this machine is read unless the person asked for that.
        """
        return self(field, text) if self._reads_cells or not isinstance(_kind(field), Text) else text

    @cached_property
    def _stdin(self) -> str:
        return input_files.read_text("-").removesuffix("\n")

    def _output(self, name: str, number: int) -> str:
        with self._context.store() as store:
            try:
                job = select.find_job(store, name)
            except CommandError as several:
                raise InvalidValue(several.message) from None
        if job is None:
            raise InvalidValue(f"there is no job {name} in the history")
        if not 1 <= number <= len(job.outputs):
            raise InvalidValue(f"the job {name} is {job.state} and has {len(job.outputs)} files")
        if found := self.sources.use(job, job.outputs[number - 1]):
            return found
        raise InvalidValue(
            "that file was part of the result and is not on this machine; fetch it with: faldeck result --download"
        )


def _kind(field: Field) -> Kind:
    return field.kind.item.kind if isinstance(field.kind, Items) else field.kind


def _text_of(text: str) -> str:
    """Expands a text that begins with @. A prompt may begin so, too (`@Image1 walks in`)."""
    if text.startswith("@@"):
        return text[1:]
    path = Path(text[1:]).expanduser()
    try:
        return input_files.decode_text(path.read_bytes()).removesuffix("\n")
    except UnicodeError:
        raise InvalidValue(f"{path} is not text") from None
    except (OSError, ValueError) as error:
        if len(text.split()) == 1 and ("/" in text or "." in text):
            reason = error.strerror if isinstance(error, OSError) else error
            raise InvalidValue(f"{path}: {reason}; a text that begins with @ is written @@") from error
        return text


Expand: TypeAlias = Callable[[Field, str], str]
"""Expands the text for a field, as `TextExpander` does."""


def is_described(model: ModelSchema) -> bool:
    """True if the model's fields are known. If not, flags are read by `guessed`."""
    return not isinstance(model.input.kind, Raw)


def filled(
    model: ModelSchema, words: Sequence[str], given: Arguments, *, row: InputRow, expand: TextExpander
) -> Arguments:
    """The arguments of a request: `given`, then the flags in `words`, then the row; the last one wins.

    Raises CommandError with every field that is wrong, and the line of the row.
    """
    where = f"line {row.number}: " if row.number else ""
    try:
        if not is_described(model):
            old_flags.refuse_requests(words)
            shared = guessed(model, words, given, expand=expand) | row.arguments(model)
            return guessed(model, row.flags(), shared, expand=expand.of_cell)
        shared = arguments.compose(model, flags.read(model, words, ArgumentValues(given), expand=expand))
        own = flags.read(model, row.flags(), ArgumentValues(shared | row.arguments(model)), expand=expand.of_cell)
        filled = arguments.compose(model, own)
    except InvalidValue as error:
        if isinstance(error, flags.UnknownFlag):
            old_flags.refuse(words)
        raise CommandError(f"{where}{error}", ExitStatus.USAGE) from error
    stop_at_problems(arguments.problems(model, filled), where)
    return filled


def guessed(model: ModelSchema, words: Sequence[str], given: Arguments, *, expand: Expand) -> Arguments:
    """`given` and the flags in `words`, for a model whose schema is not known. Raises InvalidValue.

    A value is text, or JSON after `:=`. A flag without a value is true; `--no-x` without a value sets x to false.
    """
    found: JsonValue = given
    waiting = deque(words)
    begun: set[JsonPath] = set()
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
    """The place of a flag's value in the arguments. Raises InvalidValue if only the schema could tell."""
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


def read_input(source: str | None) -> Arguments:
    """The JSON object in the file `source`, or on stdin for `-`; raises CommandError."""
    if source is None:
        return {}
    try:
        value = json_value.read(input_files.read_text(source))
    except InvalidValue as error:
        raise CommandError(f"--input {source}: {error}.", ExitStatus.USAGE) from error
    except OSError as error:
        raise CommandError(f"--input {source}: {error.strerror}.", ExitStatus.USAGE) from error
    if not isinstance(value, dict):
        raise CommandError(f"--input {source}: must be a JSON object.", ExitStatus.USAGE)
    return value


def stop_at_problems(problems: Sequence[ValueProblem], where: str = "") -> None:
    """Raises CommandError with every problem and its field. Does nothing if there are no problems."""
    if problems:
        sentences = (f"{where}{json_value.spell(problem.loc) or 'input'}: {problem.message}" for problem in problems)
        raise CommandError("\n".join(sentences), ExitStatus.USAGE)
