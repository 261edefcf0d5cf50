"""Turns the words of a command line into the arguments of a request, with the model's schema if it is known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.app.output_as_input import NAMED_OUTPUT, Sources
from faldeck.cli import input_files, old_flags, select
from faldeck.cli.context import CommandContext
from faldeck.cli.input_files import InputRow
from faldeck.schema import arguments, flags, json_value
from faldeck.schema.arguments import Arguments, ArgumentValues
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Field, File, Text, ValueProblem
from faldeck.schema.json_value import InvalidValue


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
        kind = flags.kind_of(field)
        if isinstance(kind, File) and (named := NAMED_OUTPUT.fullmatch(text)):
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
        return self(field, text) if self._reads_cells or not isinstance(flags.kind_of(field), Text) else text

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
        return self.sources.output_of(job, number)


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


def filled(
    model: ModelSchema, words: Sequence[str], given: Arguments, *, row: InputRow, expand: TextExpander
) -> Arguments:
    """The arguments of a request: `given`, then the flags in `words`, then the row; the last one wins.

    Raises CommandError with every field that is wrong, and the line of the row.
    """
    where = f"line {row.number}: " if row.number else ""
    try:
        if not flags.is_described(model):
            old_flags.refuse_requests(words)
            shared = flags.guessed(model, words, given, expand=expand) | row.arguments(model)
            return flags.guessed(model, row.flags(), shared, expand=expand.of_cell)
        shared = arguments.compose(model, flags.read(model, words, ArgumentValues(given), expand=expand))
        own = flags.read(model, row.flags(), ArgumentValues(shared | row.arguments(model)), expand=expand.of_cell)
        filled = arguments.compose(model, own)
    except InvalidValue as error:
        if isinstance(error, flags.UnknownFlag):
            old_flags.refuse(words)
        raise CommandError(f"{where}{error}", ExitStatus.USAGE) from error
    stop_at_problems(arguments.problems(model, filled), where)
    return filled


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
