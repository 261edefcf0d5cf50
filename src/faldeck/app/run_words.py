"""The arguments that the words of a pasted `faldeck run` command set, by the rules of the command line.

No file of this machine is read for a pasted text: where the command would read one, its name is told.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.app.output_as_input import NAMED_OUTPUT, Sources
from faldeck.schema import arguments, flags
from faldeck.schema.arguments import Arguments
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Field, File, Text
from faldeck.schema.json_value import InvalidValue

if TYPE_CHECKING:
    from faldeck.app.paste.sent import RunWords
    from faldeck.history import Store


def read(model: ModelSchema, words: RunWords, sources: Sources, store: Store) -> Arguments:
    """The arguments; `sources` learns the jobs whose files are named in them.

    Raises InvalidValue with the flag that the model has no field for, or whose value cannot be used. Reads the disk.
    """

    def expand(field: Field, text: str) -> str:
        kind = flags.kind_of(field)
        if isinstance(kind, File) and (named := NAMED_OUTPUT.fullmatch(text)):
            jobs = store.named(named[1], limit=2)
            if len(jobs) != 1:
                raise InvalidValue(f"{'several jobs match' if jobs else 'there is no job'} {named[1]}")
            return sources.output_of(jobs[0], int(named[2] or 1))
        return _text(text, words.stdin) if isinstance(kind, Text) else text

    if not flags.is_described(model):
        return flags.guessed(model, words.for_model, {}, expand=expand)
    return arguments.compose(model, flags.read(model, words.for_model, expand=expand))


def _text(text: str, stdin: str | None) -> str:
    """The text that a word stands for in a text field."""
    if text == "-":
        if stdin is None:
            raise InvalidValue("reads its standard input, which is not in the text")
        return stdin.removesuffix("\n")
    if not text.startswith("@"):
        return text
    if text.startswith("@@"):
        return text[1:]
    is_named = len(text.split()) == 1 and ("/" in text or "." in text)
    if is_named or _is_file(text[1:]):
        raise InvalidValue(f"reads the file {text[1:]}: paste what is in it")
    return text


def _is_file(name: str) -> bool:
    try:
        return Path(name).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):
        return False
