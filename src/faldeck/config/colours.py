"""The colours by which profiles are told apart at a glance; their names stand beside them always."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

COLOURS: Mapping[str, str] = {
    "amber": "#e3a857",
    "green": "#86b878",
    "blue": "#6cb2d9",
    "rose": "#e08a9b",
    "violet": "#b39ddb",
    "teal": "#5fc2b0",
    "orange": "#e88b5a",
    "lime": "#bcc95c",
}
"""What a config may call a colour."""

OWN: Mapping[str, str] = {"fal": "amber", "demo": "green"}
"""The colours of the profiles that are built in."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Whether `text` is one of the names, or `#rrggbb`."""
    return text in COLOURS or _HEX.fullmatch(text) is not None


def shade(text: str) -> str:
    """A colour as `#rrggbb`."""
    return COLOURS.get(text, text)


def given(name: str, names: Sequence[str]) -> str:
    """The colour of a profile whose config names none: another for each of `names`, as long as there are enough."""
    free = [colour for colour in COLOURS if colour not in OWN.values()]
    others = [other for other in names if other not in OWN]
    place = others.index(name) if name in others else 0
    return shade(OWN.get(name) or free[place % len(free)])
