"""`faldeck schema`: show the input and output fields of a model."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext
    from faldeck.schema.fields import Field
    from faldeck.schema.json_value import JsonValue
    from faldeck.schema.normalize import Schema


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the model and the format."""
    parser.add_argument("source", metavar="ENDPOINT|FILE", help="a model, or a file with an OpenAPI document")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--input", dest="part", action="store_const", const="input", help="print the JSON Schema of the input"
    )
    form.add_argument(
        "--output", dest="part", action="store_const", const="output", help="print the JSON Schema of the result"
    )
    form.add_argument(
        "--openapi", dest="part", action="store_const", const="openapi", help="print the whole OpenAPI document"
    )
    parser.add_argument(
        "--json",
        dest="as_json",
        action="store_true",
        help="print the fields as JSON lines (the other options always print JSON)",
    )


def run(context: CommandContext, *, source: str, part: str | None, as_json: bool) -> ExitStatus:
    """Prints the fields, or a schema as JSON. Raises CommandError, FalError, BrokenSchema, OSError."""
    from faldeck.cli import field_help, output, select
    from faldeck.schema import document

    is_file = Path(source).is_file()
    if not is_file:
        (source,) = select.named_models(context, [source])
    found = _from_file(source) if is_file else asyncio.run(_fetched(context, source))
    if part == "openapi":
        output.print_json(document.unwrapped(found)[0])
        return ExitStatus.DONE
    model = document.read(found, "" if is_file else source)
    if part == "output":
        if not model.output:
            raise CommandError(f"{source} does not describe the output of the model.", ExitStatus.FAILED)
        output.print_json(_standalone(model.output, found))
        return ExitStatus.DONE
    is_described = any(field.name for field in model.fields) or model.input.raw.get("type") not in ("object", None)
    if model.fault or not is_described:
        why = model.fault or "The input is an object without named fields."
        raise CommandError(f"{source} describes no fields. {why}", ExitStatus.FAILED)
    if part == "input":
        output.print_json(_standalone(model.input.raw, found))
    elif as_json:
        for field in model.fields:
            output.print_json_line(_document(field))
    else:
        output.print_text(field_help.fields(replace(model, endpoint_id=model.endpoint_id or "MODEL")).rstrip())
    return ExitStatus.DONE


def _standalone(schema: Schema, whole: JsonValue) -> Schema:
    from faldeck.schema import document
    from faldeck.schema.standalone import standalone

    try:
        return standalone(schema, document.unwrapped(whole)[0])
    except RecursionError:
        raise CommandError("The schema is nested too deeply to print.", ExitStatus.FAILED) from None


def _from_file(path: str) -> JsonValue:
    from faldeck.cli import input_files
    from faldeck.schema import json_value

    try:
        return json_value.read(input_files.read_text(path))
    except json_value.InvalidValue as error:
        raise CommandError(f"{path}: {error}.", ExitStatus.USAGE) from error


async def _fetched(context: CommandContext, endpoint_id: str) -> JsonValue:
    from faldeck.cli import select
    from faldeck.fal.errors import NotFound

    async with context.session() as session:
        try:
            return await session.catalogue.schema(endpoint_id)
        except NotFound as error:
            if question := await asyncio.to_thread(select.did_you_mean, session.catalogue, [endpoint_id]):
                why = f"There is no model {endpoint_id}.{question}"
                raise CommandError(why, ExitStatus.NOT_FOUND, hint="faldeck models") from error
            raise


def _document(field: Field) -> dict[str, object]:
    return {
        "name": field.name,
        "type": field.kind.name,
        "label": field.label,
        "help": field.help,
        "required": field.required,
        "nullable": field.nullable,
        "default": field.default,
        "limits": field.limits,
        "examples": list(field.examples),
        "schema": field.raw,
    }
