"""The table of kinds, and how a schema becomes a field. Its structure chooses the kind, not its name alone."""

from faldeck.schema import plain_text
from faldeck.schema.fields.base import Field, Kind
from faldeck.schema.fields.compound import Group, Items, Map, Raw, Union
from faldeck.schema.fields.file import File
from faldeck.schema.fields.scalars import Choice, Const, Integer, Number, Switch, Text
from faldeck.schema.fields.size import Colour, Size
from faldeck.schema.normalize import Shape

KINDS: tuple[type[Kind], ...] = (
    Const,
    Choice,
    Switch,
    Integer,
    Number,
    Size,
    Colour,
    File,
    Text,
    Union,
    Items,
    Group,
    Map,
    Raw,
)
"""Every kind, the special ones first. A schema gets the first kind that fits; `Raw` fits all."""

_DEEPEST = 24
_MOST = 5_000
"""The most fields for one document. Any further field is raw JSON, and so is one below the deepest level."""


class Builder:
    """Makes the fields of one document, within limits, so that a hostile document ends too."""

    def __init__(self) -> None:
        self._made = 0
        self._depth = 0

    def __call__(self, name: str, shape: Shape, *, required: bool = False) -> Field:
        """The field for a schema: its kind from the table, and its label, help and default."""
        self._made += 1
        self._depth += 1
        try:
            kind = self._kind(name, shape)
        finally:
            self._depth -= 1
        return _noted(name, kind, shape, required=required)

    def whole(self, shape: Shape) -> Field:
        """The field of a whole input. An object there is a group, even if it looks like a file or a size."""
        group = None if shape.fault else Group.of("", shape, self)
        return _noted("", group, shape, required=True) if group else self("", shape, required=True)

    def _kind(self, name: str, shape: Shape) -> Kind:
        if shape.fault or self._depth > _DEEPEST or self._made > _MOST:
            return Raw(shape.fault or "is nested too deeply")
        found = (kind.of(name, shape, self) for kind in KINDS)
        return next(kind for kind in found if kind is not None)


def _noted(name: str, kind: Kind, shape: Shape, *, required: bool) -> Field:
    """The field with its label, help, default and examples from the schema."""
    default = shape.schema.get("default")
    description = shape.text("description")
    branches = kind.branches if isinstance(kind, Union) else shape.branches()
    nullable = shape.nullable or any(branch.nullable for branch in branches)
    bare = Field(name=name, kind=kind, nullable=nullable)
    return Field(
        name=name,
        kind=kind,
        label=plain_text.line(shape.text("title")) or _spelled(name),
        help=plain_text.plain(description),
        description=description,
        required=required,
        nullable=nullable,
        has_default="default" in shape.schema,
        default=default,
        is_default_sound="default" not in shape.schema or not bare.check(default),
        examples=tuple(example for example in shape.items("examples") if not bare.check(example)),
        deprecated=shape.schema.get("deprecated") is True,
        raw=shape.schema,
    )


def _spelled(name: str) -> str:
    """A name in words: `num_images` is `Num Images`."""
    return " ".join(word[:1].upper() + word[1:] for word in name.split("_") if word)
