"""The fields of a form: one class for each kind, one table that tells them apart."""

from .base import Field, Kind, Problem
from .choice import Choice, Const, Switch
from .file import File, file_by_name, is_link
from .group import Group, Map
from .items import Items
from .number import Integer, Number
from .raw import Raw
from .size import Colour, Size
from .table import KINDS, Builder
from .text import Text
from .union import Union

__all__ = [
    "KINDS",
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
    "Problem",
    "Raw",
    "Size",
    "Switch",
    "Text",
    "Union",
    "file_by_name",
    "is_link",
]
