"""The fields of a form: one class for each kind, and the table `KINDS`, which chooses one by the schema.

Read `base` first (`Field`, `Kind`), then `build` (`KINDS`). The kinds: `scalars`, `file`, `size` (and colour),
`compound` (kinds of several fields). A new kind is a class and a line in `KINDS`.

Tests: tests/schema/
"""

from faldeck.schema.fields.base import Field, Kind, ValueProblem
from faldeck.schema.fields.build import KINDS, Builder
from faldeck.schema.fields.compound import Group, Items, Map, Raw, Union
from faldeck.schema.fields.file import File, file_by_name
from faldeck.schema.fields.scalars import Choice, Const, Integer, Number, Switch, Text
from faldeck.schema.fields.size import PRESETS, Colour, Size

__all__ = [
    "KINDS",
    "PRESETS",
    "Builder",
    "Choice",
    "Colour",
    "Const",
    "Field",
    "File",
    "Group",
    "Integer",
    "Items",
    "Kind",
    "Map",
    "Number",
    "Raw",
    "Size",
    "Switch",
    "Text",
    "Union",
    "ValueProblem",
    "file_by_name",
]
