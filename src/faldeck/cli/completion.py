"""Completes the last word of a command line. It reads the disk only and uses no network."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, TypeAlias

from faldeck.cli import command_table as table
from faldeck.cli.context import CommandContext
from faldeck.cli.main import parser as top_parser
from faldeck.fal.submit_options import LIFECYCLES
from faldeck.safety import sanitize

if TYPE_CHECKING:
    from faldeck.app.catalogue import Catalogue
    from faldeck.schema.document import ModelSchema
    from faldeck.schema.fields import Field

Suggestion: TypeAlias = tuple[str, str]
"""A word and its description."""

NEWEST = 50
"""How many jobs are suggested, newest first."""

_ABOUT = 60
"""The longest description (characters)."""


def suggestions(context: CommandContext, words: Sequence[str]) -> list[Suggestion]:
    """The completions of the last word; none if it is a path or free text."""
    typed = words[-1]
    name, rest, before = _split_command(words[:-1])
    context = (
        CommandContext(profile=before.get("--profile"), demo="--demo" in before, strict=False) if before else context
    )
    found = _argument_values(context, name, rest, typed) if name else _global_words(context, words[:-1], typed)
    fitting = (suggestion for suggestion in found if suggestion[0].startswith(typed))
    return [(word, sanitize.clean_line(about, limit=_ABOUT)) for word, about in fitting if word.isprintable()]


def _global_words(context: CommandContext, words: Sequence[str], typed: str) -> Iterator[Suggestion]:
    if words and words[-1] == "--profile":
        return ((name, "profile") for name in context.config.profiles)
    commands = ((command.name, command.summary) for command in table.COMMANDS)
    return _flags(top_parser()) if typed.startswith("-") else commands


def _argument_values(context: CommandContext, name: str, rest: Sequence[str], typed: str) -> Iterator[Suggestion]:
    if (command := table.find_command(name)) is None:
        return iter(())
    parser = command.parser()
    actions = {flag: action for action in table.parser_actions(parser) for flag in action.option_strings}
    has_place = bool(rest) and not rest[0].startswith("-")
    named = rest[0] if has_place else next(_optional_models(rest), None)
    model = _model(context, named) if command.takes_flags and named else None
    last = rest[-1] if rest else ""
    if (action := actions.get(last)) and action.nargs != 0 and not (has_place and model and last == "--model"):
        return _values(context, action)
    if model and last.startswith("-") and (found := _field_values(model, last)) is not None:
        return found
    if typed.startswith("-"):
        return chain(_fields(model), _flags(parser))
    if command.takes_flags:
        return iter(()) if rest else _models(context)
    places = [action for action in table.parser_actions(parser) if not action.option_strings]
    given = sum(not word.startswith("-") for word in rest)
    return _values(context, places[min(given, len(places) - 1)]) if places else iter(())


def _split_command(words: Sequence[str]) -> tuple[str | None, list[str], dict[str, str]]:
    """The command's name (None if there is none yet), the words after it, and the options before it."""
    waiting, before = list(words), dict[str, str]()
    while waiting:
        option, equals, value = waiting.pop(0).partition("=")
        if option == "--profile" and (equals or waiting):
            before[option] = value if equals else waiting.pop(0)
        elif option == "--demo":
            before[option] = value
        elif not option.startswith("-"):
            return option, waiting, before
    return None, [], before


def _optional_models(words: Sequence[str]) -> Iterator[str]:
    """The models given with --model."""
    yield from (word.removeprefix("--model=") for word in words if word.startswith("--model="))
    yield from (value for option, value in pairwise(words) if option in ("--model", "-m"))


def _values(context: CommandContext, action: argparse.Action) -> Iterator[Suggestion]:
    """The possible values of an argument."""
    if action.choices:
        return ((str(choice), "") for choice in action.choices)
    if action.dest == "lifecycle":
        return ((word, "") for word in LIFECYCLES)
    metavar = str(action.metavar)
    if "ENDPOINT" in metavar:
        return _models(context)
    named = {"ID": _jobs, "BATCH": _batches, "TAG": _tags}
    return named[metavar](context) if metavar in named else iter(())


def _flags(parser: argparse.ArgumentParser) -> Iterator[Suggestion]:
    for action in table.parser_actions(parser):
        for flag in action.option_strings:
            if action.help != argparse.SUPPRESS:
                yield flag, action.help or ""


def _catalogue(context: CommandContext) -> Catalogue:
    from faldeck.app.catalogue import Catalogue
    from faldeck.engine.gateways import Gateways

    return Catalogue(Gateways(context.config), context.config.profile)


def _models(context: CommandContext) -> Iterator[Suggestion]:
    yield from context.config.aliases.items()
    yield from ((model.endpoint_id, model.name) for model in _catalogue(context).models())


def _jobs(context: CommandContext) -> Iterator[Suggestion]:
    from faldeck.history import Query

    if not context.history_path.exists():
        return
    with context.store() as store:
        for job in store.page(Query(), limit=NEWEST):
            yield job.request_id or job.id, f"{job.state} {job.title}"


def _tags(context: CommandContext) -> Iterator[Suggestion]:
    if not context.history_path.exists():
        return
    with context.store() as store:
        for tag, count in store.marks.tags():
            yield tag, f"{count:,} jobs"


def _batches(context: CommandContext) -> Iterator[Suggestion]:
    from faldeck.app.batch import BatchStore

    return ((name, "batch") for name in BatchStore(context.history_path).ids()[:NEWEST])


def _model(context: CommandContext, endpoint_id: str) -> ModelSchema | None:
    """The model, read from the schema on disk; None if the schema is missing or broken."""
    from faldeck.schema import document

    try:
        return document.read(_catalogue(context).stored_schema(endpoint_id), endpoint_id)
    except document.BrokenSchema:
        return None


def _fields(model: ModelSchema | None) -> Iterator[Suggestion]:
    from faldeck.schema import flags

    for flag, place in flags.flags(model).items() if model else ():
        yield flag, place.field.help or place.field.label


def _field_values(model: ModelSchema, flag: str) -> Iterator[Suggestion] | None:
    """The possible values of a field; None if the flag takes no value or does not belong to the model."""
    from faldeck.schema import flags
    from faldeck.schema.fields import Items, Switch

    try:
        field = flags.find(model, flag).field
    except flags.UnknownFlag:
        return None
    if isinstance(field.kind, Switch):
        return None
    return _choices(field.kind.item if isinstance(field.kind, Items) else field)


def _choices(field: Field) -> Iterator[Suggestion]:
    from faldeck.schema.fields import Choice, File, Size, Text

    match field.kind:
        case Choice(choices=choices):
            return ((field.show(choice), "") for choice in choices)
        case Size(presets=names) | Text(suggestions=names) | File(words=names):
            return ((name, "") for name in names)
    return iter(())
