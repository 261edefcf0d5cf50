"""Makes the requests of a `run` command line: one for each model, row and repeat. All are checked first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.app.requests import FilledRequest, find_price, load_model
from faldeck.cli import input_files, output, request_arguments
from faldeck.cli.command_table import find_command
from faldeck.cli.input_files import InputRow
from faldeck.cli.request_arguments import TextExpander
from faldeck.engine.supervisor import Draft
from faldeck.fal.urls import app_id
from faldeck.safety import sanitize
from faldeck.schema import json_value

if TYPE_CHECKING:
    from faldeck.app.catalogue import Catalogue
    from faldeck.app.origin import Origin
    from faldeck.app.output_as_input import Sources
    from faldeck.app.session import Session
    from faldeck.schema.document import ModelSchema
    from faldeck.schema.json_value import JsonValue


class RunRequest(NamedTuple):
    """A request that may be sent."""

    draft: Draft
    estimate_usd: Decimal | None
    """About what it will cost; None if that cannot be known."""

    def document(self) -> dict[str, object]:
        """What would be sent, for `--dry-run`."""
        draft = self.draft
        return {
            "endpoint_id": draft.endpoint_id,
            "arguments": dict(draft.arguments),
            "options": dict(draft.options),
            "uploads": [{"field": json_value.spell(file.loc), "path": file.path} for file in draft.uploads],
            "estimate_usd": self.estimate_usd,
        }


class RunSpec(NamedTuple):
    """What a `run` command line asks for."""

    endpoint_ids: Sequence[str]
    flags: Sequence[str]
    """The words that are fields of the models."""
    input: str | None
    """A file with a JSON object; flags and rows are put on top of it."""
    sources: Sources
    """The jobs whose files are in the arguments."""
    each: str | None
    """A file with a row for each request."""
    reads_cells: bool
    """True if `@FILE` in a cell is the text of that file."""
    repeat: int
    options: Mapping[str, object]
    like: Origin | None = None
    """The request that `--like` names; the input, the flags and the row are put on top of its arguments."""
    tags: Sequence[str] = ()
    note: str = ""
    no_history: bool = False
    unlisted: bool = False
    """True if an id that looks misspelt is sent all the same."""
    may_be_misplaced: Sequence[str] = ()
    """Those of the flags among which options of `faldeck` itself may be: after `--`, all are fields."""

    @property
    def is_many(self) -> bool:
        """True if it is a batch, even if the batch has only one request."""
        return self.each is not None or self.repeat > 1 or len(self.endpoint_ids) > 1


async def requests(session: Session, spec: RunSpec, expand: TextExpander) -> list[RunRequest]:
    """All requests of the command line. Raises CommandError or InvalidRequest if one of them cannot be sent."""
    for endpoint_id in spec.endpoint_ids:
        if not spec.unlisted:
            _stop_at_misspelt(session.catalogue, endpoint_id)
        app_id(endpoint_id)
    given = request_arguments.read_input(spec.input)
    listed = input_files.read_rows(spec.each) if spec.each else [InputRow()]
    made = []
    for endpoint_id in spec.endpoint_ids:
        model, price = await asyncio.gather(
            load_model(session.catalogue, endpoint_id), find_price(session.catalogue, endpoint_id)
        )
        if model.fault:
            output.print_message(f"The fields of {endpoint_id} are not known, so nothing is checked: {model.fault}")
        _stop_at_misplaced(model, spec.may_be_misplaced)
        base, flags = _alike(model, spec)
        for row in listed:
            arguments = request_arguments.filled(model, flags, base | given, row=row, expand=expand)
            filled_in = FilledRequest(model, arguments, spec.options)
            request_arguments.stop_at_problems(filled_in.file_problems())
            estimate = filled_in.estimate_usd(price)
            parent = expand.sources.parent_of(arguments)
            for _ in range(spec.repeat):
                draft = filled_in.draft(session.profile.name, price, parent=parent)
                made.append(
                    RunRequest(replace(draft, tags=spec.tags, note=spec.note, no_history=spec.no_history), estimate)
                )
    return made


def _alike(model: ModelSchema, spec: RunSpec) -> tuple[dict[str, JsonValue], Sequence[str]]:
    """The arguments of `--like`, with the seed that was used if the model takes one, and the flags to put on top.

    `--seed random` leaves the seed to the model.
    """
    if spec.like is None:
        return {}, spec.flags
    arguments = dict(spec.like.arguments)
    if not spec.like.endpoint_id:
        arguments = spec.like.fitting(model)
        left = ", ".join(sorted({*spec.like.arguments} - {*arguments, "image_size", "width", "height"}))
        output.print_message(
            f"The file was made by another program. Read from it: {', '.join(arguments) or 'nothing'}."
            + (f" {model.endpoint_id} does not take: {left}." if left else "")
        )
    words = list(spec.flags)
    for index, word in enumerate(words):
        taken = 1 if word == "--seed=random" else 2 if words[index : index + 2] == ["--seed", "random"] else 0
        if taken:
            arguments.pop("seed", None)
            return arguments, [*words[:index], *words[index + taken :]]
    if spec.like.seed is not None and model.field("seed"):
        arguments["seed"] = spec.like.seed
    return arguments, words


def _stop_at_misplaced(model: ModelSchema, flags: Sequence[str]) -> None:
    """Raises CommandError if --demo or --profile comes too late: nothing may go to another service than is meant."""
    command = find_command("run")
    own = [flag for flag in flags if not model.field(flag.partition("=")[0].lstrip("-"))]
    if command and (problem := command.misplaced(own)):
        raise CommandError(problem, ExitStatus.USAGE)


def _stop_at_misspelt(catalogue: Catalogue, endpoint_id: str) -> None:
    """Raises CommandError if an id is not in the catalogue and looks like one that is."""
    if near := catalogue.similar_models(endpoint_id):
        meant = sanitize.clean_line(" or ".join(near))
        raise CommandError(
            f"{endpoint_id} is not in the catalogue; did you mean {meant}? Nothing was sent."
            " Use --unlisted to send it anyway.",
            ExitStatus.USAGE,
            hint=f"faldeck run {near[0]}",
        )
