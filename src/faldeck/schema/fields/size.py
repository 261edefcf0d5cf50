"""Objects that a person writes as one word: the size of a picture, a colour."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from faldeck.schema.fields.base import Build, Field, Kind, ValueProblem
from faldeck.schema.fields.compound import Group
from faldeck.schema.fields.scalars import Integer, Number
from faldeck.schema.json_value import InvalidValue, JsonPath, JsonValue, read, write
from faldeck.schema.normalize import Shape

_TIMES = r"(?i)([0-9]{1,9})\s*[x×*]\s*([0-9]{1,9})"
_HEX = r"(?i)#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})"
_PARTS = r"(?i)(?:rgb)?\s*\(?\s*([0-9]{1,3})[\s,]+([0-9]{1,3})[\s,]+([0-9]{1,3})\s*\)?"
_RATIOS = ("_4_3", "_16_9", "_3_2", "")
"""The endings of a preset's name in the order in which a short form (`portrait`) looks for them."""

PRESETS: Mapping[str, tuple[int, int]] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
"""Name of a size → its width and height in pixels (protocol §6.5)."""


@dataclass(frozen=True, slots=True)
class Size(Kind):
    """The name of a size, or a width and a height: `landscape_4_3`, `1024×768`."""

    name: ClassVar[str] = "size"

    presets: tuple[str, ...]
    sides: Group
    """The object of width and height."""

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        branches = shape.branches() or (shape,)
        named = [branch for branch in branches if branch.values()]
        sized = [branch for branch in branches if branch.table("properties").keys() == {"width", "height"}]
        if len(sized) != 1 or len(named) + 1 != len(branches):
            return None
        sides = Group.of(name, sized[0], build)
        if sides is None or not all(isinstance(side.kind, Number) for side in sides.fields):
            return None
        presets = [preset for branch in named for preset in branch.values()]
        names = tuple(preset for preset in presets if isinstance(preset, str))
        return cls(names, sides) if len(names) == len(presets) else None

    @property
    def limits(self) -> str:
        limits = {side.name: side.limits for side in self.sides.fields}
        if not limits["width"]:
            return ""
        if limits["width"] == limits["height"]:
            return f"sides {limits['width']}"
        return f"width {limits['width']}; height {limits['height']}"

    @property
    def children(self) -> tuple[Field, ...]:
        return self.sides.fields

    def child(self, step: str | int) -> Field | None:
        return self.sides.child(step)

    def preset(self, word: str) -> str | None:
        """The preset for a name or its short form (`square`, `portrait`, `landscape`); None if no preset has it."""
        exact = [preset for preset in self.presets if preset == word.strip()]
        word = word.strip().lower()
        exact += [preset for preset in self.presets if preset.lower() == word]
        forms = [preset for ratio in _RATIOS for preset in self.presets if preset.lower() == f"{word}{ratio}"]
        begun = [preset for preset in self.presets if word and preset.lower().startswith(f"{word}_")]
        return next(iter(exact + forms + begun), None)

    def parse(self, text: str) -> JsonValue:
        if text in self.presets:
            return text
        if preset := self.preset(text):
            return preset
        if sides := re.fullmatch(_TIMES, text.strip()):
            return {"width": int(sides[1]), "height": int(sides[2])}
        if text.lstrip().startswith("{"):
            return read(text)
        raise InvalidValue(
            "must be a size: " + (", ".join((*self.presets, "or 1024x768")) if self.presets else "1024x768")
        )

    def show(self, value: JsonValue) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, dict) and value.keys() == {"width", "height"}:
            width, height = value["width"], value["height"]
            if type(width) is int and type(height) is int and 0 <= width < 10**9 and 0 <= height < 10**9:
                return f"{width}×{height}"
        return write(value)

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, dict) or (isinstance(value, str) and bool(self.presets))

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        if isinstance(value, str) and self.presets:
            if value not in self.presets:
                yield ValueProblem(loc, f"must be one of {', '.join(self.presets)}, or a width and a height")
        elif not isinstance(value, dict):
            yield ValueProblem(loc, "must be a size, such as 1024x768")
        else:
            yield from self.sides.problems(value, loc)


@dataclass(frozen=True, slots=True)
class Colour(Kind):
    """A colour of red, green and blue, written `#ff8800`."""

    name: ClassVar[str] = "colour"

    parts: Group

    @classmethod
    def of(cls, name: str, shape: Shape, build: Build) -> Self | None:
        if shape.table("properties").keys() != set("rgb"):
            return None
        parts = Group.of(name, shape, build)
        return cls(parts) if parts and all(isinstance(part.kind, Integer) for part in parts.fields) else None

    @property
    def children(self) -> tuple[Field, ...]:
        return self.parts.fields

    def child(self, step: str | int) -> Field | None:
        return self.parts.child(step)

    def parse(self, text: str) -> JsonValue:
        if text.lstrip().startswith("{"):
            return read(text)
        if parts := re.fullmatch(_HEX, text.strip()):
            return dict(zip("rgb", (int(part, 16) for part in parts.groups()), strict=True))
        if parts := re.fullmatch(_PARTS, text.strip()):
            return dict(zip("rgb", map(int, parts.groups()), strict=True))
        raise InvalidValue("must be a colour, such as #ff8800 or 255, 136, 0")

    def show(self, value: JsonValue) -> str:
        if isinstance(value, dict) and value.keys() == set("rgb"):
            parts = [value[key] for key in "rgb"]
            if all(type(part) is int and 0 <= part <= 255 for part in parts):
                return "#" + "".join(f"{part:02x}" for part in parts)
        return write(value)

    def takes(self, value: JsonValue) -> bool:
        return isinstance(value, dict)

    def problems(self, value: JsonValue, loc: JsonPath) -> Iterator[ValueProblem]:
        if not isinstance(value, dict):
            yield ValueProblem(loc, "must be a colour, such as #ff8800")
        else:
            yield from self.parts.problems(value, loc)
