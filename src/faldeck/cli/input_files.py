"""Reads text files and stdin, and the rows of an `--each` file."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.schema import json_value
from faldeck.schema.arguments import Arguments
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Text
from faldeck.schema.json_value import InvalidValue

_MARK = "\ufeff"
"""The byte order mark that some programs write at the start of a file."""


def decode_text(written: bytes) -> str:
    """Decodes a text file: UTF-8, or UTF-16 with a byte order mark. Raises UnicodeError."""
    is_wide = written.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = written.decode("utf-16" if is_wide else "utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_text(source: str) -> str:
    """The text of the file `source`, or of stdin for `-`.

    Raises InvalidValue if it is not text or stdin is empty, OSError.
    """
    try:
        text = sys.stdin.read().removeprefix(_MARK) if source == "-" else decode_text(Path(source).read_bytes())
        text.encode()  # Some systems pass bytes that are not text as surrogates.
    except UnicodeError:
        raise InvalidValue("stdin is not text" if source == "-" else "it is not text") from None
    if source == "-" and not text:
        raise InvalidValue("stdin is empty")
    return text


_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_JSON = (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True, slots=True)
class InputRow:
    """The values for one request, from one row of a file."""

    number: int = 0
    """The line where it begins, from 1; 0 if it is not from a file."""
    given: Arguments = field(default_factory=dict)
    """Arguments from a JSON object, sent as they are."""
    cells: tuple[tuple[str, str], ...] = ()
    """Names and texts of fields from a table, read like flags."""
    prompt: str | None = None
    """The text for the main text field of the model."""

    def arguments(self, model: ModelSchema) -> Arguments:
        """The arguments that need no reading. Raises InvalidValue if the model has no field for the prompt."""
        return self.given if self.prompt is None else {main_text_field(model): self.prompt}

    def flags(self) -> list[str]:
        """The cells of the row as flags."""
        return [f"--{name}={text}" for name, text in self.cells if text]


def main_text_field(model: ModelSchema) -> str:
    """The name of the field for the prompt. Raises InvalidValue if the model has none."""
    texts = [field for field in model.fields if isinstance(field.kind, Text)]
    named = [field.name for name in ("prompt", "text", "input") for field in texts if field.name == name]
    required = [field.name for field in texts if field.required]
    if found := [*named, *required]:
        return found[0]
    if not texts and model.fault:
        return "prompt"
    raise InvalidValue("the model has no field for a prompt; name the fields in JSON lines or CSV")


def read_rows(source: str) -> list[InputRow]:
    """The rows of the file `source`, or of stdin for `-`. Raises CommandError with the number of a wrong line."""
    try:
        rows = list(_rows(read_text(source), Path(source).suffix.lower()))
    except (InvalidValue, csv.Error) as error:
        raise CommandError(f"--each {source}: {error}.", ExitStatus.USAGE) from error
    except OSError as error:
        raise CommandError(f"--each {source}: {error.strerror}.", ExitStatus.USAGE) from error
    if not rows:
        raise CommandError(f"--each {source}: it is empty.", ExitStatus.USAGE)
    return rows


def _rows(text: str, suffix: str) -> Iterator[InputRow]:
    if suffix in _SEPARATORS:
        return _table(text, _SEPARATORS[suffix])
    if suffix == ".txt":
        return _prompts(text)
    # Without a JSON suffix, a line such as `[cinematic] a fox` is a prompt.
    if re.match(r"\s*\[" if suffix in _JSON else r"\s*\[\s*[{\]]", text):
        return _objects(text)
    is_json = suffix in _JSON or text.lstrip().startswith("{")
    return _json_lines(text) if is_json else _prompts(text)


def _table(text: str, separator: str) -> Iterator[InputRow]:
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    names = next(reader, [])
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) > len(names):
            raise InvalidValue(f"line {line} has {len(cells)} cells for {len(names)} columns")
        if any(cells):
            yield InputRow(line, cells=tuple(zip(names, cells, strict=False)))
        line = reader.line_num + 1


def _objects(text: str) -> Iterator[InputRow]:
    rows = json_value.read(text)
    for number, row in enumerate(rows if isinstance(rows, list) else [], start=1):
        if not isinstance(row, dict):
            raise InvalidValue(f"item {number} is not a JSON object")
        yield InputRow(number, given=row)


def _json_lines(text: str) -> Iterator[InputRow]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                row = json_value.read(line)
            except InvalidValue as error:
                raise InvalidValue(f"line {number}: {error}") from error
            if not isinstance(row, dict):
                raise InvalidValue(f"line {number} is not a JSON object")
            yield InputRow(number, given=row)


def _prompts(text: str) -> Iterator[InputRow]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield InputRow(number, prompt=line.strip())
