"""What the rows of a form are and say: which fields are folded away, how a value is shown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from faldeck import hostile
from faldeck.schema.arguments import Values
from faldeck.schema.document import Model
from faldeck.schema.fields import Choice, Const, Field, Group, Items, Map, Raw, Size, Switch, Union

ALWAYS_SHOWN = 12
"""A form of so few fields folds none."""

UNFOLDED = 8
"""Fields shown of a longer form, besides those that are required or set."""


@dataclass(frozen=True, slots=True)
class Fold:
    """The row that stands for the fields that are folded away, or that folds them again."""

    hidden: int
    """How many are folded; 0 where all are shown."""


def rows(model: Model, values: Values, *, unfolded: bool) -> list[Field | Fold]:
    """The rows of a form: its fields in the schema's order, rarely used ones folded."""
    fields = model.fields
    if len(fields) <= ALWAYS_SHOWN:
        return list(fields)
    if unfolded:
        return [*fields, Fold(0)]
    room = UNFOLDED
    shown: list[Field | Fold] = []
    for field in fields:
        if field.required or (field.name,) in values:
            shown.append(field)
        elif room > 0 and not field.deprecated:
            shown.append(field)
            room -= 1
    return [*shown, Fold(len(fields) - len(shown))]


def is_structured(field: Field) -> bool:
    """Whether the field's value is edited as JSON on many lines."""
    kind = field.kind
    return isinstance(kind, Group | Map | Raw | Union) or (
        isinstance(kind, Items) and isinstance(kind.item.kind, Group | Map | Raw | Union | Items)
    )


def choices(field: Field) -> Sequence[object]:
    """The values that the field is picked from, None for unset where it may be; nothing where it is typed."""
    kind = field.kind
    if isinstance(kind, Switch):
        picked: tuple[object, ...] = (True, False)
    elif isinstance(kind, Choice):
        picked = kind.choices
    elif isinstance(kind, Size):
        picked = kind.presets
    else:
        return ()
    return picked


def is_typed(field: Field) -> bool:
    """Whether the field's value is typed on its row."""
    return not isinstance(field.kind, Switch | Choice | Size | Const) and not is_structured(field)


def shown(field: Field, values: Values) -> tuple[str, bool]:
    """The field's value on one line, and whether a person has set it."""
    path = (field.name,) if field.name else ()
    if path in values and (path or values.tree):
        return hostile.clean_line(field.show(values.get(path)), limit=500), True
    if isinstance(field.kind, Const):
        return hostile.clean_line(field.show(field.kind.value)), False
    if field.has_default and field.default is not None:
        return hostile.clean_line(field.show(field.default), limit=500) or "(empty)", False
    return ("required" if field.required else "random" if field.name == "seed" else "—"), False
