"""What a value on the command line stands for: a file's text, stdin, or what an earlier job made."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

from faldeck.cli import naming, reading
from faldeck.cli.desk import Desk
from faldeck.cli.exits import Stop
from faldeck.job import Output
from faldeck.schema.fields import Field, File, Items, Kind, Text
from faldeck.schema.jsonvalue import Invalid

_OUTPUT = re.compile(r"job:([\w-]+)(?:#(\d{1,4}))?")


class Meanings:
    """Text as it was typed → text as it is meant, for the fields of one command line."""

    def __init__(self, desk: Desk, *, reads_cells: bool = False) -> None:
        """With `reads_cells` a cell of a table may name a file of text, as a flag may."""
        self._desk = desk
        self._reads_cells = reads_cells

    def __call__(self, field: Field, text: str) -> str:
        """The text that is meant for a field; raises Invalid, HistoryError, OSError.

        In a text field `@PATH` is the text of that file where there is one (`@@` begins a text with @), and `-` is
        stdin; in a file field `job:ID#2` is the second output of a job.
        """
        kind = _kind(field)
        if isinstance(kind, File) and (named := _OUTPUT.fullmatch(text)):
            return self._output(named[1], int(named[2] or 1))
        if not isinstance(kind, Text):
            return text
        if text == "-":
            return self._stdin
        if not text.isascii() and re.search("[\ud800-\udfff]", text):
            raise Invalid("it holds bytes that are no text")
        return _text_of(text) if text.startswith("@") else text

    def of_cell(self, field: Field, text: str) -> str:
        """The text that is meant by a cell of a table, which others may have written; raises as a call does.

        In a text field it is the text itself: no file of this machine is read unless the person asked for that.
        """
        return self(field, text) if self._reads_cells or not isinstance(_kind(field), Text) else text

    @cached_property
    def _stdin(self) -> str:
        return reading.text_of("-").removesuffix("\n")

    def _output(self, name: str, number: int) -> str:
        with self._desk.store() as store:
            try:
                job = naming.find(store, name)
            except Stop as several:
                raise Invalid(several.message) from None
        if job is None:
            raise Invalid(f"the history knows no job {name}")
        if not 1 <= number <= len(job.outputs):
            raise Invalid(f"the job {name} is {job.state} and has {len(job.outputs)} files")
        return _place(job.outputs[number - 1])


def _kind(field: Field) -> Kind:
    return field.kind.item.kind if isinstance(field.kind, Items) else field.kind


def _place(output: Output) -> str:
    """Where the service finds a file again, or else where it is on this machine and can be sent from."""
    if found := output.url or output.path:
        return found
    raise Invalid(
        "that file was part of the result and is not on this machine; fetch it with: faldeck result --download"
    )


def _text_of(text: str) -> str:
    """The text meant by one that begins with @, which prompts do too (`@Image1 walks in`)."""
    if text.startswith("@@"):
        return text[1:]
    path = Path(text[1:]).expanduser()
    try:
        return reading.decoded(path.read_bytes()).removesuffix("\n")
    except UnicodeError:
        raise Invalid(f"{path} is no text") from None
    except (OSError, ValueError) as error:
        if len(text.split()) == 1 and ("/" in text or "." in text):
            reason = error.strerror if isinstance(error, OSError) else error
            raise Invalid(f"{path}: {reason}; a text that begins with @ is written @@") from error
        return text
