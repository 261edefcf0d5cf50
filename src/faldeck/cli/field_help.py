"""The fields of a model as help text of `faldeck run` and `faldeck schema`."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Collection, Sequence

from faldeck.safety import sanitize
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Choice, Field, File, Items, Size, Switch, Text
from faldeck.schema.flags import spell

NAMED = 12
"""How many choices are listed; the rest is only counted."""

_LONGEST = 300
"""The longest description (characters)."""

_SAMPLE = 120
"""The longest value in the example (characters)."""


def fields(model: ModelSchema, *, taken: Collection[str] = ()) -> str:
    """Every field as a flag with its type, description, limits and default, and an example at the end.

    `taken` are the flags of the command itself; a field with such a name must come after `--`.
    """
    parser = argparse.ArgumentParser(
        add_help=False,
        usage=argparse.SUPPRESS,
        epilog=example(model),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group = parser.add_argument_group(f"fields of {sanitize.clean_line(model.endpoint_id)}")
    for field in model.fields:
        if field.name:
            _add(group, field, taken)
    return parser.format_help().lstrip()


def _add(group: argparse._ArgumentGroup, field: Field, taken: Collection[str]) -> None:
    flag = spell(sanitize.clean_line(field.name))
    words = about(field).replace("%", "%%") + (" Must come after --" if flag in taken else "")
    if isinstance(field.kind, Switch):
        group.add_argument(flag, action=argparse.BooleanOptionalAction, help=words, default=argparse.SUPPRESS)
    else:
        group.add_argument(flag, metavar=type_name(field), help=words)


def example(model: ModelSchema) -> str:
    """An example command with a prompt and all required fields."""
    shown = [field for field in model.fields if field.name and (field.required or field.name == "prompt")]
    words = " ".join(f"{spell(field.name)} {shlex.quote(_sample(field))}" for field in shown)
    return "example:\n  " + sanitize.clean_line(f"faldeck run {model.endpoint_id} {words}", limit=_LONGEST * 2)


def _sample(field: Field) -> str:
    """A value for the example: one from the schema or the default, or else the type of the field."""
    for value in (*field.examples, *([field.default] if field.has_default else [])):
        if (text := field.show(value)) and len(text) <= _SAMPLE:
            return text
    return type_name(field)


def type_name(field: Field) -> str:
    """The type of a field in one word: `INTEGER`, `FILE…`."""
    if isinstance(field.kind, Items):
        return f"{type_name(field.kind.item)}…"
    return field.kind.name.upper()


def about(field: Field) -> str:
    """The description, limits, choices and default of a field, in one paragraph."""
    purpose = sanitize.clean_line(field.help or field.label, limit=_LONGEST)
    facts = [
        "required" if field.required and not field.has_default else "",
        field.limits,
        _choices(field),
        f"default {field.show(field.default)}" if field.has_default and field.default not in (None, "") else "",
        "deprecated" if field.deprecated else "",
    ]
    details = sanitize.clean_line("; ".join(fact for fact in facts if fact), limit=_LONGEST * 2)
    return f"{purpose} ({details})" if details else purpose


def _choices(field: Field) -> str:
    kind = field.kind.item.kind if isinstance(field.kind, Items) else field.kind
    match kind:
        case Choice():
            return _named([kind.show(choice) or '""' for choice in kind.choices])
        case Size(presets=presets) if presets:
            return _named([*presets, "1024x768"])
        case Text(suggestions=names) | File(words=names) if names:
            return f"such as {_named(names)}"
    return ""


def _named(words: Sequence[str]) -> str:
    if len(words) > NAMED:
        return f"{', '.join(words[:NAMED])} … ({len(words):,} in all)"
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
